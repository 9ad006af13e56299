//! The way from the host's stack to the guest's, and back.

use super::Context;
use crate::jit::sites::DONE;
use core::ffi::c_void;
use core::mem::offset_of;

/// The address of the code that tells the host something and waits until it goes on: it takes the context and a number, and
/// leaves all registers as they were.
pub(in crate::jit) fn tell_address() -> usize {
    let tell: unsafe extern "sysv64" fn(*mut Context, u64) = tell;
    (tell as *const c_void).addr()
}

/// The same for code that keeps what it wants to keep, as for any call.
pub(in crate::jit) fn ask_address() -> usize {
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
pub(super) unsafe fn start(context: *mut Context, code: usize, stack: usize) -> u64 {
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
pub(super) unsafe fn enter(context: *mut Context) -> u64 {
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

/// Words of the stack that [`leave`] leaves behind: the registers that calls keep.
pub(super) const LEFT: usize = 6;

/// Code of the guest that did not begin with [`start`] has come to its end, with the context in its hand.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64" fn finish() {
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
