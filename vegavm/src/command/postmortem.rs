//! `--dump-on-trap`: what stood where when a run ended badly, and the instructions before.

use super::Target;
use crate::debug::variables::{self, Variable};
use crate::observe::{Done, FrameView, Observer, Snapshot};
use crate::outcome::{End, Outcome};
use crate::program::Program;
use crate::trace::listing;
use crate::trap::MOST_FRAMES;
use crate::value::describe_cells;
use alloc::collections::VecDeque;
use core::fmt::Write as _;
use vega_format::instruction::Instruction;
use vega_report::dump::{Dump, DumpArena, DumpEnd, DumpFrame, DumpInstruction, DumpVariable, VERSION};

/// The most instructions that are remembered.
const MOST_INSTRUCTIONS: usize = 32;
/// The most bytes of an arena that are kept.
const MOST_BYTES: usize = 1 << 16;

/// Remembers the last instructions, and what stood where at the end.
#[derive(Debug, Default)]
pub(super) struct Postmortem {
    last: VecDeque<(u32, u32, Instruction)>,
    frames: Vec<DumpFrame>,
    omitted: u64,
    statics: Vec<DumpVariable>,
}

impl Postmortem {
    /// The document, unless all went well.
    pub(super) fn document(&self, program: &Program, target: &Target, outcome: &Outcome) -> Option<String> {
        let (code, words) = match &outcome.end {
            End::Result(_) | End::Internal(_) => return None,
            End::Trap(report) => (report.trap.kind().code(), report.trap.to_string()),
            End::Limit(limit, _) => (limit.kind.code(), limit.to_string()),
            End::Cancelled(_) => ("L107", "the run was cancelled".to_owned()),
            End::HostIo(words, _) => ("I001", words.clone()),
        };
        let module = program.module();
        let last = self.last.iter().map(|(function, ip, instruction)| DumpInstruction {
            function: module.function(*function).map(|function| function.signature.to_string()).unwrap_or_default(),
            ip: *ip,
            instruction: listing(instruction),
            line: module.source_line(*function, *ip).map(|(_, line)| line),
        });
        let dump = Dump {
            vega_dump: VERSION,
            producer: concat!("vegavm ", env!("CARGO_PKG_VERSION")).to_owned(),
            program: target.file.clone(),
            end: DumpEnd { code: code.to_owned(), words },
            steps: outcome.used.steps,
            memory: outcome.used.memory,
            output: outcome.used.output,
            frames: self.frames.clone(),
            omitted: self.omitted,
            statics: self.statics.clone(),
            last: last.collect(),
        };
        Some(dump.to_json())
    }
}

impl Observer for Postmortem {
    fn before_instruction(&mut self, coming: &Done<'_>, _: &Snapshot<'_>) {
        if self.last.len() == MOST_INSTRUCTIONS {
            self.last.pop_front();
        }
        self.last.push_back((coming.function.index, coming.ip, coming.instruction));
    }

    fn at_end(&mut self, state: &Snapshot<'_>) {
        let depth = state.depth();
        let half = MOST_FRAMES / 2;
        let is_told = |place: usize| depth <= MOST_FRAMES || place < half || place >= depth - half;
        let told = state.frames().enumerate().filter(|(place, _)| is_told(*place));
        self.frames = told.map(|(_, frame)| describe_frame(state, &frame)).collect();
        self.omitted = depth.saturating_sub(MOST_FRAMES) as u64;
        self.statics = variables::statics(state).into_iter().map(describe_variable).collect();
    }
}

fn describe_frame(state: &Snapshot<'_>, frame: &FrameView<'_>) -> DumpFrame {
    let (function, ip) = (frame.function(), frame.at());
    let source = state.module().source_line(function.index, ip);
    let arenas = frame.arenas().map(|arena| DumpArena {
        capacity: arena.bytes.len() as u32,
        strategy: arena.strategy().to_string(),
        free: arena.free_blocks().map(|(start, size)| [start, start + size]).collect(),
        bytes: digits(arena.bytes.get(..arena.bytes.len().min(MOST_BYTES)).unwrap_or_default()),
    });
    DumpFrame {
        function: function.signature.to_string(),
        mangled: function.name.to_owned(),
        ip,
        sp: frame.sp_before(),
        source: source.map(|(source, _)| source.to_owned()),
        line: source.map(|(_, line)| line),
        stack: describe_cells(frame.stack(), state.memory(), state.module().stencils()),
        variables: variables::of_frame(state, frame).into_iter().map(describe_variable).collect(),
        arenas: arenas.collect(),
    }
}

fn describe_variable(variable: Variable) -> DumpVariable {
    let slot = variable.slot.as_ref();
    DumpVariable {
        slot: slot.map(|slot| slot.id),
        arena: slot.map(|slot| slot.arena as u32),
        start: slot.map(|slot| slot.bytes.start),
        end: slot.map(|slot| slot.bytes.end),
        alias: slot.is_some_and(|slot| slot.is_alias),
        name: variable.name,
        type_name: variable.type_name,
        value: variable.value,
    }
}

fn digits(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
