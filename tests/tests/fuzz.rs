//! A bounded slice of the fuzz targets: damaged programs, listings and files of the corpus, and calls
//! in any order. The rest is `fuzz/`.

use vega_tests::mutants::{Change, corpus, damaged, files, mutant};
use vega_tests::random::Random;
use vega_tests::{fuzz, host};

fn run(seeds: &[Vec<u8>], change: Change, rounds: u64, target: fn(&[u8])) {
    for number in 0..rounds {
        let mutant = change(seeds, number);
        if std::panic::catch_unwind(|| target(&mutant)).is_err() {
            panic!("mutant {number}, of this:\n{}", String::from_utf8_lossy(&mutant));
        }
    }
}

#[test]
fn damaged_sources() {
    run(&corpus("run", "vg"), mutant, 12_000, fuzz::source);
}

#[test]
fn damaged_listings() {
    run(&corpus("verify", "vasm"), mutant, 12_000, fuzz::listing);
}

#[test]
fn damaged_files() {
    run(&files(), damaged, 20_000, fuzz::file);
}

#[test]
fn views_of_damaged_files() {
    run(&files(), damaged, 20_000, fuzz::views);
}

/// Hosts that do one thing after another, each at random.
#[test]
fn calls_in_any_order() {
    let mut random = Random::new(7);
    for round in 0..4_000 {
        let choices: Vec<u8> = (0..random.below(400)).map(|_| random.below(256) as u8).collect();
        if std::panic::catch_unwind(|| host::anything(&choices)).is_err() {
            panic!("in round {round}, of this: {choices:?}");
        }
    }
}
