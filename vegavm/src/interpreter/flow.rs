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

/// Registers are put aside so many at once.
const CHUNK: usize = 4;

/// Calls a function. What is rare is left to [`call_with_care`], so that here no register of the host need be saved.
pub(super) fn call<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let Some(code) = vm.codes.codes.get(word.e as usize).and_then(|code| code.get()) else {
        return ask(vm, word, rest, Exit::Translate);
    };
    let (keep, first) = (usize::from(word.b), usize::from(word.a));
    let has_room = vm.depth < vm.frames.len() && vm.saved_end + keep + CHUNK <= vm.saved.len();
    if !has_room || code.limit.is_some() || !vm.meter.has_frame(code.frame_bytes, code.bookkeeping) {
        return call_with_care(vm, registers, word, rest);
    }
    vm.meter.add_frame(code.frame_bytes);
    push(vm, registers, word, rest, code, keep, first);
    enter!(vm, registers, vm.words)
}

/// Goes into a frame: there is room for it, and it is paid for.
#[inline(always)]
fn push<'c>(
    vm: &mut Vm<'c>,
    registers: &mut Registers,
    word: &'c Word,
    rest: &'c [Word],
    code: &'c Code,
    keep: usize,
    first: usize,
) {
    let start = vm.saved_end;
    let to = vm.saved.get_mut(start..).unwrap_or_default();
    let mut chunks = to.as_chunks_mut::<CHUNK>().0.iter_mut().zip(registers.as_chunks::<CHUNK>().0);
    if let Some((to, from)) = chunks.next() {
        *to = *from;
    }
    if keep > CHUNK {
        chunks.take(keep.div_ceil(CHUNK) - 1).for_each(|(to, from)| *to = *from);
    }
    vm.saved_end = start + keep;
    match code.parameters {
        0 => {}
        1 => registers[0] = registers[first & 0xffff],
        2 => (registers[0], registers[1]) = (registers[first & 0xffff], registers[(first + 1) & 0xffff]),
        // One after another, from the lowest on: they only ever move down.
        count => {
            (0..usize::from(count)).for_each(|place| registers[place & 0xffff] = registers[(first + place) & 0xffff])
        }
    }
    if let Some(frame) = vm.frames.get_mut(vm.depth) {
        *frame = Frame { code: vm.code, rest, keep: word.b, first: word.a };
    }
    vm.depth += 1;
    vm.deepest = vm.deepest.max(vm.depth + 1);
    vm.code = code;
    vm.words = &code.words;
}

/// The same where room is to be made, something is to be counted, or the call traps.
#[cold]
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
        vm.frames.resize((2 * vm.frames.len()).max(64).min(limit as usize - 1), nothing);
    }
    let wanted = vm.saved_end + keep + CHUNK;
    if vm.saved.len() < wanted {
        vm.saved.resize(wanted.max(2 * vm.saved.len()).max(1024), 0);
    }
    if code.limit.is_some() && !vm.activate(code) {
        let trap = vm.over_limit(code);
        return vm.stopped(rest, trap);
    }
    if let Err(limit) = vm.meter.take_frame(code.frame_bytes, code.bookkeeping) {
        return vm.stopped(rest, limit);
    }
    push(vm, registers, word, rest, code, keep, first);
    enter!(vm, registers, vm.words)
}

#[inline(always)]
fn take_back(vm: &mut Vm<'_>, registers: &mut Registers, keep: usize) {
    vm.saved_end -= keep;
    let from = vm.saved.get(vm.saved_end..).unwrap_or_default();
    let mut chunks = registers.as_chunks_mut::<CHUNK>().0.iter_mut().zip(from.as_chunks::<CHUNK>().0);
    if let Some((to, from)) = chunks.next() {
        *to = *from;
    }
    if keep > CHUNK {
        chunks.take(keep.div_ceil(CHUNK) - 1).for_each(|(to, from)| *to = *from);
    }
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

/// Ends a frame, and goes on behind the call with these values in place of its arguments.
macro_rules! leave {
    ($vm:ident, $registers:ident, |$to:ident| $give:block, $result:block) => {{
        $vm.meter.give_frame($vm.code.frame_bytes, $vm.code.bookkeeping);
        if $vm.code.limit.is_some() {
            $vm.deactivate();
        }
        match $vm.depth.checked_sub(1).and_then(|depth| $vm.frames.get(depth)) {
            Some(Frame { code, rest, keep, first }) => {
                let (code, rest, keep, first) = (*code, *rest, *keep, *first);
                $vm.depth -= 1;
                $vm.code = code;
                $vm.words = &code.words;
                take_back($vm, $registers, usize::from(keep));
                let $to = usize::from(first);
                $give
                enter!($vm, $registers, rest)
            }
            None => {
                $result
                Exit::Done
            }
        }
    }};
}

pub(super) fn return_nothing<'c>(vm: &mut Vm<'c>, registers: &mut Registers, _: &'c Word, _: &'c [Word]) -> Exit {
    leave!(vm, registers, |_to| {}, { vm.result.clear() })
}

pub(super) fn return_register<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, _: &'c [Word]) -> Exit {
    let value = registers[usize::from(word.a)];
    leave!(vm, registers, |to| { registers[to & 0xffff] = value }, { give_one(vm, value) })
}

pub(super) fn return_constant<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, _: &'c [Word]) -> Exit {
    leave!(vm, registers, |to| { registers[to & 0xffff] = word.x }, { give_one(vm, word.x) })
}

#[cold]
#[inline(never)]
fn give_one(vm: &mut Vm<'_>, value: u64) {
    vm.result.clear();
    vm.result.push(value);
}

pub(super) fn return_cells<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, _: &'c [Word]) -> Exit {
    let start = usize::from(word.a);
    let cells = registers.get(start..start + usize::from(word.b)).unwrap_or_default();
    // What is put aside is taken back in between.
    vm.result.clear();
    vm.result.extend_from_slice(cells);
    leave!(
        vm,
        registers,
        |to| {
            if let Some(to) = registers.get_mut(to..to + vm.result.len()) {
                to.copy_from_slice(&vm.result);
            }
        },
        {}
    )
}
