//! The corpus: a file in a folder of `tests/` is a test, and so is every fenced program of the pages.
//!
//! `cargo test --workspace` runs all; a part of a test's name picks some: `cargo test -p vega-tests -- verify/stack`.
//! `BLESS=1` rewrites expectations that stand in files of their own. Adding a test is adding a file.
#![forbid(unsafe_code)]

pub mod bytes;
pub mod case;
pub mod computations;
pub mod engines;
pub mod fuzz;
pub mod generate;
pub mod golden;
pub mod grammar;
pub mod header;
pub mod host;
pub mod module;
pub mod mutants;
pub mod output;
pub mod random;
pub mod schema;
pub mod suites;
pub mod tools;

pub use case::{Case, Check};

use libtest_mimic::Trial;

/// All tests, suite by suite.
pub fn trials() -> Vec<Trial> {
    let suites = [
        suites::run::trials,
        suites::reject::trials,
        suites::verify::trials,
        suites::link::trials,
        suites::link_rows::trials,
        suites::broken::trials,
        suites::fix::trials,
        suites::format::trials,
        suites::cli::trials,
        suites::inspect::trials,
        suites::mutations::trials,
        suites::damaged_sources::trials,
        suites::examples::trials,
        suites::container::trials,
        suites::golden_files::trials,
        suites::rows::trials,
        suites::pages::trials,
        suites::fences::trials,
        suites::grammar::trials,
        suites::source_lines::trials,
        suites::codes::trials,
    ];
    suites.into_iter().flat_map(|suite| suite()).collect()
}
