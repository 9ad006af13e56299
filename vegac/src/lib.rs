//! The compiler of Vega: text → tokens → tree → checked tree → module → bytes.
//!
//! [`compile`] is the whole way. Every step is a function of the module that bears its name, and gives what it
//! understood beside its complaints; nothing here touches a file or prints but
//! the command, which is the feature `cli` and on by default.
#![forbid(unsafe_code)]

pub mod adapting;
pub mod ast;
pub mod check;
pub mod checked;
#[cfg(feature = "cli")]
pub mod command;
pub mod format;
pub mod generate;
pub mod interface;
pub mod lexer;
pub mod library;
pub mod lints;
pub mod parser;
pub mod project;

mod compile;
mod foreign;
mod foretold;
mod lines;
mod operation;
mod unit;

pub use compile::{
    Compiled, MAIN_OF_TESTS, Options, PRODUCER, check_project, compile, compile_project, compile_test, compile_with,
    tests,
};
