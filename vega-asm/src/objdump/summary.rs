//! What a file is, for somebody who sees such a file for the first time: in sentences, with what to ask for next.

use super::{Subject, sections};
use crate::literal::spell_string;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::budget::{Budget, needed};
use vega_format::container::{EntryResult, Function, ImportKind, Kind, SectionId};
use vega_format::text::counted;

/// More functions are not listed.
const MOST_FUNCTIONS: usize = 20;

pub(super) fn write(out: &mut dyn Write, subject: &Subject<'_>) -> io::Result<()> {
    let parsed = subject.parsed;
    writeln!(out)?;
    origin(out, parsed)?;
    start(out, parsed)?;
    needs(out, parsed)?;
    verdict(out, subject)?;
    functions(out, parsed)?;
    sections_explained(out, parsed)?;
    writeln!(out, "\nMore: -d shows the instructions, -x all headers, --budget the proof, --help the rest.")
}

fn origin(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    let sources: Vec<String> = parsed.sources().map(spell_string).collect();
    let from = if sources.is_empty() { String::new() } else { format!(" from {}", sources.join(", ")) };
    writeln!(out, "Made by {}{from}.", spell_string(parsed.producer()))
}

fn start(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    let entry = parsed.entry().and_then(|entry| Some((parsed.function(entry.function)?, entry.result)));
    match (parsed.kind(), entry) {
        (_, Some((function, result))) => {
            let result = match (function.signature.result, result) {
                (None, _) => "",
                (_, EntryResult::Print) => ", whose result is printed",
                (_, EntryResult::Status) => ", whose result is the exit status",
            };
            writeln!(out, "It starts at `{}`{result}.", function.signature)
        }
        (Kind::Object, None) => writeln!(out, "It waits for the linker, `vega-ld`."),
        _ => writeln!(out, "It has no entry: a host calls its exported functions."),
    }
}

fn needs(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    for (kind, whom) in [(ImportKind::Host, "the host"), (ImportKind::Module, "other modules")] {
        let wanted = parsed.imports().filter(|import| import.kind == kind);
        let names: Vec<String> = wanted.map(|import| format!("`{}`", import.signature)).collect();
        if !names.is_empty() {
            writeln!(out, "It calls functions of {whom}: {}.", names.join(", "))?;
        }
    }
    Ok(())
}

fn verdict(out: &mut dyn Write, subject: &Subject<'_>) -> io::Result<()> {
    let module = match subject.verdict {
        Ok(module) => module,
        Err(refusals) => {
            let refusals = counted(refusals.len(), "reason");
            return writeln!(out, "The verifier refuses it, for {refusals}, so it does not run.");
        }
    };
    writeln!(out, "The verifier accepts it: it touches no memory but its own.")?;
    if subject.parsed.kind() == Kind::Object {
        return writeln!(out, "How much memory it uses is known once it is linked.");
    }
    let budget = Budget::of(module);
    let Some(entry) = budget.entry() else { return Ok(()) };
    let bytes = match entry.bytes {
        None => "It calls itself, so there is no bound on its memory".to_owned(),
        Some(u64::MAX) => format!("It may use {} of memory", needed(u64::MAX)),
        Some(bytes) => format!("It never uses more than {} of memory", needed(bytes)),
    };
    match entry.never_out_of_memory {
        Some(true) => writeln!(out, "{bytes}, and its arenas never run out."),
        _ => writeln!(out, "{bytes}; an arena of it may run out."),
    }
}

fn functions(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    let total = parsed.function_count() as usize;
    if total == 0 {
        return Ok(());
    }
    super::heading(out, "Functions")?;
    let note = |function: &Function<'_>| if function.exported { ", exported" } else { "" };
    for function in parsed.functions().take(MOST_FUNCTIONS) {
        let bytes = counted(function.code.len(), "byte");
        writeln!(out, "  {}  {bytes} of code{}", function.signature, note(&function))?;
    }
    match total.saturating_sub(MOST_FUNCTIONS) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more, which -t lists"),
    }
}

fn sections_explained(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    super::heading(out, "Sections")?;
    let head = parsed.head();
    for record in head.sections() {
        let what = SectionId::from_number(record.id).map_or("is for others than the machine", meaning);
        let (name, bytes) = (sections::name(head, record), counted(record.length as usize, "byte"));
        writeln!(out, "  {name:<12}  {bytes:>10}  {what}")?;
    }
    Ok(())
}

/// What a section is for.
fn meaning(id: SectionId) -> &'static str {
    match id {
        SectionId::Metadata => "who made it, where it starts, what is proved of it",
        SectionId::Constants => "numbers and texts that the code names",
        SectionId::Types => "layouts of structs, tuples, arrays and texts",
        SectionId::Imports => "functions that others must provide",
        SectionId::Functions => "names, slots and sizes of the functions",
        SectionId::Code => "the instructions of all functions",
        SectionId::Relocations => "calls that the linker fills in",
        SectionId::Debug => "source lines and names, for people",
        SectionId::Certificate => "what somebody certifies about it",
        SectionId::Signature => "who vouches for it",
        SectionId::Statics => "variables that live as long as the program",
    }
}
