//! The pages that hold machine code, which are writable or executable and never both.

use super::pages::{Pages, page};
use core::ptr;
use std::sync::{Mutex, PoisonError};

/// The most bytes of machine code of a module. They take no memory until there is code.
const MOST_CODE: usize = 1 << 30;

/// Machine code of a module.
#[derive(Debug)]
pub(in crate::jit) struct CodeMemory {
    pages: Pages,
    used: Mutex<usize>,
}

impl CodeMemory {
    /// `None` where the system gives no such pages.
    pub(in crate::jit) fn new() -> Option<CodeMemory> {
        let pages = Pages::reserve(MOST_CODE)?;
        let memory = CodeMemory { pages, used: Mutex::new(0) };
        // Some systems let no page become executable: better to know at once.
        memory.publish(&[0xc3], false)?;
        Some(memory)
    }

    /// Makes code executable, which never changes again; gives its address. What can be `spared` only has half of the memory.
    pub(in crate::jit) fn publish(&self, code: &[u8], spared: bool) -> Option<usize> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, length) = (*used, code.len().max(1).next_multiple_of(page()));
        if spared && start > MOST_CODE / 2 {
            return None;
        }
        if !self.pages.protect(start, length, libc::PROT_READ | libc::PROT_WRITE) {
            return None;
        }
        // SAFETY: the range was just made writable, lies within the mapping, and nobody else knows of it yet.
        unsafe { ptr::copy_nonoverlapping(code.as_ptr(), self.pages.start.as_ptr().add(start), code.len()) };
        if !self.pages.protect(start, length, libc::PROT_READ | libc::PROT_EXEC) {
            return None;
        }
        *used = start + length;
        Some(self.pages.address() + start)
    }
}
