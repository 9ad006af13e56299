//! Jumps, branches, calls and returns. A function that is called has its arguments where the caller put them, as the first of
//! its registers, and leaves its result there.

use super::compute::round;
use super::vm::{Call, Exit, Frame, Vm, enter};
use super::window::Window;
use super::word::{Code, Word};
use vega_format::trap::Trap;

pub(super) fn next<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    enter!(vm, window, words.get(1..))
}

pub(super) fn jump<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let [word, ..] = words else { return vm.broken() };
    enter!(vm, window, vm.at(word.e))
}

/// Stands behind the last word of a function, where nothing leads.
pub(super) fn end<'c>(vm: &mut Vm<'c>, _: Window<'_>, _: &'c [Word], _: u64) -> Exit {
    vm.broken()
}

macro_rules! branch_on_cell {
    ($branch:ident, $jump_branch:ident, $when:literal) => {
        pub(super) fn $branch<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let [word, rest @ ..] = words else { return vm.broken() };
            if (window.get(word.a) != 0) == $when {
                return enter!(vm, window, vm.at(word.e));
            }
            enter!(vm, window, Some(rest))
        }

        pub(super) fn $jump_branch<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let [word, ..] = words else { return vm.broken() };
            round!(vm, window, word, (window.get(word.a) != 0) != $when)
        }
    };
}

branch_on_cell!(branch_true, jump_branch_true, true);
branch_on_cell!(branch_false, jump_branch_false, false);

pub(super) fn call<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    enter_function(vm, window, words)
}

/// Calls a function. What is rare is left to [`call_with_care`], so that here no register of the host need be saved.
#[inline(always)]
pub(super) fn enter_function<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word]) -> Exit {
    let [word, rest @ ..] = words else { return vm.broken() };
    let Some(code) = vm.codes.codes.get(word.e as usize).and_then(|code| code.get()) else {
        return ask(vm, words, Exit::Translate);
    };
    // What is read after something was written is read again, so that comes last.
    let (base, depth, caller) = (vm.base.wrapping_add(word.a.into()), vm.depth, vm.code);
    match window.at(base) {
        Some(window) if code.is_plain && depth < vm.frames.len() && vm.meter.take(code.frame_bytes) => {
            go_into(vm, code, base);
            if let Some(frame) = vm.frames.get_mut(depth) {
                *frame = Frame { code: caller, rest, first: word.a };
            }
            enter!(vm, window, Some(&*code.words))
        }
        _ => call_with_care(vm, window, words, code),
    }
}

/// A frame is there, and is paid for.
#[inline(always)]
fn go_into<'c>(vm: &mut Vm<'c>, code: &'c Code, base: u32) {
    vm.depth += 1;
    let frames = vm.depth + 1;
    if frames > vm.deepest {
        vm.deepest = frames;
    }
    vm.base = base;
    vm.code = code;
    vm.words = &code.words;
}

/// The same where room is to be made, something is to be counted, or the call traps.
#[inline(never)]
fn call_with_care<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], code: &'c Code) -> Exit {
    let [word, rest @ ..] = words else { return vm.broken() };
    let (depth, limit) = (vm.depth as u32 + 2, vm.meter.most_frames());
    if depth > limit {
        return vm.stopped(words, Trap::CallStackExhausted { depth, limit });
    }
    let base = vm.base.wrapping_add(word.a.into());
    let Some(window) = window.at(base) else { return ask(vm, words, Exit::Grow) };
    if vm.depth >= vm.frames.len() {
        if vm.frames.capacity() == 0 {
            return ask(vm, words, Exit::Grow);
        }
        let nothing = Frame { code, rest: &[], first: 0 };
        // Where every call is to be looked at, there is never room for another.
        let more = if vm.is_hot { vm.depth + 1 } else { (2 * vm.frames.len()).max(64).min(limit as usize - 1) };
        vm.frames.resize(more, nothing);
    }
    if let Some(limit) = code.limit
        && let Err(stop) = vm.activate(code.function, limit)
    {
        return vm.stopped(words, stop);
    }
    if let Err(limit) = vm.meter.take_frame(code.frame_bytes, code.bookkeeping) {
        return vm.stopped(words, limit);
    }
    if let Some(frame) = vm.frames.get_mut(vm.depth) {
        *frame = Frame { code: vm.code, rest, first: word.a };
    }
    go_into(vm, code, base);
    if vm.is_hot {
        return vm.starve(vm.words);
    }
    enter!(vm, window, Some(vm.words))
}

#[cold]
#[inline(never)]
fn ask(vm: &mut Vm<'_>, words: &[Word], exit: Exit) -> Exit {
    let place = vm.number(words);
    if let [word, ..] = words {
        vm.call = Call { number: word.e, first: word.a, word: place };
    }
    core::hint::black_box(exit)
}

pub(super) fn call_host<'c>(vm: &mut Vm<'c>, _: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    ask(vm, words, Exit::Host)
}

/// Ends a frame whose result is in place, and goes on behind the call.
#[inline(always)]
pub(super) fn leave(vm: &mut Vm<'_>, window: Window<'_>) -> Exit {
    let (depth, own) = (vm.depth.wrapping_sub(1), vm.code);
    match vm.frames.get(depth) {
        Some(&Frame { code, rest, first }) if own.is_plain => {
            let base = vm.base.wrapping_sub(first.into());
            let Some(window) = window.at(base) else { return vm.broken() };
            vm.meter.give_memory(own.frame_bytes);
            (vm.depth, vm.base, vm.code, vm.words) = (depth, base, code, &code.words);
            enter!(vm, window, Some(rest))
        }
        _ => leave_with_care(vm, window),
    }
}

pub(super) fn return_nothing<'c>(vm: &mut Vm<'c>, window: Window<'_>, _: &'c [Word], _: u64) -> Exit {
    leave(vm, window)
}

pub(super) fn return_register<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let [word, ..] = words else { return vm.broken() };
    window.set(0, window.get(word.a));
    leave(vm, window)
}

pub(super) fn return_constant<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let [word, ..] = words else { return vm.broken() };
    window.set(0, word.wide());
    leave(vm, window)
}

pub(super) fn return_cells<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let [word, ..] = words else { return vm.broken() };
    window.slide(0, word.a, word.b);
    leave(vm, window)
}

/// The same with activations to count, and at the end of the call that was the first.
#[inline(never)]
pub(super) fn leave_with_care(vm: &mut Vm<'_>, window: Window<'_>) -> Exit {
    vm.meter.give_frame(vm.code.frame_bytes, vm.code.bookkeeping);
    if vm.code.limit.is_some() {
        vm.deactivate(vm.code.function);
    }
    let Some(depth) = vm.depth.checked_sub(1) else { return Exit::Done };
    let Some(Frame { code, rest, first }) = vm.frames.get(depth).copied() else { return vm.broken() };
    let base = vm.base.wrapping_sub(first.into());
    let Some(window) = window.at(base) else { return vm.broken() };
    (vm.depth, vm.base, vm.code, vm.words) = (depth, base, code, &code.words);
    if vm.is_hot {
        // Every call is to be looked at.
        vm.frames.truncate(depth);
    }
    enter!(vm, window, Some(rest))
}
