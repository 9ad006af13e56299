//! Ctrl-C and its like: the first ends the run gracefully, the second the process; and an input that does not go on
//! waiting when the run is over.

use crate::cancel::Cancel;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::io::{self, BufReader, Read};

#[cfg(unix)]
const SIGNALS: &[i32] = &[signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
const SIGNALS: &[i32] = &[signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];

/// The signals that end a run.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    was_caught: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// From now on a signal cancels. Where that cannot be had, signals end the process as they always do.
    pub(crate) fn watch() -> Interrupt {
        let interrupt = Interrupt::default();
        for signal in SIGNALS {
            let number = usize::try_from(*signal).unwrap_or_default();
            // The order of these is that in which they are done when the signal comes.
            let done = signal_hook::flag::register_conditional_shutdown(
                *signal,
                128 + *signal,
                Arc::clone(&interrupt.was_caught),
            )
            .and_then(|_| signal_hook::flag::register_usize(*signal, Arc::clone(&interrupt.signal), number))
            .and_then(|_| signal_hook::flag::register(*signal, Arc::clone(&interrupt.was_caught)));
            if done.is_err() {
                break;
            }
        }
        interrupt
    }

    /// The flag that a signal sets.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.was_caught)
    }

    /// The handle that a signal cancels.
    pub(crate) fn cancel(&self) -> Cancel {
        Cancel::from(self.flag())
    }

    /// The exit status that says which signal it was.
    pub(crate) fn status(&self) -> Option<u8> {
        let signal = self.signal.load(Ordering::Relaxed);
        Some(128 + u8::try_from(signal).ok()?).filter(|_| signal > 0)
    }
}

/// Standard input, which gives [`io::ErrorKind::Interrupted`] every now and then while it waits.
pub(crate) fn input() -> Box<dyn Read> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        if let Ok(input) = io::stdin().as_fd().try_clone_to_owned() {
            return Box::new(BufReader::new(Waiting(input.into())));
        }
    }
    Box::new(BufReader::new(io::stdin()))
}

#[cfg(unix)]
struct Waiting(std::fs::File);

#[cfg(unix)]
impl Read for Waiting {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        use std::os::fd::AsFd;
        /// A signal that comes just before the wait is noticed after so many milliseconds.
        const LONGEST: u8 = 50;
        let mut waits = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waits, PollTimeout::from(LONGEST)) {
            Ok(0) => Err(io::ErrorKind::Interrupted.into()),
            Ok(_) => self.0.read(bytes),
            Err(error) => Err(error.into()),
        }
    }
}
