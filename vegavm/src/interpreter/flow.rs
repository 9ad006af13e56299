//! Jumps, branches, calls and returns. A caller's registers are put aside, so that each function has the low ones.

use super::compute::round;
use super::vm::{Call, Exit, Frame, Registers, Vm, enter};
use super::word::{Code, Word};
use vega_format::trap::Trap;

pub(super) fn next<'c>(vm: &mut Vm<'c>, registers: &mut Registers, _: &'c Word, rest: &'c [Word]) -> Exit {
    enter!(vm, registers, rest)
}

pub(super) fn jump<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, _: &'c [Word]) -> Exit {
    enter!(vm, registers, vm.at(word.e))
}

macro_rules! branch_on_cell {
    ($branch:ident, $jump_branch:ident, $when:literal) => {
        pub(super) fn $branch<'c>(
            vm: &mut Vm<'c>,
            registers: &mut Registers,
            word: &'c Word,
            rest: &'c [Word],
        ) -> Exit {
            if (registers[usize::from(word.a)] != 0) == $when {
                return enter!(vm, registers, vm.at(word.e));
            }
            enter!(vm, registers, rest)
        }

        pub(super) fn $jump_branch<'c>(
            vm: &mut Vm<'c>,
            registers: &mut Registers,
            word: &'c Word,
            _: &'c [Word],
        ) -> Exit {
            round!(vm, registers, word, (registers[usize::from(word.a)] != 0) != $when)
        }
    };
}

branch_on_cell!(branch_true, jump_branch_true, true);
branch_on_cell!(branch_false, jump_branch_false, false);

/// Registers are put aside so many at once, and so many at most on the short way.
const CHUNK: usize = 4;
pub(super) const FEW: usize = 2 * CHUNK;

/// Calls a function. What is rare is left to [`call_with_care`], so that here no register of the host need be saved.
pub(super) fn call<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let Some(code) = vm.codes.codes.get(word.e as usize).and_then(|code| code.get()) else {
        return ask(vm, word, rest, Exit::Translate);
    };
    let (keep, first) = (usize::from(word.b), usize::from(word.a));
    let has_room = vm.depth < vm.frames.len() && vm.saved_end + FEW <= vm.saved.len();
    let is_small = keep <= FEW && code.parameters <= 2 && code.limit.is_none();
    if !has_room || !is_small || !vm.meter.has_frame(code.frame_bytes, code.bookkeeping) {
        return call_with_care(vm, registers, word, rest);
    }
    let Some(aside) = vm.saved.get_mut(vm.saved_end..vm.saved_end + FEW) else { return vm.broken() };
    copy_few(aside, registers, keep);
    vm.saved_end += keep;
    match code.parameters {
        0 => {}
        1 => registers[0] = registers[first & 0xffff],
        _ => (registers[0], registers[1]) = (registers[first & 0xffff], registers[(first + 1) & 0xffff]),
    }
    vm.meter.add_frame(code.frame_bytes);
    push(vm, word, rest, code);
    enter!(vm, registers, vm.words)
}

/// Copies so many cells, which are at most [`FEW`]: some more do no harm, as nobody looks at them.
#[inline(always)]
fn copy_few(to: &mut [u64], from: &[u64], count: usize) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<CHUNK>(), from.first_chunk::<CHUNK>()) {
        *to = *from;
    }
    if count > CHUNK
        && let (Some(to), Some(from)) = (to.get_mut(CHUNK..FEW), from.get(CHUNK..FEW))
        && let (Some(to), Some(from)) = (to.first_chunk_mut::<CHUNK>(), from.first_chunk::<CHUNK>())
    {
        *to = *from;
    }
}

/// Goes into a frame: there is room for it, and it is paid for.
#[inline(always)]
fn push<'c>(vm: &mut Vm<'c>, word: &Word, rest: &'c [Word], code: &'c Code) {
    if let Some(frame) = vm.frames.get_mut(vm.depth) {
        *frame = Frame { code: vm.code, rest, keep: word.b, first: word.a };
    }
    vm.depth += 1;
    vm.deepest = vm.deepest.max(vm.depth + 1);
    vm.code = code;
    vm.words = &code.words;
}

/// The same where there is much to put aside, room is to be made, something is to be counted, or the call traps.
#[inline(never)]
fn call_with_care<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let Some(code) = vm.codes.codes.get(word.e as usize).and_then(|code| code.get()) else {
        return vm.broken();
    };
    let (keep, first) = (usize::from(word.b), usize::from(word.a));
    let (depth, limit) = (vm.depth as u32 + 2, vm.meter.most_frames());
    if depth > limit {
        return vm.stopped(rest, Trap::CallStackExhausted { depth, limit });
    }
    if vm.depth >= vm.frames.len() {
        let nothing = Frame { code, rest: &[], keep: 0, first: 0 };
        // Where every call is to be looked at, there is never room for another.
        let more = if vm.is_hot { vm.depth + 1 } else { (2 * vm.frames.len()).max(64).min(limit as usize - 1) };
        vm.frames.resize(more, nothing);
    }
    let wanted = vm.saved_end + keep + FEW;
    if vm.saved.len() < wanted {
        vm.saved.resize(wanted.max(2 * vm.saved.len()).max(1024), 0);
    }
    if code.limit.is_some()
        && let Err(stop) = vm.activate(code.function)
    {
        return vm.stopped(rest, stop);
    }
    if let Err(limit) = vm.meter.take_frame(code.frame_bytes, code.bookkeeping) {
        return vm.stopped(rest, limit);
    }
    if let (Some(to), Some(from)) = (vm.saved.get_mut(vm.saved_end..vm.saved_end + keep), registers.get(..keep)) {
        to.copy_from_slice(from);
    }
    vm.saved_end += keep;
    registers.copy_within(first..first + usize::from(code.parameters), 0);
    push(vm, word, rest, code);
    if vm.is_hot {
        return vm.starve(vm.words);
    }
    enter!(vm, registers, vm.words)
}

#[cold]
#[inline(never)]
fn ask(vm: &mut Vm<'_>, word: &Word, rest: &[Word], exit: Exit) -> Exit {
    let place = (vm.words.len() - rest.len()).saturating_sub(1);
    vm.call = Call { number: word.e, first: word.a, word: place };
    exit
}

pub(super) fn call_host<'c>(vm: &mut Vm<'c>, _: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let place = (vm.words.len() - rest.len()).saturating_sub(1);
    vm.call = Call { number: word.e, first: word.a, word: place };
    Exit::Host
}

/// Ends a frame, and goes on behind the call with this value in place of its arguments, if there is one.
macro_rules! leave {
    ($vm:ident, $registers:ident, $value:expr) => {{
        let value: Option<u64> = $value;
        match $vm.depth.checked_sub(1).and_then(|depth| $vm.frames.get(depth)) {
            Some(Frame { code, rest, keep, first }) if usize::from(*keep) <= FEW && $vm.code.limit.is_none() => {
                let (code, rest, keep, first) = (*code, *rest, usize::from(*keep), *first);
                $vm.meter.give_frame($vm.code.frame_bytes, $vm.code.bookkeeping);
                $vm.depth -= 1;
                $vm.code = code;
                $vm.words = &code.words;
                $vm.saved_end -= keep;
                if let Some(aside) = $vm.saved.get($vm.saved_end..$vm.saved_end + FEW) {
                    copy_few(&mut $registers[..], aside, keep);
                }
                if let Some(value) = value {
                    $registers[usize::from(first)] = value;
                }
                enter!($vm, $registers, rest)
            }
            _ => leave_with(value, $vm, $registers),
        }
    }};
}

pub(super) fn return_nothing<'c>(vm: &mut Vm<'c>, registers: &mut Registers, _: &'c Word, _: &'c [Word]) -> Exit {
    leave!(vm, registers, None)
}

pub(super) fn return_register<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, _: &'c [Word]) -> Exit {
    leave!(vm, registers, Some(registers[usize::from(word.a)]))
}

pub(super) fn return_constant<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, _: &'c [Word]) -> Exit {
    leave!(vm, registers, Some(word.x))
}

pub(super) fn return_cells<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, _: &'c [Word]) -> Exit {
    let start = usize::from(word.a);
    let cells = registers.get(start..start + usize::from(word.b)).unwrap_or_default();
    vm.result.clear();
    vm.result.extend_from_slice(cells);
    leave_in_full(vm, registers)
}

#[inline(never)]
fn leave_with(value: Option<u64>, vm: &mut Vm<'_>, registers: &mut Registers) -> Exit {
    vm.result.clear();
    vm.result.extend(value);
    leave_in_full(vm, registers)
}

/// The same for whatever stands in [`Vm::result`]: with many registers to take back, with activations to count, and at the
/// end of the call that was the first.
pub(super) fn leave_in_full(vm: &mut Vm<'_>, registers: &mut Registers) -> Exit {
    vm.meter.give_frame(vm.code.frame_bytes, vm.code.bookkeeping);
    if vm.code.limit.is_some() {
        vm.deactivate(vm.code.function);
    }
    let Some(depth) = vm.depth.checked_sub(1) else { return Exit::Done };
    let Some(Frame { code, rest, keep, first }) = vm.frames.get(depth).copied() else { return vm.broken() };
    vm.depth = depth;
    vm.code = code;
    vm.words = &code.words;
    if vm.is_hot {
        // Every call is to be looked at.
        vm.frames.truncate(depth);
    }
    let (keep, first) = (usize::from(keep), usize::from(first));
    vm.saved_end -= keep;
    if let (Some(to), Some(from)) = (registers.get_mut(..keep), vm.saved.get(vm.saved_end..vm.saved_end + keep)) {
        to.copy_from_slice(from);
    }
    if let Some(to) = registers.get_mut(first..first + vm.result.len()) {
        to.copy_from_slice(&vm.result);
    }
    enter!(vm, registers, rest)
}
