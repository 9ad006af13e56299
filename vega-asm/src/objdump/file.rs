//! What a file is as a whole: title line and metadata.

use crate::literal::spell_string;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::Head;
use vega_report::quote;

pub(super) fn title(out: &mut dyn Write, name: &str, head: &Head) -> io::Result<()> {
    let (kind, version, bytes) = (head.kind(), head.version(), head.file_length());
    writeln!(out, "{}: {kind}, version {version}, {bytes} bytes", quote(name))
}

pub(super) fn metadata(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    writeln!(out, "\nproducer: {}", spell_string(parsed.producer()))?;
    for source in parsed.sources() {
        writeln!(out, "source: {}", spell_string(source))?;
    }
    writeln!(out, "meaning: {}\nwhole file: {}", parsed.ids().meaning, parsed.ids().whole)?;
    match parsed.entry().and_then(|entry| Some((parsed.function(entry.function)?, entry.result))) {
        Some((function, result)) => writeln!(out, "entry: {} = {}, {result}", function.name, function.signature),
        None => writeln!(out, "entry: none"),
    }
}
