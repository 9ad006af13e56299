//! The register form: what a verified function is translated into before it runs.
//!
//! Stack cells, and variables that nothing can see but their loads and stores, are registers; of an arena with a static
//! layout every offset is a constant. What is observable stays as the reference engine has it: results, output, traps with
//! their places, steps, peaks. The interpreter runs this form.

mod addresses;
mod homes;
mod show;
mod translate;

pub(crate) use translate::{Translator, fits};

use alloc::boxed::Box;
use alloc::vec::Vec;
use vega_format::allocator::Strategy;
use vega_format::compute::Computation;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};
use vega_format::verify::CellType;

/// The number of a register of the frame. Parameters come first, then what the function keeps for itself, then the cells
/// of the expression stack.
pub(crate) type Register = u16;

/// So many registers can be named. A machine without an operating system has memory for fewer, which are as many as functions
/// within the limits for programs of others can want; variables for which there are none live in slot tables.
pub(crate) const REGISTERS: usize = if cfg!(feature = "std") { 1 << 16 } else { 1 << 12 };

/// What an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    Register(Register),
    Constant(u64),
}

/// Where bytes stand in linear memory: so far behind what a register says, or at a place that never moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) base: Option<Register>,
    pub(crate) offset: u32,
}

/// Elements that stand one behind another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stride {
    /// Bytes of an element.
    pub(crate) size: u32,
    /// Where in an element the value stands.
    pub(crate) offset: u32,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    At(Address),
    /// In an element of an array of so many that begins at an address.
    Array {
        at: Address,
        index: Register,
        size: u32,
        length: u32,
    },
    /// In an element of a view.
    View {
        view: Register,
        index: Register,
        stride: Stride,
    },
    /// The same at the index `index * factor + plus`, as ints.
    ViewAt {
        view: Register,
        index: Register,
        factor: i32,
        plus: Register,
        stride: Stride,
    },
}

/// The value on top of the stack: one cell, or a union's value and tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Scalar(Tag),
    Union,
    String,
}

/// What decides a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Cell(Register),
    Compare(Computation, Operand, Operand),
}

/// A slot whose place depends on the path: it stands in the slot table of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dynamic {
    Allocate {
        slot: u16,
        size: u32,
    },
    /// The address of a slot's bytes, which must be there to be read, or to be written.
    Resolve {
        slot: u16,
        write: bool,
        to: Register,
    },
    Load {
        slot: u16,
        union: bool,
    },
    Store {
        slot: u16,
        mask: Mask,
        shape: Shape,
    },
    Free {
        slot: u16,
        alias: bool,
    },
    Drop {
        slot: u16,
        alias: bool,
    },
    /// An alias at an address that was looked at already.
    Point {
        slot: u16,
        tag: Tag,
        address: Register,
    },
    Offset {
        slot: u16,
    },
    Open {
        strategy: Strategy,
        capacity: u32,
        base: Register,
    },
    Close,
    /// The frame ends.
    Leave,
}

/// The bounded text that an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextPlace {
    At(Address),
    /// In an element of a view; view and index are the lowest cells that it takes.
    InView(Stride),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What takes its operands as cells that stand one behind another, and leaves its results in the place of the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Complex {
    /// A view and an index: a view of a part of that element.
    ViewPart {
        stride: Stride,
        length: u32,
    },
    /// A string or a view, start and end.
    Slice {
        size: u32,
    },
    CopyView {
        size: u32,
    },
    CompareStrings(Order),
    StringChar,
    StringNext,
    TextView {
        place: TextPlace,
        capacity: u32,
    },
    TextStore {
        place: TextPlace,
        capacity: u32,
        append: bool,
    },
    TextFormat {
        place: TextPlace,
        capacity: u32,
        shape: Shape,
    },
    UnionAs {
        shape: Shape,
        mask: Mask,
    },
    UnionIs {
        shape: Shape,
        mask: Mask,
    },
    /// The union in a variable whose tag is in a register.
    LoadUnion {
        at: Address,
        tag: Register,
    },
    /// Stores a scalar or a union in a variable of several types.
    StoreUnion {
        at: Address,
        size: u32,
        tag: Register,
        shape: Shape,
    },
    Fail,
    Dynamic(Dynamic),
}

/// An operation. Targets are numbers of blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Move {
        to: Register,
        from: Operand,
    },
    /// Moves cells that stand side by side to lower registers.
    Slide {
        to: Register,
        from: Register,
        cells: u16,
    },
    One {
        computation: Computation,
        to: Register,
        operand: Register,
    },
    Two {
        computation: Computation,
        to: Register,
        left: Operand,
        right: Operand,
    },
    /// Two computations, of which the first has no other use: its result is the left operand of the second, or with
    /// `swapped` the right one.
    Pair {
        first: Computation,
        second: Computation,
        to: Register,
        left: Register,
        right: Operand,
        other: Operand,
        swapped: bool,
    },
    /// A division of an int or a long by two to the power of `shift`, or its remainder.
    Shifted {
        long: bool,
        remainder: bool,
        to: Register,
        from: Register,
        shift: u8,
    },
    /// How many elements a view has, or bytes a string.
    Length {
        to: Register,
        view: Register,
    },
    /// A view of bytes in an arena of this frame, or in a static block.
    Span {
        to: Register,
        at: Address,
        length: u32,
    },

    Load {
        tag: Tag,
        to: Register,
        from: Spot,
    },
    Store {
        tag: Tag,
        value: Operand,
        to: Spot,
    },
    /// Computes with what is loaded as the left operand, or with `swapped` as the right one.
    LoadTwo {
        tag: Tag,
        computation: Computation,
        to: Register,
        from: Spot,
        other: Register,
        swapped: bool,
    },
    /// Stores what is computed.
    TwoStore {
        tag: Tag,
        computation: Computation,
        left: Register,
        right: Operand,
        to: Spot,
    },
    /// The address of an element of a view.
    Element {
        to: Register,
        view: Register,
        index: Register,
        size: u32,
    },

    /// Opens an arena; `base` is where its bytes begin, unless nothing ever looks at them.
    Open {
        base: Option<Register>,
        capacity: u32,
    },
    Close {
        capacity: u32,
        has_bytes: bool,
    },
    /// Zeroes the bytes of a slot that is freed.
    Clear {
        at: Address,
        length: u32,
    },
    /// Pays for zeroing bytes that nothing looks at.
    Pay {
        bytes: u32,
    },
    /// An alias: the address of bytes at an offset of an arena.
    Point {
        to: Register,
        offset: Register,
        base: Register,
        size: u32,
        capacity: u32,
    },
    /// Traps if a variable has no tag, because nothing was stored in it.
    CheckStored {
        tag: Register,
        slot: u16,
    },
    /// Traps if a union's tag is none of the slot's.
    CheckTag {
        tag: Register,
        slot: u16,
        mask: Mask,
    },

    /// Takes so many cells from `first` on, and leaves so many in their place.
    Complex {
        what: Complex,
        first: Register,
        takes: u16,
        gives: u16,
    },

    /// Falls into the next block.
    Next,
    /// Nothing; stands in long blocks, so that an engine can look up now and then.
    Breathe,
    Jump {
        target: u32,
    },
    Branch {
        condition: Condition,
        when: bool,
        target: u32,
    },
    /// A jump to a block that is nothing but a branch, the one before `otherwise`: pays for that block, and branches.
    JumpBranch {
        condition: Condition,
        when: bool,
        otherwise: u32,
        steps: u32,
    },
    /// Adds to an int or a long and jumps to such a block, which goes on as long as it is below a limit.
    Count {
        long: bool,
        register: Register,
        step: Operand,
        limit: Operand,
        otherwise: u32,
        steps: u32,
    },
    /// Calls a function with the cells from `first` on; the registers below are those that are needed afterwards.
    Call {
        function: u32,
        first: Register,
        takes: u16,
        gives: u16,
    },
    CallHost {
        import: u32,
        first: Register,
        takes: u16,
        gives: u16,
    },
    ReturnNothing,
    ReturnOne {
        from: Operand,
    },
    Return {
        first: Register,
        cells: u16,
    },
    Trap(Box<Trap>),
}

/// Where in the bytecode an operation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The offset of the instruction.
    pub(crate) ip: u32,
    /// The cell of the frame that the next value would take before it.
    pub(crate) sp: u32,
}

/// A basic block that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// The index of its first operation.
    pub(crate) start: u32,
    /// What is charged on entry.
    pub(crate) steps: u32,
    /// Its first instruction.
    pub(crate) place: Place,
    /// Whether the function or a loop begins here, with all in registers of its own.
    pub(crate) meet: Option<Meet>,
}

/// What there is where a function or a loop begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meet {
    /// Cells on the stack.
    pub(crate) cells: u16,
    /// Open arenas that have no table.
    pub(crate) arenas: u16,
}

/// A function in register form.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) ops: Vec<Op>,
    /// Of each operation.
    pub(crate) places: Vec<Place>,
    /// By number; those that cannot be reached are empty.
    pub(crate) blocks: Vec<Option<Block>>,
    /// How many cells the parameters take.
    pub(crate) parameters: u16,
    /// The register of the lowest cell of the stack.
    pub(crate) first: Register,
    /// What the registers hold, of a plain form.
    pub(crate) kinds: Option<Kinds>,
}

/// What a register holds, for those who keep values apart by their types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A cell of which no more is known: a long, an address, a member of a union.
    Cell,
    /// A value of at most 32 bits that is no float, extended to them as its cell is.
    Int,
    Float,
    Decimal,
    /// A string or a view: where it begins, and how long it is.
    View,
}

impl Kind {
    /// Of values of a type.
    pub(crate) fn of(tag: Tag) -> Kind {
        match tag {
            Tag::Short | Tag::Int | Tag::Bool | Tag::Byte | Tag::Char => Kind::Int,
            Tag::Long => Kind::Cell,
            Tag::Float => Kind::Float,
            Tag::Decimal => Kind::Decimal,
        }
    }

    /// Of a cell of the stack.
    pub(crate) fn of_cell(cell: &CellType) -> Kind {
        match cell {
            CellType::Scalar(tag) => Kind::of(*tag),
            CellType::View { .. } | CellType::String { .. } => Kind::View,
            _ => Kind::Cell,
        }
    }
}

/// What the registers of a form hold.
#[derive(Debug, Clone)]
#[cfg_attr(not(vega_machine_code), allow(dead_code, reason = "machine code asks"))]
pub(crate) struct Kinds {
    /// Those that the function keeps, which hold one kind all the time. Behind them are the cells of the stack.
    pub(crate) kept: Vec<Kind>,
    /// The cells of the stack when a block begins to which paths lead, by block; other blocks go on as the one before ends.
    pub(crate) entries: Vec<Option<Box<[Kind]>>>,
    /// Behind the last register.
    pub(crate) end: usize,
}
