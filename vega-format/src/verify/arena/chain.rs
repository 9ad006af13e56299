//! What is open at a place, as one number: equal numbers say that the same arenas are open and look the same.
//!
//! A chain is an arena on top of a chain. What an arena looks like is a digest, a sum over its slots; the weights in the
//! sum depend on numbers that are others in every file, so that nobody can make two states with one digest.

use crate::container::ContentIds;
use crate::hash::HashMap;
use alloc::vec::Vec;
use foldhash::quality::RandomState as Keyed;

/// The open arenas as a number; 0 is none.
pub(super) type Chain = u32;

/// An arena on top of others: what is beneath, its site, and what it looks like, in two halves.
pub(super) type Link = (Chain, u32, [u64; 2]);

/// The chains that were met in a function.
#[derive(Debug, Default)]
pub(super) struct Chains {
    links: Vec<Link>,
    numbers: HashMap<Link, Chain, Keyed>,
    /// The chain up to each open arena, as far as it is up to date.
    levels: Vec<Chain>,
}

impl Chains {
    /// Forgets all; nothing is open.
    pub(super) fn clear(&mut self) {
        self.links.clear();
        self.links.push((0, u32::MAX, [0; 2]));
        self.numbers.clear();
        self.levels.clear();
    }

    /// What lies on top of a chain; nothing of the empty one.
    pub(super) fn top(&self, chain: Chain) -> Option<Link> {
        self.links.get(chain as usize).copied().filter(|_| chain != 0)
    }

    /// The arenas from this level on have changed.
    pub(super) fn forget(&mut self, level: usize) {
        self.levels.truncate(level);
    }

    /// How many chains are kept.
    pub(super) fn count(&self) -> usize {
        self.links.len()
    }

    /// How many levels are up to date.
    pub(super) fn known(&self) -> usize {
        self.levels.len()
    }

    /// The chain of the levels that are up to date.
    pub(super) fn current(&self) -> Chain {
        self.levels.last().copied().unwrap_or(0)
    }

    /// Puts the next open arena on top.
    pub(super) fn push(&mut self, site: u32, digest: u128) {
        let link = (self.current(), site, [digest as u64, (digest >> 64) as u64]);
        let next = self.links.len() as Chain;
        let number = *self.numbers.entry(link).or_insert(next);
        if number == next {
            self.links.push(link);
        }
        self.levels.push(number);
    }
}

/// Numbers that are others in every file and in every process, so that two states with one digest cannot be made on purpose:
/// whoever changes the file until they are changes the numbers. A file that is still being made has no content id; there it is the
/// process that nobody can foresee, but where there is no operating system, where files are read and not made.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keys([u64; 4]);

impl Keys {
    /// Those of a file, out of its content id.
    pub(super) fn of(ids: ContentIds) -> Keys {
        let (words, _) = ids.whole.0.as_chunks::<8>();
        let mut keys = Keys::of_process();
        keys.iter_mut().zip(words).for_each(|(key, word)| *key ^= u64::from_le_bytes(*word));
        Keys(keys)
    }

    #[cfg(feature = "std")]
    fn of_process() -> [u64; 4] {
        use core::hash::BuildHasher;
        use std::collections::hash_map::RandomState;
        use std::sync::LazyLock;
        static KEYS: LazyLock<[u64; 4]> = LazyLock::new(|| {
            let random = RandomState::new();
            [0, 1, 2, 3].map(|number: u64| random.hash_one(number))
        });
        *KEYS
    }

    /// The first digits of pi.
    #[cfg(not(feature = "std"))]
    fn of_process() -> [u64; 4] {
        [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89]
    }

    /// What one fact adds to a digest.
    #[inline]
    pub(super) fn weight(&self, slot: u16, form: u8, at: u32) -> u128 {
        let Keys([a, b, c, d]) = *self;
        let fact = u64::from(slot) | u64::from(form) << 16 | u64::from(at) << 32;
        let fold = |key: u64, other: u64| {
            let product = u128::from(fact ^ key) * u128::from(other | 1);
            (product as u64) ^ (product >> 64) as u64
        };
        u128::from(fold(fold(a, b), c)) | u128::from(fold(fold(c, d), a)) << 64
    }
}
