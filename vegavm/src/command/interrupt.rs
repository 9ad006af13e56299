//! Ctrl-C and its like: the first ends the run gracefully, the second the process; and an input and outputs that do not go on
//! waiting when the run is over.

use crate::cancel::Cancel;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::io::{self, BufReader, Read, Write};

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
    if let Some(input) = Waiting::on(io::stdin()) {
        return Box::new(BufReader::new(input));
    }
    Box::new(BufReader::new(io::stdin()))
}

/// Standard output, which does the same where nobody reads it.
pub(crate) fn output() -> Box<dyn Write> {
    #[cfg(unix)]
    if let Some(output) = Waiting::on(io::stdout()) {
        return Box::new(output);
    }
    Box::new(io::stdout())
}

/// Standard error, which does the same.
pub(crate) fn errors() -> Box<dyn Write> {
    #[cfg(unix)]
    if let Some(errors) = Waiting::on(io::stderr()) {
        return Box::new(errors);
    }
    Box::new(io::stderr())
}

#[cfg(unix)]
struct Waiting {
    file: std::fs::File,
    /// What is ready takes so many bytes without a wait.
    piece: usize,
}

#[cfg(unix)]
impl Waiting {
    fn on(stream: impl std::os::fd::AsFd) -> Option<Waiting> {
        /// What a pipe takes at once (POSIX.1: at least 512), and what a file is given between two looks.
        const PIECES: [usize; 2] = [4096, 64 << 10];
        let file = std::fs::File::from(stream.as_fd().try_clone_to_owned().ok()?);
        let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
        Some(Waiting { file, piece: PIECES[usize::from(is_file)] })
    }

    /// Waits until it is ready, or for a while.
    fn wait(&self, ready: nix::poll::PollFlags) -> io::Result<()> {
        use nix::poll::{PollFd, PollTimeout, poll};
        use std::os::fd::AsFd;
        /// A signal that comes just before the wait is noticed after so many milliseconds.
        const LONGEST: u8 = 50;
        match poll(&mut [PollFd::new(self.file.as_fd(), ready)], PollTimeout::from(LONGEST)) {
            Ok(0) => Err(io::ErrorKind::Interrupted.into()),
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(unix)]
impl Read for Waiting {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.wait(nix::poll::PollFlags::POLLIN)?;
        self.file.read(bytes)
    }
}

#[cfg(unix)]
impl Write for Waiting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait(nix::poll::PollFlags::POLLOUT)?;
        self.file.write(bytes.get(..self.piece).unwrap_or(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
