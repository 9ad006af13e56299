//! A verified function → its register form, block after block in the order of the code.
//!
//! On the way the stack holds what is not computed yet: constants, and registers whose value a cell has. A value is put
//! in the register of its own cell where paths meet, where an operation wants its operands side by side, and before the
//! register that it names is written. Only the topmost cells may lack their own register, so the work is linear.

mod calls;
mod cells;
mod fuse;
mod instruction;
mod rotate;
mod slots;

use super::addresses::keep_addresses;
use super::homes::{Home, Homes, Use};
use super::{
    Address, Block, Complex, Condition, Dynamic, Form, Kind, Kinds, Meet, Op, Operand, Order, Place, REGISTERS,
    Register, Shape, Spot, Stride, TextPlace,
};
use alloc::boxed::Box;
use alloc::vec::Vec;
use rotate::rotate;
use vega_format::allocator::Strategy;
use vega_format::blocks::Blocks;
use vega_format::compute::Computation;
use vega_format::container::{Function, SlotKind, Value};
use vega_format::hash::HashSet;
use vega_format::instruction::{Flow, Instruction, walk};
use vega_format::parsed::Parsed;
use vega_format::stencil::TypeRef;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};
use vega_format::verify::{Arenas, CellType, CertainTrap, Point, PointFinder, Verified, parameter_cells, result_cells};

/// So many cells may lack their own register.
const WINDOW: usize = 32;

/// The most cells that a frame may have, so that registers are left for variables.
const MOST_CELLS: usize = REGISTERS - REGISTERS / 12;

/// The most facts that are found out about a function; their number is bounded by the code times the depth of its stack
/// and of its arenas.
const MOST_FACTS: usize = 1 << 24;

/// So many operations of a block follow one another without a breath.
const BREATH: usize = 1024;

/// Registers that are kept for addresses of elements.
const SPARE: usize = 4;

/// Whether a function can be translated. Those that cannot are made to be large: the reference engine runs them.
pub(crate) fn fits(module: &Parsed<'_>, function: &Function<'_>) -> bool {
    let stack = usize::from(function.max_stack);
    let parameters = || function.signature.parameters.iter();
    // A parameter takes more than two cells only where it is a struct or a tuple, of at most 64.
    if 64 * parameters().len() + stack > MOST_CELLS {
        let cells = parameters().map(|type_| parameter_cells(module.stencils(), type_).map_or(0, |cells| cells.len()));
        if cells.sum::<usize>() + stack > MOST_CELLS {
            return false;
        }
    }
    if function.code.len().saturating_mul(stack + 256) <= MOST_FACTS {
        return true;
    }
    let instructions = || walk(function.code).map_while(Result::ok).map(|(_, instruction)| instruction);
    let opens = instructions().filter(|instruction| Strategy::opened_by(instruction).is_some()).count();
    // What ends at a place where an arena does is found for each of them.
    let begins = |instruction: &Instruction| {
        matches!(
            instruction,
            Instruction::VarAlloc { .. } | Instruction::StencilAlloc { .. } | Instruction::VarPtr { .. }
        )
    };
    let begun = instructions().filter(begins).count();
    let ends = instructions().filter(|instruction| matches!(instruction, Instruction::StackFree {})).count();
    if begun.saturating_mul(ends) > MOST_FACTS {
        return false;
    }
    let slots = function.slots.len();
    let blocks = Blocks::of(function.code).len();
    instructions().count().saturating_mul(stack + opens.min(256) + 2) <= MOST_FACTS && blocks * slots <= MOST_FACTS
}

/// Translates functions of a module.
#[derive(Debug)]
pub(crate) struct Translator<'p> {
    module: &'p Parsed<'static>,
    /// The traps that were found to be certain on all paths.
    certain: &'p [CertainTrap],
    finder: PointFinder<'p>,
    /// Where each static block stands in linear memory.
    statics: Vec<u32>,
    /// Whether all slots are in tables, also those whose places are known.
    tables: bool,
}

impl<'p> Translator<'p> {
    /// Of a module that was verified.
    pub(crate) fn new(verified: &'p Verified, tables: bool) -> Translator<'p> {
        let module = verified.module();
        let mut next = module.string_bytes().len() as u32;
        let places = module.statics().map(|block| {
            let start = next;
            next = next.wrapping_add(block.capacity);
            start
        });
        let certain = verified.certain_traps();
        Translator { module, certain, finder: PointFinder::new(module), statics: places.collect(), tables }
    }

    /// Translates a function for the interpreter; `None` where it does not fit.
    pub(crate) fn translate(&mut self, index: u32) -> Option<Form> {
        self.form(index, true)
    }

    /// Translates a function, each operation by itself, and says what the registers hold; `None` where it does not fit.
    #[cfg(vega_machine_code)]
    pub(crate) fn plain(&mut self, index: u32) -> Option<Form> {
        self.form(index, false)
    }

    fn form(&mut self, index: u32, fuses: bool) -> Option<Form> {
        let function = self.module.function(index)?;
        let points = self.finder.uses(index, MOST_FACTS);
        if points.is_cut {
            return None;
        }
        let stencils = self.module.stencils();
        let mut parameters = Vec::new();
        for type_ in function.signature.parameters {
            parameters.extend(parameter_cells(stencils, type_).ok()?);
        }
        let result = function.signature.result.map(|type_| result_cells(stencils, type_).ok());
        let result = result.map_or(Some(0), |cells| Some(cells?.len()))?;
        let count = u16::try_from(parameters.len()).ok()?;
        let code = function.code;
        let decode =
            |offset: u32| Instruction::decode(code.get(offset as usize..)?).ok().map(|(instruction, _)| instruction);
        let certain = self.certain_traps(index);
        let traps = |offset| certain.binary_search_by_key(&offset, |(offset, _)| *offset).is_ok();
        let uses = points.points.iter().filter_map(|point| {
            let instruction = decode(point.offset)?;
            let matters = instruction.slot().is_some() || Strategy::opened_by(&instruction).is_some();
            matters.then(|| Use { instruction, point, traps: traps(point.offset) })
        });
        let uses: Vec<_> = uses.collect();
        let last = u16::try_from(REGISTERS - 3).ok()?.checked_sub(function.max_stack)?;
        let mut homes = Homes::find(&function, &points, &uses, count, last);
        if self.tables {
            homes = homes.all_in_tables(&uses);
        }
        let looks = |instruction: Instruction| {
            matches!(instruction, Instruction::ViewLoad { .. } | Instruction::ViewStore { .. })
        };
        if fuses && walk(code).map_while(Result::ok).filter(|(_, instruction)| looks(*instruction)).count() > 2 {
            homes.take_spare(SPARE, last);
        }
        let blocks = Blocks::of(code);
        let jumps = walk(code).map_while(Result::ok);
        let jumps = jumps.filter_map(|(offset, instruction)| Some((offset, instruction.target()?)));
        let targets = jumps.clone().map(|(_, target)| target).collect();
        let heads = jumps.filter(|(offset, target)| target <= offset).map(|(_, target)| target).collect();
        let maker = Maker {
            module: self.module,
            statics: &self.statics,
            function: &function,
            certain: &certain,
            arenas: &points.arenas,
            parameters: &parameters,
            result,
            first: homes.end,
            homes,
            targets,
            heads,
            starts: &blocks,
            stack: Vec::new(),
            ops: Vec::new(),
            places: Vec::new(),
            place: Place { ip: 0, sp: 0 },
            fuses,
            fused: 0,
            breath: 0,
        };
        Some(maker.make(&points.points))
    }
}

impl Translator<'_> {
    /// The traps of a function that are certain, by offset, but not those of arenas that run out: what is in them is told
    /// by their tables.
    fn certain_traps(&self, function: u32) -> Vec<(u32, Trap)> {
        let is_it =
            |certain: &&CertainTrap| certain.function == function && !matches!(certain.trap, Trap::OutOfMemory { .. });
        let certain = self.certain.iter().filter(is_it);
        let mut certain: Vec<_> = certain.map(|certain| (certain.offset, certain.trap.clone())).collect();
        certain.sort_by_key(|(offset, _)| *offset);
        certain
    }
}

/// A value that was taken from the stack, with what computed it and where that stands.
struct Computed {
    operand: Operand,
    by: Option<(Computation, Register, Operand, usize)>,
}

/// What a cell of the stack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// In its own register.
    Own,
    Constant(u64),
    /// What this register holds.
    Copy(Register),
}

struct Maker<'p> {
    module: &'p Parsed<'static>,
    statics: &'p [u32],
    function: &'p Function<'p>,
    certain: &'p [(u32, Trap)],
    arenas: &'p Arenas,
    parameters: &'p [CellType],
    result: usize,
    homes: Homes,
    /// The register of the lowest cell of the stack.
    first: Register,
    targets: HashSet<u32>,
    /// Of those, to which code leads back.
    heads: HashSet<u32>,
    starts: &'p Blocks,
    stack: Vec<Entry>,
    ops: Vec<Op>,
    places: Vec<Place>,
    place: Place,
    /// Whether operations may become one.
    fuses: bool,
    /// Operations before this one are not changed any more.
    fused: usize,
    /// Where the last breath was taken.
    breath: usize,
}

impl Maker<'_> {
    fn make(mut self, points: &[Point]) -> Form {
        let mut blocks = vec![None; self.starts.len()];
        let mut entries = vec![None; if self.fuses { 0 } else { blocks.len() }];
        let mut points = points.iter().peekable();
        // Whether the block before falls into this one.
        let mut falls = false;
        for (number, block) in blocks.iter_mut().enumerate() {
            let (start, end) = (self.starts.start(number), self.starts.start(number + 1));
            let is_target = number == 0 || self.targets.contains(&start);
            while points.next_if(|point| point.offset < start).is_some() {}
            let Some(entry) = points.peek().filter(|point| point.offset == start) else {
                falls = false;
                continue;
            };
            if !is_target && !falls {
                continue;
            }
            if is_target {
                self.stack.clear();
                self.stack.resize(entry.stack.len(), Entry::Own);
                if let Some(kinds) = entries.get_mut(number) {
                    *kinds = Some(entry.stack.iter().map(Kind::of_cell).collect());
                }
            }
            let code = self.function.code.get(start as usize..end as usize).unwrap_or_default();
            let steps = walk(code).map_while(Result::ok).count() as u32;
            self.fused = self.ops.len();
            self.breath = self.fused;
            let place = self.place_of(entry);
            let arenas = entry.open.iter().filter(|site| !self.homes.is_table(**site)).count() as u16;
            let begins = number == 0 || self.heads.contains(&start);
            let meet = begins.then_some(Meet { cells: entry.stack.len() as u16, arenas });
            *block = Some(Block { start: self.ops.len() as u32, steps, place, meet });
            falls = self.block(code, start, &mut points);
            let next = self.starts.start(number + 1);
            if falls && !self.ends_with_transfer() {
                // Without a transfer a block ends only where another path comes in.
                debug_assert!(self.targets.contains(&next), "a block ends at a transfer or before a target");
                self.own_all();
                self.emit(Op::Next);
            }
        }
        let parameters = self.parameters.len() as u16;
        let mut form = Form { ops: self.ops, places: self.places, blocks, parameters, first: self.first, kinds: None };
        if self.fuses {
            keep_addresses(&mut form, &self.homes.spare);
            rotate(&mut form);
        } else {
            let mut kept: Vec<_> = self.parameters.iter().map(Kind::of_cell).collect();
            kept.resize(self.first.into(), Kind::Cell);
            self.homes.tell_kinds(self.function, &mut kept);
            let end = usize::from(self.first) + usize::from(self.function.max_stack) + 2;
            form.kinds = Some(Kinds { kept, entries, end });
        }
        form
    }

    fn place_of(&self, point: &Point) -> Place {
        Place { ip: point.offset, sp: (self.parameters.len() + point.stack.len()) as u32 }
    }

    /// Whether the last operation pays for the block that comes next.
    fn ends_with_transfer(&self) -> bool {
        matches!(self.ops.last(), Some(Op::Branch { .. } | Op::Call { .. } | Op::CallHost { .. }))
            && self.ops.len() > self.fused
    }

    /// Translates a block; says whether it may go on behind its end.
    fn block<'q>(
        &mut self,
        code: &[u8],
        start: u32,
        points: &mut core::iter::Peekable<impl Iterator<Item = &'q Point>>,
    ) -> bool {
        let mut flow = Flow::next;
        for (offset, instruction) in walk(code).map_while(Result::ok) {
            let offset = start + offset;
            let Some(point) = points.next_if(|point| point.offset == offset) else { return false };
            self.place = self.place_of(point);
            let trap = self.certain.binary_search_by_key(&offset, |(offset, _)| *offset);
            if let Some((_, trap)) = trap.ok().and_then(|place| self.certain.get(place)) {
                let trap = trap.clone();
                self.emit(Op::Trap(Box::new(trap)));
                return false;
            }
            if !self.instruction(&instruction, point) {
                return false;
            }
            flow = instruction.flow();
        }
        !matches!(flow, Flow::ends | Flow::jumps)
    }

    fn emit(&mut self, op: Op) {
        if self.ops.len() >= self.breath + BREATH {
            self.breath = self.ops.len();
            self.emit(Op::Breathe);
        }
        self.ops.push(op);
        self.places.push(self.place);
    }

    fn block_at(&self, offset: u32) -> u32 {
        let (mut low, mut high) = (0, self.starts.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.starts.start(middle) < offset { low = middle + 1 } else { high = middle }
        }
        low as u32
    }
}
