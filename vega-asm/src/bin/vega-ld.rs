//! `vega-ld`: the linker.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use vega_asm::command;

fn main() -> ExitCode {
    let status = command::main(std::env::args_os(), |options| command::link::run(&options));
    ExitCode::from(status.tool_code())
}
