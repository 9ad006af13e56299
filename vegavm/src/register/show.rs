//! How the register form is shown: an operation a line, what it writes to the left.

use super::{Address, Condition, Form, Op, Operand, Spot};
use core::fmt;
use vega_format::compute::Computation;
use vega_format::text::counted;

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Register(register) => write!(f, "r{register}"),
            Operand::Constant(bits) if *bits > 0xffff_ffff => write!(f, "{bits:#x}"),
            Operand::Constant(bits) => write!(f, "{bits}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            Some(base) => write!(f, "[r{base}+{}]", self.offset),
            None => write!(f, "[{}]", self.offset),
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spot::At(address) => address.fmt(f),
            Spot::Array { at, index, size, length } => write!(f, "{at}[r{index} below {length}, each {size}]"),
            Spot::View { view, index, stride } => {
                write!(f, "r{view}[r{index}, each {}]+{}", stride.size, stride.offset)
            }
            Spot::ViewAt { view, index, factor, plus, stride } => {
                write!(f, "r{view}[r{index} * {factor} + r{plus}, each {}]+{}", stride.size, stride.offset)
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Cell(cell) => write!(f, "r{cell}"),
            Condition::Compare(computation, left, right) => {
                write!(f, "{} {left}, {right}", computation.instruction().row().mnemonic)
            }
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unless = |when: &bool| if *when { "if" } else { "unless" };
        match self {
            Op::Move { to, from } => write!(f, "r{to} = {from}"),
            Op::Slide { to, from, cells } => write!(f, "r{to}… = r{from}…, {}", counted(*cells, "cell")),
            Op::One { computation, to, operand } => {
                write!(f, "r{to} = {} r{operand}", computation.instruction().row().mnemonic)
            }
            Op::Two { computation, to, left, right } => {
                write!(f, "r{to} = {} {left}, {right}", computation.instruction().row().mnemonic)
            }
            Op::Pair { first, second, to, left, right, other, swapped } => {
                let name = |computation: &Computation| computation.instruction().row().mnemonic;
                match swapped {
                    false => write!(f, "r{to} = {} ({} r{left}, {right}), {other}", name(second), name(first)),
                    true => write!(f, "r{to} = {} {other}, ({} r{left}, {right})", name(second), name(first)),
                }
            }
            Op::Shifted { long, remainder, to, from, shift } => {
                let (what, type_) = (if *remainder { "REM" } else { "DIV" }, if *long { "LONG" } else { "INT" });
                write!(f, "r{to} = {what}_{type_} r{from}, 2^{shift}")
            }
            Op::Length { to, view } => write!(f, "r{to} = length of r{view}"),
            Op::Span { to, at, length } => write!(f, "r{to} = view of {length} at {at}"),
            Op::Load { tag, to, from } => write!(f, "r{to} = {tag} {from}"),
            Op::Store { tag, value, to } => write!(f, "{tag} {to} = {value}"),
            Op::LoadTwo { tag, computation, to, from, other, swapped } => {
                let name = computation.instruction().row().mnemonic;
                match swapped {
                    false => write!(f, "r{to} = {name} ({tag} {from}), r{other}"),
                    true => write!(f, "r{to} = {name} r{other}, ({tag} {from})"),
                }
            }
            Op::TwoStore { tag, computation, left, right, to } => {
                write!(f, "{tag} {to} = {} r{left}, {right}", computation.instruction().row().mnemonic)
            }
            Op::Element { to, view, index, size } => write!(f, "r{to} = address of r{view}[r{index}, each {size}]"),
            Op::Open { base: Some(base), capacity } => write!(f, "r{base} = open {capacity}"),
            Op::Open { base: None, capacity } => write!(f, "open {capacity}, unseen"),
            Op::Close { capacity, .. } => write!(f, "close {capacity}"),
            Op::Clear { at, length } => write!(f, "clear {length} at {at}"),
            Op::Pay { bytes } => write!(f, "pay for {}", counted(*bytes, "byte")),
            Op::Point { to, offset, base, size, capacity } => {
                let size = counted(*size, "byte");
                write!(f, "r{to} = address of {size} at r{base}[r{offset} within {capacity}]")
            }
            Op::CheckStored { tag, slot } => write!(f, "check that slot {slot} is stored, by r{tag}"),
            Op::CheckTag { tag, slot, mask } => write!(f, "check that slot {slot} holds {mask}, by r{tag}"),
            Op::Complex { what, first, .. } => write!(f, "{what:?} at r{first}"),
            Op::Next => write!(f, "next"),
            Op::Breathe => write!(f, "breathe"),
            Op::Jump { target } => write!(f, "jump to b{target}"),
            Op::Branch { condition, when, target } => write!(f, "jump to b{target} {} {condition}", unless(when)),
            Op::JumpBranch { condition, when, otherwise, steps } => {
                write!(f, "pay {steps}, jump to b{otherwise} {} {condition}, else as before it", unless(&!when))
            }
            Op::Count { long, register, step, limit, otherwise, steps } => {
                let type_ = if *long { "long" } else { "int" };
                write!(
                    f,
                    "{type_} r{register} += {step}, pay {steps}, jump to b{otherwise} if below {limit}, else as before it"
                )
            }
            Op::Call { function, first, .. } => write!(f, "call {function} with r{first}…"),
            Op::CallHost { import, first, .. } => write!(f, "call host {import} with r{first}…"),
            Op::ReturnNothing => write!(f, "return"),
            Op::ReturnOne { from } => write!(f, "return {from}"),
            Op::Return { first, cells } => write!(f, "return r{first}…, {}", counted(*cells, "cell")),
            Op::Trap(trap) => write!(f, "trap: {trap}"),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (op, place)) in self.ops.iter().zip(&self.places).enumerate() {
            let here = |block: &super::Block| block.start as usize == index;
            for (number, block) in self.blocks.iter().enumerate() {
                if let Some(block) = block.filter(here) {
                    writeln!(f, "b{number}: # {}", counted(block.steps, "step"))?;
                }
            }
            writeln!(f, "  {:04x}  {op}", place.ip)?;
        }
        Ok(())
    }
}
