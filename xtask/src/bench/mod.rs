//! Measurements: `cargo xtask bench verify`, `bench compile`, `bench assemble`, `bench link`, `bench run`,
//! `bench machine` and `bench start`. Their figures go to `bench/RESULTS.md`.
//!
//! What is timed is always a whole process, built in release; so this program starts itself, built in release, for
//! whatever has no command of its own ([`child`]). Peers are used where they are on `PATH`; missing ones are named.

mod assemble;
mod chart;
mod child;
mod compile;
mod link;
mod machine;
mod measure;
mod objects;
mod page;
mod program;
mod run;
mod start;
mod vega;
mod verify;
mod wasm;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) use assemble::run as assemble;
pub(crate) use child::main as child;
pub(crate) use compile::run as compile;
pub(crate) use link::run as link;
pub(crate) use machine::run as machine;
pub(crate) use run::run as kernels;
pub(crate) use start::run as start;
pub(crate) use verify::run as verify;

/// Where the binaries of a release build are, after one was made.
fn release() -> Result<PathBuf, String> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| crate::spec::root().join("target"), PathBuf::from);
    println!("building in release …");
    build(&target)?;
    Ok(target.join("release"))
}

/// Builds everything in release into a folder.
fn build(target: &Path) -> Result<(), String> {
    let words = ["build", "--release", "--workspace", "--quiet"].map(str::to_owned);
    let folder = ["--target-dir".to_owned(), target.display().to_string()];
    crate::cargo::run(&words.iter().chain(&folder).map(String::as_str).collect::<Vec<_>>(), &[])
}

/// The place of a program that is installed.
fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The first line that a command prints; empty if it cannot be run.
fn first_line(program: &Path, words: &[&str]) -> String {
    let output = Command::new(program).args(words).stdin(Stdio::null()).output();
    let text = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned()
}

/// What a command prints.
fn output(program: &Path, words: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(words).output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
