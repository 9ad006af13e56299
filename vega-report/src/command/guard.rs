//! How every command is run: what it does to itself is told as its own fault, and its stack is large enough.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// The stack on which the deepest inputs fit, also in builds that are not optimised.
const STACK_BYTES: usize = 4 << 20;

/// Runs a command; a panic, which is a fault of the command, becomes the outcome that says so.
///
/// How deep inputs may nest does not depend on the stack that the process was given: on a smaller one (`ulimit -s`) the
/// command runs on a thread of its own.
pub fn guard<T: Send>(internal: T, run: impl FnOnce() -> T + Send) -> T {
    let run = || catch_unwind(AssertUnwindSafe(run)).ok();
    let outcome = match has_large_stack() {
        true => run(),
        false => thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, run);
            thread.ok().and_then(|thread| thread.join().ok().flatten())
        }),
    };
    outcome.unwrap_or(internal)
}

#[cfg(unix)]
fn has_large_stack() -> bool {
    use nix::sys::resource::{Resource, getrlimit};
    getrlimit(Resource::RLIMIT_STACK).is_ok_and(|(bytes, _)| bytes >= STACK_BYTES as u64)
}

/// Elsewhere it is mostly 1 MiB, and nobody says so.
#[cfg(not(unix))]
fn has_large_stack() -> bool {
    false
}
