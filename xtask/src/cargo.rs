//! Chores that are runs of cargo, one after another up to the first that fails.

use std::process::{Command, Stdio};
use std::time::Instant;

const CI: [&[&str]; 6] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
    &["test", "--workspace"],
    &["test", "--package", "vega-tests", "--features", "planted", "--test", "planted"],
    &["clippy", "--package", "vegavm", "--no-default-features", "--", "-D", "warnings"],
    &["check", "--package", "vega-format", "--no-default-features"],
];

/// Format, lints, tests, the faults that tests must find, the VM without machine code, and the file format without the
/// standard library.
pub(crate) fn ci() -> Result<(), String> {
    CI.iter().enumerate().try_for_each(|(place, words)| {
        let start = Instant::now();
        println!("[{}/{}] cargo {}", place + 1, CI.len(), words.join(" "));
        run(words, &[])?;
        println!("[{}/{}] passed in {} s", place + 1, CI.len(), start.elapsed().as_secs());
        Ok(())
    })
}

/// The corpus with `BLESS=1`, which rewrites what it expects; and again, since not everything can be blessed.
pub(crate) fn bless() -> Result<(), String> {
    let corpus = ["test", "--quiet", "--package", "vega-tests"];
    // What cannot be blessed fails now and is told by the second run.
    let _ = run(&[corpus.as_slice(), &["--no-fail-fast"]].concat(), &[("BLESS", "1")]);
    run(&corpus, &[])
}

/// Runs cargo in the root of the project.
pub(crate) fn run(words: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    // Where a chore runs, cargo has said which cargo it is.
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(words).envs(environment.iter().copied()).current_dir(crate::spec::root()).stdin(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("`cargo {}` failed", words.join(" "))),
        Err(error) => Err(format!("`cargo {}` cannot be started: {error}", words.join(" "))),
    }
}
