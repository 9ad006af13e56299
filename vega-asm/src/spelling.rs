//! Parts of a file as text: what disassembler and inspector share. Operands are spelled by their kind alone.

use crate::{literal, type_name, value};
use std::collections::BTreeSet;
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug, SlotKind};
use vega_format::instruction::{Instruction, OperandKind, Space, Spelling, walk};
use vega_format::mangle;
use vega_format::parsed::CallTarget;
use vega_format::stencil::TypeRef;
use vega_format::types::{Mask, Tag};
use vega_format::verify::parameter_cells;

/// The most bytes of a string constant that a comment shows.
const SHORT_TEXT: usize = 40;

/// The offsets that want a label: jumps go there, and an instruction or the end of the code is there.
pub fn labels(function: &Function<'_>) -> BTreeSet<u32> {
    let code = || walk(function.code).map_while(Result::ok);
    let targets: BTreeSet<u32> = code().filter_map(|(_, instruction)| instruction.target()).collect();
    let places = code().map(|(offset, _)| offset).chain([function.code.len() as u32]);
    places.filter(|offset| targets.contains(offset)).collect()
}

/// The label of an offset.
pub fn label(offset: u32) -> String {
    format!("L{offset:04x}")
}

/// The instruction at an offset of a function, with every operand under its key. `symbolic`: functions and imports by
/// name, not by number. A function of another module has no number yet.
pub fn instruction(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    labels: &BTreeSet<u32>,
    offset: u32,
    instruction: &Instruction,
    symbolic: bool,
) -> String {
    let row = instruction.row();
    let mut text = row.mnemonic.to_owned();
    for ((key, kind), raw) in row.operands.iter().zip(instruction.operands().iter()) {
        let name = match kind.space {
            Space::Functions => match parsed.call_target(function.index, offset, *raw) {
                CallTarget::Function(called) => parsed.function(called).map(|called| called.name).filter(|_| symbolic),
                CallTarget::Import(import) => parsed.import(import).map(|import| import.name),
            },
            Space::Imports => parsed.import(*raw).map(|import| import.name).filter(|_| symbolic),
            _ => None,
        };
        text.push_str(&format!(" {key}={}", operand(labels, kind, *raw, name)));
    }
    text
}

fn operand(labels: &BTreeSet<u32>, kind: &OperandKind, raw: u32, name: Option<&str>) -> String {
    let byte = u8::try_from(raw);
    match kind.spelling {
        Spelling::Number => name.map_or_else(|| raw.to_string(), str::to_owned),
        Spelling::Binary => byte.map_or_else(|_| raw.to_string(), |bits| Mask::from_bits(bits).binary()),
        Spelling::TagName => {
            byte.ok().and_then(Tag::from_number).map_or_else(|| raw.to_string(), |tag| tag.to_string())
        }
        Spelling::Label if labels.contains(&raw) => label(raw),
        Spelling::Label => format!("0x{raw:04x}"),
    }
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
            Space::Slots => debug?.slots.get(raw as usize).filter(|name| !name.is_empty()).map(|known| name(known)),
            Space::Cells => parameter_in(parsed, function, debug?, raw).map(name),
            Space::Plain | Space::Statics | Space::Code => None,
        })
        .collect();
    (!meanings.is_empty()).then(|| meanings.join(", "))
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

/// A type of the file.
pub fn type_of(parsed: &Parsed<'_>, type_ref: TypeRef) -> String {
    parsed
        .stencils()
        .type_of(type_ref)
        .map_or_else(|| format!("type {}", type_ref.number()), |type_| type_name::spell(&type_))
}

/// What a slot is, as `.slot` says it: `variable 00000010`.
pub fn slot_kind(parsed: &Parsed<'_>, kind: SlotKind) -> String {
    match kind {
        SlotKind::Variable(mask) => format!("variable {}", mask.binary()),
        SlotKind::Stencil(type_ref) => format!("stencil {}", type_of(parsed, type_ref)),
        SlotKind::Alias(tag) => format!("alias {tag}"),
    }
}
