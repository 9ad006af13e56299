//! An allocator that counts the bytes that each thread has allocated.

#![allow(unsafe_code, reason = "an allocator that counts is an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

pub(super) struct Counted;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
    static TOTAL: Cell<u64> = const { Cell::new(0) };
}

fn add(bytes: i64) {
    let now = NOW.try_with(|now| {
        now.set(now.get() + bytes);
        now.get()
    });
    if let Ok(now) = now {
        _ = PEAK.try_with(|peak| peak.set(peak.get().max(now)));
    }
    if bytes > 0 {
        _ = TOTAL.try_with(|total| total.set(total.get() + bytes as u64));
    }
}

// Safety: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as i64);
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-(layout.size() as i64));
        unsafe { System.dealloc(pointer, layout) }
    }
    // What grows in place, or is remapped, is there once.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size as i64 - layout.size() as i64);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The most bytes that this thread had allocated meanwhile, beyond those it had before; and all that it allocated.
pub(super) fn peak<T>(what: impl FnOnce() -> T) -> (T, u64, u64) {
    let (before, total) = (NOW.with(Cell::get), TOTAL.with(Cell::get));
    PEAK.with(|peak| peak.set(before));
    let value = what();
    (value, (PEAK.with(Cell::get) - before) as u64, TOTAL.with(Cell::get) - total)
}
