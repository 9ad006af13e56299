//! A host without an operating system: calls a rule in a Cortex-M4, and tells what came of it and the most memory that it took.
//!
//! What it prints goes to the debugger, or to the machine that emulates it. All that is of this board and of no other is in here;
//! what the host does with the rule is in `host`.
#![no_std]
#![no_main]

extern crate alloc;

mod host;

use alloc::string::String;
use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};
use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::{debug, hprintln};
use embedded_alloc::LlffHeap;

/// The bytes that may be allocated.
const HEAP: usize = 1 << 20;

/// A heap that knows the most bytes that were taken of it.
struct Counted {
    heap: LlffHeap,
    most: AtomicUsize,
}

#[global_allocator]
static ALLOCATOR: Counted = Counted { heap: LlffHeap::empty(), most: AtomicUsize::new(0) };

// SAFETY: all is left to the heap; that it is looked at afterwards changes nothing of it.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps what this asks for, which is the same.
        let bytes = unsafe { self.heap.alloc(layout) };
        self.most.fetch_max(self.heap.used(), Ordering::Relaxed);
        bytes
    }

    unsafe fn dealloc(&self, bytes: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { self.heap.dealloc(bytes, layout) }
    }
}

#[entry]
fn main() -> ! {
    static mut BYTES: [u8; HEAP] = [0; HEAP];
    // SAFETY: it is done once, before anything is allocated; nobody else knows the bytes.
    unsafe { ALLOCATOR.heap.init((&raw mut *BYTES).addr(), HEAP) }
    let mut text = String::new();
    let ran = host::run(include_bytes!(env!("RULE")), &mut text);
    hprintln!("{}the heap had at most {} bytes in use", text, ALLOCATOR.most.load(Ordering::Relaxed));
    if let Err(error) = &ran {
        hprintln!("error: {}", error);
    }
    exit(ran.is_ok())
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    exit(false)
}

/// What the processor cannot do ends the emulation, too.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    hprintln!("{:?}", frame);
    exit(false)
}

/// Ends the emulation.
fn exit(is_good: bool) -> ! {
    debug::exit(if is_good { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}
