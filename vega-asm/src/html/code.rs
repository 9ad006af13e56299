//! The functions: their instructions, and what is known before each of them.

use crate::spelling::{self, Labels, Naming};
use serde::Serialize;
use vega_format::Parsed;
use vega_format::container::SlotKind;
use vega_format::instruction::{Flow, Instruction, Space, walk};
use vega_format::stencil::StencilTable;
use vega_format::text::counted;
use vega_format::verify::{Held, Point, PointFinder, Points, Site, SlotPoint};
use vega_report::quote;

/// The most instructions of one function.
const MOST_CODE: usize = 4_000;

/// What a page still has room for.
pub(super) struct Room {
    instructions: usize,
    /// Cells and slots that are known somewhere.
    facts: usize,
    cut_code: usize,
    cut_facts: usize,
}

impl Default for Room {
    fn default() -> Room {
        Room { instructions: 20_000, facts: 100_000, cut_code: 0, cut_facts: 0 }
    }
}

impl Room {
    pub(super) fn is_full(&self) -> bool {
        self.instructions == 0
    }

    pub(super) fn left_out(&self) -> impl Iterator<Item = String> + use<> {
        let functions = |count: usize| counted(count, "function");
        let code = (self.cut_code > 0).then(|| format!("the later instructions of {}", functions(self.cut_code)));
        let facts = (self.cut_facts > 0).then(|| format!("parts of the picture of {}", functions(self.cut_facts)));
        code.into_iter().chain(facts)
    }
}

#[derive(Serialize)]
pub(super) struct Function {
    number: u32,
    name: String,
    readable: String,
    exported: bool,
    /// The number of its source, and the line of its declaration.
    source: Option<u32>,
    line: Option<u32>,
    /// Where its code stands in the file, and how many bytes it has.
    offset: usize,
    length: usize,
    slots: Vec<Slot>,
    arenas: Vec<Arena>,
    code: Vec<Row>,
}

#[derive(Serialize)]
struct Slot {
    name: String,
    type_name: String,
    /// `variable`, `stencil` or `alias`.
    kind: &'static str,
    /// Of a variable, in binary.
    mask: Option<String>,
}

#[derive(Serialize)]
struct Arena {
    offset: u32,
    capacity: u32,
    /// What source writes behind the size.
    strategy: String,
    is_static: bool,
    high_water: u32,
}

/// An instruction.
#[derive(Serialize)]
struct Row {
    offset: u32,
    length: usize,
    mnemonic: &'static str,
    /// As a listing has it.
    text: String,
    label: Option<String>,
    meaning: Option<String>,
    line: Option<u32>,
    /// The slots that it names.
    slots: Vec<u32>,
    /// The offset of the instruction behind it, on the way that is taken where there is only one.
    next: Option<u32>,
    /// What is known before it.
    known: Option<Known>,
}

#[derive(Serialize)]
struct Known {
    /// The types of the cells, lowest first.
    stack: Vec<String>,
    /// The open arenas, by their place in the list, outermost first.
    open: Vec<usize>,
    slots: Vec<Live>,
}

/// A slot, which of the open arenas it is in, its bytes there, and what a variable holds: `int`, `none|int`. There are
/// many of them, so they have no names on the page.
#[derive(Serialize)]
struct Live(u16, usize, Option<(u32, u32)>, Option<String>);

impl Function {
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn mnemonics(&self) -> impl Iterator<Item = &'static str> {
        self.code.iter().map(|row| row.mnemonic)
    }
}

pub(super) fn of(parsed: &Parsed<'_>, finder: &mut PointFinder<'_>, index: u32, room: &mut Room) -> Option<Function> {
    let function = parsed.function(index)?;
    let debug = parsed.debug(index);
    let points = finder.points(index, room.facts);
    let facts = |point: &Point| 1 + point.stack.len() + point.open.len() + point.slots.len();
    room.facts = room.facts.saturating_sub(points.points.iter().map(facts).sum());
    room.cut_facts += usize::from(points.is_cut);
    let labels = Labels::of(&function);
    let row = |(offset, instruction): (u32, Instruction)| Row {
        offset,
        length: instruction.width(),
        mnemonic: instruction.row().mnemonic,
        text: quote(&spelling::instruction(parsed, &function, &labels, offset, &instruction, Naming::Numbers)),
        label: labels.contains(offset).then(|| spelling::label(offset)),
        meaning: spelling::meaning(parsed, &function, debug.as_ref(), offset, &instruction).map(|words| quote(&words)),
        line: debug.as_ref().and_then(|debug| debug.line_at(offset)),
        slots: slots_of(&instruction),
        next: next_of(offset, &instruction),
        known: known_at(&points, offset, parsed.stencils()),
    };
    let mut instructions = walk(function.code).map_while(Result::ok);
    let code: Vec<Row> = instructions.by_ref().take(room.instructions.min(MOST_CODE)).map(row).collect();
    room.instructions -= code.len();
    room.cut_code += usize::from(instructions.next().is_some());
    let names = debug.as_ref().map(|debug| debug.slots.as_slice()).unwrap_or_default();
    Some(Function {
        number: index,
        name: quote(function.name),
        readable: quote(&function.signature.to_string()),
        exported: function.exported,
        source: debug.as_ref().map(|debug| debug.source),
        line: debug.as_ref().map(|debug| debug.line),
        offset: function.code_offset,
        length: function.code.len(),
        slots: slots(function.slots, names, parsed.stencils()),
        arenas: points.arenas.sites.iter().map(arena).collect(),
        code,
    })
}

fn slots(kinds: &[SlotKind], names: &[impl AsRef<str>], stencils: &StencilTable) -> Vec<Slot> {
    let slot = |(number, kind): (usize, &SlotKind)| {
        let (word, mask) = match kind {
            SlotKind::Variable(mask) => ("variable", Some(mask.binary())),
            SlotKind::Stencil(_) => ("stencil", None),
            SlotKind::Alias(_) => ("alias", None),
        };
        let name = names.get(number).map(|name| quote(name.as_ref())).unwrap_or_default();
        Slot { name, type_name: quote(&kind.type_name(stencils)), kind: word, mask }
    };
    kinds.iter().enumerate().map(slot).collect()
}

fn arena(site: &Site) -> Arena {
    Arena {
        offset: site.offset,
        capacity: site.capacity,
        strategy: site.strategy.to_string(),
        is_static: site.is_static(),
        high_water: site.high_water,
    }
}

fn slots_of(instruction: &Instruction) -> Vec<u32> {
    let values = instruction.operands();
    let operands = instruction.row().operands.iter().zip(values.iter().copied());
    operands.filter(|((_, kind), _)| kind.space == Space::Slots).map(|(_, slot)| slot).collect()
}

fn next_of(offset: u32, instruction: &Instruction) -> Option<u32> {
    match instruction.flow() {
        Flow::ends => None,
        Flow::jumps => instruction.target(),
        _ => Some(offset + instruction.width() as u32),
    }
}

fn known_at(points: &Points, offset: u32, stencils: &StencilTable) -> Option<Known> {
    let place = points.points.binary_search_by_key(&offset, |point| point.offset).ok()?;
    let point = points.points.get(place)?;
    let live = |SlotPoint { slot, arena, bytes, held }: &SlotPoint| {
        Live(*slot, *arena, bytes.as_ref().map(|bytes| (bytes.start, bytes.end)), tag(*held))
    };
    Some(Known {
        stack: point.stack.iter().map(|cell| quote(&cell.describe(stencils))).collect(),
        open: point.open.clone(),
        slots: point.slots.iter().map(live).collect(),
    })
}

/// As a trace says it, which knows the one type that is there.
fn tag(held: Held) -> Option<String> {
    let unset = held.unset.then(|| "none".to_owned());
    let types = (!held.types.is_empty()).then(|| held.types.to_string());
    let words: Vec<String> = unset.into_iter().chain(types).collect();
    (!words.is_empty()).then(|| words.join("|"))
}
