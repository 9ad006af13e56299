//! A function as the [`Builder`](crate::Builder) keeps it until it is written: code in bytes, so that many take little room.
//!
//! Indexes into tables of the module are still the builder's numbers; all else is as it will stand in the file.

use crate::builder::FunctionDraft;
use crate::container::{FunctionDebug, Line, SlotKind};
use crate::instruction::{Instruction, Row, Space, row};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A function of a module that is being made.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) exported: bool,
    pub(crate) max_stack: Option<u16>,
    pub(crate) limit: Option<u32>,
    pub(crate) slots: Box<[SlotKind]>,
    pub(crate) code: Box<[u8]>,
    /// Where in the code the first jump stands that leads to no instruction.
    pub(crate) stray_jump: Option<u32>,
    pub(crate) debug: Option<Box<FunctionDebug>>,
}

impl Kept {
    /// `code` is room that is used again.
    pub(crate) fn new(draft: FunctionDraft, code: &mut Vec<u8>) -> Kept {
        let offsets = offsets(&draft.code);
        let mut stray_jump = None;
        code.clear();
        for instruction in &draft.code {
            let target = |target: u32| offsets.get(target as usize).copied();
            let stray = instruction.target().is_some_and(|index| target(index).is_none());
            if stray && stray_jump.is_none() {
                stray_jump = Some(code.len() as u32);
            }
            match instruction.target() {
                Some(_) => instruction.with_operands(|space, operand| match space {
                    Space::Code => target(operand).unwrap_or(u32::MAX),
                    _ => operand,
                }),
                None => *instruction,
            }
            .encode(code);
        }
        let debug = draft.debug.map(|mut debug| {
            debug.lines = place_lines(&debug.lines, &offsets);
            Box::new(debug)
        });
        Kept {
            exported: draft.exported,
            max_stack: draft.max_stack,
            limit: draft.limit,
            slots: draft.slots.into_boxed_slice(),
            code: code.as_slice().into(),
            stray_jump,
            debug,
        }
    }

    /// The instruction at an offset of the code: its place among the others, and its row.
    pub(crate) fn instruction_at(&self, offset: usize) -> Option<(usize, &'static Row)> {
        let mut at = 0;
        for place in 0.. {
            let row = row(*self.code.get(at)?)?;
            at += row.width();
            if offset < at {
                return Some((place, row));
            }
        }
        None
    }
}

/// Byte offsets of the instructions, and behind them the length of the code.
fn offsets(code: &[Instruction]) -> Vec<u32> {
    let mut end = 0;
    let mut offsets = Vec::with_capacity(code.len() + 1);
    for instruction in code {
        offsets.push(end);
        end += instruction.width() as u32;
    }
    offsets.push(end);
    offsets
}

/// Line records by byte offset, without those that change nothing.
fn place_lines(given: &[Line], offsets: &[u32]) -> Vec<Line> {
    let end = offsets.last().copied().unwrap_or(0);
    let mut lines: Vec<Line> = Vec::with_capacity(given.len());
    for line in given {
        let Some(&offset) = offsets.get(line.offset as usize).filter(|offset| **offset < end) else { continue };
        if let Some(last) = lines.last_mut().filter(|last| last.offset == offset) {
            last.line = line.line;
        } else {
            lines.push(Line { offset, line: line.line });
        }
    }
    lines.dedup_by_key(|line| line.line);
    lines
}
