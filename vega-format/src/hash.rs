//! Maps and sets by hash, which are the same without the standard library.

/// A map whose keys nobody can choose so that they collide.
pub type HashMap<K, V, S = foldhash::quality::RandomState> = hashbrown::HashMap<K, V, S>;

/// A set of such.
pub type HashSet<K, S = foldhash::quality::RandomState> = hashbrown::HashSet<K, S>;

/// Numbers of what stands elsewhere, found by what it is: a map whose keys take no room.
pub(crate) use hashbrown::hash_table::{Entry, HashTable};
