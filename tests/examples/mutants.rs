//! Hands mutants of the corpus to what must survive them, as many as it is told:
//! `cargo run --release -p vega-tests --example mutants -- views 1000000 [FIRST]`. The first that is not survived ends it; its
//! number makes it again.

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use vega_tests::fuzz;
use vega_tests::mutants::{Change, corpus, damaged, files, mutant};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| words.get(place).and_then(|word| word.parse::<u64>().ok());
    let (seeds, change, target): (_, Change, fn(&[u8])) = match words.first().map(String::as_str) {
        Some("source") => (corpus("run", "vg"), mutant, fuzz::source),
        Some("listing") => (corpus("verify", "vasm"), mutant, fuzz::listing),
        Some("file") => (files(), damaged, fuzz::file),
        Some("views") => (files(), damaged, fuzz::views),
        _ => (Vec::new(), mutant, |_| ()),
    };
    let (Some(count), false) = (number(1), seeds.is_empty()) else {
        eprintln!("usage: mutants source|listing|file|views COUNT [FIRST]");
        return ExitCode::from(2);
    };
    let first = number(2).unwrap_or_default();
    let mut told = Instant::now();
    for number in first..first + count {
        let mutant = change(&seeds, number);
        if catch_unwind(|| target(&mutant)).is_err() {
            eprintln!("mutant {number} was not survived:\n{}", String::from_utf8_lossy(&mutant));
            return ExitCode::FAILURE;
        }
        let done = number - first + 1;
        if done == count || told.elapsed() >= Duration::from_secs(10) {
            told = Instant::now();
            println!("{done} mutants were survived");
        }
    }
    ExitCode::SUCCESS
}
