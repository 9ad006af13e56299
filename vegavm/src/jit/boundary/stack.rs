//! The stack on which machine code runs, with a guard beneath it.

use super::MOST_FRAME;
use super::pages::{Pages, page};
use core::ptr;

/// The most frames of machine code for a frame that is counted: the code of a function that cannot be sure of its room calls
/// the code that counts, and waits beneath it.
const MOST_AT_A_CALL: usize = 2;
/// Room beneath the last frame: for what a signal puts there, and for calls between frames.
pub(super) const ROOM: usize = 256 << 10;

/// The bytes beneath a stack that nobody may touch: as many as the largest frame has, so that none steps over them.
fn guard() -> usize {
    MOST_FRAME.next_multiple_of(page())
}

/// A stack for machine code, with a guard beneath it.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) pages: Pages,
    /// How many frames it has room for, as they are counted.
    pub(super) frames: u32,
}

impl Stack {
    /// Room for so many frames.
    pub(super) fn new(frames: u32) -> Option<Stack> {
        let most = (frames as usize).checked_add(2)?.checked_mul(MOST_AT_A_CALL)?;
        let length = most.checked_mul(MOST_FRAME)?.checked_add(ROOM)?.next_multiple_of(page());
        let pages = Pages::reserve(length + guard())?;
        let usable = pages.protect(guard(), length, libc::PROT_READ | libc::PROT_WRITE);
        usable.then_some(Stack { pages, frames })
    }

    #[inline]
    pub(super) fn top(&self) -> usize {
        self.pages.address() + self.pages.length
    }

    /// Gives back the memory of all but so many bytes at its top; nothing waits there.
    pub(super) fn trim(&mut self, kept: usize) {
        let length = self.pages.length.saturating_sub(guard() + kept);
        // SAFETY: the range lies within the pages that can be written, whose content nobody wants any more; they are zero then.
        unsafe { libc::madvise(self.pages.start.as_ptr().add(guard()).cast(), length, libc::MADV_DONTNEED) };
    }

    /// The word at an address of the stack.
    pub(super) fn word(&self, address: usize) -> Option<usize> {
        let lowest = self.pages.address() + guard();
        if !address.is_multiple_of(8) || address < lowest || address > self.top() - 8 {
            return None;
        }
        // SAFETY: the address is aligned and lies in the pages that can be read; they hold whole words of any value.
        Some(unsafe { ptr::with_exposed_provenance::<usize>(address).read() })
    }

    pub(super) fn put(&mut self, address: usize, word: usize) {
        if self.word(address).is_some() {
            // SAFETY: as in `word`; the pages can be written, too.
            unsafe { ptr::with_exposed_provenance_mut::<usize>(address).write(word) };
        }
    }
}
