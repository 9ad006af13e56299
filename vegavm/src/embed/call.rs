//! [`Call`]: a call of a function that can pause and go on.

use super::convert::{Arguments, Placer, Reader, Refused, Returned, Why};
use super::error::{Error, ErrorKind};
use super::imports::Host;
use crate::cancel::Cancel;
use crate::error::ArgumentError;
use crate::instance::{Engine, Ran};
use crate::interpreter::{Interpreter, Session, Stop};
#[cfg(vega_machine_code)]
use crate::limits::Limits;
use crate::loaded::Loaded;
use crate::outcome::{End, Used};
use core::fmt;
use core::marker::PhantomData;

/// A call that has begun. While it is there the instance is taken; dropping it ends the call where it is. A call that is
/// forgotten (`mem::forget`) keeps the memory of the instance: its static variables are then as the module declares them.
pub struct Call<'i, 'g, T, A: Arguments, R> {
    pub(super) interpreter: Interpreter<'i>,
    pub(super) host: Host<'i, T>,
    pub(super) loaded: &'i Loaded,
    /// Where it leaves the handle that ends it, memory, and what it used.
    pub(super) cancel: &'i mut Option<Cancel>,
    pub(super) session: &'i mut Session,
    pub(super) used: &'i mut Used,
    pub(super) ran: &'i mut Option<Ran>,
    /// What was lent, until it is given back.
    pub(super) kept: Option<A::Kept<'g>>,
    pub(super) result: PhantomData<fn() -> R>,
}

/// What became of a call that went on for so many steps.
#[derive(Debug)]
pub enum Progress<C, R> {
    /// It has taken its steps; this goes on.
    Paused(C),
    /// It is over, and this is its result.
    Ended(R),
}

impl<T, A: Arguments, R> fmt::Debug for Call<'_, '_, T, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("used", &self.used()).finish_non_exhaustive()
    }
}

impl<'i, 'g, T, A: Arguments, R: Returned> Call<'i, 'g, T, A, R> {
    /// Puts the arguments there, which may have so many bytes, and enters the function.
    #[inline(always)]
    pub(super) fn put(&mut self, given: A::Given<'g>, most: u64) -> Result<(), Error> {
        let (vm, registers) = self.interpreter.parts();
        let mut placer = Placer { vm, registers, next: 0, bytes: 0, most };
        let begun = placer.vm.meter.take_memory(self.loaded.module().static_bytes()).map_err(Stop::from);
        let begun = begun.map_err(Refused::from).and_then(|()| A::put(given, &mut placer));
        match begun.and_then(|kept| Ok(vm.enter_first().map(|()| kept)?)) {
            Ok(kept) => self.kept = Some(kept),
            Err(Refused(Why::TooMuch(limit))) => return Err(ErrorKind::Arguments(ArgumentError::Limit(limit)).into()),
            Err(Refused(Why::Stop(stop))) => return Err(self.error(stop)),
        }
        Ok(())
    }

    /// Goes on for so many steps, and those that were left over before; the steps of the instance's limits are counted
    /// beside them. It pauses before the first basic block that would take more. While it is paused, the clock of the limit
    /// of time stands.
    ///
    /// # Errors
    /// The function traps, a limit is reached, the call is cancelled, or the host cannot read or write when it is called.
    pub fn resume(mut self, steps: u64) -> Result<Progress<Self, R>, Error> {
        match self.interpreter.drive_for(steps, &mut self.host) {
            Ok(()) => self.end().map(Progress::Ended),
            Err(Stop::Paused) => Ok(Progress::Paused(self)),
            Err(stop) => Err(self.error(stop)),
        }
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.host.data
    }

    /// The same, to be changed while the call is paused.
    pub fn data_mut(&mut self) -> &mut T {
        self.host.data
    }

    /// Goes on to the end.
    ///
    /// # Errors
    /// The function traps, a limit is reached, the call is cancelled, or the host cannot read or write when it is called.
    pub fn finish(mut self) -> Result<R, Error> {
        match self.interpreter.drive_for(u64::MAX, &mut self.host) {
            Ok(()) => self.end(),
            Err(stop) => Err(self.error(stop)),
        }
    }

    /// The same for one that has just begun.
    #[inline(always)]
    pub(super) fn finish_at_once(&mut self) -> Result<R, Error> {
        self.interpreter.pay_first();
        match self.interpreter.drive_on(&mut self.host) {
            Ok(()) => self.end(),
            Err(stop) => Err(self.error(stop)),
        }
    }

    /// Goes on to the end of one that began straight in machine code, and tells an event.
    #[cfg(vega_machine_code)]
    pub(super) fn follow(&mut self, limits: &Limits, event: u64) -> Result<R, Error> {
        match self.interpreter.follow(limits, event).and_then(|()| self.interpreter.drive_on(&mut self.host)) {
            Ok(()) => self.end(),
            Err(stop) => Err(self.error(stop)),
        }
    }

    #[inline(always)]
    fn end(&mut self) -> Result<R, Error> {
        let (vm, registers) = self.interpreter.parts();
        let reader = Reader(&vm.memory);
        if let Some(kept) = self.kept.take() {
            A::take_back(kept, &reader);
        }
        let result = R::take(registers, &reader);
        result.ok_or_else(|| ErrorKind::Internal("a result of another type").into())
    }

    #[cold]
    fn error(&self, stop: Stop) -> Error {
        let mut end = self.interpreter.describe(stop).unwrap_or(End::Internal("a call has paused"));
        if let End::Trap(report) = &mut end {
            report.enough = self.loaded.enough(report);
        }
        Error::of_end(end)
    }
}

impl<T, A: Arguments, R> Call<'_, '_, T, A, R> {
    /// What was used so far.
    pub fn used(&self) -> Used {
        self.interpreter.used()
    }
}

/// The instance has its static variables as the call leaves them.
impl<T, A: Arguments, R> Drop for Call<'_, '_, T, A, R> {
    fn drop(&mut self) {
        let chosen = Ran { engine: Engine::Auto, why: "the calls were over before machine code was worth it" };
        *self.ran = Some(self.interpreter.ran(chosen));
        *self.used = self.session.leave(&mut self.interpreter);
        *self.cancel = self.interpreter.give_cancel();
    }
}
