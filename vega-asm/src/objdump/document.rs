//! All views as one JSON document. Its form is `spec/objdump.schema.json`; the number goes up when a field changes its
//! meaning or goes away.

use super::lazily::Lazily;
use super::why::Found;
use super::{
    Subject, Views, at, bytes, calls, cfg, constants, contents, diff, functions, imports, metadata, relocations,
    search, sections, sizes, statics, stencils, symbols,
};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::io::{self, Write};
use vega_format::container::{Head, SectionId};
use vega_format::error::VerifyError;
use vega_format::trap::CERTAIN;
use vega_format::{FormatError, Parsed};

/// The version of the form of the document.
pub const SCHEMA_VERSION: u32 = 1;

/// The views that are asked for as data; headers and functions, if none is.
///
/// # Errors
/// `out` gives one.
pub fn json(out: &mut dyn Write, subject: &Subject<'_>, views: &Views) -> io::Result<()> {
    print(out, &Document { subject, views })
}

/// The same of a file in which not even a section table is found.
///
/// # Errors
/// `out` gives one.
pub fn json_of_bytes(
    out: &mut dyn Write,
    name: &str,
    bytes: &[u8],
    faults: &[FormatError],
    views: &Views,
) -> io::Result<()> {
    print(out, &Unknown { name, bytes, faults, views })
}

/// What two files differ in.
///
/// # Errors
/// `out` gives one.
pub fn json_of_difference(
    out: &mut dyn Write,
    files: [&str; 2],
    first: &Parsed<'_>,
    second: &Parsed<'_>,
) -> io::Result<()> {
    print(out, &Differing { schema_version: SCHEMA_VERSION, files, difference: diff::of(first, second) })
}

#[derive(Serialize)]
struct Differing<'a> {
    schema_version: u32,
    files: [&'a str; 2],
    difference: diff::Difference,
}

fn print(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

struct Document<'a> {
    subject: &'a Subject<'a>,
    views: &'a Views,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Document { subject, views } = self;
        let summary = views.is_none();
        let (parsed, verdict) = (subject.parsed, subject.verdict);
        let mut map = serializer.serialize_map(None)?;
        start(&mut map, subject.name, Some(parsed.head()))?;
        map.serialize_entry("accepted", &subject.is_accepted())?;
        if views.all_headers || summary {
            map.serialize_entry("metadata", &metadata::of(parsed))?;
        }
        if views.shows_sections() || summary {
            map.serialize_entry("sections", &Lazily(|| sections::rows(parsed.head(), views)))?;
        }
        if views.all_headers {
            map.serialize_entry("constants", &Lazily(|| constants::rows(parsed)))?;
            map.serialize_entry("types", &Lazily(|| stencils::rows(parsed)))?;
            map.serialize_entry("imports", &Lazily(|| imports::rows(parsed)))?;
            map.serialize_entry("statics", &Lazily(|| statics::rows(parsed)))?;
        }
        if views.shows_symbols() || summary {
            map.serialize_entry("symbols", &Lazily(|| symbols::rows(parsed, views)))?;
        }
        if views.shows_relocations() {
            map.serialize_entry("relocations", &Lazily(|| relocations::rows(parsed, views)))?;
        }
        if views.shows_contents() {
            map.serialize_entry("contents", &Lazily(|| contents::rows(parsed.head(), parsed.bytes(), views)))?;
        }
        if views.bytes {
            map.serialize_entry(
                "fields",
                &bytes::Fields { file: parsed.bytes(), part: sections::named(parsed.head(), views) },
            )?;
        }
        if views.shows_code() {
            map.serialize_entry("functions", &Lazily(|| functions::rows(subject, views)))?;
        }
        if views.sizes {
            map.serialize_entry("sizes", &sizes::of(parsed, views))?;
        }
        if views.calls.is_some() {
            map.serialize_entry("calls", &Lazily(|| calls::rows(parsed, views)))?;
        }
        if views.cfg.is_some() {
            map.serialize_entry("cfg", &Lazily(|| cfg::rows(parsed, views)))?;
        }
        if let Some(at) = &views.at {
            map.serialize_entry("at", &at::of(parsed, at, views).ok())?;
        }
        if views.shows_search() {
            map.serialize_entry("found", &Lazily(|| search::rows(parsed, views)))?;
        }
        if views.why_refused && subject.is_judged() {
            map.serialize_entry("slices", &super::slices(parsed, &subject.refusals(views)))?;
            match Found::of(subject, views).left_out() {
                0 => {}
                more => map.serialize_entry("left_out_slices", &more)?,
            }
        }
        if let Ok(module) = verdict {
            if views.budget || summary {
                map.serialize_entry("budget", &super::budget(module, views))?;
            }
            if views.layout {
                map.serialize_entry("layout", &super::layout(module, views))?;
            }
        }
        map.serialize_entry("problems", &problems(subject))?;
        map.end()
    }
}

struct Unknown<'a> {
    name: &'a str,
    bytes: &'a [u8],
    faults: &'a [FormatError],
    views: &'a Views,
}

impl Serialize for Unknown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        start(&mut map, self.name, None)?;
        map.serialize_entry("accepted", &false)?;
        if self.views.bytes {
            map.serialize_entry("fields", &bytes::Fields { file: self.bytes, part: None })?;
        }
        map.serialize_entry("problems", &malformed(self.faults))?;
        map.end()
    }
}

fn start<M: SerializeMap>(map: &mut M, name: &str, head: Option<&Head>) -> Result<(), M::Error> {
    map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
    map.serialize_entry("file", name)?;
    let Some(head) = head else { return Ok(()) };
    map.serialize_entry("kind", &head.kind().to_string())?;
    map.serialize_entry("version", &head.version())?;
    map.serialize_entry("bytes", &head.file_length())
}

/// What is wrong with a file, or will be.
#[derive(Serialize)]
pub(crate) struct Problem {
    code: String,
    level: &'static str,
    words: String,
    notes: Vec<String>,
    /// The section in which it lies, and where in the file.
    section: Option<&'static str>,
    file_offset: Option<u64>,
    /// The function in which it lies, and where in its code.
    function: Option<String>,
    offset: Option<u32>,
    source: Option<String>,
    line: Option<u32>,
}

impl Problem {
    fn malformed(error: &FormatError) -> Problem {
        Problem {
            code: error.kind.code().to_owned(),
            level: "error",
            words: error.to_string(),
            notes: Vec::new(),
            section: error.section.map(SectionId::name),
            file_offset: Some(error.offset),
            function: None,
            offset: None,
            source: None,
            line: None,
        }
    }

    fn refused(error: &VerifyError) -> Problem {
        let in_function = error.function.map(|_| ());
        Problem {
            code: error.rule.code().to_owned(),
            level: "error",
            words: error.words.clone(),
            notes: error.notes(),
            section: None,
            file_offset: None,
            function: in_function.map(|()| error.function_name.clone()),
            offset: in_function.map(|()| error.offset),
            source: error.source.as_ref().map(|(source, _)| source.clone()),
            line: error.source.as_ref().map(|(_, line)| *line),
        }
    }
}

/// What is wrong with the form of a file.
pub(crate) fn malformed(faults: &[FormatError]) -> Vec<Problem> {
    faults.iter().map(Problem::malformed).collect()
}

/// What is wrong with a file, or will be.
pub(crate) fn problems(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = malformed(subject.faults);
    let module = match subject.verdict {
        Ok(module) => module,
        Err(refusals) => {
            problems.extend(refusals.iter().map(Problem::refused));
            return problems;
        }
    };
    let parsed = module.module();
    let traps = module.certain_traps().iter().map(|trap| {
        let source = parsed.source_line(trap.function, trap.offset);
        Problem {
            code: trap.trap.kind().code().to_string(),
            level: "warning",
            words: trap.trap.to_string(),
            notes: vec![CERTAIN.to_owned()],
            section: None,
            file_offset: None,
            function: parsed.function(trap.function).map(|function| function.name.to_owned()),
            offset: Some(trap.offset),
            source: source.map(|(source, _)| source.to_owned()),
            line: source.map(|(_, line)| line),
        }
    });
    problems.extend(traps);
    problems
}
