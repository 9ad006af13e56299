//! The interpreter's operations under Miri, which sees what is undefined where nothing fails. It takes a nightly compiler with
//! the component `miri`, and some minutes: where there is none, or `UNDER_MIRI=1` does not ask for it, the test is shown as ignored.

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::Command;

/// The cargo of the nightly compiler, in the workspace.
fn nightly(words: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly").args(words).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    // Those of the compiler that runs this test.
    for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command
}

fn operations() -> Result<(), Failed> {
    let words = ["miri", "test", "--quiet", "-p", "vegavm", "--no-default-features", "--lib", "interpreter"];
    // The code of the tests lives as long as they do.
    let done = nightly(&words).env("MIRIFLAGS", "-Zmiri-ignore-leaks").output()?;
    let words = [done.stdout, done.stderr].map(|words| String::from_utf8_lossy(&words).into_owned());
    if done.status.success() { Ok(()) } else { Err(words.concat().into()) }
}

fn main() {
    let is_asked_for = std::env::var_os("UNDER_MIRI").is_some_and(|value| value == "1");
    let is_there = || nightly(&["miri", "--version"]).output().is_ok_and(|done| done.status.success());
    let kind = match is_asked_for {
        false => "skipped: UNDER_MIRI=1 runs it",
        true if is_there() => "",
        true => "skipped: there is no nightly cargo with miri",
    };
    let trial =
        Trial::test("the interpreter's operations", operations).with_kind(kind).with_ignored_flag(!kind.is_empty());
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit();
}
