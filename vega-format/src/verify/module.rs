//! Rules about the module as a whole: one `main` that can be an entry, and nothing in the tables that the code does not
//! use, so that one meaning has one form.

use super::refusal::{Rule, VerifyError};
use crate::container::EntryResult;
use crate::instruction::{Instruction, Space};
use crate::parsed::Parsed;
use crate::types::{Tag, Type};
use core::hash::BuildHasher;
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
        stack: Vec::new(),
        stack_beneath: 0,
        arenas: Vec::new(),
    }
}

/// The entry of a program: the only function named `main`, with a signature that a command line and an exit can serve.
pub(super) fn check_main(parsed: &Parsed<'_>) -> Option<VerifyError> {
    let entry = parsed.entry()?;
    let mut mains = parsed.functions().filter(|function| function.signature.name == "main");
    let (Some(main), None) = (mains.next(), mains.next()) else {
        let mains: Vec<_> = parsed.functions().filter(|function| function.signature.name == "main").collect();
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
    let strange = main.signature.parameters.iter().find(|type_| !matches!(type_, Type::Scalar(_) | Type::String));
    if let Some(type_) = strange {
        let words = format!("`{}` takes `{type_}`; the entry takes scalars and strings", main.name);
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

/// What the code names of the constants and imports.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Constants with a higher index than any before, in the order of the code: all that their order depends on.
    rising: Vec<u32>,
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
            other => debug_assert!(
                !other.row().operands.iter().any(|(_, kind)| matches!(kind.space, Space::Constants | Space::Imports))
            ),
        }
    }

    #[inline]
    fn add_constant(&mut self, index: u32) {
        if self.rising.last().is_none_or(|last| *last < index) {
            self.rising.push(index);
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
        later.rising.into_iter().for_each(|index| self.add_constant(index));
        let calls = later.imports.iter().enumerate().filter(|(_, used)| **used);
        calls.for_each(|(index, _)| self.add_import(index as u32));
    }
}

/// Constants stand by first use, once each; constants and imports are used.
pub(super) fn check_use(parsed: &Parsed<'_>, uses: &Uses) -> Option<VerifyError> {
    let out_of_order = (0..).zip(&uses.rising).find(|(next, index)| *next != **index);
    if let Some((next, index)) = out_of_order {
        return Some(refusal(Rule::Used, format!("constant {index} is used before constant {next}")));
    }
    let used = uses.rising.len() as u32;
    if used < parsed.constant_count() {
        return Some(refusal(Rule::Used, format!("constant {used} is never used")));
    }
    // Those of other modules are named by relocations, which the reader has looked at.
    let unused = (0..parsed.host_import_count()).find(|import| uses.imports.get(*import as usize) != Some(&true));
    if let Some(unused) = unused {
        return Some(refusal(Rule::Used, format!("import {unused} is never used")));
    }
    let twice = find_twice(parsed)?;
    Some(refusal(Rule::Used, format!("constant {twice} stands twice")))
}

/// The first constant that stands at a smaller index, too.
fn find_twice(parsed: &Parsed<'_>) -> Option<u32> {
    // The values come out of a file, so the hash has a key that nobody knows.
    let state = foldhash::quality::RandomState::default();
    let hash = |index: u32| state.hash_one(parsed.constant(index));
    let mut seen: HashTable<u32> = HashTable::with_capacity(parsed.constant_count() as usize);
    (0..parsed.constant_count()).find(|index| {
        let constant = parsed.constant(*index);
        match seen.entry(hash(*index), |other| parsed.constant(*other) == constant, |other| hash(*other)) {
            Entry::Occupied(_) => true,
            Entry::Vacant(place) => {
                place.insert(*index);
                false
            }
        }
    })
}
