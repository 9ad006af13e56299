//! Mutants: programs, listings and files of the corpus with a few places changed.

use crate::random::Random;
use crate::{case, module};
use std::path::Path;

/// Texts of a folder of the corpus, with this extension, that are not long.
pub fn corpus(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = case::files(&root, &[extension]);
    let texts = paths.iter().map(|path| std::fs::read(path).expect("a file"));
    texts.filter(|text| text.len() < 4_000).collect()
}

/// Its programs, compiled.
pub fn files() -> Vec<Vec<u8>> {
    let sources = corpus("run", "vg");
    sources.iter().filter_map(|text| module::compile("seed.vg", text).accepted().ok()).collect()
}

/// The mutant of a number: one of the seeds with up to four places changed, taken away, or put in from another.
pub fn mutant(seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Random::new(number);
    let below = |random: &mut Random, end: usize| random.below(end as u32) as usize;
    let nothing = Vec::new();
    let seed = random.pick(seeds).unwrap_or(&nothing);
    let other = random.pick(seeds).unwrap_or(&nothing);
    let mut changed = seed.clone();
    for _ in 0..=random.below(4) {
        let at = below(&mut random, changed.len());
        match random.below(4) {
            _ if changed.is_empty() => {}
            0 => changed[at] ^= 1 << random.below(8),
            1 => drop(changed.drain(at..(at + 1 + below(&mut random, 8)).min(changed.len()))),
            2 => changed[at] = random.below(256) as u8,
            _ => {
                let from = below(&mut random, other.len());
                let piece = &other[from..(from + below(&mut random, 24)).min(other.len())];
                drop(changed.splice(at..at, piece.iter().copied()));
            }
        }
    }
    changed
}
