//! [`Parsed`] → [`Verified`]: proof that a module does what its types say and touches no memory but its own.
//!
//! The passes, cheapest first; each relies on those before it. The rules by number are [`RULES`].
//!
//! - [`module`]: one `main` that can be an entry (4xx); constants and imports are used (109)
//! - [`bounds`]: whole instructions, targets, indexes, kinds of slots (1xx)
//! - [`blocks`](crate::blocks): cuts the code into basic blocks; cannot fail
//! - [`stack`]: types on the expression stack, the life of views (2xx)
//! - [`arena`]: open arenas, and where their slots stand (3xx)
//! - [`recorded`]: the metadata say just what is proved (501)
//!
//! Most functions need none of them: [`glance`] accepts what is ordinary in one walk over its bytes, and leaves the rest to
//! the passes. [`points`] has tools see what they know before every instruction.
//!
//! Every pass tells all faults that do not follow from one another. A fault of an arena (out of memory, use after free
//! …) is no reason to refuse: it traps when it is reached. Those that are certain are kept beside the proof, so that
//! tools can warn. The work on a function is metered (601): it grows no faster than n log n.

mod arena;
mod bounds;
mod cells;
mod entries;
mod glance;
mod meter;
mod module;
mod points;
mod recorded;
pub mod refusal;
mod stack;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
pub use arena::{Arenas, MOST_OPEN, Placement, Site};
pub use cells::{CellType, parameter_cells, result_cells};
pub use meter::WORK;
pub use points::{Held, Point, PointFinder, Points, SlotPoint};
pub use recorded::check_claims;
pub use refusal::{RULES, Rule, RuleRow, StackEntry, StackSeen, VerifyError};

use crate::blocks::{Blocks, Offsets};
use crate::both::all;
use crate::container::Function;
use crate::instruction::{Instruction, walk};
use crate::parsed::{CallTarget, Parsed};
use crate::proof::{CallSite, Part, Proof, Summaries, Summary};
use crate::trap::Trap;
use alloc::collections::BTreeMap;
use cells::CellTable;
use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering};
use meter::Meter;
use module::Uses;

/// A module that is safe to run. It holds the very bytes that were judged and is made only by [`verify`].
#[derive(Debug, Clone)]
pub struct Verified {
    parsed: Parsed<'static>,
    summaries: Summaries,
    proof: Proof,
    certain: Vec<CertainTrap>,
    work: u64,
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

    /// Nothing but the module, of which is then no longer known that it was judged.
    pub fn into_module(self) -> Parsed<'static> {
        self.parsed
    }

    /// What the proof is composed of, by function.
    pub fn summaries(&self) -> &Summaries {
        &self.summaries
    }

    /// The most bytes that each function can use, and whether its arenas can run out.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Instructions that trap whenever they are reached, by function and offset.
    pub fn certain_traps(&self) -> &[CertainTrap] {
        &self.certain
    }

    /// What the arenas of a function look like.
    pub fn arenas(&self, function: u32) -> Arenas {
        let Some(function) = self.parsed.function(function) else { return Arenas::default() };
        let mut workspace = Workspace::default();
        let mut faults = Vec::new();
        bounds::check(&self.parsed, &function, &mut workspace, &mut faults);
        workspace.split(&function);
        arena::places(&self.parsed, &function, &mut workspace)
    }

    /// What is known before each instruction of a function that is reached. At about so many cells and slots in all,
    /// it ends.
    pub fn points(&self, function: u32, most: usize) -> Points {
        PointFinder::new(&self.parsed).points(function, most)
    }

    /// Units of work that the judgement took: a measure that is the same on every machine.
    pub fn work(&self) -> u64 {
        self.work
    }
}

/// How to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many threads share the functions; the outcome does not depend on it.
    pub threads: usize,
    /// Units of work that a function may cost for each instruction and slot, times the logarithm of their number.
    pub work: u64,
    /// Whether ordinary functions are accepted at a glance. Without, all passes run over all functions, which comes to the
    /// same and takes longer.
    pub glance: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { threads: 1, work: WORK, glance: true }
    }
}

/// After so many faults the rest are not told.
const MOST_ERRORS: usize = 100;

/// So many certain traps of one function are told at most.
const MOST_TRAPS: usize = 1000;

/// After so many faults no more are looked for in a function: one more than are told, so that it is known that there are more.
const MOST_FOUND: usize = MOST_ERRORS + 1;

/// At so many faults the stack and the arenas are looked at, which takes another run of the passes for each.
const MOST_LOOKED_AT: usize = 8;

/// Units of work that looking there may cost in all: what is refused must not take longer than what is accepted.
const MOST_LOOKED: u64 = 1 << 24;

/// Judges a module on this thread.
///
/// # Errors
/// The rules that it breaks, by function and offset.
pub fn verify(parsed: Parsed<'_>) -> Result<Verified, Vec<VerifyError>> {
    verify_with(parsed, Options::default())
}

/// Judges a module.
///
/// # Errors
/// The rules that it breaks, by function and offset. None where it is only what could be [salvaged](crate::read::salvage) of a
/// file: that is refused by [`read`](crate::read()), which says why.
pub fn verify_with(parsed: Parsed<'_>, options: Options) -> Result<Verified, Vec<VerifyError>> {
    if !parsed.is_whole() {
        return Err(Vec::new());
    }
    let judgement = judge_as_recorded(&parsed, options)?;
    Ok(judgement.of(parsed))
}

/// Judges a module that nobody will run: nothing of it is copied or kept.
///
/// # Errors
/// As [`verify_with`].
pub fn check(parsed: &Parsed<'_>, options: Options) -> Result<(), Vec<VerifyError>> {
    judge_as_recorded(parsed, options).map(drop)
}

/// Judges a module that is being written: instead of comparing what the metadata say is proved, it puts it in.
pub(crate) fn verify_and_record(parsed: Parsed<'static>, options: Options) -> Result<Verified, Vec<VerifyError>> {
    let mut verified = judge_module(&parsed, options)?.of(parsed);
    verified.parsed.record(recorded::of(&verified.parsed, &verified.proof));
    Ok(verified)
}

/// What is proved of a module that breaks no rule.
struct Judgement {
    summaries: Summaries,
    proof: Proof,
    certain: Vec<CertainTrap>,
    work: u64,
}

impl Judgement {
    /// With the module of which it is proved.
    fn of(self, parsed: Parsed<'_>) -> Verified {
        let Judgement { summaries, proof, certain, work } = self;
        Verified { parsed: parsed.into_owned(), summaries, proof, certain, work }
    }
}

fn judge_as_recorded(parsed: &Parsed<'_>, options: Options) -> Result<Judgement, Vec<VerifyError>> {
    let judgement = judge_module(parsed, options)?;
    match recorded::check(parsed, &judgement.summaries, &judgement.proof) {
        Some(error) => Err(vec![error]),
        None => Ok(judgement),
    }
}

fn judge_module(parsed: &Parsed<'_>, options: Options) -> Result<Judgement, Vec<VerifyError>> {
    let cells = CellTable::new(parsed);
    // At a glance, calls of the host take nothing.
    let options = Options { glance: options.glance && !has_bounds(parsed), ..options };
    let (Judged { summaries, certain, faults, untold, uses, work }, twice) = judge_functions(parsed, &cells, options);
    let mut errors: Vec<VerifyError> = module::check_main(parsed).into_iter().collect();
    let mut workspace = Workspace::default();
    let mut meter = Meter::of(MOST_LOOKED);
    for (place, (index, fault)) in faults.into_iter().enumerate() {
        let looks = (place < MOST_LOOKED_AT).then_some(&mut meter);
        errors.push(fault.tell(parsed, &cells, index, &mut workspace, looks));
    }
    if errors.is_empty() {
        errors.extend(module::check_use(parsed, &uses));
    }
    if let Some(last) = errors.last_mut() {
        last.untold = untold;
        return Err(errors);
    }
    if let Some(error) = twice.unwrap_or_else(|| module::check_twice(parsed)) {
        return Err(vec![error]);
    }
    let proof = Proof::of(&summaries);
    Ok(Judgement { summaries, proof, certain, work })
}

/// Whether calls of functions of the host take memory.
fn has_bounds(parsed: &Parsed<'_>) -> bool {
    parsed.bounded_imports().any(|import| import < parsed.host_import_count())
}

/// The most cells that the expression stack of each function holds, up to its first fault if it has one.
pub(crate) fn measure_stacks(parsed: &Parsed<'_>) -> Vec<u16> {
    let cells = CellTable::new(parsed);
    let mut workspace = Workspace::default();
    parsed.functions().map(|function| measure_stack(parsed, &cells, function, &mut workspace)).collect()
}

fn measure_stack(parsed: &Parsed<'_>, cells: &CellTable, function: Function<'_>, workspace: &mut Workspace) -> u16 {
    let mut faults = Vec::new();
    bounds::check(parsed, &function, workspace, &mut faults);
    if !faults.is_empty() {
        return 0;
    }
    workspace.split(&function);
    let function = Function { max_stack: u16::MAX, ..function };
    let mut meter = Meter::new(workspace.size(&function), WORK);
    let deepest = stack::check(parsed, &function, cells, workspace, &mut meter, &mut faults);
    u16::try_from(deepest).unwrap_or(u16::MAX)
}

/// What the passes hand to one another, and keep from one function to the next so that it need not be made anew.
#[derive(Debug, Default)]
struct Workspace {
    /// Where instructions start, and how many there are.
    starts: Offsets,
    instructions: usize,
    blocks: Blocks,
    block_starts: Offsets,
    stack: stack::Buffers,
    /// What the pass over the stack found to trap wherever the slot is there.
    mismatches: Vec<(u32, Trap)>,
    arena: arena::Buffers,
    glance: glance::Glance,
}

impl Workspace {
    fn split(&mut self, function: &Function<'_>) {
        self.blocks.cut(function.code, &mut self.block_starts);
    }

    /// What the work on a function is measured by.
    fn size(&self, function: &Function<'_>) -> usize {
        self.instructions + function.slots.len()
    }
}

/// What is known of some functions that stand behind one another, or of all.
#[derive(Debug)]
struct Judged<S> {
    summaries: S,
    certain: Vec<CertainTrap>,
    /// As many as are told, and how many more there are.
    faults: Vec<(u32, Fault)>,
    untold: usize,
    uses: Uses,
    work: u64,
}

impl<S> Judged<S> {
    fn new(summaries: S) -> Judged<S> {
        Judged { summaries, certain: Vec::new(), faults: Vec::new(), untold: 0, uses: Uses::default(), work: 0 }
    }

    fn add_faults(&mut self, faults: impl IntoIterator<Item = (u32, Fault)>) {
        self.faults.extend(faults);
        self.untold += self.faults.len().saturating_sub(MOST_ERRORS);
        self.faults.truncate(MOST_ERRORS);
    }
}

impl Judged<Summaries> {
    fn append(&mut self, mut later: Judged<Part>) {
        self.summaries.push(later.summaries);
        self.certain.append(&mut later.certain);
        self.untold += later.untold;
        self.add_faults(later.faults);
        self.uses.append(later.uses);
        self.work += later.work;
    }
}

/// What is known of all functions, and whether a constant stands twice, where one of several threads has looked.
fn judge_functions(
    parsed: &Parsed<'_>,
    cells: &CellTable,
    options: Options,
) -> (Judged<Summaries>, Option<Option<VerifyError>>) {
    let count = parsed.function_count();
    let mut judged = Judged::new(Summaries::new(count));
    let size = judged.summaries.part_size();
    let shares = count.div_ceil(size);
    let judge_share = |share: u32, workspace: &mut Workspace| {
        judge_range(parsed, cells, options, workspace, share * size..((share + 1) * size).min(count))
    };
    let next = AtomicU32::new(0);
    let take_shares = || {
        let mut workspace = Workspace::default();
        let (mut taken, mut twice) = (Vec::new(), None);
        loop {
            // The constants are looked at first: that takes room which what is known of the functions needs later.
            let Some(share) = next.fetch_add(1, Ordering::Relaxed).checked_sub(1) else {
                twice = Some(module::check_twice(parsed));
                continue;
            };
            if share >= shares {
                return (taken, twice);
            }
            taken.push((share, judge_share(share, &mut workspace)));
        }
    };
    let (mut taken, mut twice) = (BTreeMap::new(), None);
    let threads = (options.threads.clamp(1, 64) as u32).min(shares);
    if threads > 1 {
        for (shares, looked) in all(threads, take_shares) {
            taken.extend(shares);
            twice = twice.or(looked);
        }
    }
    // What nobody has taken, or a thread that did not end well, is judged here.
    let mut workspace = Workspace::default();
    for share in 0..shares {
        judged.append(taken.remove(&share).unwrap_or_else(|| judge_share(share, &mut workspace)));
    }
    (judged, twice)
}

fn judge_range(
    parsed: &Parsed<'_>,
    cells: &CellTable,
    options: Options,
    workspace: &mut Workspace,
    range: Range<u32>,
) -> Judged<Part> {
    let mut judged = Judged::new(Part::with_capacity(range.len()));
    for (index, bare) in parsed.bare_functions(range) {
        let Judged { uses, summaries, .. } = &mut judged;
        if options.glance
            && let Some(work) = workspace.glance.look(parsed, cells, index, &bare, options.work, uses, summaries)
        {
            judged.work += work;
            continue;
        }
        let Some(function) = parsed.function(index) else { continue };
        judge(parsed, cells, options, &function, workspace, &mut judged);
    }
    judged.summaries.close();
    judged
}

fn judge(
    parsed: &Parsed<'_>,
    cells: &CellTable,
    options: Options,
    function: &Function<'_>,
    workspace: &mut Workspace,
    judged: &mut Judged<Part>,
) {
    let mut faults = Vec::new();
    bounds::check(parsed, function, workspace, &mut faults);
    if faults.is_empty() {
        bounds::check_lines(parsed, function.index, &workspace.starts, &mut faults);
    }
    let mut arenas = Arenas::default();
    if faults.is_empty() {
        walk(function.code).flatten().for_each(|(_, instruction)| judged.uses.add(&instruction));
        workspace.split(function);
        let mut meter = Meter::new(workspace.size(function), options.work);
        stack::check(parsed, function, cells, workspace, &mut meter, &mut faults);
        arenas = arena::check(parsed, function, workspace, &mut meter, &mut faults);
        judged.work += meter.used();
    }
    faults.sort_by_key(|fault| fault.offset);
    judged.add_faults(faults.into_iter().map(|fault| (function.index, fault)));
    let traps = arenas.certain.iter();
    judged.certain.extend(traps.map(|(offset, trap)| CertainTrap {
        function: function.index,
        offset: *offset,
        trap: trap.clone(),
    }));
    summarise(parsed, function, cells, &arenas, &mut judged.summaries);
}

/// Adds what the proof needs to know of a function.
fn summarise(parsed: &Parsed<'_>, function: &Function<'_>, cells: &CellTable, arenas: &Arenas, part: &mut Part) {
    let parameters = cells.function(parsed, function.index).map_or(0, |(parameters, _)| parameters.len());
    let mut unresolved = None;
    let mut most_open = arenas.most_open;
    for (offset, open) in &arenas.calls {
        let code = function.code.get(*offset as usize..).unwrap_or_default();
        let called = match Instruction::decode(code) {
            Ok((Instruction::Call { function: called }, _)) => called,
            Ok((Instruction::CallNat { import }, _)) => {
                // What the host takes is there during the call, as an arena would be.
                let bound = parsed.import(import.0).and_then(|import| import.bound).unwrap_or(0);
                let with_call = (open.saturating_add(bound), *offset);
                most_open = if with_call.0 > most_open.0 { with_call } else { most_open };
                continue;
            }
            _ => continue,
        };
        match parsed.call_target(function.index, *offset, called.0) {
            CallTarget::Function(callee) => part.add_call(CallSite::new(*offset, *open, callee)),
            CallTarget::Import(_) => unresolved = unresolved.or(Some(*offset)),
        }
    }
    part.add(Summary {
        frame: frame_bytes(parameters, function.max_stack),
        most_open,
        calls: &[],
        limit: function.limit,
        unresolved,
        may_run_out: arenas.sites.iter().find(|site| !site.always_fits()).map(|site| site.offset),
    });
}

/// What a frame is charged: 8 bytes for each cell of its parameters and its declared stack.
fn frame_bytes(parameters: usize, max_stack: u16) -> u64 {
    8 * (parameters as u64 + u64::from(max_stack))
}

/// What a pass knows of a fault: the rule, the place in the function, and words.
#[derive(Debug)]
struct Fault {
    rule: Rule,
    offset: u32,
    mnemonic: &'static str,
    words: String,
    /// The stack there, if that matters.
    seen: Option<Box<stack::Seen>>,
    /// The stack of the path that was there first, where paths meet.
    met: Option<Box<stack::Seen>>,
}

impl Fault {
    fn new(rule: Rule, offset: u32, mnemonic: &'static str, words: impl Into<String>) -> Fault {
        Fault { rule, offset, mnemonic, words: words.into(), seen: None, met: None }
    }

    /// The whole of what there is to tell: the passes are run once more to look at the stack and the arenas there.
    fn tell(
        self,
        parsed: &Parsed<'_>,
        cells: &CellTable,
        index: u32,
        workspace: &mut Workspace,
        looks: Option<&mut Meter>,
    ) -> VerifyError {
        let Fault { rule, offset, mnemonic, words, mut seen, mut met } = self;
        let mut arenas = Vec::new();
        let mut is_looked_at = false;
        let mut function_name = String::new();
        if let Some(function) = parsed.function(index) {
            function_name = function.name.to_owned();
            let mut faults = Vec::new();
            let looks = looks.filter(|meter| rule != Rule::Work && !meter.is_used_up());
            if looks.is_some() {
                bounds::check(parsed, &function, workspace, &mut faults);
            }
            if let Some(meter) = looks.filter(|_| faults.is_empty()) {
                workspace.split(&function);
                arenas = arena::look_at(parsed, &function, workspace, meter, offset);
                let look_at = || Box::new(stack::look_at(parsed, &function, cells, workspace, meter, offset));
                let seen = seen.get_or_insert_with(look_at);
                for seen in [seen].into_iter().chain(&mut met) {
                    stack::find_sources(parsed, &function, cells, workspace, meter, seen);
                }
                is_looked_at = !meter.is_used_up();
            }
        }
        let source = parsed.source_line(index, offset).map(|(source, line)| (source.to_owned(), line));
        let function = Some(index);
        VerifyError {
            rule,
            function,
            function_name,
            offset,
            mnemonic,
            words,
            source,
            stack: seen.map(|seen| seen.told()).unwrap_or_default(),
            met: met.map(|met| met.told()),
            arenas,
            is_looked_at,
            untold: 0,
        }
    }
}
