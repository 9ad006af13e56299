//! The metadata: who made the file from what, the content ids, where it starts.

use crate::literal::spell_string;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;

/// The metadata as data.
#[derive(Serialize)]
pub(super) struct Metadata {
    producer: String,
    sources: Vec<String>,
    meaning: String,
    whole: String,
    entry: Option<Entry>,
}

#[derive(Serialize)]
struct Entry {
    function: String,
    readable: String,
    result: String,
}

pub(super) fn of(parsed: &Parsed<'_>) -> Metadata {
    let entry = parsed.entry().and_then(|entry| {
        let function = parsed.function(entry.function)?;
        let (name, readable) = (function.name.to_owned(), function.signature.to_string());
        Some(Entry { function: name, readable, result: entry.result.to_string() })
    });
    Metadata {
        producer: parsed.producer().to_owned(),
        sources: parsed.sources().map(str::to_owned).collect(),
        meaning: parsed.ids().meaning.to_string(),
        whole: parsed.ids().whole.to_string(),
        entry,
    }
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    let metadata = of(parsed);
    writeln!(out, "\nproducer: {}", spell_string(&metadata.producer))?;
    for source in &metadata.sources {
        writeln!(out, "source: {}", spell_string(source))?;
    }
    writeln!(out, "meaning: {}\nwhole file: {}", metadata.meaning, metadata.whole)?;
    match metadata.entry {
        None if parsed.entry().is_some() => writeln!(out, "entry: a function that cannot be read"),
        Some(entry) => writeln!(out, "entry: {} = {}, {}", entry.function, entry.readable, entry.result),
        None => writeln!(out, "entry: none"),
    }
}
