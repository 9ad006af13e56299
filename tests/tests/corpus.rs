//! Runs the corpus: one named test a file.

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), vega_tests::trials()).exit_code()
}
