//! Parts of a file as text: what disassembler and inspector share. Operands are spelled by their kind alone, and written
//! behind what is there, because a listing has millions of them.

use crate::{literal, type_name, value};
use std::sync::LazyLock;
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug, SlotKind, Value};
use vega_format::instruction::{Instruction, OperandKind, ROWS, Space, Spelling, walk};
use vega_format::mangle;
use vega_format::parsed::CallTarget;
use vega_format::stencil::TypeRef;
use vega_format::types::{SignatureRef, Tag};
use vega_format::verify::parameter_cells;

/// The most bytes of a string constant that stands where it is used, or in a comment.
pub const SHORT_TEXT: usize = 40;

/// The offsets of a function that want a label, in order: jumps go there, and an instruction or the end of the code is
/// there.
#[derive(Debug, Default)]
pub struct Labels(Vec<u32>);

impl Labels {
    /// Those of a function.
    pub fn of(function: &Function<'_>) -> Labels {
        let code: Vec<_> = walk(function.code).map_while(Result::ok).collect();
        let mut labels = Labels::default();
        labels.find(&code, function.code.len());
        labels
    }

    /// The same for code that was decoded, of so many bytes.
    pub fn find(&mut self, code: &[(u32, Instruction)], end: usize) {
        let Labels(labels) = self;
        labels.clear();
        labels.extend(code.iter().filter_map(|(_, instruction)| instruction.target()));
        labels.sort_unstable();
        labels.dedup();
        let is_place = |target: &u32| code.binary_search_by_key(target, |(offset, _)| *offset).is_ok();
        labels.retain(|target| *target as usize == end || is_place(target));
    }

    /// Whether there is one at an offset.
    pub fn contains(&self, offset: u32) -> bool {
        self.0.binary_search(&offset).is_ok()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }
}

/// The label of an offset.
pub fn label(offset: u32) -> String {
    let mut text = String::new();
    write_label(&mut text, offset);
    text
}

/// Writes the label of an offset.
pub fn write_label(out: &mut String, offset: u32) {
    out.push('L');
    write_hex(out, offset);
}

/// Four digits, or as many more as it takes.
fn write_hex(out: &mut String, number: u32) {
    let digits = (u32::BITS - number.leading_zeros()).div_ceil(4).max(4);
    for place in (0..digits).rev() {
        out.push(char::from_digit(number >> (4 * place) & 0xf, 16).unwrap_or('0'));
    }
}

/// Writes a decimal number.
pub fn write_number(out: &mut String, number: u32) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// How operands are spelled that point into a table of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By number. A function of another module has none yet.
    Numbers,
    /// Functions and imports by name.
    Names,
    /// The same by the name that people write.
    Signatures,
    /// These by name and constants by value, but texts of more than [`SHORT_TEXT`] bytes by the name that
    /// [`write_long_text`] gives them.
    Values,
}

/// Of each opcode's row what stands before its operands: mnemonic and key, then the other keys. Of a row without operands,
/// the mnemonic.
static BEFORE: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let mut all = vec![Vec::new(); 256];
    for row in ROWS {
        let key = |place: usize, (key, _): &(&str, _)| match place {
            0 => format!("{} {key}=", row.mnemonic),
            _ => format!(" {key}="),
        };
        let keys = row.operands.iter().enumerate().map(|(place, operand)| key(place, operand));
        let bare = row.operands.is_empty().then(|| row.mnemonic.to_owned());
        if let Some(before) = all.get_mut(usize::from(row.number)) {
            *before = keys.chain(bare).collect();
        }
    }
    all
});

/// The instruction at an offset of a function, with every operand under its key.
pub fn instruction(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    labels: &Labels,
    offset: u32,
    instruction: &Instruction,
    naming: Naming,
) -> String {
    let mut text = String::new();
    write_instruction(&mut text, parsed, function, labels, offset, instruction, naming);
    text
}

/// Writes the instruction at an offset of a function, with every operand under its key. Gives whether all that it points to
/// outside its frame is there; what is not is written by number.
#[inline]
pub fn write_instruction(
    out: &mut String,
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    labels: &Labels,
    offset: u32,
    instruction: &Instruction,
    naming: Naming,
) -> bool {
    let row = instruction.row();
    let before = BEFORE.get(usize::from(row.number)).map(Vec::as_slice).unwrap_or_default();
    if row.operands.is_empty() {
        before.iter().for_each(|mnemonic| out.push_str(mnemonic));
        return true;
    }
    let mut is_there = true;
    let raw = instruction.operands();
    let operands = row.operands.iter().zip(raw.iter().copied());
    for (before, ((_, kind), raw)) in before.iter().zip(operands) {
        out.push_str(before);
        is_there &= match (kind.space, naming) {
            (Space::Constants, Naming::Values) => write_constant(out, parsed, raw),
            (Space::Functions, _) => match (parsed.call_target(function.index, offset, raw), naming) {
                (CallTarget::Function(_), Naming::Numbers) => write_name(out, None, raw),
                (CallTarget::Function(called), Naming::Signatures) => {
                    write_signature(out, parsed.function(called).map(|called| called.signature), raw)
                }
                (CallTarget::Function(called), _) => write_name(out, parsed.function_name(called), raw),
                (CallTarget::Import(import), _) => write_import(out, parsed, import, naming),
            },
            (Space::Imports, Naming::Names | Naming::Signatures | Naming::Values) => {
                write_import(out, parsed, raw, naming)
            }
            (Space::Statics, _) => {
                write_number(out, raw);
                raw < parsed.static_count()
            }
            _ => write_operand(out, labels, kind, raw),
        };
    }
    is_there
}

fn write_constant(out: &mut String, parsed: &Parsed<'_>, number: u32) -> bool {
    match parsed.constant(number) {
        Some(Value::Scalar(tag, bits)) => value::write_scalar(out, tag, bits),
        Some(Value::String(text)) if text.len() <= SHORT_TEXT => literal::write_string(out, text),
        Some(Value::String(_)) => write_long_text(out, number),
        None => return write_name(out, None, number),
    }
    true
}

/// Writes the name that a listing gives to a text that is too long to stand where it is used.
pub fn write_long_text(out: &mut String, constant: u32) {
    out.push_str("text");
    write_number(out, constant);
}

fn write_import(out: &mut String, parsed: &Parsed<'_>, number: u32, naming: Naming) -> bool {
    let import = parsed.import(number);
    match naming {
        Naming::Signatures => write_signature(out, import.map(|import| import.signature), number),
        _ => write_name(out, import.map(|import| import.name), number),
    }
}

fn write_signature(out: &mut String, signature: Option<SignatureRef<'_>>, number: u32) -> bool {
    write_name(out, signature.map(|signature| signature.to_string()).as_deref(), number)
}

fn write_name(out: &mut String, name: Option<&str>, number: u32) -> bool {
    match name {
        Some(name) => out.push_str(name),
        None => write_number(out, number),
    }
    name.is_some()
}

/// Eight binary digits.
fn write_binary(out: &mut String, bits: u8) {
    let digits: [u8; 8] = std::array::from_fn(|place| b'0' + (bits >> (7 - place) & 1));
    out.push_str(str::from_utf8(&digits).unwrap_or_default());
}

/// An operand that points to nothing outside its function.
fn write_operand(out: &mut String, labels: &Labels, kind: &OperandKind, raw: u32) -> bool {
    let byte = u8::try_from(raw);
    match (kind.spelling, byte) {
        (Spelling::Binary, Ok(bits)) => write_binary(out, bits),
        (Spelling::TagName, Ok(number)) => return write_name(out, Tag::from_number(number).map(Tag::name), raw),
        (Spelling::Label, _) if labels.contains(raw) => write_label(out, raw),
        (Spelling::Label, _) => {
            out.push_str("0x");
            write_hex(out, raw);
            return false;
        }
        _ => write_number(out, raw),
    }
    true
}

/// What the operands of the instruction at an offset mean, if there is more to say than what they spell.
pub fn meaning(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    debug: Option<&FunctionDebug>,
    offset: u32,
    instruction: &Instruction,
) -> Option<String> {
    let row = instruction.row();
    let raw = instruction.operands();
    let operands = row.operands.iter().zip(raw.iter().copied());
    let meanings: Vec<String> = operands
        .filter_map(|((_, kind), raw)| match kind.space {
            Space::Constants => parsed.constant(raw).map(|constant| value::spell_short(constant, SHORT_TEXT)),
            Space::Functions => match parsed.call_target(function.index, offset, raw) {
                CallTarget::Function(called) => parsed.function(called).map(|called| called.signature.to_string()),
                CallTarget::Import(import) => parsed.import(import).map(|import| import.signature.to_string()),
            },
            Space::Imports => parsed.import(raw).map(|import| import.signature.to_string()),
            Space::Slots | Space::Cells => local_at(parsed, function, debug?, kind.space, raw).map(short_name),
            Space::Plain | Space::Statics | Space::Code => None,
        })
        .collect();
    (!meanings.is_empty()).then(|| meanings.join(", "))
}

/// The name of the slot or of the parameter that an instruction speaks of.
pub fn local<'d>(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    debug: &'d FunctionDebug,
    instruction: &Instruction,
) -> Option<&'d str> {
    let raw = instruction.operands();
    let mut operands = instruction.row().operands.iter().zip(raw.iter().copied());
    operands.find_map(|((_, kind), raw)| local_at(parsed, function, debug, kind.space, raw))
}

fn local_at<'d>(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    debug: &'d FunctionDebug,
    space: Space,
    number: u32,
) -> Option<&'d str> {
    match space {
        Space::Slots => debug.slots.get(number as usize).map(|name| name.as_str()).filter(|name| !name.is_empty()),
        Space::Cells => parameter_in(parsed, function, debug, number),
        _ => None,
    }
}

/// The name of the parameter that a cell of the frame belongs to.
fn parameter_in<'d>(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    debug: &'d FunctionDebug,
    cell: u32,
) -> Option<&'d str> {
    let mut end = 0;
    for (type_, name) in function.signature.parameters.iter().zip(&debug.parameters) {
        end += parameter_cells(parsed.stencils(), type_).ok()?.len() as u32;
        if cell < end {
            return Some(name.as_str()).filter(|name| !name.is_empty());
        }
    }
    None
}

/// A name: an identifier as it is, any other text in quotes.
pub fn name(text: &str) -> String {
    if mangle::is_identifier(text) { text.to_owned() } else { literal::spell_string(text) }
}

/// The same, of a long one how it begins, then `…`: for comments, in which it may stand any number of times.
pub fn short_name(text: &str) -> String {
    match text.get(..text.floor_char_boundary(SHORT_TEXT)) {
        Some(start) if start.len() < text.len() => format!("{}…", name(start)),
        _ => name(text),
    }
}

/// A type of the file.
pub fn type_of(parsed: &Parsed<'_>, type_ref: TypeRef) -> String {
    parsed
        .stencils()
        .type_of(type_ref)
        .map_or_else(|| format!("type {}", type_ref.number()), |type_| type_name::spell(&type_))
}

/// What a slot is, as `.slot` says it: `variable 00000010`.
pub fn slot_kind(parsed: &Parsed<'_>, kind: SlotKind) -> String {
    let mut text = String::new();
    write_slot_kind(&mut text, parsed, kind);
    text
}

/// Writes what a slot is, as `.slot` says it.
pub fn write_slot_kind(out: &mut String, parsed: &Parsed<'_>, kind: SlotKind) {
    match kind {
        SlotKind::Variable(mask) => {
            out.push_str("variable ");
            write_binary(out, mask.bits());
        }
        SlotKind::Stencil(type_ref) => {
            out.push_str("stencil ");
            out.push_str(&type_of(parsed, type_ref));
        }
        SlotKind::Alias(tag) => {
            out.push_str("alias ");
            out.push_str(tag.name());
        }
    }
}
