//! Rules about the module as a whole: one `main` that can be an entry, and nothing in the tables that the code does not
//! use, so that one meaning has one form.

use super::refusal::{Rule, StackSeen, VerifyError};
use crate::container::EntryResult;
use crate::entry;
use crate::instruction::{Instruction, Space};
use crate::parsed::Parsed;
use crate::types::{Tag, Type};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::BuildHasher;
use core::ops::Range;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

pub(super) fn refusal(rule: Rule, words: String) -> VerifyError {
    VerifyError {
        rule,
        function: None,
        function_name: String::new(),
        offset: 0,
        mnemonic: "",
        words,
        source: None,
        stack: StackSeen::default(),
        met: None,
        arenas: Vec::new(),
        is_looked_at: false,
        untold: 0,
    }
}

/// The entry of a program: the only function named `main`, with a signature that a command line and an exit can serve.
pub(super) fn check_main(parsed: &Parsed<'_>) -> Option<VerifyError> {
    let entry = parsed.entry()?;
    let mut mains = parsed.functions_named("main");
    let (Some(main), None) = (mains.next(), mains.next()) else {
        let mains: Vec<_> = parsed.functions_named("main").collect();
        let names = mains.iter().take(10).map(|function| format!("`{}`", function.name)).collect::<Vec<_>>().join(", ");
        let words = match mains.len() {
            0 => "no function is named `main`".to_owned(),
            _ => format!("several functions are named `main`: {names}"),
        };
        return Some(refusal(Rule::OneMain, words));
    };
    if main.index != entry.function {
        let found = parsed.function(entry.function).map(|function| function.name).unwrap_or_default();
        return Some(refusal(Rule::OneMain, format!("the entry is `{found}`; it must be `{}`", main.name)));
    }
    let parameters = main.signature.parameters;
    if let Some(type_) = entry::strange(parameters).and_then(|place| parameters.get(place)) {
        let wanted = "the entry takes scalars, strings, and as the last a view of scalars or bounded text";
        let words = format!("`{}` takes `{type_}`; {wanted}", main.name);
        return Some(refusal(Rule::MainSignature, words));
    }
    let words = match (&main.signature.result, entry.result) {
        (Some(Type::Scalar(Tag::Int)), EntryResult::Status) => return None,
        (None | Some(Type::Scalar(_) | Type::String | Type::Union(_)), EntryResult::Print) => return None,
        (_, EntryResult::Status) => format!("the result of `{}` is the exit status; it must be int", main.name),
        (_, EntryResult::Print) => format!("the result of `{}` cannot be printed", main.name),
    };
    Some(refusal(Rule::MainSignature, words))
}

/// What the code names of the constants, static blocks and imports.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Constants with a higher index than any before, in the order of the code: all that their order depends on. Runs of
    /// neighbours: the first and the one behind the last.
    rising: Vec<Range<u32>>,
    /// The same of static blocks, each by itself.
    rising_statics: Vec<u32>,
    /// By import, whether it is called.
    imports: Vec<bool>,
}

impl Uses {
    /// Adds what an instruction names.
    #[inline]
    pub(super) fn add(&mut self, instruction: &Instruction) {
        match instruction {
            Instruction::LoadConst { index } => self.add_constant(index.0),
            Instruction::CallNat { import } => self.add_import(import.0),
            Instruction::StaticLoad { block, .. }
            | Instruction::StaticStore { block, .. }
            | Instruction::StaticView { block, .. } => self.add_static(block.0.into()),
            other => {
                debug_assert!(!matches!(other.index(), Some((Space::Constants | Space::Imports | Space::Statics, _))))
            }
        }
    }

    fn add_static(&mut self, index: u32) {
        if self.rising_statics.last().is_none_or(|last| *last < index) {
            self.rising_statics.push(index);
        }
    }

    /// Adds a use of a constant.
    #[inline]
    pub(super) fn add_constant(&mut self, index: u32) {
        match self.rising.last_mut() {
            Some(run) if index == run.end => run.end += 1,
            Some(run) if index < run.end => {}
            _ => self.rising.push(index..index + 1),
        }
    }

    /// Adds a call of an import, whose index was judged.
    pub(super) fn add_import(&mut self, index: u32) {
        let index = index as usize;
        if self.imports.len() <= index {
            self.imports.resize(index + 1, false);
        }
        self.imports.iter_mut().skip(index).take(1).for_each(|used| *used = true);
    }

    /// Adds what later functions name.
    pub(super) fn append(&mut self, later: Uses) {
        for run in later.rising {
            let known = self.rising.last().map_or(0, |last| last.end);
            match (run.start.max(known), self.rising.last_mut()) {
                (start, _) if start >= run.end => {}
                (start, Some(last)) if last.end == start => last.end = run.end,
                (start, _) => self.rising.push(start..run.end),
            }
        }
        later.rising_statics.into_iter().for_each(|index| self.add_static(index));
        let calls = later.imports.iter().enumerate().filter(|(_, used)| **used);
        calls.for_each(|(index, _)| self.add_import(index as u32));
    }
}

/// Constants and static blocks stand by first use; they and imports are used.
pub(super) fn check_use(parsed: &Parsed<'_>, uses: &Uses) -> Option<VerifyError> {
    let used = match uses.rising.as_slice() {
        [] => 0,
        [run] if run.start == 0 => run.end,
        [run, rest @ ..] => {
            let (next, index) =
                if run.start > 0 { (0, run.start) } else { (run.end, rest.first().map_or(0, |run| run.start)) };
            return Some(refusal(Rule::Used, format!("constant {index} is used before constant {next}")));
        }
    };
    if used < parsed.constant_count() {
        return Some(refusal(Rule::Used, format!("constant {used} is never used")));
    }
    let out_of_order = (0..).zip(&uses.rising_statics).find(|(next, index)| *next != **index);
    if let Some((next, index)) = out_of_order {
        return Some(refusal(Rule::Used, format!("static block {index} is used before static block {next}")));
    }
    let used = uses.rising_statics.len() as u32;
    if used < parsed.static_count() {
        return Some(refusal(Rule::Used, format!("static block {used} is never used")));
    }
    // Those of other modules are named by relocations, which the reader has looked at.
    let unused = (0..parsed.host_import_count()).find(|import| uses.imports.get(*import as usize) != Some(&true));
    unused.map(|unused| refusal(Rule::Used, format!("import {unused} is never used")))
}

/// No constant stands twice.
pub(super) fn check_twice(parsed: &Parsed<'_>) -> Option<VerifyError> {
    find_twice(parsed).map(|twice| refusal(Rule::Used, format!("constant {twice} stands twice")))
}

/// The first constant that stands at a smaller index, too.
///
/// A table of all constants would be as large as they are. So each sets two of many bits, and only those that find theirs
/// set are looked for among all.
fn find_twice(parsed: &Parsed<'_>) -> Option<u32> {
    let count = parsed.constant_count();
    // The values come out of a file, so the hash has a key that nobody knows.
    let state = foldhash::fast::RandomState::default();
    let hash = |index: u32| match parsed.constant_key(index) {
        // Two numbers are hashed faster than eight bytes.
        Some((tag, value)) => match value.try_into().map(u64::from_le_bytes) {
            Ok(value) => state.hash_one((u64::from(tag), value)),
            Err(_) => state.hash_one((tag, value)),
        },
        None => 0,
    };
    let mut all = Bits::new(u64::from(count) * 8);
    let suspects: Vec<u32> = (0..count).filter(|index| all.set(hash(*index))).collect();
    if suspects.is_empty() {
        return None;
    }
    drop(all);
    let mut likely = Bits::new(suspects.len() as u64 * 16);
    for index in &suspects {
        likely.set(hash(*index));
    }
    let mut seen: HashTable<u32> = HashTable::with_capacity(2 * suspects.len());
    (0..count).filter(|index| likely.has(hash(*index))).find(|index| {
        let key = parsed.constant_key(*index);
        match seen.entry(hash(*index), |other| parsed.constant_key(*other) == key, |other| hash(*other)) {
            Entry::Occupied(_) => true,
            Entry::Vacant(place) => {
                place.insert(*index);
                false
            }
        }
    })
}

/// Many bits, found by a hash.
struct Bits {
    words: Vec<u64>,
    shift: u32,
}

impl Bits {
    /// At least so many.
    fn new(count: u64) -> Bits {
        let words = (count / 64).max(1).next_power_of_two();
        Bits { words: vec![0; words as usize], shift: 64 - words.ilog2() }
    }

    /// The two bits of a hash stand in the same word.
    fn place(&self, hash: u64) -> (usize, u64) {
        (hash.checked_shr(self.shift).unwrap_or(0) as usize, 1 << (hash % 64) | 1 << (hash / 64 % 64))
    }

    /// Sets the bits of a hash, and says whether they were set.
    fn set(&mut self, hash: u64) -> bool {
        let (place, bits) = self.place(hash);
        self.words.get_mut(place).is_some_and(|word| {
            let before = *word & bits == bits;
            *word |= bits;
            before
        })
    }

    fn has(&self, hash: u64) -> bool {
        let (place, bits) = self.place(hash);
        self.words.get(place).is_some_and(|word| word & bits == bits)
    }
}
