//! `vegac`: compiles a Vega source.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(vegac::command::main(std::env::args_os()).tool_code())
}
