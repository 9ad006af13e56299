//! Rows that are made one by one while they are written, so that the views of a large file need no room for all of them.

use serde::{Serialize, Serializer};

/// A sequence as data: calls the function for an iterator whenever it is written.
pub(super) struct Lazily<F>(pub(super) F);

impl<F, I> Serialize for Lazily<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
