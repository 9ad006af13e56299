//! What an instruction takes and leaves that does so by a rule of its own, and not by fixed types alone: one arm a rule.

use super::{Entry, Pass};
use crate::container::SlotKind;
use crate::error::Rule as Broken;
use crate::instruction::{Instruction, Rule};
use crate::parsed::CallTarget;
use crate::stencil::TypeRef;
use crate::text::counted;
use crate::types::{Mask, Tag};
use crate::verify::Fault;
use crate::verify::bounds::{array_of, no_part};
use crate::verify::cells::CellType;
use alloc::borrow::ToOwned;
use alloc::string::ToString;

impl Pass<'_> {
    pub(super) fn by_rule(&mut self, rule: Rule, instruction: &Instruction) -> Result<(), Fault> {
        // A rule stands in the rows of these instructions only, so the others need nothing.
        match (rule, *instruction) {
            (Rule::Pop, _) => match self.pop() {
                Some(CellType::UnionTag(_)) => {
                    self.pop();
                    Ok(())
                }
                Some(_) => Ok(()),
                None => Err(self.fault(Broken::Underflow, "the stack is empty")),
            },
            (Rule::Slide, Instruction::StackSlide { keep, drop }) => self.slide(keep.0.into(), drop.0.into()),
            (Rule::EndArena | Rule::Free, _) => self.no_locals(),
            (Rule::Constant, Instruction::LoadConst { index }) => match self.parsed.constant_tag(index.0) {
                Some(Some(tag)) => self.push(CellType::Scalar(tag)),
                _ => self.push(CellType::String { local: false }),
            },
            (Rule::Store, Instruction::VarStore { slot }) => self.store(slot),
            (Rule::Load, Instruction::VarLoad { slot }) => match self.slot(slot) {
                Some(SlotKind::Alias(tag)) => self.push(CellType::Scalar(tag)),
                Some(SlotKind::Variable(mask)) => match mask.is_single() {
                    Some(tag) => self.push(CellType::Scalar(tag)),
                    None => self.push_union(mask),
                },
                _ => Ok(()),
            },
            (Rule::Pointer, _) => self.take_integer(),
            (Rule::FieldStore, Instruction::FieldStore { tag, .. } | Instruction::StaticStore { tag, .. }) => {
                self.take_scalar(tag)
            }
            (Rule::FieldLoad, Instruction::FieldLoad { tag, .. } | Instruction::StaticLoad { tag, .. }) => {
                self.push(CellType::Scalar(tag))
            }
            (Rule::ElementLoad, Instruction::ElemLoad { tag, .. }) => {
                self.take_integer()?;
                self.push(CellType::Scalar(tag))
            }
            (Rule::ElementStore, Instruction::ElemStore { tag, .. }) => {
                self.take_scalar(tag)?;
                self.take_integer()
            }
            (Rule::ArrayView, Instruction::ArrayView { slot }) => {
                let element = self.slot(slot).and_then(|kind| array_of(self.parsed.stencils(), kind));
                self.push(CellType::View { element: element.unwrap_or(TypeRef::Scalar(Tag::Byte)), local: true })
            }
            (Rule::FieldView, Instruction::FieldView { slot, offset, depth }) => {
                let Some(SlotKind::Stencil(type_ref)) = self.slot(slot) else { return Ok(()) };
                self.push_part(type_ref, offset.0, depth.0, true)
            }
            // What it shows does not end before the instance does.
            (Rule::FieldView, Instruction::StaticView { block, offset, depth }) => {
                let stencils = self.parsed.stencils();
                let block = self.parsed.static_block(block.0.into());
                let Some(part) = block.and_then(|block| block.part_at(stencils, offset.0, depth.0)) else {
                    return Ok(());
                };
                self.push(CellType::View { element: stencils.viewed(part).0, local: false })
            }
            (Rule::ViewField, Instruction::ViewField { offset, depth }) => {
                self.take_integer()?;
                let (element, local) = self.take_view()?;
                self.push_part(element, offset.0, depth.0, local)
            }
            (Rule::ViewCopy, _) => {
                let (destination, _) = self.take_view()?;
                let same = |cell| matches!(cell, CellType::View { element, .. } if element == destination);
                let wanted = CellType::View { element: destination, local: false };
                self.take(|| format!("`{}`", wanted.describe(self.parsed.stencils())), same).map(|_| ())
            }
            (Rule::ViewLoad, Instruction::ViewLoad { offset, tag }) => {
                self.take_integer()?;
                let (element, _) = self.take_view()?;
                self.check_field(element, offset.0, tag)?;
                self.push(CellType::Scalar(tag))
            }
            (Rule::ViewStore, Instruction::ViewStore { offset, tag }) => {
                self.take_scalar(tag)?;
                self.take_integer()?;
                let (element, _) = self.take_view()?;
                self.check_field(element, offset.0, tag)
            }
            (Rule::ViewLength, _) => {
                self.take_view()?;
                self.push(CellType::Scalar(Tag::Int))
            }
            (Rule::ViewSlice, _) => {
                self.take_integer()?;
                self.take_integer()?;
                let (element, local) = self.take_view()?;
                self.push(CellType::View { element, local })
            }
            (Rule::StringByte, _) => {
                self.take_integer()?;
                self.take_string()?;
                self.push(CellType::Scalar(Tag::Byte))
            }
            (Rule::StringSlice, _) => {
                self.take_integer()?;
                self.take_integer()?;
                let local = self.take_string()?;
                self.push(CellType::String { local })
            }
            (Rule::StringChar, _) => {
                self.take_integer()?;
                self.take_string()?;
                self.push(CellType::Scalar(Tag::Char))
            }
            (Rule::StringNext, _) => {
                self.take_string()?;
                self.take_scalar(Tag::Int)?;
                self.push(CellType::Scalar(Tag::Int))
            }
            (Rule::TextView, _) => self.push(CellType::String { local: true }),
            (Rule::TextStore, _) => self.take_string().map(|_| ()),
            (Rule::TextFormat, _) => self.take_value().map(|_| ()),
            (Rule::ViewText, Instruction::ViewText { offset }) => {
                let local = self.take_text_of_view(offset.0)?;
                self.push(CellType::String { local })
            }
            (Rule::ViewTextStore, Instruction::ViewTextStore { offset } | Instruction::ViewTextAppend { offset }) => {
                self.take_string()?;
                self.take_text_of_view(offset.0).map(|_| ())
            }
            (Rule::ViewTextFormat, Instruction::ViewTextFormat { offset }) => {
                self.take_value()?;
                self.take_text_of_view(offset.0).map(|_| ())
            }
            (Rule::UnionAs, Instruction::UnionAs { mask }) => {
                let found = match self.stack.last().map(|entry| entry.cell) {
                    Some(CellType::Scalar(tag)) => tag.mask(),
                    Some(CellType::UnionTag(mask)) => mask,
                    _ => Mask::EMPTY,
                };
                let fits = !found.intersection(mask).is_empty();
                let wanted = || format!("a scalar or a union that may be `{mask}`");
                if let CellType::UnionTag(_) = self.take(wanted, |_| fits)? {
                    self.pop();
                }
                match mask.is_single() {
                    Some(tag) => self.push(CellType::Scalar(tag)),
                    None => self.push_union(mask),
                }
            }
            (Rule::UnionIs, _) => {
                self.take(|| "a union".to_owned(), |cell| matches!(cell, CellType::UnionTag(_)))?;
                self.pop();
                self.push(CellType::Scalar(Tag::Bool))
            }
            (Rule::Cell, Instruction::CellLoad { cell }) => self.load_cell(cell.0),
            (Rule::Call, Instruction::Call { function }) => {
                self.call(self.parsed.call_target(self.function.index, self.at, function.0))
            }
            (Rule::HostCall, Instruction::CallNat { import }) => self.call(CallTarget::Import(import.0)),
            (Rule::Return, _) => self.return_result(),
            _ => Ok(()),
        }
    }

    /// Pushes a view of a part of a type.
    fn push_part(&mut self, type_ref: TypeRef, offset: u32, depth: u8, local: bool) -> Result<(), Fault> {
        let stencils = self.parsed.stencils();
        match stencils.part_at(type_ref, offset, depth) {
            Some(part) => self.push(CellType::View { element: stencils.viewed(part).0, local }),
            None => Err(self.fault(Broken::Field, no_part(stencils, type_ref, offset, depth))),
        }
    }

    /// Drops cells beneath others; none of the two groups begins inside a union. Each is short: a count is a byte.
    fn slide(&mut self, keep: usize, drop: usize) -> Result<(), Fault> {
        let Some(first_kept) = self.stack.len().checked_sub(keep).filter(|first| *first >= drop) else {
            let depth = counted(self.stack.len(), "cell");
            let words = format!("the stack has {depth}; {} wants {}", self.mnemonic, keep + drop);
            return Err(self.fault(Broken::Underflow, words));
        };
        let splits = |place: usize| matches!(self.stack.get(place), Some(Entry { cell: CellType::UnionTag(_), .. }));
        if splits(first_kept) || splits(first_kept - drop) {
            return Err(self.fault(Broken::OperandType, "the cells would be cut between the two of a union"));
        }
        let beneath = first_kept - drop;
        self.moved += (keep + drop) as u64;
        let found = first_kept..self.inherited.max(first_kept);
        for (place, entry) in found.clone().zip(self.stack.get_mut(found).unwrap_or_default()) {
            entry.from = Entry::FOUND | place as u32;
        }
        self.locals -= self.stack.drain(beneath..first_kept).filter(|entry| entry.cell.is_local()).count();
        self.inherited = self.inherited.min(beneath);
        self.stacks.popped_to(beneath);
        Ok(())
    }

    fn check_field(&self, element: TypeRef, offset: u32, tag: Tag) -> Result<(), Fault> {
        if self.parsed.stencils().leaf(element, offset) == Some(tag) {
            return Ok(());
        }
        Err(self.no_field(element, &format!("`{}`", tag.name()), offset))
    }

    fn no_field(&self, element: TypeRef, wanted: &str, offset: u32) -> Fault {
        let type_ = self.parsed.stencils().type_of(element).map(|type_| type_.to_string()).unwrap_or_default();
        self.fault(Broken::Field, format!("an element `{type_}` has no {wanted} at offset {offset}"))
    }

    /// An index, and a view with text at an offset of its elements; whether that is local.
    fn take_text_of_view(&mut self, offset: u32) -> Result<bool, Fault> {
        self.take_integer()?;
        let (element, local) = self.take_view()?;
        match self.parsed.stencils().text_at(element, offset) {
            Some(_) => Ok(local),
            None => Err(self.no_field(element, "text", offset)),
        }
    }

    /// A cell of the frame: parameters from 0 on, then the expression stack. Of a union, both.
    fn load_cell(&mut self, cell: u16) -> Result<(), Fault> {
        let index = usize::from(cell);
        let found = match index.checked_sub(self.parameters.len()) {
            None => self.parameters.get(index).copied(),
            Some(height) => self.stack.get(height).map(|entry| entry.cell),
        };
        match found {
            None => {
                let there = counted(self.parameters.len() + self.stack.len(), "cell");
                Err(self.fault(Broken::Index, format!("cell is {cell}, and the frame has {there} here")))
            }
            Some(CellType::UnionTag(_)) => {
                Err(self.fault(Broken::OperandType, format!("cell {cell} is the tag of a union; name its value")))
            }
            Some(CellType::UnionValue(mask)) => self.push_union(mask),
            Some(other) => self.push(other),
        }
    }

    fn call(&mut self, target: CallTarget) -> Result<(), Fault> {
        let called = match target {
            CallTarget::Function(function) => self.cells.function(self.parsed, function),
            CallTarget::Import(import) => self.cells.import(import),
        };
        let (parameters, result) = called.map_err(|(rule, words)| self.fault(rule, words))?;
        let parsed = self.parsed;
        let signature = || match target {
            CallTarget::Function(function) => parsed.function(function).map(|function| function.signature.to_string()),
            CallTarget::Import(import) => parsed.import(import).map(|import| import.signature.to_string()),
        };
        let mut local = false;
        for parameter in parameters.iter().rev() {
            let wanted =
                || format!("`{}` for `{}`", parameter.describe(parsed.stencils()), signature().unwrap_or_default());
            local |= self.take(wanted, |cell| cell.outer() == *parameter)?.is_local();
        }
        for cell in result {
            // A string that comes back may be one that went in.
            self.push(if matches!(cell, CellType::String { .. }) { CellType::String { local } } else { *cell })?;
        }
        Ok(())
    }

    fn return_result(&mut self) -> Result<(), Fault> {
        for cell in self.result.iter().rev() {
            if self.take(|| format!("the result `{cell}`"), |found| found.outer() == *cell)?.is_local() {
                let words = "the result is a view of this function's memory, which ends here";
                return Err(self.fault(Broken::ViewLife, words));
            }
        }
        Ok(())
    }
}
