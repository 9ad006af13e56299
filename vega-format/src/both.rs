//! Work that can be done by several threads, where there are any.

use alloc::vec::Vec;

/// What two pieces of work give that do not depend on each other. A thread that did not end well has done nothing: its piece is then done on this one.
pub(crate) fn both<A: Send, B>(threads: usize, first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    if threads <= 1 {
        return (first(), second());
    }
    #[cfg(feature = "std")]
    return std::thread::scope(|scope| {
        let other = scope.spawn(&first);
        let second = second();
        (other.join().unwrap_or_else(|_| first()), second)
    });
    #[cfg(not(feature = "std"))]
    (first(), second())
}

/// What so many threads give that all do the same; of one that did not end well, nothing.
pub(crate) fn all<A: Send>(threads: u32, work: impl Fn() -> A + Sync) -> Vec<A> {
    #[cfg(feature = "std")]
    return std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(&work)).collect();
        let own = work();
        others.into_iter().filter_map(|other| other.join().ok()).chain([own]).collect()
    });
    #[cfg(not(feature = "std"))]
    (0..threads.min(1)).map(|_| work()).collect()
}
