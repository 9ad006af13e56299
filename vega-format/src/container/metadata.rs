//! The section `metadata`: the content ids, where the program starts, what is proved of it, who made it, and from which
//! sources.
//!
//! Body: the ids of meaning and whole, 32 bytes each; entry `u32` (a function, or all ones for none), result `u8` (0
//! none, 1 print, 2 status); bytes of string constants `u64`, count `u32` of proof records, each of 21 bytes: function
//! `u32`, flags `u8` (bit 0: never out of memory), bytes in arenas `u64` and on the stack `u64` (both all ones: no
//! bound); then producer as text, count `u32` of sources, each as text.

use super::cursor::{Cursor, write_text};
use super::{ContentId, ContentIds};
use crate::error::{FormatErrorKind, Result};
use crate::proof::{Bytes, Worst};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// What happens to the result of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryResult {
    /// It is printed, if there is one.
    Print = 1,
    /// It is the exit status; it must be an int.
    Status = 2,
}

impl fmt::Display for EntryResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EntryResult::Print => "print",
            EntryResult::Status => "status",
        })
    }
}

/// Where a program starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The index of the function.
    pub function: u32,
    /// What happens to its result.
    pub result: EntryResult,
}

/// What the file says is proved of a function. The verifier demands that it is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofRecord {
    /// The index of the function.
    pub function: u32,
    /// The most bytes that it and what it calls ever use.
    pub worst: Worst,
    /// Whether no arena that it or a function that it calls opens can run out.
    pub never_out_of_memory: bool,
}

/// What the file says is proved of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedProof {
    /// The bytes of all string constants.
    pub strings: u64,
    /// The entry and the exported functions, by index. Empty in an object: what it uses is known once it is linked.
    pub functions: Vec<ProofRecord>,
}

/// The metadata, with text as ranges of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Where the program starts; `None` in a library.
    pub entry: Option<Entry>,
    /// What is proved.
    pub proof: RecordedProof,
    pub(crate) producer: Range<usize>,
    pub(crate) sources: Box<[Range<usize>]>,
    /// Where in the file the producer stands, behind everything that has a meaning.
    pub(crate) meaning_end: usize,
}

/// Bytes of the two ids, with which the section begins.
pub(crate) const IDS: usize = 2 * ContentId::SIZE;
/// Where in the section the entry stands.
pub(crate) const ENTRY: usize = IDS;
/// Where in the section the proof begins.
pub(crate) const PROOF: usize = ENTRY + 4 + 1;
const NO_ENTRY: u32 = u32::MAX;
/// Bytes of a proof record.
const RECORD: usize = 4 + 1 + 8 + 8;
const UNBOUNDED: u64 = u64::MAX;

pub(crate) fn read(mut cursor: Cursor<'_>) -> Result<Metadata> {
    cursor.bytes("the id of the meaning", ContentId::SIZE)?;
    cursor.bytes("the id of the whole file", ContentId::SIZE)?;
    let entry = read_entry(&mut cursor)?;
    let proof = read_proof(&mut cursor)?;
    let meaning_end = cursor.offset();
    let producer = cursor.text("the producer")?;
    let count = cursor.count("the list of sources", 4)?;
    let sources = (0..count).map(|_| cursor.text("a source")).collect::<Result<_>>()?;
    cursor.finish()?;
    Ok(Metadata { entry, proof, producer, sources, meaning_end })
}

fn read_entry(cursor: &mut Cursor<'_>) -> Result<Option<Entry>> {
    let at = cursor.offset();
    let function = cursor.u32("the entry")?;
    let result = cursor.u8("the use of the entry's result")?;
    match (function, result) {
        (NO_ENTRY, 0) => Ok(None),
        (function, 1) if function != NO_ENTRY => Ok(Some(Entry { function, result: EntryResult::Print })),
        (function, 2) if function != NO_ENTRY => Ok(Some(Entry { function, result: EntryResult::Status })),
        _ => {
            let wanted = "0 without an entry, 1 (print) or 2 (status) with one".to_owned();
            let kind = FormatErrorKind::Value { what: "the use of the entry's result", found: result.into(), wanted };
            Err(cursor.error_at(at + 4, kind))
        }
    }
}

fn read_proof(cursor: &mut Cursor<'_>) -> Result<RecordedProof> {
    let strings = cursor.u64("the bytes of the strings")?;
    let count = cursor.count("the proof", RECORD)?;
    let mut functions: Vec<ProofRecord> = Vec::with_capacity(count);
    for index in 0..count as u32 {
        let at = cursor.offset();
        let record = read_record(cursor)?;
        if functions.last().is_some_and(|before| before.function >= record.function) {
            return Err(cursor.error_at(at, FormatErrorKind::Order { what: "proof record", index }));
        }
        functions.push(record);
    }
    Ok(RecordedProof { strings, functions })
}

fn read_record(cursor: &mut Cursor<'_>) -> Result<ProofRecord> {
    let function = cursor.u32("the function of a proof")?;
    let at = cursor.offset();
    let flags = cursor.u8("the flags byte of a proof")?;
    if flags > 1 {
        let (what, wanted) = ("the flags byte of a proof", "0 or 1".to_owned());
        return Err(cursor.error_at(at, FormatErrorKind::Value { what, found: flags.into(), wanted }));
    }
    let at = cursor.offset();
    let worst = match (cursor.u64("the arenas of a proof")?, cursor.u64("the stack of a proof")?) {
        (UNBOUNDED, UNBOUNDED) => Worst::Unbounded,
        (UNBOUNDED, _) | (_, UNBOUNDED) => {
            let problem = "one of arenas and stack is unbounded and the other is not".to_owned();
            return Err(cursor.error_at(at, FormatErrorKind::Canonical(problem)));
        }
        (arenas, stack) => Worst::Bytes(Bytes { arenas, stack }),
    };
    Ok(ProofRecord { function, worst, never_out_of_memory: flags == 1 })
}

/// Bytes from the start of the section up to the producer, with so many proof records.
pub(crate) fn meaning_length(records: usize) -> usize {
    PROOF + 8 + 4 + records * RECORD
}

/// Writes the section; the ids are still to come, as zeroes.
pub(crate) fn write(
    out: &mut Vec<u8>,
    entry: Option<Entry>,
    proof: &RecordedProof,
    producer: &str,
    sources: &[String],
) {
    out.extend_from_slice(&[0; IDS]);
    let (function, result) = entry.map_or((NO_ENTRY, 0), |entry| (entry.function, entry.result as u8));
    out.extend_from_slice(&function.to_le_bytes());
    out.push(result);
    write_proof(out, proof);
    write_text(out, producer);
    out.extend_from_slice(&(sources.len() as u32).to_le_bytes());
    for source in sources {
        write_text(out, source);
    }
}

fn write_proof(out: &mut Vec<u8>, proof: &RecordedProof) {
    out.extend_from_slice(&proof.strings.to_le_bytes());
    out.extend_from_slice(&(proof.functions.len() as u32).to_le_bytes());
    for record in &proof.functions {
        let (arenas, stack) = match record.worst {
            Worst::Bytes(Bytes { arenas, stack }) => (arenas, stack),
            Worst::Unbounded => (UNBOUNDED, UNBOUNDED),
        };
        out.extend_from_slice(&record.function.to_le_bytes());
        out.push(record.never_out_of_memory.into());
        out.extend_from_slice(&arenas.to_le_bytes());
        out.extend_from_slice(&stack.to_le_bytes());
    }
}

/// The ids that stand in a body.
pub(crate) fn ids(body: &[u8]) -> ContentIds {
    let id =
        |at: usize| body.get(at..).and_then(|rest| rest.first_chunk()).map(|id| ContentId(*id)).unwrap_or_default();
    ContentIds { meaning: id(0), whole: id(ContentId::SIZE) }
}

/// Puts ids into a body that was written without.
pub(crate) fn put_ids(body: &mut [u8], ids: &ContentIds) {
    put(body, 0, &ids.meaning.0);
    put(body, ContentId::SIZE, &ids.whole.0);
}

/// Puts a proof into a body that was written with another one of as many records.
pub(crate) fn put_proof(body: &mut [u8], proof: &RecordedProof) {
    let mut bytes = Vec::new();
    write_proof(&mut bytes, proof);
    put(body, PROOF, &bytes);
}

fn put(body: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = body.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
