//! Where safe code and machine code meet: the only file of this crate with `unsafe`.
//!
//! It owns the pages that hold machine code, which are writable or executable and never both, the stack on which that
//! code runs, and the bytes of linear memory, beside which lie pages that nobody may touch where there are many; it goes from the
//! host's stack to the other one and back. What runs there is made by `lower` alone. It touches the
//! bytes of linear memory that verified code may touch, the register file, the [`Context`], the table of functions, the counts of
//! their activations, and its own stack, of which no frame is larger than [`MOST_FRAME`], and at most [`MOST_AT_A_CALL`] stand for a frame that is counted.
//! No Rust code runs on that stack, so no panic can pass through machine code, and what the host's functions need of a stack is
//! the host's own.

#![allow(unsafe_code, reason = "this is the boundary")]

use super::sites::DONE;
use crate::interpreter::Registers;
use core::ffi::c_void;
use core::mem::offset_of;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};
use core::slice;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The most bytes of a frame of machine code. Stacks only take the memory that is touched.
pub(super) const MOST_FRAME: usize = 64 << 10;
/// The most frames of machine code for a frame that is counted: the code of a function that cannot be sure of its room calls
/// the code that counts, and waits beneath it.
const MOST_AT_A_CALL: usize = 2;
/// Room beneath the last frame: for what a signal puts there, and for calls between frames.
const ROOM: usize = 256 << 10;
/// A stack keeps the memory of so many frames when a call is over.
const DEEP: usize = 256;
/// The most bytes of machine code of a module. They take no memory until there is code.
const MOST_CODE: usize = 1 << 30;
/// What takes mappings, of which Linux gives a process some 65,000, and the host has uses for them, too: linear memories with
/// pages of their own take up to three each, stacks two, machine code of a module two.
static MEMORIES: Share = Share::new();
static STACKS: Share = Share::new();
static CODES: Share = Share::new();
/// The most of each at a time.
const MOST_PIECES: usize = 8 << 10;
/// The most addresses that all of a kind reserve, of the 2^47 that a process has.
const MOST_ADDRESSES: usize = 1 << 45;
/// The first byte of such a memory stands at a multiple of this, as if it came from the host's heap.
const ALIGNMENT: usize = 16;

/// What machine code and host tell each other. Machine code reaches the fields by their offsets.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Context {
    host_stack: usize,
    guest_stack: usize,
    /// Where on the guest's stack the address stands behind the call that told something; the frame pointer is below it.
    told: usize,
    /// The address where linear memory begins, of the registers, and of the table that says where each function begins; there
    /// it is 0 if it is not compiled. All are put here anew whenever machine code goes on.
    memory: usize,
    registers: usize,
    table: usize,
    /// The same of the counts of activations, one for each function of the module, where a function limits them.
    live: usize,
    /// Steps that are paid for and not yet taken; below zero, steps that are still to be paid for.
    pub(super) fuel: i64,
    /// How many more frames there may be, and how many bytes arenas and frames may still take, [in one word](super::left);
    /// and the least that was left of each.
    pub(super) left: i64,
    pub(super) least: i64,
    /// Behind the innermost arena, and behind all that was ever in use.
    pub(super) top: u64,
    pub(super) dirty: u64,
    /// What an event is about.
    pub(super) words: [u64; 3],
}

/// Offsets of the fields of a context.
pub(super) mod field {
    use super::{Context, offset_of};

    pub(in crate::jit) const MEMORY: i32 = offset_of!(Context, memory) as i32;
    pub(in crate::jit) const REGISTERS: i32 = offset_of!(Context, registers) as i32;
    pub(in crate::jit) const TABLE: i32 = offset_of!(Context, table) as i32;
    pub(in crate::jit) const LIVE: i32 = offset_of!(Context, live) as i32;
    pub(in crate::jit) const FUEL: i32 = offset_of!(Context, fuel) as i32;
    pub(in crate::jit) const LEFT: i32 = offset_of!(Context, left) as i32;
    pub(in crate::jit) const LEAST: i32 = offset_of!(Context, least) as i32;
    pub(in crate::jit) const TOP: i32 = offset_of!(Context, top) as i32;
    pub(in crate::jit) const DIRTY: i32 = offset_of!(Context, dirty) as i32;
    pub(in crate::jit) const WORDS: i32 = offset_of!(Context, words) as i32;
}

impl Context {
    pub(super) fn new() -> Context {
        Context {
            host_stack: 0,
            guest_stack: 0,
            told: 0,
            memory: 0,
            registers: 0,
            table: 0,
            live: 0,
            fuel: 0,
            left: 0,
            least: 0,
            top: 0,
            dirty: 0,
            words: [0; 3],
        }
    }
}

/// How many mappings of a kind there are, and how many addresses they reserve.
#[derive(Debug)]
struct Share {
    pieces: AtomicUsize,
    addresses: AtomicUsize,
}

impl Share {
    const fn new() -> Share {
        Share { pieces: AtomicUsize::new(0), addresses: AtomicUsize::new(0) }
    }

    /// Whether there may be another one of so many bytes. Threads that ask at the same time may come to a few more.
    fn has_room(&self, length: usize) -> bool {
        self.pieces.load(Ordering::Relaxed) < MOST_PIECES
            && self.addresses.load(Ordering::Relaxed).saturating_add(length) <= MOST_ADDRESSES
    }

    fn take(&self, length: usize) {
        self.pieces.fetch_add(1, Ordering::Relaxed);
        self.addresses.fetch_add(length, Ordering::Relaxed);
    }

    fn give_back(&self, length: usize) {
        self.pieces.fetch_sub(1, Ordering::Relaxed);
        self.addresses.fetch_sub(length, Ordering::Relaxed);
    }
}

/// Pages that came from the system, and go back to it.
#[derive(Debug)]
struct Pages {
    start: NonNull<u8>,
    length: usize,
    share: &'static Share,
}

// SAFETY: the pages belong to this value alone; who shares it reads no bytes through it.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

impl Pages {
    /// Pages that nothing may touch yet, and that take no memory until they are; `None` where the system gives none, or others
    /// have too many.
    fn reserve(length: usize, share: &'static Share) -> Option<Pages> {
        if !share.has_room(length) {
            return None;
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping where the system likes it touches nothing that is there.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        let start = NonNull::new(start.cast())?;
        share.take(length);
        Some(Pages { start, length, share })
    }

    /// Lets these pages be used so from now on; `start` and `length` are multiples of a page.
    fn protect(&self, start: usize, length: usize, protection: i32) -> bool {
        if start.checked_add(length).is_none_or(|end| end > self.length) {
            return false;
        }
        // SAFETY: the range lies within the mapping, which is this value's own.
        unsafe { libc::mprotect(self.start.as_ptr().add(start).cast::<c_void>(), length, protection) == 0 }
    }

    #[inline]
    fn address(&self) -> usize {
        self.start.as_ptr().addr()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and nobody refers to it any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
        self.share.give_back(self.length);
    }
}

fn page() -> usize {
    // SAFETY: asks the system for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096).max(4096)
}

/// Machine code of a module.
#[derive(Debug)]
pub(super) struct CodeMemory {
    pages: Pages,
    used: Mutex<usize>,
}

impl CodeMemory {
    /// `None` where the system gives no such pages.
    pub(super) fn new() -> Option<CodeMemory> {
        let pages = Pages::reserve(MOST_CODE, &CODES)?;
        let memory = CodeMemory { pages, used: Mutex::new(0) };
        // Some systems let no page become executable: better to know at once.
        memory.publish(&[0xc3], false)?;
        Some(memory)
    }

    /// Makes code executable, which never changes again; gives its address. What can be `spared` only has half of the memory.
    pub(super) fn publish(&self, code: &[u8], spared: bool) -> Option<usize> {
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

/// Pages that can be read and written, between two that nobody may touch.
#[derive(Debug)]
struct Guarded {
    pages: Pages,
}

impl Guarded {
    /// Room for so many bytes.
    fn new(bytes: usize) -> Option<Guarded> {
        let length = bytes.checked_next_multiple_of(page())?;
        let pages = Pages::reserve(length.checked_add(2 * page())?, &MEMORIES)?;
        let is_usable = pages.protect(page(), length, libc::PROT_READ | libc::PROT_WRITE);
        is_usable.then_some(Guarded { pages })
    }

    /// So many bytes before the second guard.
    fn last(&self, bytes: usize) -> Option<NonNull<u8>> {
        NonNull::new(self.pages.start.as_ptr().wrapping_add(self.pages.length - page() - bytes))
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

/// The bytes beneath a stack that nobody may touch: as many as the largest frame has, so that none steps over them.
fn guard() -> usize {
    MOST_FRAME.next_multiple_of(page())
}

/// A stack for machine code, with a guard beneath it.
#[derive(Debug)]
struct Stack {
    pages: Pages,
    /// How many frames it has room for, as they are counted.
    frames: u32,
}

impl Stack {
    /// Room for so many frames.
    fn new(frames: u32) -> Option<Stack> {
        let most = (frames as usize).checked_add(2)?.checked_mul(MOST_AT_A_CALL)?;
        let length = most.checked_mul(MOST_FRAME)?.checked_add(ROOM)?.next_multiple_of(page());
        let pages = Pages::reserve(length + guard(), &STACKS)?;
        let usable = pages.protect(guard(), length, libc::PROT_READ | libc::PROT_WRITE);
        usable.then_some(Stack { pages, frames })
    }

    #[inline]
    fn top(&self) -> usize {
        self.pages.address() + self.pages.length
    }

    /// Gives back the memory of all but so many bytes at its top; nothing waits there.
    fn trim(&mut self, kept: usize) {
        let length = self.pages.length.saturating_sub(guard() + kept);
        // SAFETY: the range lies within the pages that can be written, whose content nobody wants any more; they are zero then.
        unsafe { libc::madvise(self.pages.start.as_ptr().add(guard()).cast(), length, libc::MADV_DONTNEED) };
    }

    /// The word at an address of the stack.
    fn word(&self, address: usize) -> Option<usize> {
        let lowest = self.pages.address() + guard();
        if !address.is_multiple_of(8) || address < lowest || address > self.top() - 8 {
            return None;
        }
        // SAFETY: the address is aligned and lies in the pages that can be read; they hold whole words of any value.
        Some(unsafe { ptr::with_exposed_provenance::<usize>(address).read() })
    }

    fn put(&mut self, address: usize, word: usize) {
        if self.word(address).is_some() {
            // SAFETY: as in `word`; the pages can be written, too.
            unsafe { ptr::with_exposed_provenance_mut::<usize>(address).write(word) };
        }
    }
}

/// Words of the stack that code leaves behind when it goes to another: the registers that calls keep.
const LEFT: usize = 6;

/// Machine code that can go on.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(super) context: Box<Context>,
    stack: Stack,
    /// How many activations of each function there are, where the module has one that limits them.
    live: Vec<u32>,
    /// Whether some may be active: of calls that have returned none is.
    counts: bool,
}

impl Guest {
    /// One with room for so many frames: this, if there is one that has it.
    pub(crate) fn with_room(there: Option<Guest>, frames: u32) -> Option<Guest> {
        there.filter(|guest| guest.has_room(frames)).or_else(|| Some(Guest::new(Stack::new(frames)?)))
    }

    /// Whether there is room for so many frames.
    #[inline]
    pub(super) fn has_room(&self, frames: u32) -> bool {
        frames <= self.stack.frames
    }

    fn new(stack: Stack) -> Guest {
        // Words of the stack are read by their addresses, which is what its pages are lent out for.
        stack.pages.start.as_ptr().expose_provenance();
        Guest { context: Box::new(Context::new()), stack, live: Vec::new(), counts: false }
    }

    /// Counts activations of so many functions, of which none is active. Code that counts them is run only behind this, or with some
    /// that [are](Guest::activate).
    pub(super) fn count_activations(&mut self, functions: usize) {
        if self.counts || self.live.len() < functions {
            self.live.clear();
            self.live.resize(functions, 0);
        }
        self.counts = true;
    }

    /// So many of a function are active already.
    pub(super) fn activate(&mut self, (function, count): (u32, u32)) {
        self.live.get_mut(function as usize).into_iter().for_each(|live| *live = count);
    }

    /// The call has returned, and so have all that it counted.
    #[inline]
    pub(super) fn has_returned(&mut self) {
        self.counts = false;
    }

    /// How many activations of a function there are, if they are counted.
    pub(super) fn activations(&mut self, function: u32) -> Option<&mut u32> {
        self.live.get_mut(function as usize)
    }

    /// A call is over that had so many frames: what it touched of the stack is given back if that may be much.
    #[inline]
    pub(crate) fn was_deep(&mut self, frames: usize) {
        if frames > DEEP {
            self.stack.trim(ROOM);
        }
    }

    /// Begins with the code at an address, which is one that [`CodeMemory::publish`] gave for code that takes the context.
    pub(super) fn begin(&mut self, code: usize) {
        // As if it had been called: the stack is aligned but for the address to return to.
        let top = self.stack.top() - 8;
        let finish: unsafe extern "sysv64" fn() = finish;
        self.stack.put(top, (finish as *const c_void).addr());
        self.stack.put(top - 8, code);
        (0..LEFT).for_each(|place| self.stack.put(top - 16 - 8 * place, 0));
        self.context.guest_stack = top - 8 - 8 * LEFT;
    }

    /// Lets machine code go on until it has something to tell; gives what it tells.
    #[inline(always)]
    pub(super) fn go_on(
        &mut self,
        memory: &mut [u8],
        registers: &mut Registers,
        table: &[AtomicUsize],
        _code: &CodeMemory,
    ) -> u64 {
        let context = &mut *self.context;
        // Machine code that went on before may still have the address of memory in a register: it is the same, as memory
        // does not move while a call is under way.
        context.memory = memory.as_mut_ptr().expose_provenance();
        context.registers = registers.as_mut_ptr().expose_provenance();
        context.table = table.as_ptr().expose_provenance();
        context.live = self.live.as_mut_ptr().expose_provenance();
        // SAFETY: `begin` or `leave` left a stack from which code that was published goes on; that code is still there, as
        // it is borrowed; memory, registers and table are borrowed for as long as it runs, and nobody else has the counts.
        unsafe { enter(ptr::from_mut(context)) }
    }

    /// Does what [`begin`](Guest::begin) and [`go_on`](Guest::go_on) do, with no registers to be found on the stack.
    #[inline(always)]
    pub(super) fn start(
        &mut self,
        at: usize,
        memory: &mut [u8],
        registers: &mut Registers,
        table: &[AtomicUsize],
        _code: &CodeMemory,
    ) -> u64 {
        let stack = self.stack.top();
        let context = &mut *self.context;
        context.memory = memory.as_mut_ptr().expose_provenance();
        context.registers = registers.as_mut_ptr().expose_provenance();
        context.table = table.as_ptr().expose_provenance();
        context.live = self.live.as_mut_ptr().expose_provenance();
        // SAFETY: the stack is this guest's, nothing waits on it, and it is aligned as for code that calls; the code
        // was published, is still there, and takes the context; the rest as in `go_on`.
        unsafe { start(ptr::from_mut(context), at, stack) }
    }

    /// The addresses behind the calls that wait, innermost first; the first is behind the call that told.
    pub(super) fn returns(&self) -> impl Iterator<Item = usize> {
        let told = self.context.told;
        let first = self.stack.word(told);
        let mut frame = self.stack.word(told - 8).filter(|_| first.is_some());
        let callers = core::iter::from_fn(move || {
            let at = frame.filter(|frame| *frame != 0)?;
            frame = self.stack.word(at);
            self.stack.word(at + 8).filter(|address| *address != 0)
        });
        first.into_iter().chain(callers)
    }
}

/// The address of the code that tells the host something and waits until it goes on: it takes the context and a number, and
/// leaves all registers as they were.
pub(super) fn tell_address() -> usize {
    let tell: unsafe extern "sysv64" fn(*mut Context, u64) = tell;
    (tell as *const c_void).addr()
}

/// The same for code that keeps what it wants to keep, as for any call.
pub(super) fn ask_address() -> usize {
    let ask: unsafe extern "sysv64" fn(*mut Context, u64) = ask;
    (ask as *const c_void).addr()
}

// How one goes from the host to the guest and back: what the processor foresees of returns must stay true, or each way costs
// more than what is done there. So guest code that has called `ask` is returned to, whoever came between; and the host, which no
// call of the guest's waits for, is jumped to: where, and where its frame is, stands on top of its stack.

/// Goes to a stack of the guest, on which nothing waits, and runs code there, which gives back the context.
///
/// # Safety
/// The code may be run with this context and on this stack.
#[inline(always)]
unsafe fn start(context: *mut Context, code: usize, stack: usize) -> u64 {
    let number: u64;
    // SAFETY: registers that Rust wants back are kept on its stack, all others are said to change.
    unsafe {
        core::arch::asm!(
            "push rbp",
            "push rbx",
            "lea rax, [rip + 2f]",
            "push rax",
            "mov [rdi + {host}], rsp",
            "mov rsp, rdx",
            "xor ebp, ebp",
            "call rsi",
            "mov rsp, [rax + {host}]",
            "mov rax, {done}",
            "pop rcx",
            "jmp rcx",
            "2:",
            "pop rbx",
            "pop rbp",
            host = const offset_of!(Context, host_stack),
            done = const DONE,
            in("rdi") context,
            in("rsi") code,
            in("rdx") stack,
            lateout("rax") number,
            out("r12") _,
            out("r13") _,
            out("r14") _,
            out("r15") _,
            clobber_abi("sysv64"),
        );
    }
    number
}

/// Goes to the stack of the guest, which goes on where it left; its code may take the context.
///
/// # Safety
/// What the guest left may go on.
#[inline(always)]
unsafe fn enter(context: *mut Context) -> u64 {
    let number: u64;
    // SAFETY: registers that Rust wants back are kept on its stack, all others are said to change.
    unsafe {
        core::arch::asm!(
            "push rbp",
            "push rbx",
            "lea rax, [rip + 2f]",
            "push rax",
            "mov [rdi + {host}], rsp",
            "mov rsp, [rdi + {guest}]",
            "pop r15",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "ret",
            "2:",
            "pop rbx",
            "pop rbp",
            host = const offset_of!(Context, host_stack),
            guest = const offset_of!(Context, guest_stack),
            in("rdi") context,
            lateout("rax") number,
            out("r12") _,
            out("r13") _,
            out("r14") _,
            out("r15") _,
            clobber_abi("sysv64"),
        );
    }
    number
}

/// Code of the guest that did not begin with [`start`] has come to its end, with the context in its hand.
#[unsafe(naked)]
unsafe extern "sysv64" fn finish() {
    core::arch::naked_asm!(
        "mov rsp, [rax + {host}]",
        "mov rax, {done}",
        "pop rcx",
        "jmp rcx",
        host = const offset_of!(Context, host_stack),
        done = const DONE,
    )
}

/// Goes to the stack of the host, where [`enter`] or [`start`] gives the number.
#[unsafe(naked)]
unsafe extern "sysv64" fn leave(context: *mut Context, number: u64) {
    core::arch::naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rdi + {guest}], rsp",
        "mov rsp, [rdi + {host}]",
        "mov rax, rsi",
        "pop rcx",
        "jmp rcx",
        host = const offset_of!(Context, host_stack),
        guest = const offset_of!(Context, guest_stack),
    )
}

#[unsafe(naked)]
unsafe extern "sysv64" fn ask(context: *mut Context, number: u64) {
    core::arch::naked_asm!(
        "mov [rdi + {told}], rsp",
        // The frame pointer is the first that it leaves.
        "jmp {leave}",
        told = const offset_of!(Context, told),
        leave = sym leave,
    )
}

#[unsafe(naked)]
unsafe extern "sysv64" fn tell(context: *mut Context, number: u64) {
    core::arch::naked_asm!(
        "mov [rdi + {told}], rsp",
        "push rbp",
        "push rax",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "sub rsp, 256",
        "movups [rsp], xmm0",
        "movups [rsp + 16], xmm1",
        "movups [rsp + 32], xmm2",
        "movups [rsp + 48], xmm3",
        "movups [rsp + 64], xmm4",
        "movups [rsp + 80], xmm5",
        "movups [rsp + 96], xmm6",
        "movups [rsp + 112], xmm7",
        "movups [rsp + 128], xmm8",
        "movups [rsp + 144], xmm9",
        "movups [rsp + 160], xmm10",
        "movups [rsp + 176], xmm11",
        "movups [rsp + 192], xmm12",
        "movups [rsp + 208], xmm13",
        "movups [rsp + 224], xmm14",
        "movups [rsp + 240], xmm15",
        "call {leave}",
        "movups xmm0, [rsp]",
        "movups xmm1, [rsp + 16]",
        "movups xmm2, [rsp + 32]",
        "movups xmm3, [rsp + 48]",
        "movups xmm4, [rsp + 64]",
        "movups xmm5, [rsp + 80]",
        "movups xmm6, [rsp + 96]",
        "movups xmm7, [rsp + 112]",
        "movups xmm8, [rsp + 128]",
        "movups xmm9, [rsp + 144]",
        "movups xmm10, [rsp + 160]",
        "movups xmm11, [rsp + 176]",
        "movups xmm12, [rsp + 192]",
        "movups xmm13, [rsp + 208]",
        "movups xmm14, [rsp + 224]",
        "movups xmm15, [rsp + 240]",
        "add rsp, 256",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rax",
        "pop rbp",
        "ret",
        told = const offset_of!(Context, told),
        leave = sym leave,
    )
}
