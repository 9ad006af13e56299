//! The Vega virtual machine: a loader that follows one flowchart, and its engines.
//!
//! A host that calls functions of modules wants [`embed`], where types are Rust's; what stands here beneath it is for tools, which
//! know values as data and functions by mangled names, choose an engine, and watch a run.
//!
//! Bytes become a [`Program`] through [`load`], which verifies all of it; [`Program::run`] gives an [`Outcome`]. The
//! library prints nothing, reads no environment, and no clock but for [`Limits::time`]: what a program may do to the
//! world is what [`Imports`] grants, and what it may use is what [`Limits`] allow.
//!
//! Without its feature `std` it needs `alloc` and atomics of a word, no operating system: loader, verifier, both engines and
//! [`embed`] are there, with all limits but that of time, for which there is no clock; what is missing is the console, what
//! writes to a stream (`trace`, `dump`), machine code and the command. A timer may cancel
//! calls instead of a clock. Beside what [`Limits`] allow, a call takes some 40 KiB there. Functions of more than 3,700 cells are left
//! to the reference engine, which [`embed`] has not.
//!
//! ```
//! use vega_format::{builder::*, container::*, instruction::Instruction, types::Tag};
//! use vegavm::{End, Imports, Limits, Value, load};
//!
//! let mut builder = Builder::new(Kind::Program);
//! let index = builder.constant(ConstantValue::Scalar(Tag::Int, 100));
//! let code = vec![Instruction::LoadConst { index }, Instruction::Return {}];
//! builder.add_function("main()I", FunctionDraft { code, ..FunctionDraft::default() });
//! builder.entry = Some(("main()I".to_owned(), EntryResult::Print));
//!
//! let (mut imports, limits) = (Imports::new(), Limits::untrusted());
//! let program = load(builder.write()?, &imports, &limits, &mut ())?;
//! let outcome = program.run(&[], &mut imports, &limits, &mut ())?;
//! assert_eq!(outcome.end, End::Result(Some(Value::Scalar(Tag::Int, 100))));
//! assert_eq!(outcome.used.steps, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![warn(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::alloc_instead_of_core)]
// Machine code has a boundary; nothing else has anything unsafe.
#![cfg_attr(not(vega_machine_code), forbid(unsafe_code))]

#[macro_use]
extern crate alloc;

pub mod arguments;
mod bulk;
pub mod cancel;
mod clock;
#[cfg(feature = "cli")]
pub mod command;
#[cfg(feature = "std")]
pub mod console;
pub mod coverage;
#[cfg(feature = "cli")]
mod debug;
#[cfg(feature = "std")]
pub mod dump;
pub mod embed;
pub mod error;
pub mod instance;
mod interpreter;
#[cfg(vega_machine_code)]
mod jit;
pub mod limits;
mod loaded;
pub mod loader;
mod meter;
pub mod native;
pub mod observe;
pub mod outcome;
pub mod passes;
pub mod profile;
pub mod program;
mod reference;
mod register;
pub mod run;
mod shared;
#[cfg(feature = "std")]
pub mod trace;
pub mod trap;
pub mod value;

/// What a module is made of: the types that stand in signatures here, such as `vega_format::trap::Trap`.
pub use vega_format;

pub use cancel::Cancel;
#[cfg(feature = "std")]
pub use console::Console;
pub use error::{ArgumentError, LoadError};
pub use instance::{Engine, Instance, Ran, TAKE_OVER};
#[cfg(feature = "planted")]
#[doc(hidden)]
pub use jit::planted::FAULTS;
pub use limits::{LimitKind, LimitReached, Limits};
pub use loader::{LoadObserver, LoadStep, load};
pub use native::{HostCall, HostError, Imports};
pub use observe::{Observer, Snapshot};
pub use outcome::{End, Outcome, Used};
pub use passes::{Pass, Passes};
pub use program::Program;
pub use run::{Progress, Run, Stepper};
pub use trap::{ArenaPart, ArenaReport, CallStack, FrameReport, TrapReport};
pub use value::{Cell, CellKind, Value};
