//! When machine code takes over from the words, and gives back.
//!
//! A call begins in words. Once it has taken so many steps that compiling is worth it, machine code goes on from the first
//! loop or function that begins, with the registers as they are, and so it does for every function that is called from then on:
//! short programs pay nothing, and a loop that runs for long need not end first. When the function returns, words go on.

#[cfg(vega_machine_code)]
use super::At;
#[cfg(vega_machine_code)]
use super::flow::leave_with_care;
use super::vm::Exit;
use super::{Host, Interpreter, Stop};
#[cfg(vega_machine_code)]
use crate::cancel::Halt;
use crate::instance::{Engine, Ran};
#[cfg(vega_machine_code)]
use crate::jit::{Flight, STRAIGHT, TakenOff, fuel};
#[cfg(vega_machine_code)]
use crate::limits::Limits;
use crate::register::Place;

/// A stack for machine code; without machine code there is none.
#[cfg(vega_machine_code)]
pub(super) use crate::jit::Guest;
#[cfg(not(vega_machine_code))]
pub(super) type Guest = core::convert::Infallible;

/// Steps until it is looked again whether others are done with having their code made.
#[cfg(vega_machine_code)]
const LATER: u64 = 1 << 16;

/// Why what was asked for did not run.
const ENDED_BEFORE: &str = "the run ended before there was machine code";

/// What there is of machine code for a call.
#[derive(Default)]
pub(super) struct Natively<'p> {
    /// The steps after which it takes over; `None` for never.
    #[cfg(vega_machine_code)]
    after: Option<u64>,
    /// Whether the place where it stops must be the very one, because steps are limited or the run may pause.
    #[cfg(vega_machine_code)]
    is_exact: bool,
    /// Whether it is waited for while others have their code made.
    #[cfg(vega_machine_code)]
    is_patient: bool,
    #[cfg(vega_machine_code)]
    flight: Option<Flight<'p>>,
    #[cfg(not(vega_machine_code))]
    flight: core::marker::PhantomData<&'p ()>,
    /// Whether it is under way.
    #[cfg(vega_machine_code)]
    flies: bool,
    /// Why it was, if it ever was.
    flew: Option<&'static str>,
    /// Why there is none, if it was wanted.
    why_not: Option<&'static str>,
}

impl Natively<'_> {
    /// The stack that it had, for the next call, after one that was so deep.
    pub(super) fn give_back(&mut self, deepest: usize) -> Option<Guest> {
        #[cfg(vega_machine_code)]
        {
            let mut guest = self.flight.take().map(Flight::into_guest)?;
            guest.was_deep(deepest);
            Some(guest)
        }
        #[cfg(not(vega_machine_code))]
        {
            let _ = deepest;
            None
        }
    }

    /// Whether machine code cannot take over within so many steps.
    #[cfg(vega_machine_code)]
    #[inline]
    pub(super) fn is_later_than(&self, steps: u64) -> bool {
        self.after.is_none_or(|after| after > steps)
    }

    #[cfg(not(vega_machine_code))]
    pub(super) fn is_later_than(&self, _: u64) -> bool {
        true
    }

    /// Where machine code stopped, innermost first.
    #[cfg(vega_machine_code)]
    pub(super) fn stopped(&self) -> &[(u32, Place)] {
        self.flight.as_ref().filter(|_| self.flies).map(Flight::stopped).unwrap_or_default()
    }

    #[cfg(not(vega_machine_code))]
    pub(super) fn stopped(&self) -> &[(u32, Place)] {
        &[]
    }
}

impl<'p> Interpreter<'p> {
    /// Machine code takes over after so many steps; of who is not `patient` not before others have theirs. It is `exact` where steps are
    /// limited or the run may pause.
    pub(crate) fn go_native(&mut self, after: u64, patient: bool, exact: bool) {
        #[cfg(vega_machine_code)]
        {
            self.native.after = Some(after);
            (self.native.is_exact, self.native.is_patient) = (exact, patient);
            // Steps are counted when those that were paid for are over.
            self.vm.slice = self.vm.slice.min(after.max(1));
        }
        #[cfg(not(vega_machine_code))]
        {
            let _ = (after, patient, exact);
            self.native.why_not = Some("this build makes no machine code");
        }
    }

    /// Which engine has done the work so far, if this one was chosen; and why it is that one.
    pub(crate) fn ran(&self, chosen: Ran) -> Ran {
        match chosen.engine {
            Engine::Auto | Engine::Jit => match (self.native.flew, self.native.why_not) {
                (Some(_), _) if chosen.engine == Engine::Jit => chosen,
                (Some(why), _) => Ran { engine: Engine::Jit, why },
                (None, Some(why)) => Ran { engine: Engine::Interpreter, why },
                (None, None) if chosen.engine == Engine::Jit => Ran { engine: Engine::Interpreter, why: ENDED_BEFORE },
                (None, None) => Ran { engine: Engine::Interpreter, ..chosen },
            },
            _ => chosen,
        }
    }

    #[cfg(not(vega_machine_code))]
    pub(super) fn fly(&mut self, _: &mut impl Host) -> Result<Option<Exit>, Stop> {
        Ok(None)
    }

    /// Lets machine code go on if it is under way, or if it is to take over here; says how words go on when it is done.
    #[cfg(vega_machine_code)]
    pub(super) fn fly(&mut self, host: &mut impl Host) -> Result<Option<Exit>, Stop> {
        if !self.native.flies {
            let word = self.resume.0;
            // To make machine code takes time.
            let takes_off = self.takes_off().map_err(|halt| self.stop(halt.into(), At::Block(word)))?;
            if !takes_off {
                return Ok(None);
            }
        }
        let Some(flight) = &mut self.native.flight else { return Ok(None) };
        let registers = self.registers.frame(self.vm.base);
        if let Err(stop) = flight.go_on(&mut self.vm, registers, host) {
            self.vm.settle();
            return Err(stop);
        }
        self.native.flies = false;
        Ok(Some(self.operate(leave_with_care)))
    }

    /// Goes on with a call that began straight in machine code and tells an event. Nothing was done
    /// with this machine before: it becomes as it is when a call begins.
    #[cfg(vega_machine_code)]
    pub(crate) fn follow(&mut self, limits: &Limits, event: u64) -> Result<(), Stop> {
        let (vm, exact) = (&mut self.vm, limits.steps.is_some());
        vm.meter.take_memory(vm.module.static_bytes())?;
        vm.enter_first()?;
        vm.meter.prepay(fuel(limits));
        let there = self.loaded.0.native(exact).ok().zip(self.room.as_mut().and_then(|room| room.guest.take()));
        let (native, guest) = there.ok_or(Stop::Broken("machine code went on that is not there"))?;
        (self.native.after, self.native.is_exact) = (Some(0), exact);
        (vm.is_hot, vm.slice) = (true, 0);
        vm.frames.clear();
        self.native.flight = Some(Flight::follow(native, guest, (vm, event)));
        (self.native.flies, self.native.flew) = (true, Some(STRAIGHT));
        Ok(())
    }

    /// Whether machine code takes over where words are to go on.
    #[cfg(vega_machine_code)]
    fn takes_off(&mut self) -> Result<bool, Halt> {
        let (word, pays) = self.resume;
        let Some(after) = self.native.after.filter(|_| pays) else { return Ok(false) };
        if after > 0 && self.vm.meter.used().steps < after {
            return Ok(false);
        }
        let (loaded, code) = (self.loaded.0, self.vm.code);
        let vm = &mut self.vm;
        if self.native.flight.is_none() {
            let native = loaded.native(self.native.is_exact);
            if let Ok(native) = native
                && !native.find_out((self.native.is_patient, &mut || vm.meter.look()))?
            {
                self.put_off();
                return Ok(false);
            }
            let guest = self.room.as_mut().and_then(|room| room.guest.take());
            let flight = native.and_then(|native| Flight::new(native, code.function, vm, guest));
            vm.meter.look_at_clock()?;
            match flight {
                Ok(flight) => self.native.flight = Some(flight),
                Err(why) => {
                    (self.native.after, self.native.why_not) = (None, Some(why));
                    return Ok(false);
                }
            }
        }
        // From now on every block is looked at.
        (vm.is_hot, vm.slice) = (true, 0);
        vm.frames.truncate(vm.depth);
        let Some((ip, meet)) = code.block(word).and_then(|block| Some((block.place.ip, block.meet?))) else {
            return Ok(false);
        };
        let Some(flight) = &mut self.native.flight else { return Ok(false) };
        let registers = self.registers.frame(vm.base);
        match flight.take_off(vm, registers, (code.function, ip), (code.first, meet), self.native.is_patient)? {
            TakenOff::Now => {
                self.native.flew.get_or_insert("the call lasts long enough for compiling");
                self.native.flies = true;
            }
            TakenOff::Never => self.native.why_not = Some("a function cannot be compiled"),
            TakenOff::Later => self.put_off(),
        }
        Ok(self.native.flies)
    }

    /// Words go on, for others have their code made.
    #[cfg(vega_machine_code)]
    fn put_off(&mut self) {
        self.native.after = Some(self.vm.meter.used().steps.saturating_add(LATER));
        self.native.why_not = Some("other code was still being made");
        (self.vm.is_hot, self.vm.slice) = (false, LATER);
    }
}
