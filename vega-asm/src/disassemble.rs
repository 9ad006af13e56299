//! [`Parsed`] → text that assembles to the same bytes: the mirror image of `assemble`, part by part in its order.

use crate::directive::Directive;
use crate::hex;
use crate::literal;
use crate::spelling::{self, Labels, Naming, SHORT_TEXT};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::mpsc::{self, Receiver};
use std::thread::Scope;
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug, ImportKind, Kind, SectionId, Value};
use vega_format::instruction::{Instruction, walk};
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::text::counted;

/// A file as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disassembly {
    /// The listing.
    pub text: String,
    /// What it could not say, so that it will not assemble to the same bytes; [`exact`](crate::exact) adds that. Empty for
    /// files that were verified, unless their debug section is nonsense.
    pub losses: Vec<String>,
}

/// The most bytes of a text on one line; `.append` goes on.
const MOST_TEXT: usize = 1000;
/// The most bytes of a section in hex on one line.
const MOST_BYTES: usize = 48;
/// Where comments start, if the code leaves room.
const COMMENT_COLUMN: usize = 40;

/// What is held before it is written out, if not all of it is.
const MOST_HELD: usize = 256 << 10;
/// How many functions are of one thread, before the next has its turn.
const RUN: u32 = 256;

/// Writes a file as a listing.
pub fn disassemble(parsed: &Parsed<'_>) -> Disassembly {
    let mut writer = Writer::new(parsed);
    writer.module();
    for function in parsed.functions() {
        writer.function(&function);
    }
    Disassembly { text: writer.out, losses: writer.losses }
}

/// Writes a file as a listing, on so many threads, each of which holds no more than about a function at a time. Gives what it
/// could not say.
///
/// # Errors
/// Those of `out`.
pub fn write(parsed: &Parsed<'_>, threads: usize, out: &mut dyn io::Write) -> io::Result<Vec<String>> {
    let mut writer = Writer::new(parsed);
    writer.module();
    out.write_all(writer.out.as_bytes())?;
    writer.out.clear();
    let runs = parsed.function_count().div_ceil(RUN);
    // The threads take turns with the runs, and one that had only one would not be worth it.
    let threads = if threads > 1 { threads.min(runs as usize / 2) } else { 0 };
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..threads).map(|first| begin_runs(parsed, first, threads, scope).ok()).collect();
        for run in 0..runs {
            match others.get(run as usize % threads.max(1)).and_then(Option::as_ref) {
                Some(parts) => {
                    for part in parts {
                        out.write_all(part.text.as_bytes())?;
                        writer.losses.extend(part.losses);
                        if part.ends_run {
                            break;
                        }
                    }
                }
                None => writer.run(run, |writer, _| {
                    let written = out.write_all(writer.out.as_bytes());
                    writer.out.clear();
                    written
                })?,
            }
        }
        Ok(writer.losses)
    })
}

/// Begins a thread that writes some of the runs, until nobody wants them any more, and is never more than a part ahead.
fn begin_runs<'s, 'p: 's>(
    parsed: &'p Parsed<'_>,
    first: usize,
    threads: usize,
    scope: &'s Scope<'s, 'p>,
) -> io::Result<Receiver<Part>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let put = move |writer: &mut Writer<'_>, ends_run| {
        let room = String::with_capacity(writer.out.len());
        let text = std::mem::replace(&mut writer.out, room);
        sender.send(Part { text, losses: std::mem::take(&mut writer.losses), ends_run })
    };
    let work = move || {
        let mut writer = Writer::new(parsed);
        let mut runs = (0..parsed.function_count().div_ceil(RUN)).skip(first).step_by(threads);
        // Where nobody wants more, it is because writing failed.
        _ = runs.try_for_each(|run| writer.run(run, &put));
    };
    std::thread::Builder::new().spawn_scoped(scope, work)?;
    Ok(receiver)
}

/// The lines of a directive that ends in bytes: as many as one holds, and the rest behind it.
pub(crate) fn hex_lines(start: &str, bytes: &[u8]) -> impl Iterator<Item = String> {
    let (first, rest) = bytes.split_at(bytes.len().min(MOST_BYTES));
    let rest =
        rest.chunks(MOST_BYTES).map(|part| format!("{} \"{}\"\n", Directive::Append.row().name, hex::joined(part)));
    std::iter::once(format!("{start} \"{}\"\n", hex::joined(first))).chain(rest)
}

/// A part of the listing, as a thread hands it over.
struct Part {
    text: String,
    losses: Vec<String>,
    /// Whether it is the last one of the run.
    ends_run: bool,
}

struct Writer<'p> {
    parsed: &'p Parsed<'p>,
    out: String,
    losses: Vec<String>,
    /// What stands behind the names of mangled names, in the form for people: most functions share it with others.
    readable: HashMap<&'p str, String, RandomState>,
    /// The code and the labels of the function that is written.
    code: Vec<(u32, Instruction)>,
    labels: Labels,
}

impl<'p> Writer<'p> {
    fn new(parsed: &'p Parsed<'p>) -> Writer<'p> {
        Writer {
            parsed,
            out: String::new(),
            losses: Vec::new(),
            readable: HashMap::default(),
            code: Vec::new(),
            labels: Labels::default(),
        }
    }

    /// What stands outside the functions.
    fn module(&mut self) {
        self.metadata();
        self.long_texts();
        self.imports();
        self.structs();
        self.statics();
        self.opaque_sections();
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn comment(&mut self, text: &str, comment: &str) {
        let start = self.out.len();
        self.out.push_str(text);
        self.comment_from(start);
        self.line(comment);
    }

    /// Goes to the column for comments on a line that starts at `start`.
    fn comment_from(&mut self, start: usize) {
        let line = self.out.get(start..).unwrap_or_default();
        let width = if line.is_ascii() { line.len() } else { line.chars().count() };
        let blanks = COMMENT_COLUMN.saturating_sub(width).max(1);
        self.out.extend(std::iter::repeat_n(' ', blanks));
        self.out.push_str("; ");
    }

    /// A directive that ends in a text, over as many lines as it needs.
    fn text(&mut self, start: &str, text: &str) {
        let append = Directive::Append.row().name;
        let indent = start.len() - start.trim_start_matches(' ').len();
        let mut rest = text;
        let mut start = start.to_owned();
        loop {
            let (part, after) = rest.split_at_checked(rest.floor_char_boundary(MOST_TEXT)).unwrap_or((rest, ""));
            self.line(&format!("{start} {}", literal::spell_string(part)));
            if after.is_empty() {
                return;
            }
            rest = after;
            start = format!("{:indent$}{append}", "");
        }
    }

    /// A directive that ends in a name.
    fn name(&mut self, start: &str, name: &str) {
        if vega_format::mangle::is_identifier(name) {
            self.line(&format!("{start} {name}"));
        } else {
            self.text(start, name);
        }
    }

    fn gap(&mut self) {
        self.out.push('\n');
    }

    fn metadata(&mut self) {
        self.text(Directive::Producer.row().name, self.parsed.producer());
        for source in self.parsed.sources() {
            self.text(Directive::Source.row().name, source);
        }
        if !self.parsed.has_debug() {
            self.line(Directive::NoDebug.row().name);
        }
        match self.parsed.kind() {
            Kind::Program => {}
            Kind::Library => self.line(Directive::Library.row().name),
            Kind::Object => self.line(Directive::Object.row().name),
        }
        if let Some(entry) = self.parsed.entry() {
            let name = self.parsed.function(entry.function).map(|function| function.name).unwrap_or_default();
            self.line(&format!("{} {name} {}", Directive::Entry.row().name, entry.result));
        }
    }

    /// All other constants stand where they are used.
    fn long_texts(&mut self) {
        let long = (0..).zip(self.parsed.constants()).filter_map(|(number, constant)| match constant {
            Value::String(text) if text.len() > SHORT_TEXT => Some((number, text)),
            _ => None,
        });
        for (number, text) in long {
            let mut start = format!("\n{} ", Directive::Const.row().name);
            spelling::write_long_text(&mut start, number);
            start.push_str(" =");
            self.text(&start, text);
        }
    }

    fn imports(&mut self) {
        if self.parsed.import_count() > 0 {
            self.gap();
        }
        for import in self.parsed.imports() {
            let elsewhere = if import.kind == ImportKind::Module { " module" } else { "" };
            let bound = import.bound.map(|bytes| format!(" bound {bytes}")).unwrap_or_default();
            let text = format!("{} {}{elsewhere}{bound}", Directive::Import.row().name, import.name);
            self.comment(&text, &import.signature.to_string());
        }
    }

    /// Tuples, arrays and bounded texts are spelled where they are used; structs have to be declared.
    fn structs(&mut self) {
        for (index, stencil) in self.parsed.stencils().iter().enumerate() {
            let Stencil::Struct { name, fields } = stencil else { continue };
            let type_ref = TypeRef::Stencil(index as u32);
            self.gap();
            let text = format!("{} {name}", Directive::Struct.row().name);
            self.comment(&text, &counted(self.parsed.stencils().size(type_ref), "byte"));
            for (field, (offset, part)) in fields.iter().zip(self.parsed.stencils().parts(type_ref)) {
                let type_ = spelling::type_of(self.parsed, part);
                let text = format!("    {} {} {type_}", Directive::Field.row().name, field.name);
                self.comment(&text, &format!("offset {offset}"));
            }
            self.line(Directive::End.row().name);
        }
    }

    fn statics(&mut self) {
        for (number, block) in self.parsed.statics().enumerate() {
            self.gap();
            let text = format!("{} {}", Directive::Static.row().name, block.capacity);
            self.comment(&text, &number.to_string());
            for (offset, type_ref) in block.variables {
                let type_ = spelling::type_of(self.parsed, *type_ref);
                let text = format!("    {} {type_}", Directive::Variable.row().name);
                self.comment(&text, &format!("offset {offset}"));
            }
            if !block.image.is_empty() {
                self.hex(&format!("    {}", Directive::Bytes.row().name), block.image);
            }
            self.line(Directive::End.row().name);
        }
    }

    fn opaque_sections(&mut self) {
        let opaque = [(Directive::Certificate, SectionId::Certificate), (Directive::Signature, SectionId::Signature)];
        for (directive, id) in opaque {
            let bytes = self.parsed.body(id);
            if !bytes.is_empty() {
                self.gap();
                self.hex(directive.row().name, bytes);
            }
        }
        for section in self.parsed.custom_sections() {
            self.gap();
            let (number, name) = (section.number, literal::spell_string(section.name));
            self.hex(&format!("{} 0x{number:04x} {name}", Directive::Custom.row().name), section.bytes);
        }
    }

    /// A directive that ends in bytes, over as many lines as they need.
    fn hex(&mut self, start: &str, bytes: &[u8]) {
        self.out.extend(hex_lines(start, bytes));
    }

    /// Functions that stand behind one another. `put` is handed what there is whenever it is enough, and at the end.
    fn run<E>(&mut self, run: u32, mut put: impl FnMut(&mut Self, bool) -> Result<(), E>) -> Result<(), E> {
        for function in (run * RUN..).take(RUN as usize).map_while(|index| self.parsed.function(index)) {
            self.function(&function);
            if self.out.len() >= MOST_HELD {
                put(self, false)?;
            }
        }
        put(self, true)
    }

    fn function(&mut self, function: &Function<'p>) {
        let debug = self.parsed.debug(function.index);
        self.gap();
        let start = self.out.len();
        self.words(&[Directive::Function.row().name, " ", function.name]);
        if function.exported {
            self.out.push_str(" exported");
        }
        self.comment_from(start);
        self.readable(function);
        self.number(Directive::Stack, function.max_stack.into());
        if let Some(limit) = function.limit {
            self.number(Directive::Limit, limit);
        }
        if let Some(debug) = &debug {
            self.number(Directive::File, debug.source);
            self.number(Directive::Declared, debug.line);
            if debug.parameters.iter().any(|name| !name.is_empty()) {
                for name in &debug.parameters {
                    self.name(&format!("    {}", Directive::Parameter.row().name), name);
                }
            }
        }
        for (number, kind) in (0..).zip(function.slots) {
            let start = self.out.len();
            self.words(&["    ", Directive::Slot.row().name, " "]);
            spelling::write_number(&mut self.out, number);
            self.out.push(' ');
            spelling::write_slot_kind(&mut self.out, self.parsed, *kind);
            match debug.as_ref().and_then(|debug| debug.slots.get(number as usize)).filter(|name| !name.is_empty()) {
                Some(name) => {
                    let line = self.out.split_off(start);
                    self.name(&line, name);
                }
                None => self.out.push('\n'),
            }
        }
        self.code(function, debug.as_ref());
        self.line(Directive::End.row().name);
    }

    fn words(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.out.push_str(word));
    }

    /// A line of a function: a directive and a number.
    fn number(&mut self, directive: Directive, number: u32) {
        self.words(&["    ", directive.row().name, " "]);
        spelling::write_number(&mut self.out, number);
        self.out.push('\n');
    }

    /// Ends the line with a function's name and types in the form for people.
    fn readable(&mut self, function: &Function<'p>) {
        let name = function.signature.name;
        let types = function.name.get(name.len()..).unwrap_or_default();
        let readable = self.readable.entry(types).or_insert_with(|| {
            let whole = function.signature.to_string();
            whole.get(name.len()..).unwrap_or_default().to_owned()
        });
        self.out.push_str(name);
        self.out.push_str(readable);
        self.out.push('\n');
    }

    fn code(&mut self, function: &Function<'p>, debug: Option<&FunctionDebug>) {
        let mut code = std::mem::take(&mut self.code);
        let mut labels = std::mem::take(&mut self.labels);
        let mut malformed = None;
        code.clear();
        for item in walk(function.code) {
            match item {
                Ok(placed) => code.push(placed),
                Err(error) => malformed = Some(error),
            }
        }
        let end = function.code.len();
        labels.find(&code, end);
        let mut places = labels.iter().peekable();
        let mut lines = debug.map(|debug| debug.lines.iter().peekable());
        for (offset, instruction) in &code {
            let offset = *offset;
            while let Some(line) = lines.as_mut().and_then(|lines| lines.next_if(|line| line.offset <= offset)) {
                self.number(Directive::Line, line.line);
                if line.offset < offset {
                    let place = format!("function `{}`, code 0x{:04x}", function.name, line.offset);
                    self.losses.push(format!("{place}: line {} begins inside an instruction", line.line));
                }
            }
            if places.next_if_eq(&offset).is_some() {
                self.label(offset);
            }
            let start = self.out.len();
            self.out.push_str("    ");
            let (out, naming) = (&mut self.out, Naming::Values);
            if !spelling::write_instruction(out, self.parsed, function, &labels, offset, instruction, naming) {
                // It points to what is not there, which only bytes can say.
                let words = self.out.split_off(start);
                self.line(&format!("    ; {}", words.trim_start()));
                self.bytes(function, offset as usize..offset as usize + instruction.width());
                continue;
            }
            if let Some(name) = debug.and_then(|debug| spelling::local(self.parsed, function, debug, instruction)) {
                self.comment_from(start);
                self.out.push_str(&spelling::short_name(name));
            }
            self.out.push('\n');
        }
        if let Some(error) = malformed {
            self.line(&format!("    ; {error}"));
            self.bytes(function, error.offset as usize..end);
            let words = "what follows stands there as bytes, without what only it uses";
            self.losses.push(format!("code of `{}`: {error}; {words}", function.name));
        }
        if labels.contains(end as u32) {
            self.label(end as u32);
        }
        for line in lines.into_iter().flatten() {
            self.losses.push(format!("function `{}`: line {} begins inside an instruction", function.name, line.line));
        }
        drop(places);
        (self.code, self.labels) = (code, labels);
    }

    /// A part of the code that is no instruction of this module.
    fn bytes(&mut self, function: &Function<'p>, part: Range<usize>) {
        let bytes = function.code.get(part).unwrap_or_default();
        self.hex(&format!("    {}", Directive::Bytes.row().name), bytes);
    }

    fn label(&mut self, offset: u32) {
        spelling::write_label(&mut self.out, offset);
        self.line(":");
    }
}
