//! [`Linear`]: the bytes of a linear memory.
//!
//! They are zeroes at first, take nothing until they are touched, and stay where they are. Memories of few bytes lie on the
//! host's heap, as instances may be many. Where there is machine code, longer ones have pages of their own, with one before them
//! and one behind that nobody may touch: what ran past all checks into them would end the process. Where the system gives no such
//! pages they lie on the heap, too. Who wants more bytes makes another and copies.

#[cfg(vega_machine_code)]
use crate::jit::Bytes;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

#[cfg(not(vega_machine_code))]
type Bytes = Vec<u8>;

/// So many bytes have pages of their own: the pages beside them, and the calls of the system, are little against that.
#[cfg(vega_machine_code)]
const FEWEST_ON_PAGES: usize = 64 << 10;

/// The bytes of a linear memory.
#[derive(Default)]
pub(crate) struct Linear {
    bytes: Bytes,
}

impl Linear {
    /// So many zeroes, or a few more. If there is not so much memory, the host ends, as with a vector.
    pub(super) fn new(length: usize) -> Linear {
        Linear { bytes: zeroes(length) }
    }

    /// The same; `None` if there is not so much memory.
    pub(super) fn try_new(length: usize) -> Option<Linear> {
        has_memory(length as u64).then(|| Linear::new(length))
    }
}

/// Whether the host has so many bytes now.
pub(crate) fn has_memory(bytes: u64) -> bool {
    let Ok(length) = usize::try_from(bytes) else { return false };
    let mut taken = Vec::<u8>::new();
    let is_there = taken.try_reserve_exact(length).is_ok();
    // The compiler may leave out what nobody looks at.
    core::hint::black_box(&taken);
    is_there
}

impl Deref for Linear {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for Linear {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

#[cfg(vega_machine_code)]
fn zeroes(length: usize) -> Bytes {
    let on_pages = if length < FEWEST_ON_PAGES { None } else { Bytes::on_pages(length) };
    on_pages.unwrap_or_else(|| Bytes::from(vec![0; length]))
}

#[cfg(not(vega_machine_code))]
fn zeroes(length: usize) -> Bytes {
    vec![0; length]
}
