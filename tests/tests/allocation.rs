//! Rows S07 and S08 of the list of bad inputs: a file that claims more than it has is refused before room is made for it.
//!
//! An allocator that counts must be `unsafe`; it is part of this test alone.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use vega_tests::suites::container;

/// The allocator of the system, with the largest block that was asked of it.
struct Watching;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the allocator of the system as it came.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps what `alloc` demands.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// One block of the good file's tables takes less.
const MOST: usize = 16 << 10;

#[test]
fn claims_reserve_nothing() {
    let rows: Vec<_> = container::rows();
    let claims = rows.iter().filter(|row| row.name.starts_with("s07") || row.name.starts_with("s08"));
    let mut count = 0;
    for row in claims {
        let bytes = row.bytes().expect("the good file is there");
        LARGEST.store(0, Ordering::Relaxed);
        let refused = vega_format::read(bytes.as_slice()).is_err();
        let largest = LARGEST.load(Ordering::Relaxed);
        assert!(refused && largest <= MOST, "{}: a block of {largest} bytes", row.name);
        count += 1;
    }
    assert!(count > 20, "{count} rows");
}
