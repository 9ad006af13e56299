//! The tests that compare machine code with the other engines find faults: each that is planted into it is found, by programs
//! that are made at random or by the instructions on edge values.
//!
//! A fault is planted into a process of its own, which may then do anything. Built with the feature `planted` only:
//! `cargo test -p vega-tests --features planted --test planted`.

use std::env;
use std::iter;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use vega_tests::computations::{COMPUTATIONS, check};
use vega_tests::{engines, module};
use vegavm::Limits;
use vegavm::embed::{ErrorKind, Imports, Instance, Module};

/// How many programs are looked at.
const SEEDS: u64 = 3_000;

/// Runs a test with a fault, in a process of its own.
fn run(test: &str, fault: Option<&str>) -> Output {
    let mut command = Command::new(env::current_exe().expect("a path"));
    command.args(["--exact", "--ignored", "--nocapture", test]).env("RUST_BACKTRACE", "0");
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

/// Whether a fault is found, or none where none is planted.
fn ends_as_it_should(fault: Option<&str>) -> bool {
    let hunted = run("hunt", fault);
    let words = String::from_utf8_lossy(&hunted.stderr);
    let told = words.lines().find(|line| line.contains("found by")).map(str::to_owned);
    // What touches memory that is not its own ends by a signal.
    let is_found = !hunted.status.success() && (told.is_some() || hunted.status.code().is_none());
    let how = told.unwrap_or_else(|| hunted.status.to_string());
    println!("{}: {}", fault.unwrap_or("no fault"), how.chars().take(100).collect::<String>());
    match fault {
        Some(_) => is_found,
        None => hunted.status.success(),
    }
}

#[test]
fn every_planted_fault_is_found() {
    // To find nothing takes longest, so that is begun first.
    let hunts: Vec<_> = iter::once(None).chain(vegavm::FAULTS.map(Some)).collect();
    let next = AtomicUsize::new(0);
    let missed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                while let Some(fault) = hunts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if !ends_as_it_should(*fault) {
                        missed.lock().expect("nobody panics").push(*fault);
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().expect("nobody panics");
    assert!(!missed.contains(&None), "there is a fault that nobody planted");
    assert!(missed.is_empty(), "nobody found: {missed:#?}");
}

/// Writes at an index of 2^20 bytes, which are all that is needed of memory but for a frame.
fn reach(index: i32) {
    let source = "pub fn work(n: int) -> int { alloc 1048576 { a: byte[1048576]; a[n] = 7b; return int(a[n]) } }\nfn main() { }\n";
    let bytes = module::compile("reach.vg", source.as_bytes()).accepted().unwrap_or_else(|words| panic!("{words}"));
    let module = Module::new(bytes).expect("it is verified");
    module.compile(&Limits::untrusted()).expect("there is machine code");
    let mut instance = Instance::new(&module, &Imports::new(), ()).expect("all is granted");
    instance.prepare(0).expect("it is proved");
    let work = instance.func::<(i32,), i32>("work").expect("it is there");
    let error = work.call(&mut instance, (index,)).expect_err("it is out of bounds");
    assert!(matches!(error.kind(), ErrorKind::Trap(_)), "{error}");
}

#[test]
#[ignore = "another test runs it"]
fn reach_before() {
    reach(-5_000);
}

#[test]
#[ignore = "another test runs it"]
fn reach_behind() {
    reach((1 << 20) + 2_000);
}

#[test]
fn what_no_check_stops_ends_at_a_guard() {
    for test in ["reach_before", "reach_behind"] {
        let checked = run(test, None);
        assert!(checked.status.success(), "{test}: {}", String::from_utf8_lossy(&checked.stderr));
        let unchecked = run(test, Some("an index is never looked at"));
        const SIGSEGV: i32 = 11;
        assert_eq!(unchecked.status.signal(), Some(SIGSEGV), "{test}: {unchecked:?}");
    }
}
