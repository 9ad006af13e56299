//! What a file is as a whole: title line and metadata.

use crate::literal::spell_string;
use std::io::{self, Write};
use vega_format::container::{Header, SectionRecord};
use vega_format::{Outline, Parsed};
use vega_report::quote;

pub(super) fn title(out: &mut dyn Write, name: &str, outline: &Outline<'_>) -> io::Result<()> {
    let head = Header::SIZE + SectionRecord::SIZE * outline.sections().len();
    let bytes = head as u64 + outline.sections().iter().map(|section| section.length).sum::<u64>();
    writeln!(out, "{}: {}, version {}, {bytes} bytes", quote(name), outline.kind(), outline.version())
}

pub(super) fn metadata(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    writeln!(out, "\nproducer: {}", spell_string(parsed.producer()))?;
    for source in parsed.sources() {
        writeln!(out, "source: {}", spell_string(source))?;
    }
    match parsed.entry().and_then(|entry| Some((parsed.function(entry.function)?, entry.result))) {
        Some((function, result)) => writeln!(out, "entry: {} = {}, {result}", function.name, function.signature),
        None => writeln!(out, "entry: none"),
    }
}
