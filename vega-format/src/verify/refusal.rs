//! The rules of the verifier, in one table, and what is told of a place that breaks one.

use crate::text::counted;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

macro_rules! rules {
    ($( $(#[doc = $sentence:literal])+ $number:literal $code:literal $name:ident; )*) => {
        /// A rule of the verifier.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Rule { $( $(#[doc = $sentence])+ $name = $number, )* }

        /// The rules in order of their numbers.
        pub const RULES: &[RuleRow] = &[ $( RuleRow {
            rule: Rule::$name, code: $code, name: stringify!($name), sentence: concat!($($sentence),+).trim_ascii(),
        }, )* ];

        impl Rule {
            /// The code that `--explain` takes: `V` and the number, or `L` and a number where a limit is the reason.
            pub fn code(self) -> &'static str {
                match self { $( Rule::$name => $code, )* }
            }
        }
    };
}

/// A row of the table of rules.
#[derive(Debug)]
pub struct RuleRow {
    /// The rule.
    pub rule: Rule,
    /// The code that `--explain` takes.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it demands.
    pub sentence: &'static str,
}

rules! {
    /// Code is a sequence of whole instructions.
    101 "V101" WholeInstructions;
    /// Code does not run off its end.
    102 "V102" NoFallOff;
    /// A jump goes to the start of an instruction of its function.
    103 "V103" Target;
    /// An index is below the number of what it counts.
    104 "V104" Index;
    /// An instruction fits the kind of its slot.
    105 "V105" SlotKind;
    /// A field or text stands at the offset and has the type that the instruction says.
    106 "V106" Field;
    /// A variable has at least one type.
    107 "V107" EmptyMask;
    /// An arena has at most 2^31 - 1 bytes, and a place of a pool at least one.
    108 "V108" Capacity;
    /// Constants, static blocks and imports are used, and constants and static blocks stand by first use.
    109 "V109" Used;
    /// A line record stands at the start of an instruction.
    110 "V110" LineRecord;
    /// An instruction finds on the stack as many cells as it takes.
    201 "V201" Underflow;
    /// An instruction finds on the stack the types that it takes.
    202 "V202" OperandType;
    /// The stack is the same on all paths into a place.
    203 "V203" StackJoin;
    /// The stack stays within its declared maximum.
    204 "V204" StackLimit;
    /// A view of an arena does not outlive what it views.
    205 "V205" ViewLife;
    /// A type can be passed in cells.
    206 "V206" Passable;
    /// Memory is reserved and ended inside an open arena, and at most 256 are open at once.
    301 "V301" OpenArena;
    /// The same arenas are open on all paths into a place.
    302 "V302" ArenaJoin;
    /// No arena is open at a return.
    303 "V303" ArenaLeft;
    /// What is put into a pool is no wider than a place of it.
    304 "V304" PoolPlace;
    /// A program has one function named `main`, and it is the entry.
    401 "V401" OneMain;
    /// The entry takes scalars and strings, as the last a view of scalars or bounded text, and gives what can be printed, or
    /// an int as the status.
    402 "V402" MainSignature;
    /// The proof in the file is the one that follows from the code.
    501 "V501" ProofDiffers;
    /// A function can be judged in a time that is proportional to n log n, where n is its instructions and slots.
    601 "L003" Work;
}

/// A cell of the expression stack at the place of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackEntry {
    /// Its type in words.
    pub type_: String,
    /// The instructions that left it there, on one path or another: mnemonics and offsets. Empty where that is not known.
    pub from: Vec<(&'static str, u32)>,
}

impl fmt::Display for StackEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Of so many sources all are named.
        const SHOWN: usize = 4;
        f.write_str(&self.type_)?;
        for (place, (mnemonic, offset)) in self.from.iter().take(SHOWN).enumerate() {
            write!(f, "{} {mnemonic} at 0x{offset:04x}", if place == 0 { " (from" } else { " or" })?;
        }
        match self.from.len() {
            0 => Ok(()),
            count if count > SHOWN => write!(f, " or {})", counted(count - SHOWN, "other")),
            _ => f.write_str(")"),
        }
    }
}

/// What lies on the stack at the place of a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackSeen {
    /// The topmost cells, the top last; empty where the stack does not matter.
    pub cells: Vec<StackEntry>,
    /// How many cells lie beneath those.
    pub beneath: usize,
    /// The instruction with which the path comes there, where paths meet: mnemonic and offset.
    pub comes_from: Option<(&'static str, u32)>,
    /// Whether it would take too much work to find out which instructions left the cells there.
    pub gave_up: bool,
}

impl fmt::Display for StackSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: Vec<String> = self.cells.iter().map(ToString::to_string).collect();
        match self.beneath {
            _ if cells.is_empty() => f.write_str("nothing"),
            0 => f.write_str(&cells.join(", ")),
            count => write!(f, "{} more, then {}", counted(count, "cell"), cells.join(", ")),
        }
    }
}

/// Why a function, or the module, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyError {
    /// The rule that is broken.
    pub rule: Rule,
    /// The function, if it is about one.
    pub function: Option<u32>,
    /// Its mangled name, or empty.
    pub function_name: String,
    /// The offset of the instruction in the function's code.
    pub offset: u32,
    /// The mnemonic there, or empty.
    pub mnemonic: &'static str,
    /// What was found and what was wanted.
    pub words: String,
    /// The source and line of the instruction, if the file says so.
    pub source: Option<(String, u32)>,
    /// The stack there.
    pub stack: StackSeen,
    /// Where paths meet, the stack of the one that was there first.
    pub met: Option<StackSeen>,
    /// The arenas that are open there, the outermost first, each with its size and what stands in it; empty where they
    /// do not matter or cannot be known.
    pub arenas: Vec<String>,
    /// Whether stack and arenas were looked at: of a refusal behind many others they are not.
    pub is_looked_at: bool,
    /// Of the last refusal that is told: how many more there are, at least.
    pub untold: usize,
}

impl VerifyError {
    /// What else there is to know, a line each: how the stack came to be, and the open arenas.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(met) = &self.met {
            notes.push(on_the_stack(met));
        }
        // That nothing is there is what is wrong here.
        if !self.stack.cells.is_empty() || self.met.is_some() || self.is_looked_at && self.rule == Rule::Underflow {
            notes.push(on_the_stack(&self.stack));
        }
        match self.arenas.as_slice() {
            [] if self.is_looked_at && self.rule == Rule::OpenArena => notes.push("open arenas: none".to_owned()),
            [] => {}
            arenas => notes.push(format!("open arenas: {}", arenas.join("; "))),
        }
        if self.untold > 0 {
            notes.push(format!("this is the last refusal that is told; at least {} more were found", self.untold));
        }
        notes
    }
}

fn on_the_stack(seen: &StackSeen) -> String {
    let way = seen.comes_from.map(|(mnemonic, offset)| format!(" on the path from {mnemonic} at 0x{offset:04x}"));
    let top = if seen.cells.is_empty() { "" } else { ", the top last" };
    let gave_up = if seen.gave_up { "; from where that comes would take too much work to find out" } else { "" };
    format!("on the stack{}{top}: {seen}{gave_up}", way.unwrap_or_default())
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.function.is_some() {
            write!(f, "function `{}`, code 0x{:04x}", self.function_name, self.offset)?;
            if !self.mnemonic.is_empty() {
                write!(f, " ({})", self.mnemonic)?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.words)
    }
}

impl core::error::Error for VerifyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_the_numbers() {
        for row in RULES {
            let number = row.rule as u16;
            assert!(row.code == format!("V{number}") || row.code.starts_with('L'), "{}", row.name);
            assert_eq!(row.rule.code(), row.code);
        }
    }
}
