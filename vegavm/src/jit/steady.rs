//! Passes that go through all blocks again and again, until nothing changes.
//!
//! Guarantees: an end, whatever the body; blocks can be put in an order in which every time tells but one of them something.

/// How often all blocks are gone through. Those of compilers are steady after a few times.
const MOST_TIMES: usize = 100;

/// Goes through all blocks until that changes nothing; it says each time whether it did. `None` if there is no end to be
/// seen, or if it gives up.
pub(super) fn until_steady(mut go_through: impl FnMut() -> Option<bool>) -> Option<()> {
    for _ in 0..MOST_TIMES {
        if !go_through()? {
            return Some(());
        }
    }
    None
}
