//! [`Clock`]: how long a run takes, where its time is limited.
//!
//! Without the standard library there is no clock. A limit of time is refused then before anything runs (`Limits::can_be_kept`), so that
//! none is silently passed over.

use crate::limits::{LimitReached, Limits};

#[cfg(feature = "std")]
pub(crate) use real::Clock;

/// There is none.
#[cfg(not(feature = "std"))]
#[derive(Debug, Clone)]
pub(crate) struct Clock;

#[cfg(not(feature = "std"))]
impl Clock {
    pub(crate) fn new(_: &Limits) -> Clock {
        Clock
    }

    pub(crate) fn run(&mut self, _: bool) {}

    pub(crate) fn run_late(&mut self) {}

    pub(crate) fn pass_host_call(&mut self) -> Result<(), LimitReached> {
        Ok(())
    }

    pub(crate) fn look(&self) -> Result<(), LimitReached> {
        Ok(())
    }
}

#[cfg(feature = "std")]
mod real {
    use super::{LimitReached, Limits};
    use crate::limits::LimitKind;
    use core::cell::Cell;
    use core::time::Duration;
    use std::time::Instant;

    /// What a clock does.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum State {
        Stands,
        /// It is to run when it is looked at.
        Due,
        Runs(Instant),
    }

    /// The most calls of host functions between two looks: to read the clock takes longer than such a call need take.
    const MOST_CALLS: u32 = 16;

    /// Calls that take no longer than this, all that were made since the last look, are short.
    const SHORT: Duration = Duration::from_micros(20);

    /// A clock that stands at first; it is read only where there is a limit of time.
    #[derive(Debug, Clone)]
    pub(crate) struct Clock {
        /// How long the run may take.
        most: Option<Duration>,
        /// How long it took before the clock was stopped last.
        taken: Duration,
        state: Cell<State>,
        /// Calls of host functions until it is looked at, and as many as there are between two looks.
        calls: (u32, u32),
        /// How long the run had taken at the last of these looks.
        seen: Duration,
    }

    impl Clock {
        pub(crate) fn new(limits: &Limits) -> Clock {
            let (taken, seen) = (Duration::ZERO, Duration::ZERO);
            Clock { most: limits.time, taken, state: Cell::new(State::Stands), calls: (0, 1), seen }
        }

        /// It runs from now on, or stands.
        pub(crate) fn run(&mut self, runs: bool) {
            if self.most.is_some() {
                self.taken = self.passed();
                self.state.set(if runs { State::Runs(Instant::now()) } else { State::Stands });
            }
        }

        /// It begins to run when it is looked at next, or before: most calls are over by then.
        pub(crate) fn run_late(&mut self) {
            if self.most.is_some() {
                self.state.set(State::Due);
            }
        }

        /// A host function is about to be called. It runs from now on if it is to run, and is looked at before every call as long as these
        /// are not short, and less and less often while they are.
        #[inline]
        pub(crate) fn pass_host_call(&mut self) -> Result<(), LimitReached> {
            match self.calls.0.checked_sub(1) {
                Some(left) => self.calls.0 = left,
                None if self.most.is_some() => self.look_between_calls()?,
                None => {}
            }
            Ok(())
        }

        #[cold]
        fn look_between_calls(&mut self) -> Result<(), LimitReached> {
            let begins = self.state.get() == State::Due;
            self.begin();
            // It is read once.
            let seen = if begins { self.taken } else { self.passed() };
            self.within(seen)?;
            let between = if seen.saturating_sub(self.seen) <= SHORT { (2 * self.calls.1).min(MOST_CALLS) } else { 1 };
            (self.calls, self.seen) = ((between - 1, between), seen);
            Ok(())
        }

        /// It runs, if it is to run.
        fn begin(&self) {
            if self.state.get() == State::Due {
                self.state.set(State::Runs(Instant::now()));
            }
        }

        fn passed(&self) -> Duration {
            let since = match self.state.get() {
                State::Stands | State::Due => Duration::ZERO,
                State::Runs(began) => began.elapsed(),
            };
            self.taken.saturating_add(since)
        }

        /// Says whether there is time left.
        pub(crate) fn look(&self) -> Result<(), LimitReached> {
            if self.most.is_none() {
                return Ok(());
            }
            self.begin();
            self.within(self.passed())
        }

        fn within(&self, passed: Duration) -> Result<(), LimitReached> {
            let Some(most) = self.most.filter(|most| passed > *most) else { return Ok(()) };
            let (value, maximum) = (microseconds(passed), microseconds(most));
            Err(LimitReached { kind: LimitKind::Time, subject: "the run", value, maximum })
        }
    }

    fn microseconds(time: Duration) -> u64 {
        u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use core::time::Duration;

    #[test]
    fn time_that_is_over_says_how_much_there_was() {
        let mut clock = Clock::new(&Limits { time: Some(Duration::from_micros(500)), ..Limits::trusted() });
        let wait = || std::thread::sleep(Duration::from_millis(1));
        wait();
        assert_eq!(clock.look(), Ok(()), "the clock stands");
        clock.run(true);
        wait();
        let Err(reached) = clock.look() else { panic!("there is time left") };
        assert_eq!(reached.to_string(), "the program still runs after 0.5 ms, the time limit");
    }
}
