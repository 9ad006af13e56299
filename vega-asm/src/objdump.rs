//! A look inside a file: one view a module. Every view is rows of data, which [`text`] lays out for people and [`json`]
//! hands to programs, in the form of `spec/objdump.schema.json`.
//!
//! Views show what the file says and nothing of the host: no addresses, times or paths.

mod at;
mod bytes;
mod calls;
mod cfg;
mod constants;
mod contents;
mod diff;
mod document;
mod functions;
mod graph;
mod imports;
mod lazily;
mod metadata;
mod names;
mod points;
mod relocations;
mod search;
mod sections;
mod sizes;
mod source;
mod statics;
mod stencils;
mod summary;
mod symbols;
mod views;
mod why;

pub use at::At;
pub(crate) use document::{Problem, malformed, problems};
pub use document::{SCHEMA_VERSION, json, json_of_bytes, json_of_difference};
pub use graph::Form;
pub use names::unknown;
pub use sections::write as section_headers;
pub use source::Texts;
pub use views::Views;
pub use why::{Slice, slices};

use std::io::{self, Write};
use vega_format::budget::Budget;
use vega_format::container::Head;
use vega_format::error::{FormatError, FormatErrorKind, VerifyError};
use vega_format::layout::Layout;
use vega_format::read;
use vega_format::text::counted;
use vega_format::verify::{self, verify_with};
use vega_format::{Parsed, Verified};
use vega_report::quote;

/// A file that is looked at, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its name, without the folders in which it lies.
    pub name: &'a str,
    /// What is in it.
    pub parsed: &'a Parsed<'a>,
    /// What is wrong with its form; then `parsed` is what can be read of it, and nobody has judged it.
    pub faults: &'a [FormatError],
    /// The verifier's judgement.
    pub verdict: Result<&'a Verified, &'a [VerifyError]>,
    /// The sources, as far as they are there.
    pub texts: &'a Texts,
}

/// A file as it was found.
#[derive(Debug)]
pub struct Examined<'a> {
    /// What is in it, as far as it can be read.
    pub parsed: Parsed<'a>,
    /// What is wrong with its form.
    pub faults: Vec<FormatError>,
    /// The verifier's judgement; of a damaged file it has said nothing.
    pub verdict: Result<Verified, Vec<VerifyError>>,
}

impl<'a> Examined<'a> {
    /// Reads and judges a file, on so many threads. Where nothing is wrong but checksums and ids it is judged as any other.
    ///
    /// # Errors
    /// Not even a section table is found; why.
    pub fn of(bytes: &'a [u8], threads: usize) -> Result<Examined<'a>, Vec<FormatError>> {
        let options = verify::Options { threads, ..verify::Options::default() };
        if let Ok(parsed) = read::read_on(bytes, threads) {
            let verdict = verify_with(parsed.clone(), options);
            return Ok(Examined { parsed, faults: Vec::new(), verdict });
        }
        let faults = read::faults(bytes);
        let Some(parsed) = read::salvage(bytes) else { return Err(faults) };
        let is_seal = |fault: &FormatError| {
            matches!(fault.kind, FormatErrorKind::Checksum { .. } | FormatErrorKind::ContentId { .. })
        };
        let verdict = match read::unsealed(bytes) {
            Ok(unsealed) if faults.iter().all(is_seal) => verify_with(unsealed, options),
            _ => Err(Vec::new()),
        };
        Ok(Examined { parsed, faults, verdict })
    }

    /// What views show of it.
    pub fn subject(&'a self, name: &'a str, texts: &'a Texts) -> Subject<'a> {
        let Examined { parsed, faults, verdict } = self;
        Subject { name, parsed, faults, verdict: verdict.as_ref().map_err(Vec::as_slice), texts }
    }
}

impl Subject<'_> {
    /// Whether it is a file that may be run.
    pub(crate) fn is_accepted(&self) -> bool {
        self.faults.is_empty() && self.verdict.is_ok()
    }

    /// Whether it is for the verifier to say why it is refused, if it is.
    fn is_judged(&self) -> bool {
        self.faults.is_empty() || self.verdict.is_err_and(|refusals| !refusals.is_empty())
    }

    /// Why it is refused: all of it, or what lies in the function that is asked for.
    fn refusals(&self, views: &Views) -> Vec<VerifyError> {
        let function = |refusal: &VerifyError| refusal.function.and_then(|index| self.parsed.function(index));
        let is_wanted = |refusal: &&VerifyError| function(refusal).is_none_or(|function| views.wants(&function));
        self.verdict.err().unwrap_or_default().iter().filter(is_wanted).cloned().collect()
    }
}

/// The first line of every text: what file, what kind, how large.
///
/// # Errors
/// `out` gives one.
pub fn title(out: &mut dyn Write, name: &str, head: &Head) -> io::Result<()> {
    let (kind, version, bytes) = (head.kind(), head.version(), head.file_length());
    writeln!(out, "{}: {kind}, version {version}, {}", quote(name), counted(bytes, "byte"))
}

/// The views that are asked for as text; a summary, if none is.
///
/// # Errors
/// `out` gives one.
pub fn text(out: &mut dyn Write, subject: &Subject<'_>, views: &Views) -> io::Result<()> {
    let parsed = subject.parsed;
    if views.why_refused && subject.is_judged() {
        return why::write(out, subject, views);
    }
    if !views.is_graph() {
        title(out, subject.name, parsed.head())?;
        if !subject.faults.is_empty() {
            writeln!(out, "It is damaged: what cannot be read is left out. Every byte of it: --bytes.")?;
        }
    }
    match views.is_none() {
        true if subject.faults.is_empty() => return summary::write(out, subject),
        true => return sections::write(out, parsed.head(), views),
        false => {}
    }
    if views.all_headers {
        metadata::write(out, parsed)?;
    }
    if views.shows_sections() {
        sections::write(out, parsed.head(), views)?;
    }
    if views.all_headers {
        constants::write(out, parsed)?;
        stencils::write(out, parsed)?;
        imports::write(out, parsed, views)?;
        statics::write(out, parsed)?;
    }
    if views.shows_symbols() {
        symbols::write(out, parsed, views)?;
    }
    if views.shows_relocations() {
        relocations::write(out, parsed, views)?;
    }
    if views.shows_contents() {
        contents::write(out, parsed.head(), parsed.bytes(), views)?;
    }
    if views.bytes {
        bytes::write(out, parsed.bytes(), sections::named(parsed.head(), views))?;
    }
    if views.shows_code() {
        functions::write(out, subject, views)?;
    }
    if views.sizes {
        sizes::write(out, parsed, views)?;
    }
    if let Some(form) = views.calls {
        calls::write(out, parsed, views, form)?;
    }
    if let Some(form) = views.cfg {
        cfg::write(out, parsed, views, form)?;
    }
    if let Some(at) = &views.at {
        at::write(out, parsed, at, views)?;
    }
    if views.shows_search() {
        search::write(out, parsed, views)?;
    }
    if let Ok(module) = subject.verdict {
        if views.budget {
            write!(out, "{}", budget(module, views))?;
        }
        if views.layout {
            write!(out, "{}", layout(module, views))?;
        }
    } else if views.budget || views.layout {
        writeln!(out, "\nBudget and layout are known only of what the verifier accepts.")?;
    }
    Ok(())
}

/// The same of a file in which not even a section table is found: its bytes, if they are asked for.
///
/// # Errors
/// `out` gives one.
pub fn text_of_bytes(out: &mut dyn Write, bytes: &[u8], views: &Views) -> io::Result<()> {
    if views.bytes { bytes::write(out, bytes, None) } else { Ok(()) }
}

/// What two files differ in, by name.
///
/// # Errors
/// `out` gives one.
pub fn difference(out: &mut dyn Write, first: &Parsed<'_>, second: &Parsed<'_>) -> io::Result<()> {
    diff::write(out, first, second)
}

/// The budget of a file, or of the function that is asked for.
fn budget<'m>(module: &'m Verified, views: &Views) -> Budget<'m> {
    match views.wanted_function() {
        Some(_) => Budget::of_functions(module, wanted(module, views)),
        None => Budget::of(module),
    }
}

/// The arenas of a file, or of the function that is asked for.
fn layout(module: &Verified, views: &Views) -> Layout {
    Layout::of_functions(module, wanted(module, views))
}

fn wanted<'a>(module: &'a Verified, views: &'a Views) -> impl Iterator<Item = u32> + 'a {
    module.module().functions().filter(|function| views.wants(function)).map(|function| function.index)
}

/// A heading behind an empty line.
fn heading(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{text}:")
}
