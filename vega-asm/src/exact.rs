//! Any file as a listing that assembles to the same bytes, whatever is wrong with it.
//!
//! What the verifier accepts, its [disassembly](crate::disassemble()) says. The disassembly of what it refuses is assembled:
//! where other bytes come out, because nobody would write a file so, those of the file stand below it, section by section or as
//! a whole. Of what cannot be read there are the bytes alone.

use crate::directive::Directive;
use crate::disassemble::{self, Disassembly, disassemble, hex_lines};
use crate::{Options, assemble};
use std::io;
use vega_format::container::SectionId;
use vega_format::verify;
use vega_format::{FormatError, Outline, Parsed};
use vega_report::{Sources, quote};

/// Writes a file as a listing; with [`verify`](Options::verify) off it assembles to the bytes of the file. What is accepted is
/// written on so many threads, about a function at a time.
///
/// # Errors
/// Those of `out`.
pub fn write(parsed: &Parsed<'_>, threads: usize, out: &mut dyn io::Write) -> io::Result<()> {
    let is_accepted = verify::check(parsed, verify::Options { threads, ..verify::Options::default() }).is_ok();
    if is_accepted && disassemble::write(parsed, threads, out)?.is_empty() {
        return Ok(());
    }
    let Disassembly { text, losses } = disassemble(parsed);
    let Some(below) = below(&text, &losses, parsed) else {
        return write!(out, "{}", whole("only its bytes say this file", parsed.bytes()));
    };
    if !is_accepted {
        out.write_all(text.as_bytes())?;
    }
    out.write_all(below.as_bytes())
}

/// Writes a file that cannot be read as a listing of its bytes.
///
/// # Errors
/// Those of `out`.
pub fn write_malformed(bytes: &[u8], error: &FormatError, out: &mut dyn io::Write) -> io::Result<()> {
    let words = format!("{}: {error}, at {}", error.kind.code(), error.place());
    write!(out, "{}", whole(&quote(&words), bytes))
}

/// What has to stand below a listing, so that both make the file. `None`: it makes no file itself, whatever stands there.
fn below(text: &str, losses: &[String], wanted: &Parsed<'_>) -> Option<String> {
    let plain = made(text)?;
    if plain == wanted.bytes() {
        return Some(String::new());
    }
    let losses: String = losses.iter().map(|loss| format!("; {}\n", quote(loss))).collect();
    let whole = whole("the file has other bytes than the lines above make: these", wanted.bytes());
    let mut ways = [other_sections(plain, wanted), whole].into_iter().map(|below| format!("\n{losses}{below}"));
    ways.find(|below| made(&format!("{text}{below}")).is_some_and(|made| made == wanted.bytes()))
}

/// The file that a listing makes.
pub(crate) fn made(text: &str) -> Option<Vec<u8>> {
    let mut sources = Sources::new();
    let source = sources.add("listing.vasm", text);
    assemble(&sources, source, Options { verify: false, ..Options::default() }).0
}

/// The sections that are not those of what was made.
pub(crate) fn other_sections(made: Vec<u8>, wanted: &Parsed<'_>) -> String {
    let mut text = "; these sections have other bytes than the lines above make\n".to_owned();
    let Ok(made) = Outline::read(made) else { return text };
    let section = Directive::Section.row().name;
    for id in SectionId::ALL.into_iter().filter(|id| made.body(*id) != wanted.body(*id)) {
        match wanted.body(id) {
            [] => text.push_str(&format!("{section} without {}\n", id.name())),
            body => hex_lines(&format!("{section} raw {}", id.name()), body).for_each(|line| text.push_str(&line)),
        }
    }
    text
}

/// The whole file as bytes.
pub(crate) fn whole(why: &str, bytes: &[u8]) -> String {
    let lines = hex_lines(Directive::Raw.row().name, bytes);
    std::iter::once(format!("; {why}\n")).chain(lines).collect()
}
