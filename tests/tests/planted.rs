//! The tests that compare machine code with the other engines find faults: each that is planted into it is found, by programs
//! that are made at random or by the instructions on edge values.
//!
//! A fault is planted into a process of its own, which may then do anything. Built with the feature `planted` only:
//! `cargo test -p vega-tests --features planted --test planted`.

use std::env;
use std::process::{Command, Output};
use vega_tests::computations::{COMPUTATIONS, check};
use vega_tests::engines;

/// How many programs are looked at.
const SEEDS: u64 = 3_000;

/// Looks for a fault, in a process of its own.
fn hunted(fault: Option<&str>) -> Output {
    let mut command = Command::new(env::current_exe().expect("a path"));
    command.args(["--exact", "--ignored", "--nocapture", "hunt"]).env("RUST_BACKTRACE", "0");
    match fault {
        Some(fault) => command.env("VEGA_PLANTED", fault),
        None => command.env_remove("VEGA_PLANTED"),
    };
    command.output().expect("it can be run")
}

#[test]
#[ignore = "the other test runs it"]
fn hunt() {
    for seed in 0..SEEDS {
        engines::agree_about(seed).unwrap_or_else(|problem| panic!("found by seed {seed}: {problem}"));
    }
    for computation in COMPUTATIONS {
        check(*computation).unwrap_or_else(|problem| panic!("found by {problem}"));
    }
}

#[test]
fn every_planted_fault_is_found() {
    let none = hunted(None);
    assert!(none.status.success(), "there is a fault that nobody planted: {}", String::from_utf8_lossy(&none.stderr));
    let mut missed = Vec::new();
    for fault in vegavm::FAULTS {
        let hunted = hunted(Some(fault));
        let words = String::from_utf8_lossy(&hunted.stderr);
        let told = words.lines().find(|line| line.contains("found by")).map(str::to_owned);
        // What touches memory that is not its own ends by a signal.
        let is_found = !hunted.status.success() && (told.is_some() || hunted.status.code().is_none());
        let how = told.unwrap_or_else(|| hunted.status.to_string());
        println!("{fault}: {}", how.chars().take(100).collect::<String>());
        if !is_found {
            missed.push(fault);
        }
    }
    assert!(missed.is_empty(), "nobody found: {missed:#?}");
}
