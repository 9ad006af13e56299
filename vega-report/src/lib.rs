//! How every Vega tool talks to people: source text, diagnostics, their drawing, and what all binaries share.
//!
//! This crate knows no other Vega crate. A library makes [`Diagnostic`] values and hands them up; a binary draws
//! them through one [`Reporter`](command::Reporter) and turns the outcome into a [`Status`](command::Status).
//!
//! ```
//! use vega_report::{Diagnostic, Format, Sources, draw};
//!
//! let mut sources = Sources::new();
//! let source = sources.add("one.vg", "x = (1 + 2\n");
//! let diagnostic = Diagnostic::error("E0203", "this `(` is never closed")
//!     .label(source, 4..5, "opened here")
//!     .hint("add the missing `)`");
//! assert_eq!(
//!     draw(&diagnostic, &sources, Format::Short, false),
//!     "one.vg:1:5: error[E0203]: this `(` is never closed\n",
//! );
//! ```

#![forbid(unsafe_code)]

#[cfg(feature = "cli")]
pub mod command;
pub mod diagnostic;
pub mod draw;
pub mod dump;
mod excerpt;
pub mod explain;
pub mod fix;
pub mod near;
pub mod picture;
pub mod source;

pub use diagnostic::{Diagnostic, Edit, Label, Level, Place, quote};
pub use draw::{Format, draw};
pub use fix::fix;
pub use near::{Near, near, nearest};
pub use source::{Position, SourceId, Sources};
