//! The bytes of linear memory, beside which lie pages that nobody may touch where there are many.

use super::pages::{Pages, page};
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use core::slice;
use core::sync::atomic::{AtomicUsize, Ordering};

/// The most linear memories that have pages of their own at a time. Each takes up to three mappings, of which Linux gives a
/// process some 65,000, and the host has uses for them, too.
const MOST_GUARDED: usize = 8 << 10;
/// The first byte of such a memory stands at a multiple of this, as if it came from the host's heap.
const ALIGNMENT: usize = 16;

/// How many linear memories have pages of their own.
static GUARDED: AtomicUsize = AtomicUsize::new(0);

/// Pages that can be read and written, between two that nobody may touch.
#[derive(Debug)]
struct Guarded {
    pages: Pages,
}

impl Guarded {
    /// Room for so many bytes; `None` where the system gives none, or others have too many.
    fn new(bytes: usize) -> Option<Guarded> {
        // Threads that ask at the same time may come to a few more.
        if GUARDED.load(Ordering::Relaxed) >= MOST_GUARDED {
            return None;
        }
        let length = bytes.checked_next_multiple_of(page())?;
        let pages = Pages::reserve(length.checked_add(2 * page())?)?;
        let is_usable = pages.protect(page(), length, libc::PROT_READ | libc::PROT_WRITE);
        is_usable.then(|| {
            GUARDED.fetch_add(1, Ordering::Relaxed);
            Guarded { pages }
        })
    }

    /// So many bytes before the second guard.
    fn last(&self, bytes: usize) -> Option<NonNull<u8>> {
        NonNull::new(self.pages.start.as_ptr().wrapping_add(self.pages.length - page() - bytes))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        GUARDED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What [`Bytes`] are part of, which goes when they go.
#[derive(Debug)]
#[allow(dead_code, reason = "it is only kept")]
enum Home {
    Heap(Vec<u8>),
    Pages(Guarded),
}

/// The bytes of a linear memory, which are found in the same way wherever they are.
#[derive(Debug)]
pub(crate) struct Bytes {
    start: NonNull<u8>,
    length: usize,
    _home: Home,
}

// SAFETY: the bytes are this value's alone, as those of a vector are.
unsafe impl Send for Bytes {}
// SAFETY: who shares it only reads them.
unsafe impl Sync for Bytes {}

impl Bytes {
    /// Zeroes on pages of their own, as many and at most a few more, that end where a guard begins.
    pub(crate) fn on_pages(length: usize) -> Option<Bytes> {
        let length = length.checked_next_multiple_of(ALIGNMENT)?;
        let pages = Guarded::new(length)?;
        Some(Bytes { start: pages.last(length)?, length, _home: Home::Pages(pages) })
    }
}

impl From<Vec<u8>> for Bytes {
    #[inline]
    fn from(mut bytes: Vec<u8>) -> Bytes {
        Bytes { start: NonNull::from(bytes.as_mut_slice()).cast(), length: bytes.len(), _home: Home::Heap(bytes) }
    }
}

impl Default for Bytes {
    #[inline]
    fn default() -> Bytes {
        Bytes::from(Vec::new())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        // SAFETY: so many bytes are there from the start on as long as their home is, which nobody else touches; they have values
        // from the beginning, can be read, and are borrowed as this value is.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Bytes {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; they can be written, too, and are borrowed from here alone.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}
