//! A bounded slice of the fuzz targets: damaged programs, listings and files of the corpus, and calls
//! in any order. The rest is `fuzz/`.

use std::path::{Path, PathBuf};
use vega_tests::{case, fuzz, host, module};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end.max(1)
    }

    /// The bytes with a few places changed, taken away or put in from elsewhere.
    fn damage(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(changed.len());
            match self.below(4) {
                _ if changed.is_empty() => {}
                0 => changed[at] ^= 1 << self.below(8),
                1 => drop(changed.drain(at..(at + 1 + self.below(8)).min(changed.len()))),
                2 => changed[at] = self.below(256) as u8,
                _ => {
                    let from = self.below(other.len());
                    let piece = &other[from..(from + self.below(24)).min(other.len())];
                    drop(changed.splice(at..at, piece.iter().copied()));
                }
            }
        }
        changed
    }
}

fn corpus(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths: Vec<PathBuf> = case::files(&root, &[extension]);
    let texts = paths.iter().map(|path| std::fs::read(path).expect("a file"));
    texts.filter(|text| text.len() < 4_000).collect()
}

fn run(seeds: &[Vec<u8>], rounds: usize, target: fn(&[u8])) {
    let mut numbers = Numbers(seeds.len() as u64);
    for round in 0..rounds {
        let (seed, other) = (&seeds[round % seeds.len()], &seeds[numbers.below(seeds.len())]);
        let damaged = numbers.damage(seed, other);
        if std::panic::catch_unwind(|| target(&damaged)).is_err() {
            panic!("of this:\n{}", String::from_utf8_lossy(&damaged));
        }
    }
}

#[test]
fn damaged_sources() {
    run(&corpus("run", "vg"), 12_000, fuzz::source);
}

#[test]
fn damaged_listings() {
    run(&corpus("verify", "vasm"), 12_000, fuzz::listing);
}

fn files() -> Vec<Vec<u8>> {
    let sources = corpus("run", "vg");
    sources.iter().filter_map(|text| module::compile("seed.vg", text).accepted().ok()).collect()
}

#[test]
fn damaged_files() {
    run(&files(), 20_000, fuzz::file);
}

#[test]
fn views_of_damaged_files() {
    run(&files(), 4_000, fuzz::views);
}

/// Hosts that do one thing after another, each at random.
#[test]
fn calls_in_any_order() {
    let mut numbers = Numbers(7);
    for round in 0..4_000 {
        let choices: Vec<u8> = (0..numbers.below(400)).map(|_| numbers.below(256) as u8).collect();
        if std::panic::catch_unwind(|| host::anything(&choices)).is_err() {
            panic!("in round {round}, of this: {choices:?}");
        }
    }
}
