//! `vegavm`: runs a program.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(vegavm::command::main(std::env::args_os()))
}
