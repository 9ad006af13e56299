//! The text form of `.vgb` files: from text to bytes and back, and a look inside; and one file out of several.
//!
//! The way of the data: text is read as a [`listing::Listing`], which is [assembled](assemble::build) into a
//! [`Builder`](vega_format::Builder), written and judged; a [`Parsed`](vega_format::Parsed) file is
//! [disassembled](disassemble()) into text that assembles to the same bytes. `spec/assembly.md` describes the text.
//!
//! Without the feature `cli`, which is on by default, there are no commands and nothing of the inspector.
//!
//! ```
//! use vega_asm::{Options, assemble, disassemble};
//! use vega_report::Sources;
//!
//! let text = "\
//! .entry main()I print
//! .function main()I
//!     LOAD_CONST index=int:100
//!     RETURN
//! .end
//! ";
//! let mut sources = Sources::new();
//! let source = sources.add("hundred.vasm", text);
//! let (bytes, diagnostics) = assemble(&sources, source, Options::default());
//! assert!(diagnostics.is_empty());
//!
//! let bytes = bytes.expect("nothing was complained about");
//! let again = disassemble(&vega_format::read(bytes.as_slice())?).text;
//! let source = sources.add("again.vasm", again);
//! assert_eq!(assemble(&sources, source, Options::default()).0, Some(bytes));
//! # Ok::<(), vega_format::FormatError>(())
//! ```
#![forbid(unsafe_code)]

pub mod annotate;
pub mod assemble;
pub mod check;
#[cfg(feature = "cli")]
pub mod command;
pub mod damage;
pub mod directive;
pub mod disassemble;
mod elsewhere;
pub mod exact;
mod hex;
pub mod hex_float;
#[cfg(feature = "cli")]
pub mod html;
pub mod link;
pub mod listing;
pub mod literal;
mod meant;
#[cfg(feature = "cli")]
pub mod objdump;
pub mod places;
pub mod problem;
mod remedy;
pub mod spelling;
pub mod surgery;
pub mod syntax;
pub mod type_name;
pub mod value;

pub use disassemble::{Disassembly, disassemble};

use problem::Problems;
use vega_report::{Diagnostic, SourceId, Sources};

/// How to assemble.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Whether the result must please the verifier. Without it the bytes may be refused by every other tool.
    pub verify: bool,
    /// What the debug section calls the text if it names no `.source`; the name in the diagnostics if left out.
    pub source_name: Option<&'a str>,
    /// Whether the result is an object, also where the text does not say so.
    pub object: bool,
    /// How many threads may work on it; nothing depends on it.
    pub threads: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { verify: true, source_name: None, object: false, threads: 1 }
    }
}

/// Assembles a text of `sources`: the bytes of the file, unless something is wrong, and what there is to say.
pub fn assemble(sources: &Sources, source: SourceId, options: Options<'_>) -> (Option<Vec<u8>>, Vec<Diagnostic>) {
    let mut problems = Problems::default();
    let assembled = {
        let listing = listing::read(sources.text(source), source, &mut problems);
        assemble::build(listing, options.source_name.unwrap_or(sources.name(source)), options, &mut problems)
    };
    let Some(assembled) = assembled.filter(|_| problems.is_empty() || options.verify) else {
        return (None, problems.into_diagnostics());
    };
    if !problems.is_empty() {
        check::judge_rest(assembled, source, options.threads, &mut problems);
        return (None, problems.into_diagnostics());
    }
    let written = match options.verify {
        _ if !assembled.damage.is_empty() => check::write_damaged(&assembled, source, options.verify),
        true => check::write_verified(assembled, source, sources.name(source), options.threads),
        false => check::write(&assembled, source).map(|bytes| (bytes, Vec::new())),
    };
    match written {
        Ok((bytes, warnings)) => (Some(bytes), warnings),
        Err(diagnostics) => (None, diagnostics),
    }
}
