//! Chores of the project: `cargo xtask ci`, `bless`, `spec` and `bench`. What they do stands in [`USAGE`].
#![forbid(unsafe_code)]

mod bench;
mod cargo;
mod spec;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask ci      format, lints and tests, up to the first failure: what .ci/run does
cargo xtask bless   rewrites the expected outputs of the corpus in tests/; the diff is the review
cargo xtask spec    rewrites the generated pages of spec/
cargo xtask bench verify   measures reading and verifying, beside peers on PATH; writes bench/RESULTS.md
cargo xtask bench compile  measures compiling, beside tcc and luac; the same page
cargo xtask bench assemble measures assembling and disassembling, beside wasm-tools; the same page
cargo xtask bench link     measures linking, beside mold, ld.lld, wild and wasm-ld; the same page
cargo xtask bench run      measures how fast programs run, beside gcc and other engines; the same page, and a chart
cargo xtask bench machine  measures how fast machine code is made, beside node; the same page
cargo xtask bench start    measures sizes, build time and start-up; the same page";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ci"] => cargo::ci(),
        ["bless"] => spec::write().and_then(|()| cargo::bless()),
        ["spec"] => spec::write(),
        ["bench", "verify"] => bench::verify(),
        ["bench", "compile"] => bench::compile(),
        ["bench", "assemble"] => bench::assemble(),
        ["bench", "link"] => bench::link(),
        ["bench", "run"] => bench::kernels(),
        ["bench", "machine"] => bench::machine(),
        ["bench", "start"] => bench::start(),
        // What a measurement starts.
        ["child", words @ ..] => bench::child(words),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("found `{}`, wanted one of\n{USAGE}", words.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
