//! Makes programs from seeds and runs each in every engine, for as long as it is told:
//! `cargo run --release -p vega-tests --example agree -- MINUTES [FIRST-SEED]`. The first one about which they disagree ends it.

use std::process::ExitCode;
use std::time::{Duration, Instant};
use vega_tests::engines::agree_about;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map_while(|word| word.parse::<u64>().ok());
    let Some(minutes) = numbers.next() else {
        eprintln!("usage: agree MINUTES [FIRST-SEED]");
        return ExitCode::from(2);
    };
    let first = numbers.next().unwrap_or_default();
    let (start, lasts) = (Instant::now(), Duration::from_secs(60 * minutes));
    let (mut told, mut runs) = (Instant::now(), 0u64);
    for seed in first.. {
        match agree_about(seed) {
            Ok(outcomes) => runs += outcomes.len() as u64,
            Err(problem) => {
                eprintln!("seed {seed}: {problem}");
                return ExitCode::FAILURE;
            }
        }
        let ends = start.elapsed() >= lasts;
        if ends || told.elapsed() >= Duration::from_secs(10) {
            told = Instant::now();
            println!("{} programs, {runs} ways to run them: the engines agree", seed - first + 1);
        }
        if ends {
            break;
        }
    }
    ExitCode::SUCCESS
}
