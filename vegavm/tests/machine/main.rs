//! The machine from outside: programs are made by hand, loaded and run.

mod arithmetic;
mod command;
mod common;
mod host;
mod instructions;
mod limits;
mod mutations;
mod pause;
mod seeds;
#[cfg(unix)]
mod signals;
mod traps;
