//! A verified function → its register form, block after block in the order of the code.
//!
//! On the way the stack holds what is not computed yet: constants, and registers whose value a cell has. A value is put
//! in the register of its own cell where paths meet, where an operation wants its operands side by side, and before the
//! register that it names is written. Only the topmost cells may lack their own register, so the work is linear.

use super::addresses::keep_addresses;
use super::homes::{Home, Homes, Use};
use super::{
    Address, Block, Complex, Condition, Dynamic, Form, Op, Operand, Order, Place, Register, Shape, Spot, Stride,
    TextPlace,
};
use std::collections::HashSet;
use vega_format::allocator::Strategy;
use vega_format::blocks::Blocks;
use vega_format::compute::Computation;
use vega_format::container::{Function, SlotKind, Value};
use vega_format::instruction::{Flow, Instruction, walk};
use vega_format::parsed::Parsed;
use vega_format::stencil::TypeRef;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};
use vega_format::verify::{Arenas, CellType, CertainTrap, Point, PointFinder, Verified, parameter_cells, result_cells};

/// So many cells may lack their own register.
const WINDOW: usize = 32;

/// The most cells that a frame may have, so that registers are left for variables.
const MOST_CELLS: usize = 60_000;

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

    /// Translates a function; `None` where it does not fit.
    pub(crate) fn translate(&mut self, index: u32) -> Option<Form> {
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
        let last = u16::MAX - function.max_stack - 2;
        let mut homes = Homes::find(&function, &points, &uses, count, last);
        if self.tables {
            homes = homes.all_in_tables(&uses);
        }
        let looks = |instruction: Instruction| {
            matches!(instruction, Instruction::ViewLoad { .. } | Instruction::ViewStore { .. })
        };
        if walk(code).map_while(Result::ok).filter(|(_, instruction)| looks(*instruction)).count() > 2 {
            homes.take_spare(SPARE, last);
        }
        let blocks = Blocks::of(code);
        let targets = walk(code).map_while(Result::ok).filter_map(|(_, instruction)| instruction.target()).collect();
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
            starts: &blocks,
            stack: Vec::new(),
            ops: Vec::new(),
            places: Vec::new(),
            place: Place { ip: 0, sp: 0 },
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
    starts: &'p Blocks,
    stack: Vec<Entry>,
    ops: Vec<Op>,
    places: Vec<Place>,
    place: Place,
    /// Operations before this one are not changed any more.
    fused: usize,
    /// Where the last breath was taken.
    breath: usize,
}

impl Maker<'_> {
    fn make(mut self, points: &[Point]) -> Form {
        let mut blocks = vec![None; self.starts.len()];
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
            }
            let code = self.function.code.get(start as usize..end as usize).unwrap_or_default();
            let steps = walk(code).map_while(Result::ok).count() as u32;
            self.fused = self.ops.len();
            self.breath = self.fused;
            let place = self.place_of(entry);
            *block = Some(Block { start: self.ops.len() as u32, steps, place });
            falls = self.block(code, start, &mut points);
            let next = self.starts.start(number + 1);
            if falls && !self.ends_with_transfer() {
                // Without a transfer a block ends only where another path comes in.
                debug_assert!(self.targets.contains(&next), "a block ends at a transfer or before a target");
                self.own_all();
                self.emit(Op::Next);
            }
        }
        let mut form = Form { ops: self.ops, places: self.places, blocks, parameters: self.parameters.len() as u16 };
        keep_addresses(&mut form, self.homes.spare.clone());
        rotate(&mut form);
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

    /// The register of a cell's own.
    fn own(&self, cell: usize) -> Register {
        self.first + cell as Register
    }

    /// A register that belongs to nobody.
    fn scratch(&self) -> Register {
        self.first + self.function.max_stack
    }

    fn operand_of(&self, cell: usize) -> Operand {
        match self.stack.get(cell) {
            Some(Entry::Constant(bits)) => Operand::Constant(*bits),
            Some(Entry::Copy(register)) => Operand::Register(*register),
            Some(Entry::Own) | None => Operand::Register(self.own(cell)),
        }
    }

    fn pop(&mut self) -> Operand {
        let top = self.stack.len().saturating_sub(1);
        let operand = self.operand_of(top);
        self.stack.pop();
        operand
    }

    /// Takes the top cell as a register.
    fn pop_register(&mut self) -> Register {
        let own = self.own(self.stack.len().saturating_sub(1));
        match self.pop() {
            Operand::Register(register) => register,
            constant @ Operand::Constant(_) => {
                self.prepare(own);
                self.emit(Op::Move { to: own, from: constant });
                own
            }
        }
    }

    /// Takes the top cell as a register, or as a constant of 16 bits.
    fn pop_small(&mut self) -> Operand {
        match self.operand_of(self.stack.len().saturating_sub(1)) {
            Operand::Constant(bits) if i16::try_from(bits.cast_signed()).is_err() => {
                Operand::Register(self.pop_register())
            }
            _ => self.pop(),
        }
    }

    fn push(&mut self, entry: Entry) {
        let cell = self.stack.len();
        let own = self.own(cell);
        self.stack.push(if entry == Entry::Copy(own) { Entry::Own } else { entry });
        if let Some(deep) = cell.checked_sub(WINDOW) {
            self.make_own(deep);
        }
    }

    fn push_operand(&mut self, operand: Operand) {
        self.push(match operand {
            Operand::Register(register) => Entry::Copy(register),
            Operand::Constant(bits) => Entry::Constant(bits),
        });
    }

    /// The register of the cell that is pushed next, ready to be written.
    fn target(&mut self) -> Register {
        let own = self.own(self.stack.len());
        self.prepare(own);
        own
    }

    /// A register is about to be written: who names it gets its own copy before. Says whether anybody did.
    fn prepare(&mut self, register: Register) -> bool {
        let mut any = false;
        let lowest = self.stack.len().saturating_sub(WINDOW + 1);
        for cell in (lowest..self.stack.len()).rev() {
            if self.stack.get(cell) == Some(&Entry::Copy(register)) {
                self.make_own(cell);
                any = true;
            }
        }
        any
    }

    /// Puts a cell into its own register.
    fn make_own(&mut self, cell: usize) {
        let from = self.operand_of(cell);
        let Some(entry) = self.stack.get_mut(cell).filter(|entry| **entry != Entry::Own) else { return };
        *entry = Entry::Own;
        let to = self.own(cell);
        self.prepare(to);
        self.emit(Op::Move { to, from });
    }

    fn own_all(&mut self) {
        let lowest = self.stack.len().saturating_sub(WINDOW + 1);
        self.own_from(lowest);
    }

    fn own_from(&mut self, lowest: usize) {
        (lowest..self.stack.len()).for_each(|cell| self.make_own(cell));
    }

    /// Lets the operation that made the value of a cell write it elsewhere; says whether it could.
    fn retarget(&mut self, from: Operand, to: Register) -> bool {
        if self.ops.len() <= self.fused {
            return false;
        }
        // The cell that was popped, and not another that it names.
        let own = self.own(self.stack.len());
        let Some(written) = self.ops.last_mut().and_then(result_of) else { return false };
        let is_it = *written == own && from == Operand::Register(own);
        if is_it {
            *written = to;
        }
        is_it
    }

    /// Moves a value that was popped into a register that the function keeps.
    fn assign(&mut self, to: Register, from: Operand) {
        if self.prepare(to) || !self.retarget(from, to) {
            self.emit(Op::Move { to, from });
        }
    }

    /// The operation takes these cells side by side and leaves so many.
    fn complex(&mut self, what: Complex, pops: usize, pushes: usize) {
        let lowest = self.stack.len().saturating_sub(pops);
        self.own_from(lowest);
        self.stack.truncate(lowest);
        for cell in lowest..lowest + pushes {
            let own = self.own(cell);
            self.prepare(own);
        }
        self.emit(Op::Complex { what, first: self.own(lowest) });
        (0..pushes).for_each(|_| self.push(Entry::Own));
    }

    /// The shape of the topmost value.
    fn shape(&self, point: &Point) -> Shape {
        match point.stack.last() {
            Some(CellType::Scalar(tag)) => Shape::Scalar(*tag),
            Some(CellType::UnionTag(_)) => Shape::Union,
            _ => Shape::String,
        }
    }

    fn cells_of(shape: Shape) -> usize {
        if shape == Shape::Union { 2 } else { 1 }
    }

    /// The size of the elements of the view in a cell that lies so deep.
    fn element(&self, point: &Point, depth: usize) -> Option<TypeRef> {
        let place = point.stack.len().checked_sub(depth + 1)?;
        match point.stack.get(place)? {
            CellType::View { element, .. } => Some(*element),
            _ => None,
        }
    }

    fn size(&self, element: Option<TypeRef>) -> u32 {
        element.map_or(0, |element| self.module.stencils().size(element))
    }

    /// Translates an instruction; says whether execution may go on behind it.
    fn instruction(&mut self, instruction: &Instruction, point: &Point) -> bool {
        if let Some(computation) = Computation::of(instruction) {
            self.compute(computation);
            return true;
        }
        match *instruction {
            Instruction::StackPop {} => {
                if let Some(CellType::UnionTag(_)) = point.stack.last() {
                    self.stack.pop();
                }
                self.stack.pop();
            }
            Instruction::StackAlloc { .. }
            | Instruction::StackAllocBump { .. }
            | Instruction::StackAllocPool { .. } => {
                self.open(instruction, point);
            }
            Instruction::StackFree {} => self.close(point),
            Instruction::LoadConst { index } => self.constant(index.0),
            Instruction::VarAlloc { slot, mask } => self.allocate(slot.0, mask.size()),
            Instruction::StencilAlloc { slot, size } => self.allocate(slot.0, size.0),
            Instruction::VarStore { slot } => return self.store(slot.0, point),
            Instruction::VarLoad { slot } => self.load(slot.0, point),
            Instruction::VarFree { slot } | Instruction::VarDrop { slot } => self.free(slot.0, instruction, point),
            Instruction::VarPtr { slot, tag } => self.point(slot.0, tag, point),
            Instruction::VarOffset { slot } => match (self.homes.of(slot.0), point.slots.first()) {
                (Home::Table, _) => self.complex(Complex::Dynamic(Dynamic::Offset { slot: slot.0 }), 0, 1),
                (Home::Alias { address }, Some(known)) => {
                    let (to, base) = (self.target(), self.base(known.arena));
                    let (left, right) = (Operand::Register(address), Operand::Register(base));
                    self.emit(Op::Two { computation: Computation::SubInt, to, left, right });
                    self.push(Entry::Own);
                }
                (_, known) => {
                    let at = known.and_then(|known| known.bytes.as_ref()).map_or(0, |bytes| bytes.start);
                    self.push(Entry::Constant(vega_format::cell::from_int(at.cast_signed())));
                }
            },
            Instruction::FieldLoad { slot, offset, tag } => {
                let at = self.address(slot.0, offset.0, false, point);
                self.load_at(tag, at);
            }
            Instruction::FieldStore { slot, offset, tag } => {
                let value = self.pop_value();
                let at = self.address(slot.0, offset.0, true, point);
                self.store_to(tag, value, Spot::At(at));
            }
            Instruction::ElemLoad { slot, offset, tag } => {
                let index = self.pop_register();
                let at = self.address(slot.0, offset.0, false, point);
                let (size, length) = self.array(slot.0);
                self.load_from(tag, Spot::Array { at, index, size, length });
            }
            Instruction::ElemStore { slot, offset, tag } => {
                let value = self.pop_small();
                let index = self.pop_register();
                let at = self.address(slot.0, offset.0, true, point);
                let (size, length) = self.array(slot.0);
                self.emit(Op::Store { tag, value, to: Spot::Array { at, index, size, length } });
            }
            Instruction::ArrayView { slot } => {
                let at = self.address(slot.0, 0, false, point);
                let (_, length) = self.array(slot.0);
                self.span(at, length);
            }
            Instruction::FieldView { slot, offset, depth } => {
                let at = self.address(slot.0, offset.0, false, point);
                let part = match self.function.slots.get(usize::from(slot.0)) {
                    Some(SlotKind::Stencil(type_ref)) => self.module.stencils().part_at(*type_ref, offset.0, depth.0),
                    _ => None,
                };
                let length = part.map_or(0, |part| self.module.stencils().viewed(part).1);
                self.span(at, length);
            }
            Instruction::ViewField { offset, depth } => {
                let element = self.element(point, 1);
                let part = element.and_then(|element| self.module.stencils().part_at(element, offset.0, depth.0));
                let length = part.map_or(0, |part| self.module.stencils().viewed(part).1);
                let stride = Stride { size: self.size(element), offset: offset.0 };
                self.complex(Complex::ViewPart { stride, length }, 2, 1);
            }
            Instruction::ViewLoad { offset, tag } => {
                let stride = Stride { size: self.size(self.element(point, 1)), offset: offset.0 };
                self.load_view(tag, stride);
            }
            Instruction::StringByte {} => self.load_view(Tag::Byte, Stride { size: 1, offset: 0 }),
            Instruction::ViewStore { offset, tag } => {
                let stride = Stride { size: self.size(self.element(point, 2)), offset: offset.0 };
                let value = self.pop_value();
                let value = match value.operand {
                    Operand::Constant(bits) if i16::try_from(bits.cast_signed()).is_err() => {
                        let own = self.own(self.stack.len());
                        self.emit(Op::Move { to: own, from: value.operand });
                        Computed { operand: Operand::Register(own), by: None }
                    }
                    _ => value,
                };
                let index = self.pop_register();
                let view = self.pop_register();
                self.store_to(tag, value, Spot::View { view, index, stride });
            }
            Instruction::ViewLength {} | Instruction::StringLength {} => {
                let view = self.pop_register();
                let to = self.target();
                self.emit(Op::Length { to, view });
                self.push(Entry::Own);
            }
            Instruction::ViewSlice {} => {
                let size = self.size(self.element(point, 2));
                self.complex(Complex::Slice { size }, 3, 1);
            }
            Instruction::StringSlice {} => self.complex(Complex::Slice { size: 1 }, 3, 1),
            Instruction::ViewCopy {} => {
                let size = self.size(self.element(point, 0));
                self.complex(Complex::CopyView { size }, 2, 0);
            }
            Instruction::EqString {} => self.complex(Complex::CompareStrings(Order::Equal), 2, 1),
            Instruction::NeString {} => self.complex(Complex::CompareStrings(Order::NotEqual), 2, 1),
            Instruction::LtString {} => self.complex(Complex::CompareStrings(Order::Less), 2, 1),
            Instruction::LeString {} => self.complex(Complex::CompareStrings(Order::LessOrEqual), 2, 1),
            Instruction::GtString {} => self.complex(Complex::CompareStrings(Order::Greater), 2, 1),
            Instruction::GeString {} => self.complex(Complex::CompareStrings(Order::GreaterOrEqual), 2, 1),
            Instruction::StringChar {} => self.complex(Complex::StringChar, 2, 1),
            Instruction::StringNext {} => self.complex(Complex::StringNext, 2, 1),
            Instruction::TextView { slot } => {
                let (place, capacity) = self.text(slot.0, false, point);
                self.complex(Complex::TextView { place, capacity }, 0, 1);
            }
            Instruction::TextStore { slot } => {
                let (place, capacity) = self.text(slot.0, true, point);
                self.complex(Complex::TextStore { place, capacity, append: false }, 1, 0);
            }
            Instruction::TextAppend { slot } => {
                let (place, capacity) = self.text(slot.0, true, point);
                self.complex(Complex::TextStore { place, capacity, append: true }, 1, 0);
            }
            Instruction::TextFormat { slot } => {
                let (place, capacity) = self.text(slot.0, true, point);
                let shape = self.shape(point);
                self.complex(Complex::TextFormat { place, capacity, shape }, Self::cells_of(shape), 0);
            }
            Instruction::ViewText { offset } => {
                let (place, capacity) = self.text_in_view(offset.0, 1, point);
                self.complex(Complex::TextView { place, capacity }, 2, 1);
            }
            Instruction::ViewTextStore { offset } => {
                let (place, capacity) = self.text_in_view(offset.0, 2, point);
                self.complex(Complex::TextStore { place, capacity, append: false }, 3, 0);
            }
            Instruction::ViewTextAppend { offset } => {
                let (place, capacity) = self.text_in_view(offset.0, 2, point);
                self.complex(Complex::TextStore { place, capacity, append: true }, 3, 0);
            }
            Instruction::ViewTextFormat { offset } => {
                let shape = self.shape(point);
                let cells = Self::cells_of(shape);
                let (place, capacity) = self.text_in_view(offset.0, cells + 1, point);
                self.complex(Complex::TextFormat { place, capacity, shape }, 2 + cells, 0);
            }
            Instruction::UnionAs { mask } => {
                let shape = self.shape(point);
                let pushes = if mask.is_single().is_some() { 1 } else { 2 };
                self.complex(Complex::UnionAs { shape, mask }, Self::cells_of(shape), pushes);
            }
            Instruction::UnionIs { mask } => {
                let shape = self.shape(point);
                self.complex(Complex::UnionIs { shape, mask }, Self::cells_of(shape), 1);
            }
            Instruction::StaticLoad { block, offset, tag } => {
                let at = self.static_address(block.0, offset.0);
                self.load_at(tag, at);
            }
            Instruction::StaticStore { block, offset, tag } => {
                let value = self.pop();
                let at = self.static_address(block.0, offset.0);
                self.emit(Op::Store { tag, value, to: Spot::At(at) });
            }
            Instruction::StaticView { block, offset, depth } => {
                let stencils = self.module.stencils();
                let part = self.module.static_block(block.0.into());
                let part = part.and_then(|block| block.part_at(stencils, offset.0, depth.0));
                let length = part.map_or(0, |part| stencils.viewed(part).1);
                let at = self.static_address(block.0, offset.0);
                self.span(at, length);
            }
            Instruction::CellLoad { cell } => self.load_cell(cell.0.into(), point),
            Instruction::StackSlide { keep, drop } => self.slide(keep.0.into(), drop.0.into()),
            Instruction::Call { function } => self.call(function.0),
            Instruction::CallNat { import } => self.call_host(import.0),
            Instruction::Return {} => {
                self.return_result();
                return false;
            }
            Instruction::Fail {} => {
                self.complex(Complex::Fail, 1, 0);
                return false;
            }
            Instruction::Jump { target } => {
                self.own_all();
                let target = self.block_at(target.0);
                self.emit(Op::Jump { target });
                return false;
            }
            Instruction::JumpFalse { target } => self.branch(false, target.0),
            Instruction::JumpTrue { target } => self.branch(true, target.0),
            // The table of computations has the rest.
            _ => return false,
        }
        true
    }

    fn compute(&mut self, computation: Computation) {
        if computation.is_unary() {
            if keeps_cell(computation) {
                let operand = self.pop();
                return self.push_operand(operand);
            }
            let operand = self.pop_register();
            let to = self.target();
            self.emit(Op::One { computation, to, operand });
            return self.push(Entry::Own);
        }
        let right = self.pop();
        let mut left = self.pop();
        if let (Operand::Constant(_), Operand::Constant(_)) = (left, right) {
            // Rare: the compiler folds. One of them is enough in a register.
            let own = self.target();
            self.emit(Op::Move { to: own, from: left });
            left = Operand::Register(own);
        }
        let to = self.target();
        let op = shifted(computation, to, left, right);
        let op = op.or_else(|| self.pair(computation, to, left, right));
        self.emit(op.unwrap_or(Op::Two { computation, to, left, right }));
        self.push(Entry::Own);
    }

    /// Makes one of a computation and the one before it, whose result is used nowhere else; that one is taken away.
    fn pair(&mut self, second: Computation, to: Register, left: Operand, right: Operand) -> Option<Op> {
        if self.ops.len() <= self.fused {
            return None;
        }
        let last = self.ops.last()?;
        let (Op::Two { to: result, .. } | Op::Load { to: result, .. }) = last else { return None };
        // The cells of both operands were popped: what stands in their own registers is not needed any more.
        let own = self.own(self.stack.len());
        let result = Operand::Register(*result);
        let (other, swapped) = match (left == result, right == result) {
            (true, false) if left == Operand::Register(own) => (right, false),
            (false, true) if right == Operand::Register(own + 1) => (left, true),
            _ => return None,
        };
        let op = match (last, other) {
            (Op::Two { computation: first, left: Operand::Register(left), right, .. }, _) => {
                Op::Pair { first: *first, second, to, left: *left, right: *right, other, swapped }
            }
            (Op::Load { tag, from, .. }, Operand::Register(other)) => {
                Op::LoadTwo { tag: *tag, computation: second, to, from: *from, other, swapped }
            }
            _ => return None,
        };
        let loads = matches!(op, Op::LoadTwo { .. });
        crate::interpreter::has(&op).then(|| {
            // Where a load can trap, it is told as the load.
            let place = self.places.last().copied().filter(|_| loads);
            self.take_last();
            self.place = place.unwrap_or(self.place);
            op
        })
    }

    fn constant(&mut self, index: u32) {
        let bits = match (self.module.string_place(index), self.module.constant(index)) {
            (Some((offset, length)), _) => u64::from(offset) | u64::from(length) << 32,
            (None, Some(Value::Scalar(_, bits))) => bits,
            (None, _) => 0,
        };
        self.push(Entry::Constant(bits));
    }

    fn open(&mut self, instruction: &Instruction, point: &Point) {
        let Some((strategy, capacity)) = Strategy::opened_by(instruction) else { return };
        let site = self.arenas.sites.iter().position(|site| site.offset == point.offset);
        let base = self.base(point.open.len());
        match site {
            Some(site) if self.homes.is_table(site) => {
                let what = Complex::Dynamic(Dynamic::Open { strategy, capacity, base });
                self.emit(Op::Complex { what, first: base });
            }
            Some(site) if !self.homes.has_bytes(site) => self.emit(Op::Open { base: None, capacity }),
            _ => self.emit(Op::Open { base: Some(base), capacity }),
        }
    }

    fn close(&mut self, point: &Point) {
        let Some(site) = point.open.last().copied() else { return };
        let capacity = self.arenas.sites.get(site).map_or(0, |site| site.capacity);
        match self.homes.is_table(site) {
            true => {
                let what = Complex::Dynamic(Dynamic::Close);
                self.emit(Op::Complex { what, first: 0 });
            }
            false => self.emit(Op::Close { capacity, has_bytes: self.homes.has_bytes(site) }),
        }
    }

    fn base(&self, depth: usize) -> Register {
        self.homes.base(depth).unwrap_or(self.scratch())
    }

    fn allocate(&mut self, slot: u16, size: u32) {
        match self.homes.of(slot) {
            Home::Table => {
                let what = Complex::Dynamic(Dynamic::Allocate { slot, size });
                self.emit(Op::Complex { what, first: 0 });
            }
            Home::Register { tag: Some(tag), .. } | Home::Memory { tag: Some(tag) } => {
                self.prepare(tag);
                self.emit(Op::Move { to: tag, from: Operand::Constant(0) });
            }
            Home::Register { tag: None, .. } | Home::Memory { tag: None } | Home::Alias { .. } => {}
        }
    }

    /// Where a slot's bytes stand, and so many behind.
    fn address(&mut self, slot: u16, offset: u32, write: bool, point: &Point) -> Address {
        match (self.homes.of(slot), point.slots.first()) {
            (Home::Alias { address }, _) => Address { base: Some(address), offset },
            (Home::Table, _) | (_, None) => {
                let to = self.scratch() + 1;
                let what = Complex::Dynamic(Dynamic::Resolve { slot, write, to });
                self.emit(Op::Complex { what, first: to });
                Address { base: Some(to), offset }
            }
            (_, Some(known)) => {
                let start = known.bytes.as_ref().map_or(0, |bytes| bytes.start);
                Address { base: Some(self.base(known.arena)), offset: start + offset }
            }
        }
    }

    fn static_address(&self, block: u16, offset: u32) -> Address {
        let start = self.statics.get(usize::from(block)).copied().unwrap_or_default();
        Address { base: None, offset: start + offset }
    }

    fn array(&self, slot: u16) -> (u32, u32) {
        let stencils = self.module.stencils();
        match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Stencil(type_ref)) => {
                stencils.array(*type_ref).map_or((0, 0), |(element, length)| (stencils.size(element), length))
            }
            _ => (0, 0),
        }
    }

    fn text(&mut self, slot: u16, write: bool, point: &Point) -> (TextPlace, u32) {
        let at = self.address(slot, 0, write, point);
        let capacity = match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Stencil(type_ref)) => self.module.stencils().size(*type_ref),
            _ => 0,
        };
        (TextPlace::At(at), capacity)
    }

    fn text_in_view(&self, offset: u32, depth: usize, point: &Point) -> (TextPlace, u32) {
        let element = self.element(point, depth);
        let capacity = element.and_then(|element| self.module.stencils().text_at(element, offset));
        (TextPlace::InView(Stride { size: self.size(element), offset }), capacity.unwrap_or_default())
    }

    fn load_at(&mut self, tag: Tag, at: Address) {
        self.load_from(tag, Spot::At(at));
    }

    fn load_from(&mut self, tag: Tag, from: Spot) {
        let to = self.target();
        self.emit(Op::Load { tag, to, from });
        self.push(Entry::Own);
    }

    fn load_view(&mut self, tag: Tag, stride: Stride) {
        let index = self.pop_register();
        // The cell of the index was popped, so what stands in its own register is not needed any more.
        let own = self.own(self.stack.len());
        let view = self.pop_register();
        let multiplied = match self.ops.last() {
            Some(Op::Pair {
                first,
                second,
                to,
                left,
                right: Operand::Constant(factor),
                other: Operand::Register(plus),
                ..
            }) if self.ops.len() > self.fused
                && (*first, *second) == (Computation::MulInt, Computation::AddInt)
                && (*to, index) == (own, own)
                && view != own =>
            {
                i32::try_from(factor.cast_signed()).ok().map(|factor| (*left, factor, *plus))
            }
            _ => None,
        };
        if multiplied.is_some() {
            self.take_last();
        }
        self.load_from(
            tag,
            match multiplied {
                Some((index, factor, plus)) => Spot::ViewAt { view, index, factor, plus, stride },
                None => Spot::View { view, index, stride },
            },
        );
    }

    fn take_last(&mut self) -> Option<Op> {
        self.places.pop();
        self.ops.pop()
    }

    /// Takes the top cell with the operation that computed it for this alone.
    fn pop_value(&mut self) -> Computed {
        let operand = self.pop();
        let own = self.own(self.stack.len());
        let by = match self.ops.last() {
            Some(Op::Two { computation, to, left: Operand::Register(left), right })
                if self.ops.len() > self.fused && *to == own && operand == Operand::Register(own) =>
            {
                Some((*computation, *left, *right, self.ops.len() - 1))
            }
            _ => None,
        };
        Computed { operand, by }
    }

    /// Stores a value; together with what computed it, if that was the last that was done.
    fn store_to(&mut self, tag: Tag, value: Computed, to: Spot) {
        if let Some((computation, left, right, place)) = value.by
            && place + 1 == self.ops.len()
            && let op = (Op::TwoStore { tag, computation, left, right, to })
            && crate::interpreter::has(&op)
        {
            self.take_last();
            return self.emit(op);
        }
        self.emit(Op::Store { tag, value: value.operand, to });
    }

    fn span(&mut self, at: Address, length: u32) {
        let to = self.target();
        self.emit(Op::Span { to, at, length });
        self.push(Entry::Own);
    }

    fn load(&mut self, slot: u16, point: &Point) {
        let home = self.homes.of(slot);
        let mask = match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Variable(mask)) => *mask,
            Some(SlotKind::Alias(tag)) => tag.mask(),
            _ => Mask::EMPTY,
        };
        let unset = point.slots.first().is_none_or(|known| known.held.unset);
        if let Home::Register { tag: Some(tag), .. } | Home::Memory { tag: Some(tag) } = home
            && unset
        {
            self.emit(Op::CheckStored { tag, slot });
        }
        match (home, mask.is_single()) {
            (Home::Table, single) => {
                let union = single.is_none();
                let what = Complex::Dynamic(Dynamic::Load { slot, union });
                self.complex(what, 0, if union { 2 } else { 1 });
            }
            (Home::Register { value, .. }, Some(_)) => self.push(Entry::Copy(value)),
            (Home::Register { value, tag: Some(tag) }, None) => {
                self.push(Entry::Copy(value));
                self.push(Entry::Copy(tag));
            }
            (Home::Memory { tag: Some(tag) }, None) => {
                let at = self.address(slot, 0, false, point);
                self.complex(Complex::LoadUnion { at, tag }, 0, 2);
            }
            (_, Some(tag)) => {
                let at = self.address(slot, 0, false, point);
                self.load_at(tag, at);
            }
            // A union has a tag.
            (_, None) => {}
        }
    }

    /// Stores the topmost value; says whether that can succeed.
    fn store(&mut self, slot: u16, point: &Point) -> bool {
        let mask = match self.function.slots.get(usize::from(slot)) {
            Some(SlotKind::Variable(mask)) => *mask,
            Some(SlotKind::Alias(tag)) => tag.mask(),
            _ => return false,
        };
        let shape = self.shape(point);
        let home = self.homes.of(slot);
        if home == Home::Table {
            self.complex(Complex::Dynamic(Dynamic::Store { slot, mask, shape }), Self::cells_of(shape), 0);
            return true;
        }
        if let Shape::Scalar(tag) = shape
            && !mask.contains(tag)
        {
            self.emit(Op::Trap(Box::new(Trap::TypeMismatch { slot, mask, tag })));
            return false;
        }
        let stored_tag = match shape {
            Shape::Union => {
                let tag = self.pop_register();
                if !matches!(point.stack.last(), Some(CellType::UnionTag(held)) if held.intersection(mask) == *held) {
                    self.emit(Op::CheckTag { tag, slot, mask });
                }
                Operand::Register(tag)
            }
            Shape::Scalar(tag) => Operand::Constant(tag.number().into()),
            Shape::String => return false,
        };
        match (home, mask.is_single()) {
            (Home::Register { value, tag }, _) => {
                let from = self.pop();
                // The value first: the tag may lie above it, in the register that comes next.
                self.assign(value, from);
                if let Some(tag) = tag {
                    self.prepare(tag);
                    self.emit(Op::Move { to: tag, from: stored_tag });
                }
            }
            (Home::Memory { tag: Some(tag) }, None) => {
                if shape == Shape::Union {
                    // Back on the stack, beside its value.
                    self.push_operand(stored_tag);
                }
                let at = self.address(slot, 0, true, point);
                let what = Complex::StoreUnion { at, size: mask.size(), tag, shape };
                self.prepare(tag);
                self.complex(what, Self::cells_of(shape), 0);
            }
            (_, Some(single)) => {
                let value = self.pop();
                let at = self.address(slot, 0, true, point);
                self.emit(Op::Store { tag: single, value, to: Spot::At(at) });
                if let Home::Memory { tag: Some(tag) } = home {
                    self.prepare(tag);
                    self.emit(Op::Move { to: tag, from: Operand::Constant(single.number().into()) });
                }
            }
            (_, None) => return false,
        }
        true
    }

    fn free(&mut self, slot: u16, instruction: &Instruction, point: &Point) {
        let kind = self.function.slots.get(usize::from(slot)).copied();
        let alias = matches!(kind, Some(SlotKind::Alias(_)));
        let drops = matches!(instruction, Instruction::VarDrop { .. });
        if self.homes.of(slot) == Home::Table {
            let what = if drops { Dynamic::Drop { slot, alias } } else { Dynamic::Free { slot, alias } };
            self.emit(Op::Complex { what: Complex::Dynamic(what), first: 0 });
            return;
        }
        // What is not there is not dropped; an alias that ends leaves nothing to do.
        let Some(known) = point.slots.first().filter(|_| !alias) else { return };
        let length = match kind {
            Some(SlotKind::Variable(mask)) => mask.size(),
            Some(SlotKind::Stencil(type_ref)) => self.module.stencils().size(type_ref),
            Some(SlotKind::Alias(_)) | None => 0,
        };
        match self.homes.of(slot) {
            Home::Register { .. } if length >= 64 => self.emit(Op::Pay { bytes: length }),
            Home::Register { .. } => {}
            _ => {
                let offset = known.bytes.as_ref().map_or(0, |bytes| bytes.start);
                let at = Address { base: Some(self.base(known.arena)), offset };
                self.emit(Op::Clear { at, length });
            }
        }
    }

    fn point(&mut self, slot: u16, tag: Tag, point: &Point) {
        let offset = self.pop_register();
        let depth = point.open.len().saturating_sub(1);
        let capacity = point.open.last().and_then(|site| self.arenas.sites.get(*site)).map_or(0, |site| site.capacity);
        let (base, size) = (self.base(depth), tag.size());
        match self.homes.of(slot) {
            Home::Alias { address } => {
                self.prepare(address);
                self.emit(Op::Point { to: address, offset, base, size, capacity });
            }
            _ => {
                let address = self.scratch();
                self.emit(Op::Point { to: address, offset, base, size, capacity });
                let what = Complex::Dynamic(Dynamic::Point { slot, tag, address });
                self.emit(Op::Complex { what, first: address });
            }
        }
    }

    fn load_cell(&mut self, cell: usize, point: &Point) {
        match cell.checked_sub(self.parameters.len()) {
            None => {
                self.push(Entry::Copy(cell as Register));
                if let Some(CellType::UnionValue(_)) = self.parameters.get(cell) {
                    self.push(Entry::Copy(cell as Register + 1));
                }
            }
            Some(cell) => {
                let is_union = matches!(point.stack.get(cell), Some(CellType::UnionValue(_)));
                let operand = self.operand_of(cell);
                self.push_operand(operand);
                if is_union {
                    let operand = self.operand_of(cell + 1);
                    self.push_operand(operand);
                }
            }
        }
    }

    /// Drops cells that lie beneath others.
    fn slide(&mut self, keep: usize, drop: usize) {
        let start = self.stack.len().saturating_sub(keep + drop);
        if keep > WINDOW {
            // More than the window holds: each in turn into its new register.
            self.own_from(start + drop);
            for cell in start..start + keep {
                let (to, from) = (self.own(cell), Operand::Register(self.own(cell + drop)));
                self.emit(Op::Move { to, from });
            }
            self.stack.truncate(start);
            self.stack.resize(start + keep, Entry::Own);
            return;
        }
        let kept: Vec<_> = (start + drop..self.stack.len()).map(|cell| self.operand_of(cell)).collect();
        self.stack.truncate(start);
        for operand in kept {
            self.push_operand(operand);
        }
    }

    fn call(&mut self, function: u32) {
        let Some(called) = self.module.function(function) else { return };
        let stencils = self.module.stencils();
        let count = |cells: Result<Vec<CellType>, _>| cells.map_or(0, |cells| cells.len());
        let takes: usize =
            called.signature.parameters.iter().map(|type_| count(parameter_cells(stencils, type_))).sum();
        let gives = called.signature.result.map_or(0, |type_| count(result_cells(stencils, type_)));
        let lowest = self.begin_call(takes, gives);
        let first = self.own(lowest);
        self.emit(Op::Call { function, first, keep: first });
        self.end_call(lowest, gives);
    }

    fn call_host(&mut self, import: u32) {
        let Some(called) = self.module.import(import) else { return };
        let stencils = self.module.stencils();
        let count = |cells: Result<Vec<CellType>, _>| cells.map_or(0, |cells| cells.len());
        let takes: usize =
            called.signature.parameters.iter().map(|type_| count(parameter_cells(stencils, type_))).sum();
        let gives = match called.signature.result {
            None => 0,
            Some(vega_format::types::Type::Union(_)) => 2,
            Some(_) => 1,
        };
        let lowest = self.begin_call(takes, gives);
        self.emit(Op::CallHost { import, first: self.own(lowest) });
        self.end_call(lowest, gives);
    }

    /// The arguments stand side by side; what lies beneath stays as it is, unless another path comes to the place behind.
    fn begin_call(&mut self, takes: usize, gives: usize) -> usize {
        let lowest = self.stack.len().saturating_sub(takes);
        self.own_from(lowest);
        if self.next_is_target() {
            self.own_all();
        }
        for cell in lowest..lowest + gives {
            // The result takes the place of the arguments.
            let own = self.own(cell);
            self.prepare(own);
        }
        lowest
    }

    fn end_call(&mut self, lowest: usize, gives: usize) {
        self.stack.truncate(lowest);
        (0..gives).for_each(|_| self.push(Entry::Own));
    }

    /// Whether a jump leads to what stands behind this instruction.
    fn next_is_target(&self) -> bool {
        let code = self.function.code.get(self.place.ip as usize..).unwrap_or_default();
        let width = Instruction::decode(code).map_or(0, |(_, width)| width as u32);
        self.targets.contains(&(self.place.ip + width))
    }

    fn return_result(&mut self) {
        if self.homes.have_tables() {
            let what = Complex::Dynamic(Dynamic::Leave);
            self.emit(Op::Complex { what, first: 0 });
        }
        match self.result {
            0 => self.emit(Op::ReturnNothing),
            1 => {
                let from = self.pop();
                self.emit(Op::ReturnOne { from });
            }
            cells => {
                let lowest = self.stack.len().saturating_sub(cells);
                self.own_from(lowest);
                self.emit(Op::Return { first: self.own(lowest), cells: cells as u16 });
            }
        }
    }

    fn block_at(&self, offset: u32) -> u32 {
        let (mut low, mut high) = (0, self.starts.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.starts.start(middle) < offset { low = middle + 1 } else { high = middle }
        }
        low as u32
    }

    fn branch(&mut self, mut when: bool, target: u32) {
        let mut cell = self.pop_register();
        // The cell that was popped, if it is not another that it names.
        let own = self.own(self.stack.len());
        let mut condition = None;
        // A comparison that was made for this branch alone becomes a part of it, and so does a negation.
        while self.ops.len() > self.fused {
            match self.ops.last() {
                Some(Op::One { computation: Computation::NotBool, to, operand }) if *to == cell && cell == own => {
                    when = !when;
                    cell = *operand;
                }
                Some(Op::Two { computation, to, left, right })
                    if *to == cell && cell == own && computation.compares() =>
                {
                    condition = Some(Condition::Compare(*computation, *left, *right));
                }
                _ => break,
            }
            self.take_last();
            if condition.is_some() {
                break;
            }
        }
        // The operands of the comparison are cells that were popped, so what is put in its place cannot be one of theirs.
        self.own_all();
        let target = self.block_at(target);
        self.emit(Op::Branch { condition: condition.unwrap_or(Condition::Cell(cell)), when, target });
    }
}

/// Whether a conversion leaves the bits of the cell as they are.
fn keeps_cell(computation: Computation) -> bool {
    matches!(
        computation,
        Computation::ByteToShort
            | Computation::ByteToInt
            | Computation::ByteToLong
            | Computation::ShortToInt
            | Computation::ShortToLong
            | Computation::IntToLong
            | Computation::CharToInt
    )
}

/// A division or a remainder by a power of two.
fn shifted(computation: Computation, to: Register, left: Operand, right: Operand) -> Option<Op> {
    let (Operand::Register(from), Operand::Constant(divisor)) = (left, right) else { return None };
    let (long, remainder) = match computation {
        Computation::DivInt => (false, false),
        Computation::RemInt => (false, true),
        Computation::DivLong => (true, false),
        Computation::RemLong => (true, true),
        _ => return None,
    };
    // A positive number of either type.
    let is_power = divisor.is_power_of_two() && divisor > 1 && divisor.cast_signed() > 0;
    is_power.then(|| Op::Shifted { long, remainder, to, from, shift: divisor.trailing_zeros() as u8 })
}

/// Lets a jump to a block that is nothing but a branch do the work of that block, together with the addition before it if
/// that counts what the branch compares: so a loop goes round with an operation or two less.
fn rotate(form: &mut Form) {
    let starts: HashSet<u32> = form.blocks.iter().flatten().map(|block| block.start).collect();
    for place in 0..form.ops.len() {
        let Some(Op::Jump { target }) = form.ops.get(place) else { continue };
        let number = *target;
        let Some(Some(Block { start, steps, .. })) = form.blocks.get(number as usize) else { continue };
        let Some(Op::Branch { condition, when, .. }) = form.ops.get(*start as usize) else { continue };
        let (condition, when, steps, otherwise) = (*condition, *when, *steps, number + 1);
        if form.blocks.get(otherwise as usize).copied().flatten().map(|block| block.start) != Some(start + 1) {
            continue;
        }
        let before = place.checked_sub(1).filter(|_| !starts.contains(&(place as u32)));
        let count = before.and_then(|before| counted(form.ops.get(before)?, condition, when, otherwise, steps));
        if let (Some(before), Some(count)) = (before, count) {
            // The jump behind it is not reached any more.
            if let Some(op) = form.ops.get_mut(before) {
                *op = count;
            }
        } else if let Some(op) = form.ops.get_mut(place) {
            *op = Op::JumpBranch { condition, when, otherwise, steps };
        }
    }
}

/// An addition and the comparison of its result that ends a loop.
fn counted(op: &Op, condition: Condition, when: bool, otherwise: u32, steps: u32) -> Option<Op> {
    let Op::Two { computation, to, left, right: step } = *op else { return None };
    let Condition::Compare(compares, Operand::Register(compared), limit) = condition else { return None };
    let long = match (computation, compares) {
        (Computation::AddInt, Computation::LtInt) => false,
        (Computation::AddLong, Computation::LtLong) => true,
        _ => return None,
    };
    if let (Operand::Constant(step), Operand::Constant(_)) = (step, limit) {
        i16::try_from(step.cast_signed()).ok()?;
    }
    if step == Operand::Register(to) {
        return None;
    }
    let counts = left == Operand::Register(to) && compared == to && limit != Operand::Register(to) && !when;
    counts.then_some(Op::Count { long, register: to, step, limit, otherwise, steps })
}

/// The register that an operation writes, if it writes just one and does so last of all.
fn result_of(op: &mut Op) -> Option<&mut Register> {
    match op {
        Op::Move { to, .. }
        | Op::One { to, .. }
        | Op::Two { to, .. }
        | Op::Pair { to, .. }
        | Op::Shifted { to, .. }
        | Op::Length { to, .. }
        | Op::Span { to, .. }
        | Op::Load { to, .. }
        | Op::LoadTwo { to, .. } => Some(to),
        _ => None,
    }
}
