//! `vega-asm`: the assembler.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use vega_asm::command::{assemble, options};

fn main() -> ExitCode {
    options::main(|command| assemble::run(&command))
}
