//! The machine from outside: programs are made by hand, loaded and run.

mod arithmetic;
#[cfg(feature = "cli")]
mod command;
mod common;
#[cfg(feature = "std")]
mod console;
mod host;
mod instructions;
mod limits;
mod mutations;
mod pause;
mod seeds;
#[cfg(all(feature = "cli", unix))]
mod signals;
mod traps;
