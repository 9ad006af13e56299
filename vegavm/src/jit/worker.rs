//! Work that a call waits for no longer than it may: a thread of its own does it, with as much stack as it wants, whatever the
//! host's thread has, and goes on where nobody waits any more.

use crate::cancel::Halt;
use alloc::sync::Arc;
use core::time::Duration;
use std::io;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

/// The stack of such a thread.
const STACK: usize = 4 << 20;

/// How long one waits before one looks.
pub(super) const GLANCE: Duration = Duration::from_micros(250);

/// Whether who waits may go on to wait.
pub(super) type Look<'l> = &'l mut dyn FnMut() -> Result<(), Halt>;

/// Has work done for which nobody waits, if there are threads.
pub(super) fn start<T>(work: impl FnOnce() -> T + Send + 'static) {
    // The thread goes on by itself.
    drop(thread(|| drop(work())));
}

/// Has work done, and waits for what comes of it; `None` if it never ends. Where there are no more threads it is done here.
///
/// # Errors
/// Who waits may wait no longer. The work goes on.
pub(super) fn wait_for<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    look: Look<'_>,
) -> Result<Option<T>, Halt> {
    let (sender, receiver) = sync_channel(1);
    let work = Arc::new(Mutex::new(Some(work)));
    let theirs = Arc::clone(&work);
    let take = |work: &Mutex<Option<_>>| work.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Perhaps nobody waits for it any more.
    let is_elsewhere = thread(move || drop(take(&theirs).map(|work| sender.send(work())))).is_ok();
    if !is_elsewhere {
        return Ok(take(&work).map(|work| work()));
    }
    loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(done) => return Ok(Some(done)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => look()?,
        }
    }
}

fn thread(work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().name("vega-compiler".to_owned()).stack_size(STACK).spawn(work)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_is_done_is_given() {
        assert_eq!(wait_for(|| 7, &mut || Ok(())), Ok(Some(7)));
        assert_eq!(wait_for(|| -> u8 { std::panic::resume_unwind(Box::new(())) }, &mut || Ok(())), Ok(None));
    }

    #[test]
    fn who_may_wait_no_longer_leaves_work_that_goes_on() {
        let (end, is_ended) = channel::<()>();
        let (done, is_done) = channel();
        let work = move || {
            is_ended.recv().expect("it is ended");
            done.send(()).expect("somebody listens");
        };
        let mut looks = 0;
        let look = &mut || {
            looks += 1;
            if looks < 3 { Ok(()) } else { Err(Halt::Cancelled) }
        };
        assert_eq!(wait_for(work, look), Err(Halt::Cancelled));
        end.send(()).expect("the work goes on");
        is_done.recv().expect("it comes to its end");
    }
}
