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

/// Room that is used for one function after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room {
    code: Vec<u8>,
    /// Byte offsets of the instructions, and behind them the length of the code.
    offsets: Vec<u32>,
}

impl Kept {
    /// Takes the debug part of the draft.
    pub(crate) fn new(draft: &mut FunctionDraft, room: &mut Room) -> Kept {
        let Room { code, offsets } = room;
        place(&draft.code, offsets);
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
        if let Some(debug) = &mut draft.debug {
            debug.lines.retain_mut(|line| {
                let offset = offsets.get(line.offset as usize).copied();
                line.offset = offset.unwrap_or_default();
                offset.is_some()
            });
        }
        Kept::encoded(draft, code, stray_jump)
    }

    /// The same of code in bytes, in which lines are by offset.
    pub(crate) fn encoded(draft: &mut FunctionDraft, code: &[u8], stray_jump: Option<u32>) -> Kept {
        let debug = draft.debug.take().map(|mut debug| {
            settle_lines(&mut debug.lines, code.len() as u32);
            Box::new(debug)
        });
        Kept {
            exported: draft.exported,
            max_stack: draft.max_stack,
            limit: draft.limit,
            slots: draft.slots.as_slice().into(),
            code: code.into(),
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

/// Works out where the instructions stand.
fn place(code: &[Instruction], offsets: &mut Vec<u32>) {
    let mut end = 0;
    offsets.clear();
    offsets.extend(code.iter().map(|instruction| {
        let start = end;
        end += instruction.width() as u32;
        start
    }));
    offsets.push(end);
}

/// Leaves out records that change nothing. Of several at one place the last counts.
fn settle_lines(lines: &mut Vec<Line>, end: u32) {
    lines.retain(|line| line.offset < end);
    lines.dedup_by(|later, earlier| {
        let is_there = later.offset == earlier.offset;
        if is_there {
            earlier.line = later.line;
        }
        is_there
    });
    lines.dedup_by_key(|line| line.line);
    lines.shrink_to_fit();
}
