//! Moves, arenas, checks, and the way to the operations that are not worth a function of their own.

use super::vm::{Exit, Stop, Vm, go, here};
use super::window::{Cells, Window};
use super::word::{At, Word};
use crate::meter::ARENA_BYTES;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};

pub(super) fn move_register<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let value = window.get(word.b);
    window.set(word.a, value);
    go!(vm, window, words, next, value)
}

pub(super) fn slide<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    window.slide(word.a, word.b, word.c);
    go!(vm, window, words, next, 0)
}

/// Comes up for breath.
pub(super) fn breathe<'c>(vm: &mut Vm<'c>, _: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    vm.call.word = vm.number(words) + 1;
    Exit::Breathe
}

pub(super) fn move_constant<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let value = word.wide();
    window.set(word.a, value);
    go!(vm, window, words, next, value)
}

pub(super) fn length<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let length = (window.get(word.b) >> 32) as u32;
    let value = vega_format::cell::from_int(length.cast_signed());
    window.set(word.a, value);
    go!(vm, window, words, next, value)
}

pub(super) fn span<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let start = window.get(word.b) + u64::from(word.e);
    let value = start | word.wide() << 32;
    window.set(word.a, value);
    go!(vm, window, words, next, value)
}

pub(super) fn span_at<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let value = u64::from(word.e) | word.wide() << 32;
    window.set(word.a, value);
    go!(vm, window, words, next, value)
}

pub(super) fn open<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    match vm.open_apart(word.e) {
        Some(value) => {
            window.set(word.a, value);
            go!(vm, window, words, next, value)
        }
        None => vm.stopped_apart(words),
    }
}

pub(super) fn open_unseen<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let (bytes, steps) = (u64::from(word.e), u64::from(word.e) / 64);
    let linear = vm.linear + bytes;
    if vm.fuel < steps || linear > u32::MAX.into() || !vm.meter.take_arena(bytes) {
        return open_with_care(vm, window, words);
    }
    vm.fuel -= steps;
    vm.linear = linear;
    go!(vm, window, words, next, 0)
}

/// The same where something runs out, or more steps are to be paid for.
#[cold]
#[inline(never)]
fn open_with_care<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word]) -> Exit {
    let (word, next) = here!(vm, words);
    match vm.count_arena_apart(word.e) {
        true => go!(vm, window, words, next, 0),
        false => vm.stopped_apart(words),
    }
}

pub(super) fn close<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    vm.close(word.e);
    go!(vm, window, words, next, 0)
}

pub(super) fn close_unseen<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    vm.uncount_arena(word.e);
    go!(vm, window, words, next, 0)
}

/// What operations do apart from themselves: who lends something on the host's stack cannot end by a jump, and what is put into such
/// an operation lends. Why it stops is left in [`Vm::stop`].
impl Vm<'_> {
    #[inline(never)]
    fn open_apart(&mut self, capacity: u32) -> Option<u64> {
        let opened = self.open(capacity);
        self.or_stop(opened).map(|start| start as u64)
    }

    #[inline(never)]
    fn count_arena_apart(&mut self, capacity: u32) -> bool {
        let counted = self.count_arena(capacity);
        self.or_stop(counted).is_some()
    }

    #[inline(never)]
    fn clear_apart(&mut self, start: usize, length: usize) -> bool {
        let cleared = self.clear(start, length);
        self.or_stop(cleared).is_some()
    }

    #[inline(never)]
    fn do_complex_apart(&mut self, cells: &Cells, word: &Word) -> bool {
        let what = self.code.complex.get(word.wide() as usize).copied();
        let what = what.ok_or(Stop::Broken("an operation that is not there"));
        let done = what.and_then(|what| self.do_complex(cells, word.a, what));
        self.or_stop(done).is_some()
    }

    /// Charges steps beyond those of the block.
    #[inline(always)]
    fn pays(&mut self, steps: u64) -> bool {
        match self.fuel.checked_sub(steps) {
            Some(left) => {
                self.fuel = left;
                true
            }
            None => self.pays_alone(steps),
        }
    }

    #[cold]
    #[inline(never)]
    fn pays_alone(&mut self, steps: u64) -> bool {
        let paid = self.charge(steps);
        self.or_stop(paid).is_some()
    }

    fn or_stop<T>(&mut self, done: Result<T, impl Into<Stop>>) -> Option<T> {
        done.map_err(|stop| self.stop = Some((stop.into(), At::Word(0)))).ok()
    }
}

impl Vm<'_> {
    /// Opens an arena of zeroed bytes; gives its address.
    pub(super) fn open(&mut self, capacity: u32) -> Result<usize, Stop> {
        self.count_arena(capacity)?;
        self.extend(capacity as usize)
    }

    /// Ends the innermost arena.
    pub(super) fn close(&mut self, capacity: u32) {
        self.top = self.top.saturating_sub(capacity as usize);
        self.uncount_arena(capacity);
    }

    #[inline]
    fn count_arena(&mut self, capacity: u32) -> Result<(), Stop> {
        self.charge_bytes(capacity.into())?;
        self.meter.take_memory(capacity.into())?;
        self.meter.take_bookkeeping(ARENA_BYTES)?;
        self.count_linear(capacity.into())
    }

    #[inline(always)]
    fn uncount_arena(&mut self, capacity: u32) {
        self.linear = self.linear.saturating_sub(capacity.into());
        self.meter.give_memory(capacity.into());
        self.meter.give_bookkeeping(ARENA_BYTES);
    }
}

pub(super) fn clear<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let start = (window.get(word.b) + u64::from(word.e)) as usize;
    match vm.pays(word.wide() / 64) && vm.clear_apart(start, word.wide() as usize) {
        true => go!(vm, window, words, next, 0),
        false => vm.stopped_apart(words),
    }
}

pub(super) fn pay<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    match vm.pays(u64::from(word.e) / 64) {
        true => go!(vm, window, words, next, 0),
        false => vm.stopped_apart(words),
    }
}

pub(super) fn point<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let offset = window.get(word.b).cast_signed();
    let (size, capacity) = (word.e, word.low);
    let last = i64::from(capacity) - i64::from(size);
    if offset < 0 || offset > last {
        return vm.stopped(words, Trap::AliasOutOfBounds { offset, size, capacity });
    }
    let value = window.get(word.c) + offset.cast_unsigned();
    window.set(word.a, value);
    go!(vm, window, words, next, value)
}

pub(super) fn check_stored<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    if window.get(word.a) == 0 {
        return vm.stopped(words, Trap::NeverStored { slot: word.b });
    }
    go!(vm, window, words, next, 0)
}

pub(super) fn check_tag<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    let mask = Mask::from_bits(word.c as u8);
    match tag_of(window.get(word.a)) {
        Some(tag) if mask.contains(tag) => go!(vm, window, words, next, 0),
        Some(tag) => vm.stopped(words, Trap::TypeMismatch { slot: word.b, mask, tag }),
        None => vm.broken(),
    }
}

/// The tag in a cell.
pub(super) fn tag_of(cell: u64) -> Option<Tag> {
    u8::try_from(cell).ok().and_then(Tag::from_number)
}

pub(super) fn trap<'c>(vm: &mut Vm<'c>, _: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    match words.first().and_then(|word| vm.code.traps.get(word.wide() as usize)) {
        Some(trap) => vm.stopped(words, trap.clone()),
        None => vm.broken(),
    }
}

pub(super) fn complex<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    let (word, next) = here!(vm, words);
    match vm.do_complex_apart(window.cells, word) {
        true => go!(vm, window, words, next, 0),
        false => vm.stopped_apart(words),
    }
}
