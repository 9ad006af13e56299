//! Source lines and functions as places in code, and back.

use crate::trace::is_called;
use core::fmt;
use std::collections::HashMap;
use std::path::Path;
use vega_format::container::Line;
use vega_format::parsed::Parsed;
use vega_format::text::escaped;
use vega_report::command::SourceTexts;

/// The start of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct CodePlace {
    pub(super) function: u32,
    pub(super) offset: u32,
}

/// A place where a person wants to stop, as code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) places: Vec<CodePlace>,
    /// Source and line, if the file has lines.
    pub(super) source: Option<(String, u32)>,
}

/// Why words are no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoPlace(String);

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `FILE:LINE`, `LINE`, `FUNCTION`, or `FUNCTION+OFFSET` means; a line alone is one of the source `here`.
pub(super) fn parse(module: &Parsed<'_>, words: &str, here: Option<&str>) -> Result<Found, NoPlace> {
    if let Ok(line) = words.parse() {
        return at_line(module, here, line);
    }
    if let Some((file, line)) = words.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return at_line(module, Some(file), line);
    }
    let (name, offset) = match words.rsplit_once('+') {
        Some((name, offset)) => (name, parse_offset(offset).ok_or_else(|| no_function(module, words))?),
        None => (words, 0),
    };
    in_functions(module, name.trim(), offset)
}

fn parse_offset(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn in_functions(module: &Parsed<'_>, name: &str, offset: u32) -> Result<Found, NoPlace> {
    let functions = module.functions().filter(|function| is_called(function, name));
    let places: Vec<_> = functions.map(|function| CodePlace { function: function.index, offset }).collect();
    let Some(first) = places.first() else { return Err(no_function(module, name)) };
    let starts = |place: &CodePlace| {
        module.function(place.function).is_some_and(|function| {
            vega_format::instruction::walk(function.code).filter_map(Result::ok).any(|(start, _)| start == place.offset)
        })
    };
    if !places.iter().all(starts) {
        return Err(NoPlace(format!("no instruction of `{name}` starts at {offset:#06x}")));
    }
    let source = module.source_line(first.function, offset).map(|(file, line)| (file.to_owned(), line));
    Ok(Found { places, source })
}

fn no_function(module: &Parsed<'_>, name: &str) -> NoPlace {
    let names: Vec<String> = module.functions().map(|function| function.signature.name.to_owned()).collect();
    let near = vega_report::near(name, names.iter().map(String::as_str));
    let hint = near.map(|near| format!("; there is `{near}`")).unwrap_or_default();
    NoPlace(format!("there is no function `{}`{hint}", vega_report::quote(name)))
}

/// The first instruction of a line in each function that has it; if none has, that of the next line that some function
/// has.
pub(super) fn at_line(module: &Parsed<'_>, file: Option<&str>, line: u32) -> Result<Found, NoPlace> {
    if !module.has_debug() {
        return Err(NoPlace("the program has no lines; compile it without `--strip-debug`".to_owned()));
    }
    let mut best: Option<(u32, Found)> = None;
    for function in 0..module.function_count() {
        let Some(debug) = module.debug(function) else { continue };
        let source = module.sources().nth(debug.source as usize).unwrap_or_default();
        if file.is_some_and(|file| !is_file(source, file)) {
            continue;
        }
        let next = debug.lines.iter().filter(|record| record.line >= line).map(|record| record.line).min();
        let Some(next) = next else { continue };
        let Some(record) = debug.lines.iter().find(|record| record.line == next) else { continue };
        let place = CodePlace { function, offset: record.offset };
        match &mut best {
            Some((nearest, found)) if *nearest == next => found.places.push(place),
            Some((nearest, _)) if *nearest < next => {}
            _ => best = Some((next, Found { places: vec![place], source: Some((source.to_owned(), next)) })),
        }
    }
    best.map(|(_, found)| found).ok_or_else(|| match file {
        Some(file) if !module.sources().any(|source| is_file(source, file)) => {
            let known: Vec<_> = module.sources().map(|source| format!("`{}`", escaped(source))).collect();
            NoPlace(format!("there is no source `{}`, but {}", vega_report::quote(file), known.join(", ")))
        }
        _ => NoPlace(format!("no code comes from line {line} or those behind it")),
    })
}

/// Whether a source is what a person or an editor calls so: perhaps by a longer path, perhaps by its last part only.
fn is_file(source: &str, file: &str) -> bool {
    source == file || Path::new(file).ends_with(source) || Path::new(source).ends_with(file)
}

/// Whether a function is one of the library, whose source nobody has at hand.
pub(super) fn is_of_library(module: &Parsed<'_>, function: u32) -> bool {
    module.source_line(function, 0).is_some_and(|(source, _)| SourceTexts::is_of_library(source))
}

/// The lines of functions, read from the file when first wanted.
#[derive(Debug, Default)]
pub(super) struct Lines(HashMap<u32, Vec<Line>>);

impl Lines {
    fn of(&mut self, module: &Parsed<'_>, function: u32) -> &[Line] {
        self.0.entry(function).or_insert_with(|| module.debug(function).map(|debug| debug.lines).unwrap_or_default())
    }

    /// The line of an instruction, and whether it is the first one of it here.
    pub(super) fn at(&mut self, module: &Parsed<'_>, place: CodePlace) -> Option<(u32, bool)> {
        let lines = self.of(module, place.function);
        let record = lines.get(lines.partition_point(|line| line.offset <= place.offset).checked_sub(1)?)?;
        Some((record.line, record.offset == place.offset))
    }
}
