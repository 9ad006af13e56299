//! `vega-objdump`: the inspector.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use vega_asm::command::{objdump, options};

fn main() -> ExitCode {
    options::main(|command| objdump::run(&command))
}
