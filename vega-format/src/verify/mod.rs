//! [`Parsed`] → [`Verified`]: proof that a module does what its types say and touches no memory but its own.
//!
//! The passes, cheapest first; each relies on those before it.
//!
//! - module (rules 109 and 4xx, here): constants and imports are used, `main` is as it must be
//! - [`bounds`] (1xx): whole instructions, targets, indexes, kinds of slots
//! - [`blocks`](crate::blocks): cuts the code into basic blocks; cannot fail
//! - [`stack`] (2xx): types on the expression stack, the life of views
//! - [`arena`] (3xx): open arenas, and where their slots stand
//!
//! A fault of an arena (out of memory, use after free …) is no reason to refuse: it traps when it is reached. Those that
//! are certain are kept beside the proof, so that tools can warn.

mod arena;
mod bounds;
mod stack;

pub use arena::{Arenas, MOST_OPEN, Placement, Site};
pub use stack::{CellType, cells_of};

use crate::blocks;
use crate::container::EntryResult;
use crate::error::{Rule, VerifyError};
use crate::instruction::Space;
use crate::parsed::Parsed;
use crate::proof::{CallSite, Proof, Summary};
use crate::trap::Trap;
use crate::types::{Tag, Type};

/// A module that is safe to run. It holds the very bytes that were judged and is made only by [`verify`].
#[derive(Debug, Clone)]
pub struct Verified {
    parsed: Parsed<'static>,
    summaries: Vec<Summary>,
    proof: Proof,
    certain: Vec<CertainTrap>,
}

/// An instruction that traps whenever it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertainTrap {
    /// The function.
    pub function: u32,
    /// The offset of the instruction in its code.
    pub offset: u32,
    /// What happens there.
    pub trap: Trap,
}

impl Verified {
    /// The module.
    pub fn module(&self) -> &Parsed<'static> {
        &self.parsed
    }

    /// What the proof is composed of, by function.
    pub fn summaries(&self) -> &[Summary] {
        &self.summaries
    }

    /// The most bytes that each function can use, and whether its arenas can run out.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Instructions that trap whenever they are reached.
    pub fn certain_traps(&self) -> &[CertainTrap] {
        &self.certain
    }

    /// What the arenas of a function look like.
    pub fn arenas(&self, function: u32) -> Arenas {
        check_function(&self.parsed, function).unwrap_or_default()
    }
}

/// After so many faults the rest are not told.
const MOST_ERRORS: usize = 100;

/// Judges a module.
///
/// # Errors
/// The rules that it breaks, by function and offset: per function the first fault of the first pass that finds one.
pub fn verify(parsed: Parsed<'_>) -> Result<Verified, Vec<VerifyError>> {
    let mut errors = Vec::new();
    let mut summaries = Vec::with_capacity(parsed.function_count() as usize);
    let mut certain = Vec::new();
    check_main(&parsed, &mut errors);
    for index in 0..parsed.function_count() {
        match check_function(&parsed, index) {
            Ok(arenas) => {
                summaries.push(summarise(&parsed, index, &arenas));
                let traps = arenas.certain.into_iter();
                certain.extend(traps.map(|(offset, trap)| CertainTrap { function: index, offset, trap }));
            }
            Err(fault) => errors.push(fault.place(&parsed, index)),
        }
        if errors.len() >= MOST_ERRORS {
            break;
        }
    }
    if errors.is_empty() {
        check_use(&parsed, &mut errors);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let proof = Proof::of(&summaries);
    Ok(Verified { parsed: parsed.into_owned(), summaries, proof, certain })
}

/// What the proof needs to know of a function.
fn summarise(parsed: &Parsed<'_>, index: u32, arenas: &Arenas) -> Summary {
    let Some(function) = parsed.function(index) else { return Summary::default() };
    let parameters = function.signature.parameters.iter();
    let cells: usize = parameters.map(|type_| cells_of(parsed.stencils(), type_).map_or(0, |cells| cells.len())).sum();
    let call = |(offset, open): &(u32, u64)| {
        let code = function.code.get(*offset as usize..)?;
        match crate::instruction::Instruction::decode(code) {
            Ok((crate::instruction::Instruction::Call { function }, _)) => {
                Some(CallSite { offset: *offset, open: *open, callee: function.0 })
            }
            _ => None,
        }
    };
    Summary {
        frame: 8 * (cells as u64 + u64::from(function.max_stack)),
        most_open: arenas.most_open,
        calls: arenas.calls.iter().filter_map(call).collect(),
        limit: None,
        may_run_out: arenas.sites.iter().find(|site| !site.always_fits()).map(|site| site.offset),
    }
}

/// What a pass knows of a fault: the rule, the place in the function, and words.
#[derive(Debug)]
pub(crate) struct Fault {
    rule: Rule,
    offset: u32,
    mnemonic: &'static str,
    words: String,
}

impl Fault {
    fn new(rule: Rule, offset: u32, mnemonic: &'static str, words: impl Into<String>) -> Fault {
        Fault { rule, offset, mnemonic, words: words.into() }
    }

    fn place(self, parsed: &Parsed<'_>, function: u32) -> VerifyError {
        VerifyError {
            rule: self.rule,
            function: Some(function),
            function_name: parsed.function(function).map(|function| function.name.to_owned()).unwrap_or_default(),
            offset: self.offset,
            mnemonic: self.mnemonic,
            words: self.words,
            source: parsed.source_line(function, self.offset).map(|(source, line)| (source.to_owned(), line)),
        }
    }
}

fn check_function(parsed: &Parsed<'_>, index: u32) -> Result<Arenas, Fault> {
    let Some(function) = parsed.function(index) else { return Ok(Arenas::default()) };
    let body = bounds::check(parsed, &function)?;
    bounds::check_lines(parsed, index, &body)?;
    let blocks = blocks::split(&body);
    stack::check(parsed, &function, &body, &blocks)?;
    arena::check(parsed, &function, &body, &blocks)
}

/// The most cells that the expression stack of a function holds, up to its first fault if it has one.
pub(crate) fn measure_stack(parsed: &Parsed<'_>, index: u32) -> u16 {
    let Some(function) = parsed.function(index) else { return 0 };
    let Ok(body) = bounds::check(parsed, &function) else { return 0 };
    stack::measure(parsed, &function, &body, &blocks::split(&body))
}

fn module_error(rule: Rule, words: String) -> VerifyError {
    VerifyError { rule, function: None, function_name: String::new(), offset: 0, mnemonic: "", words, source: None }
}

fn check_main(parsed: &Parsed<'_>, errors: &mut Vec<VerifyError>) {
    let Some(entry) = parsed.entry() else { return };
    let mains: Vec<_> = parsed.functions().filter(|function| function.signature.name == "main").collect();
    let names = || mains.iter().map(|function| format!("`{}`", function.name)).collect::<Vec<_>>().join(", ");
    if mains.len() != 1 {
        let words = match mains.len() {
            0 => "no function is named `main`".to_owned(),
            _ => format!("several functions are named `main`: {}", names()),
        };
        errors.push(module_error(Rule::OneMain, words));
        return;
    }
    let Some(main) = mains.first().filter(|main| main.index == entry.function) else {
        let found = parsed.function(entry.function).map(|function| function.name).unwrap_or_default();
        errors.push(module_error(Rule::OneMain, format!("the entry is `{found}`; it must be {}", names())));
        return;
    };
    let strange = main.signature.parameters.iter().find(|type_| !matches!(type_, Type::Scalar(_) | Type::String));
    let result_fits = matches!(
        (&main.signature.result, entry.result),
        (Some(Type::Scalar(Tag::Int)), EntryResult::Status)
            | (None | Some(Type::Scalar(_) | Type::String | Type::Union(_)), EntryResult::Print)
    );
    if let Some(type_) = strange {
        let words = format!("`{}` takes `{type_}`; the entry takes scalars and strings", main.name);
        errors.push(module_error(Rule::MainSignature, words));
    } else if !result_fits {
        let words = match entry.result {
            EntryResult::Status => format!("the result of `{}` is the exit status; it must be int", main.name),
            EntryResult::Print => format!("the result of `{}` cannot be printed", main.name),
        };
        errors.push(module_error(Rule::MainSignature, words));
    }
}

/// One form for one meaning: constants by first use, and nothing in the tables that the code does not use.
fn check_use(parsed: &Parsed<'_>, errors: &mut Vec<VerifyError>) {
    let mut next_constant = 0;
    let mut used = vec![false; parsed.import_count() as usize];
    for function in parsed.functions() {
        for (_, instruction) in crate::instruction::walk(function.code).flatten() {
            for ((_, kind), value) in instruction.row().operands.iter().zip(instruction.operands().iter()) {
                match kind.space {
                    Space::Constants if *value > next_constant => {
                        let words = format!("constant {value} is used before constant {next_constant}");
                        errors.push(module_error(Rule::Used, words));
                        return;
                    }
                    Space::Constants => next_constant = next_constant.max(value + 1),
                    Space::Imports => used.iter_mut().skip(*value as usize).take(1).for_each(|used| *used = true),
                    _ => {}
                }
            }
        }
    }
    if next_constant < parsed.constant_count() {
        errors.push(module_error(Rule::Used, format!("constant {next_constant} is never used")));
    }
    if let Some(unused) = used.iter().position(|used| !used) {
        errors.push(module_error(Rule::Used, format!("import {unused} is never used")));
    }
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = parsed.constants().position(|constant| !seen.insert(constant)) {
        errors.push(module_error(Rule::Used, format!("constant {twice} stands twice")));
    }
}
