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

    pub(crate) fn begin(&self) {}

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

    /// A clock that stands at first; it is read only where there is a limit of time.
    #[derive(Debug, Clone)]
    pub(crate) struct Clock {
        /// How long the run may take.
        most: Option<Duration>,
        /// How long it took before the clock was stopped last.
        taken: Duration,
        state: Cell<State>,
    }

    impl Clock {
        pub(crate) fn new(limits: &Limits) -> Clock {
            Clock { most: limits.time, taken: Duration::ZERO, state: Cell::new(State::Stands) }
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

        /// It runs, if it is to run.
        pub(crate) fn begin(&self) {
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
            let Some(most) = self.most else { return Ok(()) };
            self.begin();
            let passed = self.passed();
            if passed <= most {
                return Ok(());
            }
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
