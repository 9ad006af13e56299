//! [`Parsed`] → text that assembles to the same bytes: the mirror image of `assemble`, part by part in its order.

use crate::directive::Directive;
use crate::{literal, spelling, value};
use std::fmt::Write as _;
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug, ImportKind, Kind, SectionId, Value};
use vega_format::instruction::walk;
use vega_format::stencil::{Stencil, TypeRef};

/// A file as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disassembly {
    /// The listing.
    pub text: String,
    /// What it could not say, so that it will not assemble to the same bytes. Empty for files that were verified,
    /// unless their debug section is nonsense.
    pub losses: Vec<String>,
}

/// The most bytes of a text on one line; `.append` goes on.
const MOST_TEXT: usize = 1000;
/// The most bytes of a section in hex on one line.
const MOST_BYTES: usize = 48;
/// Where comments start, if the code leaves room.
const COMMENT_COLUMN: usize = 40;

/// Writes a file as a listing.
pub fn disassemble(parsed: &Parsed<'_>) -> Disassembly {
    let mut writer = Writer { parsed, out: String::new(), losses: Vec::new() };
    writer.metadata();
    writer.constants();
    writer.imports();
    writer.structs();
    writer.statics();
    writer.opaque_sections();
    for function in parsed.functions() {
        writer.function(&function);
    }
    Disassembly { text: writer.out, losses: writer.losses }
}

struct Writer<'p> {
    parsed: &'p Parsed<'p>,
    out: String,
    losses: Vec<String>,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn comment(&mut self, text: &str, comment: &str) {
        // A `String` takes all that is written to it, so there is no error to hand on.
        let column = COMMENT_COLUMN.max(text.chars().count() + 1);
        let _ = writeln!(self.out, "{text:<column$}; {comment}");
    }

    /// A directive that ends in a text, over as many lines as it needs.
    fn text(&mut self, start: &str, text: &str) {
        let append = Directive::Append.row().name;
        let indent = start.len() - start.trim_start().len();
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

    fn constants(&mut self) {
        if self.parsed.constant_count() > 0 {
            self.gap();
        }
        let directive = Directive::Const.row().name;
        for (index, constant) in self.parsed.constants().enumerate() {
            match constant {
                Value::Scalar(tag, bits) => {
                    let text = format!("{directive} {}", value::spell_scalar(tag, bits));
                    self.comment(&text, &index.to_string());
                }
                Value::String(text) => self.text(directive, text),
            }
        }
    }

    fn imports(&mut self) {
        if self.parsed.import_count() > 0 {
            self.gap();
        }
        for import in self.parsed.imports() {
            let elsewhere = if import.kind == ImportKind::Module { " module" } else { "" };
            let text = format!("{} {}{elsewhere}", Directive::Import.row().name, import.name);
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
            self.comment(&text, &format!("{} bytes", self.parsed.stencils().size(type_ref)));
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
        let mut lines = bytes.chunks(MOST_BYTES).map(hex);
        let first = lines.next().unwrap_or_default();
        self.line(&format!("{start} \"{first}\""));
        for line in lines {
            self.line(&format!("{} \"{line}\"", Directive::Append.row().name));
        }
    }

    fn function(&mut self, function: &Function<'_>) {
        let debug = self.parsed.debug(function.index);
        self.gap();
        let exported = if function.exported { " exported" } else { "" };
        let text = format!("{} {}{exported}", Directive::Function.row().name, function.name);
        self.comment(&text, &function.signature.to_string());
        self.line(&format!("    {} {}", Directive::Stack.row().name, function.max_stack));
        if let Some(limit) = function.limit {
            self.line(&format!("    {} {limit}", Directive::Limit.row().name));
        }
        if let Some(debug) = &debug {
            self.line(&format!("    {} {}", Directive::File.row().name, debug.source));
            self.line(&format!("    {} {}", Directive::Declared.row().name, debug.line));
            if debug.parameters.iter().any(|name| !name.is_empty()) {
                for name in &debug.parameters {
                    self.name(&format!("    {}", Directive::Parameter.row().name), name);
                }
            }
        }
        for (number, kind) in function.slots.iter().enumerate() {
            let kind = spelling::slot_kind(self.parsed, *kind);
            let text = format!("    {} {number} {kind}", Directive::Slot.row().name);
            match debug.as_ref().and_then(|debug| debug.slots.get(number)).filter(|name| !name.is_empty()) {
                Some(name) => self.name(&text, name),
                None => self.line(&text),
            }
        }
        self.code(function, debug.as_ref());
        self.line(Directive::End.row().name);
    }

    fn code(&mut self, function: &Function<'_>, debug: Option<&FunctionDebug>) {
        let labels = spelling::labels(function);
        let mut lines = debug.map(|debug| debug.lines.iter().peekable());
        for item in walk(function.code) {
            let (offset, instruction) = match item {
                Ok(found) => found,
                Err(error) => {
                    self.line(&format!("    ; {error}"));
                    self.losses.push(format!("code of `{}`: {error}", function.name));
                    break;
                }
            };
            while let Some(line) = lines.as_mut().and_then(|lines| lines.next_if(|line| line.offset <= offset)) {
                self.line(&format!("    {} {}", Directive::Line.row().name, line.line));
                if line.offset < offset {
                    let place = format!("function `{}`, code 0x{:04x}", function.name, line.offset);
                    self.losses.push(format!("{place}: line {} begins inside an instruction", line.line));
                }
            }
            if labels.contains(&offset) {
                self.line(&format!("{}:", spelling::label(offset)));
            }
            if let Some(target) = instruction.target().filter(|target| !labels.contains(target)) {
                let place = format!("function `{}`, code 0x{offset:04x}", function.name);
                self.losses.push(format!("{place}: jumps to 0x{target:04x}, where no instruction starts"));
            }
            let text =
                format!("    {}", spelling::instruction(self.parsed, function, &labels, offset, &instruction, true));
            match spelling::meaning(self.parsed, function, debug, offset, &instruction) {
                Some(meaning) => self.comment(&text, &meaning),
                None => self.line(&text),
            }
        }
        if labels.contains(&(function.code.len() as u32)) {
            self.line(&format!("{}:", spelling::label(function.code.len() as u32)));
        }
        for line in lines.into_iter().flatten() {
            self.losses.push(format!("function `{}`: line {} begins inside an instruction", function.name, line.line));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
