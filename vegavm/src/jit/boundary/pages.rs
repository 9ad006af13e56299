//! Pages of memory that come from the system, and go back to it.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

/// Pages that came from the system, and go back to it.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) start: NonNull<u8>,
    pub(super) length: usize,
}

// SAFETY: the pages belong to this value alone; who shares it reads no bytes through it.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

impl Pages {
    /// Pages that nothing may touch yet, and that take no memory until they are.
    pub(super) fn reserve(length: usize) -> Option<Pages> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping where the system likes it touches nothing that is there.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        Some(Pages { start: NonNull::new(start.cast())?, length })
    }

    /// Lets these pages be used so from now on; `start` and `length` are multiples of a page.
    pub(super) fn protect(&self, start: usize, length: usize, protection: i32) -> bool {
        if start.checked_add(length).is_none_or(|end| end > self.length) {
            return false;
        }
        // SAFETY: the range lies within the mapping, which is this value's own.
        unsafe { libc::mprotect(self.start.as_ptr().add(start).cast::<c_void>(), length, protection) == 0 }
    }

    #[inline]
    pub(super) fn address(&self) -> usize {
        self.start.as_ptr().addr()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and nobody refers to it any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

/// Bytes of a page.
pub(super) fn page() -> usize {
    // SAFETY: asks the system for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096).max(4096)
}
