//! Chores that are runs of cargo.

use std::process::{Command, Stdio};

/// What the continuous integration runs. What that is stands in `.ci/run` alone.
pub(crate) fn ci() -> Result<(), String> {
    let mut script = Command::new("bash");
    match script.arg(".ci/run").current_dir(crate::spec::root()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("`.ci/run` failed".to_owned()),
        Err(error) => Err(format!("`bash .ci/run` cannot be started: {error}")),
    }
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
