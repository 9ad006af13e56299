//! Two pieces of work that do not depend on each other, on two threads if there are so many.

/// What both give. A thread that did not end well has done nothing: its piece is then done on this one.
pub(crate) fn both<A: Send, B>(threads: usize, first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    if threads <= 1 {
        return (first(), second());
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(&first);
        let second = second();
        (other.join().unwrap_or_else(|_| first()), second)
    })
}
