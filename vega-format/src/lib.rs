//! What a `.vgb` file is: its instruction set, its container, and the proof that it is safe to run.
//!
//! The way of the data: a [`builder::Builder`] is written to bytes; bytes are read as an [`read::Outline`], then
//! [`parsed::Parsed`], then judged, which gives a [`verify::Verified`]. Nothing here does I/O, and nothing is reserved
//! by a length that a file merely claims.
//!
//! ```
//! use vega_format::{builder::*, container::*, instruction::Instruction, types::Tag};
//!
//! let mut builder = Builder::new(Kind::Program);
//! let index = builder.constant(ConstantValue::Scalar(Tag::Int, 100));
//! let code = vec![Instruction::LoadConst { index }, Instruction::Return {}];
//! builder.add_function("main()I", FunctionDraft { code, ..FunctionDraft::default() });
//! builder.entry = Some(("main()I".to_owned(), EntryResult::Print));
//! let bytes = builder.write()?;
//!
//! let parsed = vega_format::read(bytes.as_slice())?;
//! assert_eq!(parsed.function(0).map(|main| main.max_stack), Some(1));
//! let verified = vega_format::verify(parsed).expect("the verifier accepts it");
//! assert_eq!(verified.module().bytes(), bytes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Without the feature `std` it needs only `alloc`.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

#[macro_use]
extern crate alloc;

mod adopt;
pub mod allocator;
pub mod arithmetic;
pub mod blocks;
mod both;
pub mod budget;
pub mod builder;
pub mod cell;
pub mod compute;
pub mod container;
pub mod entry;
pub mod error;
pub mod fields;
pub mod free_list;
pub mod hash;
pub mod instruction;
pub mod join;
mod kept;
pub mod layout;
pub mod mangle;
pub mod parsed;
pub mod proof;
pub mod read;
pub mod rows;
pub mod share;
pub mod stencil;
pub mod text;
pub mod trap;
pub mod types;
pub mod verify;
pub mod write;

pub use builder::Builder;
pub use error::{FormatError, VerifyError};
pub use parsed::Parsed;
pub use read::{Outline, Reader, read};
pub use verify::{Verified, verify};
