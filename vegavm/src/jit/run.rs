//! A run of machine code: the host's side of its events.

use super::body::{At, Taken};
use super::boundary::Guest;
use super::landing::Takeover;
use super::left::{MOST_BYTES, both_of, word_of};
use super::sites::{DONE, Site, What};
use super::{Compiled, Native};
use crate::cancel::Halt;
use crate::interpreter::{Call, Host, Registers, Stop, Vm};
use crate::register::{Meet, Place, Register};
use alloc::sync::Arc;
use vega_format::proof::Worst;
use vega_format::trap::Trap;

/// Steps that are paid for at once.
pub(super) const SLICE: u64 = 1 << 17;

/// After so many operations that the host does for machine code it looks whether the run is to end: each is a step, and may take a
/// microsecond.
const LOOK: u32 = 1 << 8;

/// Machine code for a call. It takes over from words, and words take over from it.
pub(crate) struct Flight<'n> {
    native: &'n Arc<Native>,
    guest: Guest,
    /// The code that told something last, with its number.
    told: Option<(u32, Arc<Compiled>)>,
    /// The event that is still to be answered before it goes on.
    waits: Option<u64>,
    /// How many blocks are paid for of those that the event is about.
    paid: usize,
    /// Operations that the host did for it.
    done: u32,
    /// Bytes of memory that it is not told of, as it could never take them.
    beyond: i64,
    /// Where it stopped, innermost first.
    stopped: Vec<(u32, Place)>,
    /// How it was with the words when it took off.
    before: Before,
}

/// Whether machine code has taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakenOff {
    Now,
    /// It may when other code was made.
    Later,
    Never,
}

/// What is as before when a function has returned.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    /// Calls that wait.
    depth: usize,
    /// Bytes of arenas and frames that are left, and bytes of linear memory.
    memory_left: i64,
    linear: u64,
    /// Arenas without a table that the function has open, which it will close.
    arenas: u16,
    slice: u64,
}

/// Bytes of memory that machine code could never take.
fn beyond(vm: &Vm<'_>) -> i64 {
    vm.meter.all_memory().saturating_sub(MOST_BYTES).max(0)
}

const BROKEN: Stop = Stop::Broken("machine code told what no code tells");

impl<'n> Flight<'n> {
    /// For calls from within a call of a function.
    ///
    /// # Errors
    /// It is nothing for machine code; says why.
    pub(crate) fn new(
        native: &'n Arc<Native>,
        function: u32,
        vm: &mut Vm<'_>,
        guest: Option<Guest>,
    ) -> Result<Flight<'n>, &'static str> {
        if !native.takes() {
            return Err("the module, or a function of it, is too large to be compiled");
        }
        // What is proved is proved of the call that was the first.
        let proved = match native.verified.proof().worst(function) {
            Worst::Bytes(bytes) if vm.depth == 0 => Some(bytes.total()),
            _ => None,
        };
        vm.make_room(native.most_bookkeeping(), proved)?;
        let guest = Guest::with_room(guest, vm.meter.most_frames());
        let guest = guest.ok_or("there is no room for a stack of so many frames")?;
        Ok(Flight::with(native, guest))
    }

    fn with(native: &'n Arc<Native>, guest: Guest) -> Flight<'n> {
        let (waits, stopped) = (None, Vec::new());
        Flight { native, guest, told: None, waits, paid: 0, done: 0, beyond: 0, stopped, before: Before::default() }
    }

    /// Takes over a call that was entered through a [door](super::door), with the event that it tells; the machine is as
    /// at its beginning.
    pub(crate) fn follow(native: &'n Arc<Native>, guest: Guest, (vm, event): (&mut Vm<'_>, u64)) -> Flight<'n> {
        let mut flight = Flight::with(native, guest);
        flight.waits = Some(event);
        flight.beyond = beyond(vm);
        flight.begin(vm, 0);
        flight
    }

    /// Remembers how it is with the words.
    fn begin(&mut self, vm: &mut Vm<'_>, arenas: u16) {
        self.before = Before {
            depth: vm.depth,
            memory_left: vm.meter.memory_left(),
            linear: vm.linear,
            arenas,
            slice: core::mem::replace(&mut vm.slice, SLICE),
        };
        self.stopped.clear();
    }

    /// What runs there is over.
    pub(crate) fn into_guest(self) -> Guest {
        self.guest
    }

    /// Where it stopped, innermost first.
    pub(crate) fn stopped(&self) -> &[(u32, Place)] {
        &self.stopped
    }

    /// Takes over a function where it or a loop of it begins, with the registers as words have them, whose stack begins at a
    /// register; says whether it did. It may `wait` for code that others make.
    ///
    /// # Errors
    /// While code was made, the time was over, or the run was cancelled.
    pub(crate) fn take_off(
        &mut self,
        vm: &mut Vm<'_>,
        registers: &mut Registers,
        (function, ip): (u32, u32),
        (first, meet): (Register, Meet),
        wait: bool,
    ) -> Result<TakenOff, Halt> {
        let most = i64::from(vm.meter.most_frames());
        self.beyond = beyond(vm);
        let left = Taken { frames: most - 1 - vm.depth as i64, bytes: vm.meter.memory_left() - self.beyond };
        let least = most - vm.deepest.max(vm.depth + 1) as i64;
        let least = Taken { frames: least, bytes: vm.meter.memory_least() - self.beyond };
        let Some((left_word, least_word)) = word_of(left).zip(word_of(least)) else { return Ok(TakenOff::Never) };
        (self.guest.context.left, self.guest.context.least) = (left_word, least_word);
        let spare = left.beyond(least);
        let (cells, from) = (usize::from(meet.cells), usize::from(first));
        let known = registers.get(..from + cells).unwrap_or_default();
        let takeover = self.native.landing((function, ip), known, spare, (wait, &mut || vm.meter.look()))?;
        vm.meter.look_at_clock()?;
        let landing = match takeover {
            Takeover::At(landing) => landing,
            Takeover::Never => return Ok(TakenOff::Never),
            Takeover::Later => return Ok(TakenOff::Later),
        };
        registers.copy_within(from..from + cells, landing.first.into());
        self.guest.begin(landing.start);
        if self.native.limits() {
            self.guest.count_activations(self.native.module().function_count() as usize);
            vm.activations().for_each(|active| self.guest.activate(active));
        }
        self.begin(vm, meet.arenas);
        self.give(vm);
        Ok(TakenOff::Now)
    }

    /// Goes on until the function returns; what it gives is in the first registers.
    pub(crate) fn go_on(
        &mut self,
        vm: &mut Vm<'_>,
        registers: &mut Registers,
        host: &mut impl Host,
    ) -> Result<(), Stop> {
        loop {
            let event = match self.waits.take() {
                Some(event) => event,
                None => {
                    let Native { code, table, .. } = &**self.native;
                    self.guest.go_on(&mut vm.memory, registers, table, code)
                }
            };
            if event == DONE {
                self.take(vm, 0, 0);
                self.land(vm);
                return Ok(());
            }
            let (code, number) = self.code_of(event).ok_or(BROKEN)?;
            let site = code.sites.get(number).ok_or(BROKEN)?;
            let (steps, bytes) = match site.what {
                What::Starved { ref blocks } => (self.owed(blocks), 0),
                What::Charged { steps } => (i64::from(steps), 0),
                What::Frame { bytes, .. } | What::Memory { bytes } => (0, i64::from(bytes)),
                _ => (0, 0),
            };
            self.take(vm, steps, bytes);
            let answer = self.answer((&code, site), vm, registers, host);
            if let Err(stop) = answer {
                if let Stop::Paused = stop {
                    self.waits = Some(event);
                    self.give(vm);
                    // What is not paid for is told again with the event.
                    self.guest.context.fuel -= match &site.what {
                        What::Starved { blocks } => self.owed(blocks),
                        _ => steps,
                    };
                } else {
                    vm.depth = self.before.depth;
                }
                return Err(stop);
            }
            self.give(vm);
            self.told = Some(((event >> 32) as u32, code));
        }
    }

    /// The code that tells an event, and the number of its site. It is mostly the one that told something before.
    fn code_of(&mut self, event: u64) -> Option<(Arc<Compiled>, usize)> {
        let (code, site) = ((event >> 32) as u32, event as u32 as usize);
        match self.told.take() {
            Some((last, told)) if last == code => Some((told, site)),
            _ => Some((self.native.code(code)?, site)),
        }
    }

    /// Words go on.
    fn land(&mut self, vm: &mut Vm<'_>) {
        let Before { depth, memory_left, linear, arenas, slice } = self.before;
        // The frame is still there; what else was given back are arenas.
        let given = vm.meter.memory_left() - memory_left;
        vm.linear = linear.saturating_add_signed(-given);
        vm.meter.give_arenas(arenas);
        (vm.depth, vm.slice) = (depth, slice);
        // Words look at every block whether they are to be taken over again.
        vm.settle();
    }

    fn answer(
        &mut self,
        (code, site): (&Compiled, &Site),
        vm: &mut Vm<'_>,
        registers: &mut Registers,
        host: &mut impl Host,
    ) -> Result<(), Stop> {
        let words = self.guest.context.words;
        let result: Result<(), Stop> = match &site.what {
            What::Starved { blocks } => self.pay(blocks, vm),
            What::Charged { steps } => vm.charge((*steps).into()).map_err(Stop::from),
            What::Trap(problem) => Err(problem.trap(words).map_or(BROKEN, Stop::Trap)),
            What::Frame { bytes, .. } => Err(self.frame(vm, *bytes)),
            What::Activate { function } => match both_of(self.guest.context.left).frames < 0 {
                true => Err(self.frame(vm, 0)),
                false => match self.guest.activations(*function) {
                    Some(live) => vm.may_activate(*function, *live).map(|()| *live += 1),
                    None => Err(BROKEN),
                },
            },
            What::Memory { bytes } => Err(vm.meter.take_memory((*bytes).into()).err().map_or(BROKEN, Stop::from)),
            What::Zero => vm.zero(words[0] as usize, words[1] as usize),
            What::Compile { entry } => match self.native.compile(*entry, &mut || vm.meter.look()) {
                // That has taken time.
                Ok(true) => vm.meter.look_at_clock().map_err(Stop::from),
                Ok(false) => Err(Stop::Broken("a function that cannot be compiled")),
                Err(halt) => Err(halt.into()),
            },
            What::Complex { what, first } => self
                .look(vm)
                .and_then(|()| vm.do_complex(core::cell::Cell::from_mut(registers).as_array_of_cells(), *first, *what)),
            What::Host { import, first } => {
                vm.call = Call { number: *import, first: *first, word: 0 };
                host.call_in_time(vm, registers)
            }
            What::Call => Err(BROKEN),
        };
        result.inspect_err(|stop| {
            if !matches!(stop, Stop::Paused) {
                let at = match &site.what {
                    What::Starved { blocks } => blocks.get(self.paid).map_or(site.at, |(at, _)| *at),
                    _ => site.at,
                };
                self.stopped = code.expand(at);
                // A frame that does not begin is not there: it is told at the call.
                let is_there = !matches!(site.what, What::Frame { is_own: true, .. } | What::Activate { .. });
                for address in self.guest.returns().skip(1) {
                    self.stopped.extend(self.native.call(address));
                }
                if !is_there && self.stopped.len() > 1 {
                    self.stopped.remove(0);
                }
            }
        })
    }

    /// Looks from time to time whether the run is to end.
    fn look(&mut self, vm: &Vm<'_>) -> Result<(), Stop> {
        self.done = self.done.wrapping_add(1);
        if self.done.is_multiple_of(LOOK) { vm.meter.look().map_err(Stop::from) } else { Ok(()) }
    }

    /// What is still to be paid for blocks.
    fn owed(&self, blocks: &[(At, u32)]) -> i64 {
        blocks.iter().skip(self.paid).map(|(_, steps)| i64::from(*steps)).sum()
    }

    /// Pays for blocks, one after another.
    fn pay(&mut self, blocks: &[(At, u32)], vm: &mut Vm<'_>) -> Result<(), Stop> {
        while let Some((_, steps)) = blocks.get(self.paid) {
            let steps = u64::from(*steps);
            if vm.fuel < steps {
                vm.pay_block(steps)?;
            }
            vm.fuel -= steps;
            self.paid += 1;
        }
        self.paid = 0;
        Ok(())
    }

    /// Why a frame cannot begin.
    fn frame(&self, vm: &mut Vm<'_>, bytes: u32) -> Stop {
        let limit = vm.meter.most_frames();
        if both_of(self.guest.context.left).frames < 0 {
            return Trap::CallStackExhausted { depth: limit + 1, limit }.into();
        }
        vm.meter.take_memory(bytes.into()).err().map_or(BROKEN, Stop::from)
    }

    /// What machine code counted is the machine's, but for steps and bytes that it took too many.
    fn take(&mut self, vm: &mut Vm<'_>, steps: i64, bytes: i64) {
        let context = &self.guest.context;
        vm.set_fuel(context.fuel + steps);
        let (left, least) = (both_of(context.left), both_of(context.least));
        vm.meter.set_left(left.bytes + self.beyond + bytes, least.bytes + self.beyond);
        let most = i64::from(vm.meter.most_frames());
        vm.depth = usize::try_from(most - 1 - left.frames).unwrap_or_default();
        vm.deepest = usize::try_from(most - least.frames).unwrap_or_default();
        vm.top = context.top as usize;
        vm.dirty = context.dirty as usize;
    }

    /// What the machine counted is machine code's.
    fn give(&mut self, vm: &Vm<'_>) {
        let context = &mut self.guest.context;
        context.fuel = vm.fuel.cast_signed();
        let left = Taken { bytes: vm.meter.memory_left() - self.beyond, ..both_of(context.left) };
        // It is within what it was when it took off, or less.
        context.left = word_of(left).unwrap_or(context.left);
        context.top = vm.top as u64;
        context.dirty = vm.dirty as u64;
    }
}
