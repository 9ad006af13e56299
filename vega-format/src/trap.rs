//! Every trap: its number, its name and its words, in one table.
//!
//! A trap ends a run at the instruction that caused it. Compiler, verifier and engines all speak of traps through
//! this table, so a failure that is foretold and the same failure when it happens have the same words.

use alloc::string::String;
use core::fmt;

use crate::text::{counted, escaped};

/// What is said of a place at which a trap is certain, beside the words of the trap.
pub const CERTAIN: &str = "this traps whenever it is reached";

macro_rules! traps {
    ($( $(#[doc = $prose:literal])+ $number:literal $code:literal $name:ident { $($field:ident : $type:ty),* }
        $words:literal $(, $what:ident = $counted:expr)?; )*) => {
        /// A trap with its numbers: what was needed and what there was.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Trap {
            $( $(#[doc = $prose])+ #[allow(missing_docs, reason = "the words say what each number is")] $name { $($field: $type),* }, )*
        }

        /// Which row of the trap table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum TrapKind { $( $(#[doc = $prose])+ $name = $number, )* }

        /// The trap table, in order of the numbers.
        pub const TRAPS: &[TrapRow] = &[
            $( TrapRow {
                kind: TrapKind::$name, number: $number, code: $code, name: stringify!($name), words: $words,
                prose: concat!($($prose),+).trim_ascii(),
            }, )*
        ];

        impl Trap {
            /// The row of this trap.
            pub fn kind(&self) -> TrapKind {
                match self { $( Trap::$name { .. } => TrapKind::$name, )* }
            }
        }

        impl fmt::Display for Trap {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $( Trap::$name { $($field),* } => write!(f, $words $(, $what = $counted)?), )* }
            }
        }
    };
}

/// A row of the trap table.
#[derive(Debug)]
pub struct TrapRow {
    /// Which trap.
    pub kind: TrapKind,
    /// Its number, stable once released.
    pub number: u8,
    /// The code that `--explain` takes: `T` and the number in three digits.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it says, with the numbers as `{names}`.
    pub words: &'static str,
    /// When it happens.
    pub prose: &'static str,
}

traps! {
    /// No free block of the arena is wide enough for a variable.
    1 "T001" OutOfMemory { need: u32, free: u32, largest: u32 }
        "out of memory: need {bytes}, have {free} free (largest hole {largest})", bytes = counted(*need, "byte");
    /// The value's type is not among those that the slot may hold.
    2 "T002" TypeMismatch { slot: u16, mask: crate::types::Mask, tag: crate::types::Tag }
        "type mismatch: slot {slot} holds {mask}, and the value is {tag}";
    /// A variable is read that was never stored to.
    3 "T003" NeverStored { slot: u16 } "load of slot {slot}, which was never stored to";
    /// A slot is used before it was allocated.
    4 "T004" NeverAllocated { slot: u16 } "use of slot {slot}, which was never allocated";
    /// A freed variable is read, or one whose arena has ended.
    5 "T005" UseAfterFree { slot: u16 } "use after free: load from freed slot {slot}";
    /// A freed variable is stored to, or one whose arena has ended.
    6 "T006" StoreAfterFree { slot: u16 } "use after free: store to freed slot {slot}";
    /// A variable is freed a second time.
    7 "T007" DoubleFree { slot: u16 } "double free: slot {slot} is already free";
    /// An alias is freed; it owns no bytes.
    8 "T008" FreeOfAlias { slot: u16 } "free of an alias: slot {slot} views bytes that it does not own";
    /// A slot is allocated while it still holds bytes.
    9 "T009" AlreadyAllocated { slot: u16 } "slot {slot} is already allocated";
    /// The bytes that an alias would view do not lie within its arena.
    10 "T010" AliasOutOfBounds { offset: i64, size: u32, capacity: u32 }
        "alias out of bounds: offset {offset}, size {size}, capacity {capacity}";
    /// An index is negative, or not below the number of elements.
    11 "T011" IndexOutOfBounds { index: i64, length: u32 } "index out of bounds: index {index}, length {length}";
    /// The ends of a slice are out of order or outside the elements.
    12 "T012" SliceOutOfBounds { start: i64, end: i64, length: u32 }
        "slice out of bounds: {start}..{end}, length {length}";
    /// An integer is divided by zero, or the remainder of such a division is asked for.
    13 "T013" DivisionByZero { } "division by zero";
    /// A call would make more frames than are allowed.
    14 "T014" CallStackExhausted { depth: u32, limit: u32 }
        "call stack exhausted: depth {depth}, limit {frames}", frames = counted(*limit, "frame");
    /// A host function reported that it failed.
    15 "T015" HostFailed { function: String, cause: String } "host function `{function}` failed: {cause}", cause = escaped(cause);
    /// A function is called while as many of its activations are live as it allows.
    16 "T016" ActivationLimit { function: String, limit: u32 }
        "`{function}` is called while {limit} of its calls are active, which is its limit";
    /// The program asserts something that is not so.
    17 "T017" AssertionFailed { words: String } "assertion failed: {words}", words = escaped(words);
    /// A union holds a value of another type than is wanted of it.
    18 "T018" UnionMismatch { mask: crate::types::Mask, tag: crate::types::Tag }
        "type mismatch: {mask} is wanted, and the union holds {tag}";
    /// A string is longer than the text that is to hold it, or than what is free at its end.
    19 "T019" TextFull { need: u64, free: u32, capacity: u32 }
        "text does not fit: {bytes}, {free} of {capacity} are free", bytes = counted(*need, "byte");
}

impl Trap {
    /// The slot of which it speaks.
    pub fn slot(&self) -> Option<u16> {
        match self {
            Trap::TypeMismatch { slot, .. }
            | Trap::NeverStored { slot }
            | Trap::NeverAllocated { slot }
            | Trap::UseAfterFree { slot }
            | Trap::StoreAfterFree { slot }
            | Trap::DoubleFree { slot }
            | Trap::FreeOfAlias { slot }
            | Trap::AlreadyAllocated { slot } => Some(*slot),
            _ => None,
        }
    }
}

impl TrapKind {
    /// The row of this trap.
    #[allow(clippy::indexing_slicing, reason = "the numbers are the places in the table; a test holds that")]
    pub fn row(self) -> &'static TrapRow {
        &TRAPS[self as usize - 1]
    }

    /// The code that `--explain` takes.
    pub fn code(self) -> &'static str {
        self.row().code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_places_in_the_table() {
        for (place, row) in TRAPS.iter().enumerate() {
            assert_eq!(usize::from(row.number), place + 1);
            assert_eq!(row.code, format!("T{:03}", row.number));
            assert_eq!(row.kind.row().name, row.name);
        }
    }

    #[test]
    fn the_words_carry_the_numbers() {
        let trap = Trap::OutOfMemory { need: 8, free: 4, largest: 4 };
        assert_eq!(trap.to_string(), "out of memory: need 8 bytes, have 4 free (largest hole 4)");
    }
}
