//! Moves, arenas, checks, and the way to the operations that are not worth a function of their own.

use super::vm::{Exit, Registers, Vm, go};
use super::word::Word;
use crate::meter::ARENA_BYTES;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};

pub(super) fn move_register<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    registers[usize::from(word.a)] = registers[usize::from(word.b)];
    go!(vm, registers, rest)
}

pub(super) fn slide<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let (to, from) = (usize::from(word.a), usize::from(word.b));
    registers.copy_within(from..from + usize::from(word.c), to);
    go!(vm, registers, rest)
}

/// Comes up for breath.
pub(super) fn breathe<'c>(vm: &mut Vm<'c>, _: &mut Registers, _: &'c Word, rest: &'c [Word]) -> Exit {
    vm.call.word = vm.words.len() - rest.len();
    Exit::Breathe
}

pub(super) fn move_constant<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    registers[usize::from(word.a)] = word.x;
    go!(vm, registers, rest)
}

pub(super) fn length<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let length = (registers[usize::from(word.b)] >> 32) as u32;
    registers[usize::from(word.a)] = vega_format::cell::from_int(length.cast_signed());
    go!(vm, registers, rest)
}

pub(super) fn span<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let start = registers[usize::from(word.b)] + u64::from(word.e);
    registers[usize::from(word.a)] = start | word.x << 32;
    go!(vm, registers, rest)
}

pub(super) fn span_at<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    registers[usize::from(word.a)] = u64::from(word.e) | word.x << 32;
    go!(vm, registers, rest)
}

pub(super) fn open<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    match vm.open(word.e) {
        Ok(start) => {
            registers[usize::from(word.a)] = start as u64;
            go!(vm, registers, rest)
        }
        Err(stop) => vm.stopped(rest, stop),
    }
}

pub(super) fn open_unseen<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    match vm.count_arena(word.e) {
        Ok(()) => go!(vm, registers, rest),
        Err(stop) => vm.stopped(rest, stop),
    }
}

pub(super) fn close<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    vm.close(word.e);
    go!(vm, registers, rest)
}

pub(super) fn close_unseen<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    vm.uncount_arena(word.e);
    go!(vm, registers, rest)
}

impl Vm<'_> {
    /// Opens an arena of zeroed bytes; gives its address.
    pub(super) fn open(&mut self, capacity: u32) -> Result<usize, super::vm::Stop> {
        self.count_arena(capacity)?;
        self.extend(capacity as usize)
    }

    /// Ends the innermost arena.
    pub(super) fn close(&mut self, capacity: u32) {
        self.top = self.top.saturating_sub(capacity as usize);
        self.uncount_arena(capacity);
    }

    #[inline]
    fn count_arena(&mut self, capacity: u32) -> Result<(), super::vm::Stop> {
        self.charge_bytes(capacity.into())?;
        self.meter.take_memory(capacity.into())?;
        self.meter.take_bookkeeping(ARENA_BYTES)?;
        self.count_linear(capacity.into())
    }

    #[inline]
    fn uncount_arena(&mut self, capacity: u32) {
        self.linear = self.linear.saturating_sub(capacity.into());
        self.meter.give_memory(capacity.into());
        self.meter.give_bookkeeping(ARENA_BYTES);
    }
}

pub(super) fn clear<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let start = (registers[usize::from(word.b)] + u64::from(word.e)) as usize;
    let cleared = vm.charge_bytes(word.x).map_err(Into::into);
    match cleared.and_then(|()| vm.clear(start, word.x as usize)) {
        Ok(()) => go!(vm, registers, rest),
        Err(stop) => vm.stopped(rest, stop),
    }
}

pub(super) fn pay<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    match vm.charge_bytes(word.e.into()) {
        Ok(()) => go!(vm, registers, rest),
        Err(halt) => vm.stopped(rest, halt),
    }
}

pub(super) fn point<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let offset = registers[usize::from(word.b)].cast_signed();
    let (size, capacity) = (word.e, word.x as u32);
    let last = i64::from(capacity) - i64::from(size);
    if offset < 0 || offset > last {
        return vm.stopped(rest, Trap::AliasOutOfBounds { offset, size, capacity });
    }
    registers[usize::from(word.a)] = registers[usize::from(word.c)] + offset.cast_unsigned();
    go!(vm, registers, rest)
}

pub(super) fn check_stored<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    if registers[usize::from(word.a)] == 0 {
        return vm.stopped(rest, Trap::NeverStored { slot: word.b });
    }
    go!(vm, registers, rest)
}

pub(super) fn check_tag<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let mask = Mask::from_bits(word.c as u8);
    match tag_of(registers[usize::from(word.a)]) {
        Some(tag) if mask.contains(tag) => go!(vm, registers, rest),
        Some(tag) => vm.stopped(rest, Trap::TypeMismatch { slot: word.b, mask, tag }),
        None => vm.broken(),
    }
}

/// The tag in a cell.
pub(super) fn tag_of(cell: u64) -> Option<Tag> {
    u8::try_from(cell).ok().and_then(Tag::from_number)
}

pub(super) fn trap<'c>(vm: &mut Vm<'c>, _: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    match vm.code.traps.get(word.x as usize) {
        Some(trap) => vm.stopped(rest, trap.clone()),
        None => vm.broken(),
    }
}

pub(super) fn complex<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
    let Some(what) = vm.code.complex.get(word.x as usize).copied() else { return vm.broken() };
    match vm.do_complex(registers, word.a, what) {
        Ok(()) => go!(vm, registers, rest),
        Err(stop) => vm.stopped(rest, stop),
    }
}
