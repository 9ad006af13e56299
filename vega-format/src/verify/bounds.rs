//! Every instruction is whole and every operand within its space: the passes after this one index without fear.
//!
//! Guarantees: code is a sequence of instructions that does not run off its end; targets are starts of instructions;
//! constants, functions, imports and slots exist; an instruction fits the kind of its slot, and a field its stencil.

use super::refusal::Rule;
use super::{Fault, Workspace};
use crate::allocator::Strategy;
use crate::blocks::Offsets;
use crate::container::{Function, SlotKind};
use crate::instruction::{Flow, Instruction, Space, walk};
use crate::parsed::Parsed;
use crate::stencil::{StencilTable, TypeRef};
use crate::text::counted;
use crate::types::Tag;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Leaves in the workspace where the instructions of a function start; adds every fault that is found in them.
pub(super) fn check(parsed: &Parsed<'_>, function: &Function<'_>, workspace: &mut Workspace, faults: &mut Vec<Fault>) {
    let starts = &mut workspace.starts;
    starts.clear(function.code.len());
    workspace.instructions = 0;
    check_slots(parsed.stencils(), function, faults);
    let mut last = None;
    for instruction in walk(function.code) {
        match instruction {
            Ok((offset, instruction)) => {
                starts.insert(offset);
                workspace.instructions += 1;
                last = Some((offset, instruction));
            }
            Err(error) => {
                faults.push(Fault::new(Rule::WholeInstructions, error.offset, "", error.kind.to_string()));
                return;
            }
        }
    }
    for (offset, instruction) in walk(function.code).map_while(Result::ok) {
        let checked = check_operands(parsed, function, offset, &instruction)
            .and_then(|()| check_target(starts, offset, &instruction))
            .and_then(|()| check_slot(parsed.stencils(), function, offset, &instruction))
            .and_then(|()| check_static(parsed, offset, &instruction));
        if let Err(fault) = checked {
            faults.push(fault);
            if faults.len() >= super::MOST_FOUND {
                return;
            }
        }
    }
    match last {
        None => faults.push(Fault::new(Rule::NoFallOff, 0, "", "the function has no code")),
        Some((offset, last)) if !matches!(last.row().flow, Flow::ends | Flow::jumps) => {
            let words = "the code runs off its end; the last instruction must be RETURN or JUMP";
            faults.push(Fault::new(Rule::NoFallOff, offset, last.row().mnemonic, words));
        }
        Some(_) => {}
    }
}

/// Line records belong to instructions, so that there is one way to write them.
pub(super) fn check_lines(parsed: &Parsed<'_>, index: u32, starts: &Offsets, faults: &mut Vec<Fault>) {
    if !parsed.has_debug() {
        return;
    }
    let mut lines = parsed.lines(index);
    let inside = lines.find(|line| !starts.contains(line.offset));
    if let Some(line) = inside {
        let words = format!("a line record at 0x{:04x} is not at the start of an instruction", line.offset);
        faults.push(Fault::new(Rule::LineRecord, line.offset, "", words));
    }
}

fn check_slots(stencils: &StencilTable, function: &Function<'_>, faults: &mut Vec<Fault>) {
    for (index, slot) in function.slots.iter().enumerate() {
        match slot {
            SlotKind::Variable(mask) if mask.bits() == 0 => {
                faults.push(Fault::new(Rule::EmptyMask, 0, "", format!("slot {index} may hold no type")));
            }
            SlotKind::Stencil(type_ref) if stencils.size(*type_ref) == 0 => {
                faults.push(Fault::new(Rule::Index, 0, "", format!("slot {index} has a type that is not there")));
            }
            _ => {}
        }
    }
}

fn check_operands(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    offset: u32,
    instruction: &Instruction,
) -> Result<(), Fault> {
    if let Some((space, index)) = instruction.index() {
        let (what, count) = match space {
            Space::Constants => ("constant", parsed.constant_count()),
            Space::Imports => ("import", parsed.host_import_count()),
            Space::Functions => ("function", parsed.function_count()),
            Space::Statics => ("static block", parsed.static_count()),
            Space::Slots => ("slot", function.slots.len() as u32),
            Space::Plain | Space::Cells | Space::Code => return Ok(()),
        };
        if index >= count {
            let key =
                instruction.row().operands.iter().find(|(_, kind)| kind.space == space).map_or("", |(key, _)| *key);
            let are = if count == 1 { "is" } else { "are" };
            let words = format!("{key} is {index}, and there {are} {}", counted(count, what));
            return Err(Fault::new(Rule::Index, offset, instruction.row().mnemonic, words));
        }
    }
    if let Instruction::UnionAs { mask } | Instruction::UnionIs { mask } = instruction
        && mask.is_empty()
    {
        return Err(Fault::new(Rule::EmptyMask, offset, instruction.row().mnemonic, "the mask has no type"));
    }
    if let Some((strategy, capacity)) = Strategy::opened_by(instruction) {
        let fault = |words: String| Err(Fault::new(Rule::Capacity, offset, instruction.row().mnemonic, words));
        if capacity > StencilTable::MOST_BYTES {
            return fault(format!("capacity is {capacity}; the most is {}", StencilTable::MOST_BYTES));
        }
        if strategy == Strategy::Pool(0) {
            return fault("place is 0; the least is 1".to_owned());
        }
    }
    Ok(())
}

fn check_target(starts: &Offsets, offset: u32, instruction: &Instruction) -> Result<(), Fault> {
    let Some(target) = instruction.target() else { return Ok(()) };
    match starts.contains(target) {
        true => Ok(()),
        false => {
            let words = format!("target 0x{target:04x} is not the start of an instruction of this function");
            Err(Fault::new(Rule::Target, offset, instruction.row().mnemonic, words))
        }
    }
}

fn check_slot(
    stencils: &StencilTable,
    function: &Function<'_>,
    offset: u32,
    instruction: &Instruction,
) -> Result<(), Fault> {
    let kind = |slot: crate::instruction::Slot| function.slots.get(usize::from(slot.0)).copied();
    let mnemonic = instruction.row().mnemonic;
    let wrong = |kind: Option<SlotKind>, wanted: String| {
        let found = kind.map(|kind| describe(stencils, kind)).unwrap_or_default();
        Err(Fault::new(Rule::SlotKind, offset, mnemonic, format!("the slot is {found}; {mnemonic} wants {wanted}")))
    };
    let field = |type_ref: TypeRef, at: u32, tag: Tag| match stencils.leaf(type_ref, at) {
        Some(found) if found == tag => Ok(()),
        found => {
            let found = found.map_or("no field starts".to_owned(), |found| format!("`{}` stands", found.name()));
            let type_ = stencils.type_of(type_ref).map(|type_| type_.to_string()).unwrap_or_default();
            let words = format!("{found} at offset {at} of `{type_}`; {mnemonic} wants `{}` there", tag.name());
            Err(Fault::new(Rule::Field, offset, mnemonic, words))
        }
    };
    match *instruction {
        Instruction::VarAlloc { slot, mask } => match kind(slot) {
            Some(SlotKind::Variable(declared)) if declared == mask => Ok(()),
            other => wrong(other, format!("a variable of mask {}", mask.binary())),
        },
        Instruction::VarPtr { slot, tag } => match kind(slot) {
            Some(SlotKind::Alias(declared)) if declared == tag => Ok(()),
            other => wrong(other, format!("an alias of `{}`", tag.name())),
        },
        Instruction::StencilAlloc { slot, size } => match kind(slot) {
            Some(SlotKind::Stencil(type_ref)) if stencils.size(type_ref) == size.0 => Ok(()),
            other => wrong(other, format!("a struct, tuple or array of {}", counted(size.0, "byte"))),
        },
        Instruction::VarStore { slot } | Instruction::VarLoad { slot } => match kind(slot) {
            Some(SlotKind::Variable(_) | SlotKind::Alias(_)) => Ok(()),
            other => wrong(other, "a variable or an alias".to_owned()),
        },
        Instruction::FieldStore { slot, offset: at, tag } | Instruction::FieldLoad { slot, offset: at, tag } => {
            match kind(slot) {
                Some(SlotKind::Stencil(type_ref)) => field(type_ref, at.0, tag),
                other => wrong(other, "a struct, tuple or array".to_owned()),
            }
        }
        Instruction::ElemLoad { slot, offset: at, tag } | Instruction::ElemStore { slot, offset: at, tag } => {
            match kind(slot).map(|kind| (kind, array_of(stencils, kind))) {
                Some((_, Some(element))) => field(element, at.0, tag),
                other => wrong(other.map(|(kind, _)| kind), "an array".to_owned()),
            }
        }
        Instruction::FieldView { slot, offset: at, depth } => match kind(slot) {
            Some(SlotKind::Stencil(type_ref)) => match stencils.part_at(type_ref, at.0, depth.0) {
                Some(_) => Ok(()),
                None => Err(Fault::new(Rule::Field, offset, mnemonic, no_part(stencils, type_ref, at.0, depth.0))),
            },
            other => wrong(other, "a struct, tuple or array".to_owned()),
        },
        Instruction::TextView { slot }
        | Instruction::TextStore { slot }
        | Instruction::TextAppend { slot }
        | Instruction::TextFormat { slot } => match kind(slot) {
            Some(SlotKind::Stencil(type_ref)) if stencils.text(type_ref).is_some() => Ok(()),
            other => wrong(other, "a text".to_owned()),
        },
        Instruction::ArrayView { slot } => match kind(slot).map(|kind| (kind, array_of(stencils, kind))) {
            Some((_, Some(_))) => Ok(()),
            other => wrong(other.map(|(kind, _)| kind), "an array".to_owned()),
        },
        _ => Ok(()),
    }
}

/// A value or part of a static block stands where the instruction says.
fn check_static(parsed: &Parsed<'_>, offset: u32, instruction: &Instruction) -> Result<(), Fault> {
    let stencils = parsed.stencils();
    let (found, wanted) = match *instruction {
        Instruction::StaticLoad { block, offset: at, tag } | Instruction::StaticStore { block, offset: at, tag } => {
            let found = parsed.static_block(block.0.into()).and_then(|block| block.leaf(stencils, at.0));
            (found == Some(tag), format!("no `{}` starts at offset {} of static block {}", tag.name(), at.0, block.0))
        }
        Instruction::StaticView { block, offset: at, depth } => {
            let found = parsed.static_block(block.0.into()).and_then(|block| block.part_at(stencils, at.0, depth.0));
            let words = format!("with {} around it starts at offset {}", counted(depth.0, "other"), at.0);
            (found.is_some(), format!("no part {words} of static block {}", block.0))
        }
        _ => return Ok(()),
    };
    match found {
        true => Ok(()),
        false => Err(Fault::new(Rule::Field, offset, instruction.row().mnemonic, wanted)),
    }
}

/// That a type has no such part.
pub(super) fn no_part(stencils: &StencilTable, type_ref: TypeRef, at: u32, depth: u8) -> String {
    let type_ = stencils.type_of(type_ref).map(|type_| type_.to_string()).unwrap_or_default();
    format!("no part with {} around it starts at offset {at} of `{type_}`", counted(depth, "other"))
}

/// The element type of an array slot.
pub(super) fn array_of(stencils: &StencilTable, kind: SlotKind) -> Option<TypeRef> {
    match kind {
        SlotKind::Stencil(type_ref) => stencils.array(type_ref).map(|(element, _)| element),
        _ => None,
    }
}

fn describe(stencils: &StencilTable, kind: SlotKind) -> String {
    match kind {
        SlotKind::Variable(mask) => format!("a variable of mask {}", mask.binary()),
        SlotKind::Alias(tag) => format!("an alias of `{}`", tag.name()),
        SlotKind::Stencil(type_ref) => {
            format!("`{}`", stencils.type_of(type_ref).map(|type_| type_.to_string()).unwrap_or_default())
        }
    }
}
