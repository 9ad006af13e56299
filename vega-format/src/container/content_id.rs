//! The content ids: two numbers that two files share when they mean the same, or are the same.
//!
//! Each is a BLAKE3 over version `u16` and kind `u8` of the file and then, section by section in their order, the
//! section's number `u16` and the BLAKE3 of its body.
//!
//! - *meaning*: the critical sections; of the metadata, what stands behind the ids and before the producer.
//! - *whole*: all sections but the signature; of the metadata, what stands behind the ids.
//!
//! So no byte is hashed twice, and a signature can be put on and taken off without a change of either.

use super::metadata::IDS;
use super::{Head, SectionId};
use alloc::vec::Vec;
use core::fmt;

/// A content id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ContentId(pub [u8; ContentId::SIZE]);

impl ContentId {
    /// Bytes of an id.
    pub const SIZE: usize = 32;
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The two ids of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentIds {
    /// Over what the file means: equal in two files that only differ in their producer, sources, debug section and
    /// sections that a reader may skip.
    pub meaning: ContentId,
    /// Over everything but the signature.
    pub whole: ContentId,
}

impl ContentIds {
    /// The ids of a file; `meaning_end` is where in it the producer stands.
    pub(crate) fn of(head: &Head, file: &[u8], meaning_end: usize) -> ContentIds {
        let bytes = |start: usize, end: usize| file.get(start..end).unwrap_or_default();
        let start = || {
            let mut start = Vec::with_capacity(2 + 1 + head.sections().len() * (2 + ContentId::SIZE));
            start.extend_from_slice(&head.version().to_le_bytes());
            start.push(head.kind() as u8);
            start
        };
        let (mut meaning, mut whole) = (start(), start());
        for record in head.sections().iter().filter(|record| record.id != SectionId::Signature as u16) {
            let body = record.body();
            let number = record.id.to_le_bytes();
            let (for_meaning, for_whole) = if record.id == SectionId::Metadata as u16 {
                let start = body.start + IDS;
                (Some(blake3::hash(bytes(start, meaning_end))), blake3::hash(bytes(start, body.end)))
            } else {
                let hash = blake3::hash(bytes(body.start, body.end));
                (record.is_critical().then_some(hash), hash)
            };
            let add = |to: &mut Vec<u8>, hash: blake3::Hash| {
                to.extend_from_slice(&number);
                to.extend_from_slice(hash.as_bytes());
            };
            for_meaning.into_iter().for_each(|hash| add(&mut meaning, hash));
            add(&mut whole, for_whole);
        }
        // At once, since there are few bytes: a section has a number and a hash.
        ContentIds { meaning: ContentId(blake3::hash(&meaning).into()), whole: ContentId(blake3::hash(&whole).into()) }
    }
}
