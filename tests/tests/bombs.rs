//! Files that are made to be slow or large to judge: families of nasty code at N, 2N and 4N.
//!
//! Units of work grow by at most 2.3 with each doubling; memory stays within 64 MiB and 12 times the file, and for the
//! rows S41 to S45 of the list of bad inputs within 64 MiB. Nothing is timed. What is too much work is refused as such.

use alloc::Counted;
use std::fmt::Write;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::container::{EntryResult, FunctionDebug, Kind, Line, SlotKind};
use vega_format::error::Rule;
use vega_format::instruction::{Capacity, Function, Instruction, Offset, Size, Slot, Target};
use vega_format::stencil::{Field, Stencil, TypeRef};
use vega_format::types::{Mask, Tag};
use vega_format::verify::Options;

/// Counts the bytes that each thread has allocated.
mod alloc {
    #![allow(unsafe_code, reason = "an allocator that counts is an allocator")]

    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::Cell;

    pub(super) struct Counted;

    thread_local! {
        static NOW: Cell<i64> = const { Cell::new(0) };
        static PEAK: Cell<i64> = const { Cell::new(0) };
        static TOTAL: Cell<u64> = const { Cell::new(0) };
    }

    fn add(bytes: i64) {
        let now = NOW.try_with(|now| {
            now.set(now.get() + bytes);
            now.get()
        });
        if let Ok(now) = now {
            _ = PEAK.try_with(|peak| peak.set(peak.get().max(now)));
        }
        if bytes > 0 {
            _ = TOTAL.try_with(|total| total.set(total.get() + bytes as u64));
        }
    }

    // Safety: everything is handed to the system's allocator as it came.
    unsafe impl GlobalAlloc for Counted {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            add(layout.size() as i64);
            unsafe { System.alloc(layout) }
        }
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            add(layout.size() as i64);
            unsafe { System.alloc_zeroed(layout) }
        }
        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            add(-(layout.size() as i64));
            unsafe { System.dealloc(pointer, layout) }
        }
        // What grows in place, or is remapped, is there once.
        unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            add(size as i64 - layout.size() as i64);
            unsafe { System.realloc(pointer, layout, size) }
        }
    }

    /// The most bytes that this thread had allocated meanwhile, beyond those it had before; and all that it allocated.
    pub(super) fn peak<T>(what: impl FnOnce() -> T) -> (T, u64, u64) {
        let (before, total) = (NOW.with(Cell::get), TOTAL.with(Cell::get));
        PEAK.with(|peak| peak.set(before));
        let value = what();
        (value, (PEAK.with(Cell::get) - before) as u64, TOTAL.with(Cell::get) - total)
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

const MIB: u64 = 1 << 20;

/// What the judgement of a file took.
#[derive(Debug)]
struct Judged {
    work: u64,
    /// Bytes, the file's own among them.
    peak: u64,
    /// All bytes that were allocated, whether they were freed again or not: what stands for the work that no unit counts.
    total: u64,
    file: u64,
}

/// How a family is allowed to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// It is accepted.
    Accepted,
    /// It is accepted, or refused because it is too much work.
    Either,
    /// Some rule is broken, and that is told.
    Refused,
}

/// Judges by the passes alone, and then as everybody does, which must take no more.
fn judge(name: &str, bytes: Vec<u8>, ends: Ends) -> Judged {
    let passes = judge_with(name, bytes.clone(), ends, false);
    let usual = judge_with(name, bytes, ends, true);
    assert!(usual.work <= passes.work, "{name}: {usual:?}, and by the passes alone {passes:?}");
    Judged { peak: passes.peak.max(usual.peak), total: passes.total.max(usual.total), ..passes }
}

fn judge_with(name: &str, bytes: Vec<u8>, ends: Ends, glance: bool) -> Judged {
    let file = bytes.len() as u64;
    let started = std::time::Instant::now();
    let (verdict, peak, total) = alloc::peak(|| {
        let parsed = vega_format::read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let options = Options { glance, ..Options::default() };
        vega_format::verify::verify_with(parsed, options).map(|verified| verified.work()).map_err(|errors| {
            let error = errors.into_iter().next().expect("a reason");
            (error.rule, error.to_string())
        })
    });
    let peak = peak + file;
    let elapsed = started.elapsed().as_millis();
    let judged = match verdict {
        Ok(work) => Judged { work, peak, total, file },
        Err((Rule::Work, words)) => {
            let used = words.split_once("over ").and_then(|(_, rest)| rest.split_once(' '));
            let used = used.and_then(|(number, _)| number.parse().ok());
            let work = used.unwrap_or_else(|| panic!("{name}: the refusal says no units: {words}"));
            assert_ne!(ends, Ends::Accepted, "{name}: {words}");
            Judged { work, peak, total, file }
        }
        Err((rule, words)) => {
            assert_eq!(ends, Ends::Refused, "{name}: {rule:?}: {words}");
            Judged { work: 0, peak, total, file }
        }
    };
    println!("{name}: {judged:?} {elapsed} ms");
    judged
}

/// The bytes that a judgement may take.
#[derive(Debug, Clone, Copy)]
enum Memory {
    /// 64 MiB, whatever the size of the file.
    Fixed,
    /// And 12 times the file.
    ByFile,
}

fn check_memory(name: &str, judged: &Judged, memory: Memory) {
    let allowed = match memory {
        Memory::Fixed => 64 * MIB,
        Memory::ByFile => 64 * MIB + 12 * judged.file,
    };
    let Judged { peak, file, .. } = judged;
    assert!(*peak <= allowed, "{name}: {peak} bytes for a file of {file}; {allowed} are allowed");
    check_total(name, judged);
}

/// What is allocated and freed again and again is work that nobody counts.
fn check_total(name: &str, judged: &Judged) {
    let Judged { total, file, .. } = judged;
    let allowed = 256 * MIB + 64 * file;
    assert!(*total <= allowed, "{name}: {total} bytes in all for a file of {file}; {allowed} are allowed");
}

fn check_growth(name: &str, smaller: &Judged, larger: &Judged) {
    assert!(
        larger.work * 10 <= smaller.work * 23,
        "{name}: {} units, and for twice as much {}: {:.2} times as many",
        smaller.work,
        larger.work,
        larger.work as f64 / smaller.work as f64
    );
    assert!(
        larger.total * 10 <= smaller.total * 23 + 10 * MIB,
        "{name}: {} bytes allocated in all, and for twice as much {}",
        smaller.total,
        larger.total
    );
}

/// Judges a family at N, 2N and 4N.
fn family(name: &str, count: usize, ends: Ends, memory: Memory, make: impl Fn(usize) -> Vec<u8>) {
    let judged = [count, 2 * count, 4 * count].map(|count| {
        let name = format!("{name} {count}");
        let judged = judge(&name, make(count), ends);
        check_memory(&name, &judged, memory);
        judged
    });
    for pair in judged.windows(2) {
        if let [smaller, larger] = pair {
            check_growth(name, smaller, larger);
        }
    }
}

/// Code of a single function, with labels.
#[derive(Debug)]
struct Code {
    builder: Builder,
    slots: Vec<SlotKind>,
    code: Vec<Instruction>,
    max_stack: u16,
}

const INT: Mask = Tag::Int.mask();
const BYTE: Mask = Tag::Byte.mask();

impl Code {
    fn new(max_stack: u16) -> Code {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        Code { builder, slots: Vec::new(), code: Vec::new(), max_stack }
    }

    fn push(&mut self, instruction: Instruction) -> usize {
        self.code.push(instruction);
        self.code.len() - 1
    }

    fn bool(&mut self) {
        let index = self.builder.constant(ConstantValue::Scalar(Tag::Bool, 1));
        self.push(Instruction::LoadConst { index });
    }

    fn open(&mut self, capacity: u32) {
        self.push(Instruction::StackAlloc { capacity: Capacity(capacity) });
    }

    fn end(&mut self) {
        self.push(Instruction::StackFree {});
    }

    fn slot(&mut self, mask: Mask) -> Slot {
        self.slots.push(SlotKind::Variable(mask));
        Slot(self.slots.len() as u16 - 1)
    }

    fn allocate(&mut self, slot: Slot) {
        if let Some(SlotKind::Variable(mask)) = self.slots.get(usize::from(slot.0)).copied() {
            self.push(Instruction::VarAlloc { slot, mask });
        }
    }

    fn free(&mut self, slot: Slot) {
        self.push(Instruction::VarFree { slot });
    }

    fn here(&self) -> Target {
        Target(self.code.len() as u32)
    }

    /// A branch whose target is still to come.
    fn branch(&mut self) -> usize {
        self.bool();
        self.push(Instruction::JumpFalse { target: Target(0) })
    }

    fn jump(&mut self) -> usize {
        self.push(Instruction::Jump { target: Target(0) })
    }

    fn land(&mut self, jump: usize) {
        let target = self.here();
        if let Some(place) = self.code.get_mut(jump) {
            *place = match place {
                Instruction::JumpFalse { .. } => Instruction::JumpFalse { target },
                _ => Instruction::Jump { target },
            };
        }
    }

    /// A place where two paths meet.
    fn join(&mut self) {
        let over = self.branch();
        self.land(over);
    }

    fn bytes(mut self) -> Vec<u8> {
        self.push(Instruction::Return {});
        let Code { mut builder, slots, code, max_stack } = self;
        builder
            .add_function("main()V", FunctionDraft { slots, code, max_stack: Some(max_stack), ..Default::default() });
        builder.write().expect("it can be written")
    }
}

fn diamonds(count: usize) -> Vec<u8> {
    let mut code = Code::new(1);
    for _ in 0..count {
        let other = code.branch();
        let end = code.jump();
        code.land(other);
        code.bool();
        code.push(Instruction::StackPop {});
        code.land(end);
    }
    code.bytes()
}

#[test]
fn s41_diamonds_in_a_row() {
    family("diamonds", 10_000, Ends::Accepted, Memory::Fixed, diamonds);
}

/// The same around a variable of an arena, so that there is something to agree on.
#[test]
fn diamonds_in_an_arena() {
    family("diamonds in an arena", 5_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let slot = code.slot(INT);
        code.open(64);
        for _ in 0..count {
            let other = code.branch();
            code.allocate(slot);
            code.free(slot);
            let end = code.jump();
            code.land(other);
            code.allocate(slot);
            code.free(slot);
            code.land(end);
        }
        code.end();
        code.bytes()
    });
}

fn nested_loops(depth: usize) -> Vec<u8> {
    let mut code = Code::new(1);
    let mut loops = Vec::new();
    for _ in 0..depth {
        let start = code.here();
        loops.push((start, code.branch()));
    }
    for (start, end) in loops.into_iter().rev() {
        code.push(Instruction::Jump { target: start });
        code.land(end);
    }
    code.bytes()
}

#[test]
fn s42_nested_loops() {
    let judged = judge("1,000 nested loops", nested_loops(1_000), Ends::Accepted);
    check_memory("1,000 nested loops", &judged, Memory::Fixed);
    family("nested loops", 10_000, Ends::Accepted, Memory::Fixed, nested_loops);
}

/// Slots that live over joins; with every join one of them is freed.
fn slots_times_joins(slots: usize, joins: usize) -> Vec<u8> {
    let mut code = Code::new(1);
    let slots: Vec<Slot> = (0..slots).map(|_| code.slot(BYTE)).collect();
    code.open(1 << 20);
    slots.iter().for_each(|slot| code.allocate(*slot));
    for slot in slots.iter().cycle().take(joins) {
        code.push(Instruction::VarDrop { slot: *slot });
        code.join();
    }
    code.end();
    code.bytes()
}

#[test]
fn s43_slots_times_joins() {
    let judged = judge("65,535 slots times 10,000 joins", slots_times_joins(65_535, 10_000), Ends::Either);
    check_memory("65,535 slots times 10,000 joins", &judged, Memory::Fixed);
    family("slots times joins", 10_000, Ends::Either, Memory::ByFile, |count| slots_times_joins(count, count));
}

/// Slots that nobody allocates, and joins.
#[test]
fn s43_slots_that_are_never_there() {
    family("slots never there", 16_000, Ends::Accepted, Memory::Fixed, |count| {
        let mut code = Code::new(1);
        (0..count).for_each(|_| _ = code.slot(INT));
        code.open(8);
        (0..10_000).for_each(|_| code.join());
        code.end();
        code.bytes()
    });
}

fn tiny_functions(count: usize) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Program);
    builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
    let draft = || FunctionDraft {
        code: vec![Instruction::Return {}, Instruction::Return {}],
        max_stack: Some(0),
        ..FunctionDraft::default()
    };
    builder.add_function("main()V", draft());
    for index in 1..count {
        builder.add_function(&format!("f{index}()V"), draft());
    }
    builder.write().expect("it can be written")
}

#[test]
fn s44_tiny_functions() {
    family("tiny functions", 250_000, Ends::Either, Memory::ByFile, tiny_functions);
}

/// Every back edge brings another slot that looks different at the head of the loop.
fn settles_slowly(count: usize) -> Vec<u8> {
    let mut code = Code::new(1);
    let slots: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
    code.open(1 << 20);
    let head = code.here();
    for slot in slots {
        code.push(Instruction::VarDrop { slot });
        code.allocate(slot);
        code.bool();
        code.push(Instruction::JumpTrue { target: head });
    }
    code.end();
    code.bytes()
}

#[test]
fn s45_back_edges_that_disagree() {
    family("back edges that disagree", 10_000, Ends::Either, Memory::Fixed, settles_slowly);
}

/// Every back edge makes one more of 256 arenas dynamic.
#[test]
fn s45_every_back_edge_makes_one_arena_dynamic() {
    let name = "one more dynamic arena";
    let mut code = Code::new(1);
    let slots: Vec<Slot> = (0..256).map(|_| code.slot(BYTE)).collect();
    for slot in &slots {
        code.open(16);
        code.allocate(*slot);
    }
    let head = code.here();
    for slot in slots.iter().rev().chain(&slots) {
        code.push(Instruction::VarDrop { slot: *slot });
        code.bool();
        code.push(Instruction::JumpTrue { target: head });
    }
    slots.iter().for_each(|_| code.end());
    let judged = judge(name, code.bytes(), Ends::Accepted);
    check_memory(name, &judged, Memory::Fixed);
}

/// The same with joins beneath 256 open arenas, of which the innermost one changes.
#[test]
fn joins_beneath_many_arenas() {
    family("joins beneath 256 arenas", 5_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let slots: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
        (0..256).for_each(|_| code.open(1 << 16));
        for slot in slots {
            let over = code.branch();
            code.allocate(slot);
            code.land(over);
        }
        (0..256).for_each(|_| code.end());
        code.bytes()
    });
}

#[test]
fn deep_stacks_over_many_blocks() {
    family("deep stacks", 8_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(u16::MAX);
        (0..count).for_each(|_| code.bool());
        (0..count).for_each(|_| code.join());
        (0..count).for_each(|_| _ = code.push(Instruction::StackPop {}));
        code.bytes()
    });
}

/// A depth of a few hundred is what a compiler could come to; the joins alone must not make it quadratic.
#[test]
fn a_stack_of_a_hundred_cells_over_many_blocks() {
    family("a hundred cells", 500, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(u16::MAX);
        (0..100).for_each(|_| code.bool());
        (0..count).for_each(|_| code.join());
        code.bytes()
    });
}

#[test]
fn deep_stacks_below_the_limit_of_work() {
    family("shallow stacks", 50, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(u16::MAX);
        (0..count).for_each(|_| code.bool());
        (0..count).for_each(|_| code.join());
        code.bytes()
    });
}

/// First fit has to look for room among many holes that are too small.
#[test]
fn holes_that_are_too_small() {
    family("holes", 8_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let small: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
        let large: Vec<Slot> = (0..count / 2).map(|_| code.slot(INT)).collect();
        code.open(1 << 20);
        small.iter().for_each(|slot| code.allocate(*slot));
        small.iter().step_by(2).for_each(|slot| code.free(*slot));
        large.iter().for_each(|slot| code.allocate(*slot));
        code.end();
        code.bytes()
    });
}

/// The same in an arena that has no room behind them: every allocation says what is free and the largest hole.
#[test]
fn holes_and_no_room() {
    family("holes and no room", 8_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let small: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
        let large: Vec<Slot> = (0..count / 2).map(|_| code.slot(INT)).collect();
        code.open(count as u32);
        small.iter().for_each(|slot| code.allocate(*slot));
        small.iter().step_by(2).for_each(|slot| code.free(*slot));
        large.iter().for_each(|slot| code.allocate(*slot));
        code.end();
        code.bytes()
    });
}

fn alternating(count: usize) -> Vec<u8> {
    let mut code = Code::new(1);
    let slot = code.slot(INT);
    code.open(8);
    for _ in 0..count {
        code.allocate(slot);
        code.free(slot);
    }
    code.end();
    code.bytes()
}

#[test]
fn alternating_allocations() {
    family("alternating allocations", 20_000, Ends::Accepted, Memory::ByFile, alternating);
    let largest = "alternating allocations, 7 MiB";
    check_memory(largest, &judge(largest, alternating(900_000), Ends::Accepted), Memory::ByFile);
}

#[test]
fn arenas_in_sequence() {
    family("arenas in sequence", 20_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let slot = code.slot(INT);
        for _ in 0..count {
            code.open(8);
            code.allocate(slot);
            code.end();
        }
        code.bytes()
    });
}

/// The outermost of 256 arenas looks different at every join.
#[test]
fn the_outermost_of_many_arenas_changes() {
    family("outermost of 256 arenas", 5_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let slots: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
        code.open(1 << 20);
        slots.iter().for_each(|slot| code.allocate(*slot));
        (0..255).for_each(|_| code.open(1));
        for slot in &slots {
            code.free(*slot);
            code.join();
        }
        (0..256).for_each(|_| code.end());
        code.bytes()
    });
}

/// An arena with many slots is left on many paths.
#[test]
fn many_ways_out_of_an_arena_with_many_slots() {
    for (name, count) in [("ways out, few", 100), ("ways out, many", 4_000)] {
        family(name, count, Ends::Either, Memory::ByFile, |count| {
            let mut code = Code::new(1);
            let slots: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
            code.open(1 << 20);
            slots.iter().for_each(|slot| code.allocate(*slot));
            for _ in 0..count {
                let over = code.branch();
                code.end();
                code.push(Instruction::Return {});
                code.land(over);
            }
            code.end();
            code.bytes()
        });
    }
}

/// Many jumps to one place, all with another state.
#[test]
fn one_place_with_many_joins() {
    family("joins at one place", 10_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let slots: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
        code.open(1 << 20);
        let mut jumps = Vec::new();
        for slot in slots {
            code.allocate(slot);
            jumps.push(code.branch());
        }
        jumps.into_iter().for_each(|jump| code.land(jump));
        code.end();
        code.bytes()
    });
}

/// Functions that call each other; `calls` says whom.
fn graph(count: usize, limit: Option<u32>, calls: impl Fn(usize) -> Vec<usize>) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Program);
    let name = |index: usize| if index == 0 { "main()V".to_owned() } else { format!("f{index}()V") };
    builder.entry = Some((name(0), EntryResult::Print));
    let numbers: Vec<Function> = (0..count).map(|index| builder.function(&name(index))).collect();
    for index in 0..count {
        let callees = calls(index);
        let called = callees.iter().filter_map(|callee| numbers.get(*callee).copied());
        let mut code: Vec<_> = called.map(|function| Instruction::Call { function }).collect();
        code.push(Instruction::Return {});
        let limit = limit.filter(|_| index > 0);
        builder.add_function(&name(index), FunctionDraft { code, limit, max_stack: Some(1), ..Default::default() });
    }
    builder.write().expect("it can be written")
}

#[test]
fn a_chain_of_calls() {
    family("chain of calls", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| vec![index + 1])
    });
}

#[test]
fn a_star_of_calls() {
    family("star of calls", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| if index == 0 { (1..count).collect() } else { Vec::new() })
    });
}

#[test]
fn a_great_circle_of_calls() {
    family("great circle", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| vec![if index + 1 == count { 1 } else { index + 1 }])
    });
}

#[test]
fn a_great_circle_with_limits() {
    family("great circle with limits", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, Some(3), |index| vec![if index + 1 == count { 1 } else { index + 1 }])
    });
}

#[test]
fn many_circles_with_limits() {
    family("circles with limits", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, Some(3), |index| vec![index, index + 1, index.saturating_sub(1).max(1), index + 7])
    });
}

#[test]
fn paths_through_calls_that_double() {
    family("doubling calls", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        graph(count, None, |index| vec![index + 1, index + 1, index + 2])
    });
}

#[test]
fn straight_code() {
    let make = |count: usize| {
        let mut code = Code::new(1);
        for _ in 0..count {
            code.bool();
            code.push(Instruction::StackPop {});
        }
        code.bytes()
    };
    family("straight code", 50_000, Ends::Accepted, Memory::ByFile, make);
    let largest = "straight code, 7 MiB";
    check_memory(largest, &judge(largest, make(1_200_000), Ends::Accepted), Memory::ByFile);
}

#[test]
fn jump_tables_forward() {
    family("jump table forward", 20_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let jumps: Vec<usize> = (0..count).map(|_| code.branch()).collect();
        let mut ends = Vec::new();
        for jump in jumps {
            code.land(jump);
            ends.push(code.jump());
        }
        ends.into_iter().for_each(|end| code.land(end));
        code.bytes()
    });
}

#[test]
fn jump_tables_backward() {
    family("jump table backward", 20_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let mut heads = Vec::new();
        for _ in 0..count {
            heads.push(code.here());
            code.bool();
            code.push(Instruction::StackPop {});
        }
        for head in heads {
            code.bool();
            code.push(Instruction::JumpTrue { target: head });
        }
        code.bytes()
    });
}

#[test]
fn many_constants() {
    family("constants", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        for number in 0..count {
            let value = match number % 2 {
                0 => ConstantValue::Scalar(Tag::Long, number as u64),
                _ => ConstantValue::String(format!("{number}")),
            };
            let index = code.builder.constant(value);
            code.push(Instruction::LoadConst { index });
            code.push(Instruction::StackPop {});
        }
        code.bytes()
    });
}

#[test]
fn many_imports() {
    family("imports", 10_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        for number in 0..count {
            let import = code.builder.import(&format!("host{number}()V"));
            code.push(Instruction::CallNat { import });
        }
        code.bytes()
    });
}

#[test]
fn many_deep_types() {
    family("deep types", 4_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let mut inner = TypeRef::Scalar(Tag::Byte);
        code.open(1 << 24);
        for number in 0..count {
            if number % 60 == 0 {
                inner = TypeRef::Scalar(Tag::Byte);
            }
            let field = |name: &str, type_ref| Field { name: name.to_owned(), type_ref };
            let fields = vec![field("a", inner), field("b", TypeRef::Scalar(Tag::Int))];
            let stencil = Stencil::Struct { name: format!("s{number}"), fields };
            inner = code.builder.stencil(stencil).expect("a type");
            code.slots.push(SlotKind::Stencil(inner));
            let slot = Slot(code.slots.len() as u16 - 1);
            let size = Size(code.builder.stencils().size(inner));
            code.push(Instruction::StencilAlloc { slot, size });
        }
        code.end();
        code.bytes()
    });
}

/// Tuples of tuples: what is short to say in the table is long when it is spelled out.
#[test]
fn types_that_double() {
    let name = "doubling types";
    let mut code = Code::new(1);
    let mut inner = TypeRef::Scalar(Tag::Byte);
    // As many as there can be: no type is longer than a name when it is spelled out.
    while let Ok(twice) = code.builder.stencil(Stencil::Tuple(vec![inner, inner])) {
        inner = twice;
    }
    code.slots.push(SlotKind::Stencil(inner));
    let size = Size(code.builder.stencils().size(inner));
    code.open(1 << 21);
    code.push(Instruction::StencilAlloc { slot: Slot(0), size });
    code.end();
    check_memory(name, &judge(name, code.bytes(), Ends::Either), Memory::ByFile);
}

#[test]
fn many_lines() {
    family("lines", 50_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        for _ in 0..count {
            code.bool();
            code.push(Instruction::StackPop {});
        }
        code.push(Instruction::Return {});
        let Code { mut builder, code, .. } = code;
        builder.sources = vec!["a.vg".to_owned()];
        let lines = (0..code.len() as u32).map(|offset| Line { offset, line: offset % 1_000 + 1 }).collect();
        let debug = Some(FunctionDebug { lines, line: 1, ..FunctionDebug::default() });
        builder.add_function("main()V", FunctionDraft { code, debug, max_stack: Some(1), ..Default::default() });
        builder.write().expect("it can be written")
    });
}

/// One byte an instruction, and each of them a block.
#[test]
fn nothing_but_returns() {
    let make = |count: usize| {
        let mut code = Code::new(0);
        (0..count).for_each(|_| _ = code.push(Instruction::Return {}));
        code.bytes()
    };
    let name = "nothing but returns, 7 MiB";
    check_memory(name, &judge(name, make((7 << 20) - 1), Ends::Accepted), Memory::ByFile);
}

/// Every instruction is wrong, and what is wrong with each is not kept.
#[test]
fn nothing_but_faults() {
    let make = |count: usize| {
        let mut code = Code::new(0);
        (0..count).for_each(|_| _ = code.push(Instruction::VarFree { slot: Slot(9) }));
        code.bytes()
    };
    let name = "nothing but faults";
    check_memory(name, &judge(name, make(500_000), Ends::Refused), Memory::ByFile);
}

/// Every block that is reached ends with a fault of the stack.
#[test]
fn a_fault_in_every_block() {
    let mut code = Code::new(1);
    let jumps: Vec<usize> = (0..200_000).map(|_| code.branch()).collect();
    for jump in jumps {
        code.land(jump);
        code.push(Instruction::StackPop {});
    }
    let name = "a fault in every block";
    check_memory(name, &judge(name, code.bytes(), Ends::Refused), Memory::ByFile);
}

/// Every instruction is accepted and certainly traps.
#[test]
fn nothing_but_certain_traps() {
    family("certain traps", 100_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(0);
        let slot = code.slot(INT);
        (0..count).for_each(|_| code.free(slot));
        code.bytes()
    });
    let mut code = Code::new(0);
    let slot = code.slot(INT);
    (0..2_400_000).for_each(|_| code.free(slot));
    let name = "certain traps, 7 MiB";
    check_memory(name, &judge(name, code.bytes(), Ends::Accepted), Memory::ByFile);
}

/// Names as long as they may be, in signatures that are as wide as they may be.
#[test]
fn long_names_and_wide_signatures() {
    family("wide signatures", 1_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        let draft =
            || FunctionDraft { code: vec![Instruction::Return {}], max_stack: Some(0), ..FunctionDraft::default() };
        builder.add_function("main()V", draft());
        for index in 1..count {
            let mut name = format!("f{index}(");
            (0..255).for_each(|_| write!(name, "{}", if index % 2 == 0 { "I" } else { "[]I" }).expect("text"));
            name.push_str(")V");
            builder.add_function(&name, draft());
        }
        builder.write().expect("it can be written")
    });
}

/// A struct of many fields, and code that names them all.
#[test]
fn many_fields() {
    family("fields", 5_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let field = |number| Field { name: format!("f{number}"), type_ref: TypeRef::Scalar(Tag::Int) };
        let stencil = Stencil::Struct { name: "wide".to_owned(), fields: (0..count).map(field).collect() };
        let type_ref = code.builder.stencil(stencil).expect("a type");
        code.slots.push(SlotKind::Stencil(type_ref));
        let (slot, tag, size) = (Slot(0), Tag::Int, Size(4 * count as u32));
        code.open(size.0);
        code.push(Instruction::StencilAlloc { slot, size });
        for number in 0..count as u32 {
            code.push(Instruction::FieldLoad { slot, offset: Offset(4 * number), tag });
            code.push(Instruction::StackPop {});
        }
        code.end();
        code.bytes()
    });
}

/// A struct of many fields, which many functions say that they take by value.
#[test]
fn wide_structs_as_parameters() {
    family("wide parameters", 500, Ends::Refused, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        let field = |number| Field { name: format!("f{number}"), type_ref: TypeRef::Scalar(Tag::Int) };
        let stencil = Stencil::Struct { name: "wide".to_owned(), fields: (0..count).map(field).collect() };
        builder.stencil(stencil).expect("a type");
        let draft = || FunctionDraft { code: vec![Instruction::Return {}], max_stack: Some(0), ..Default::default() };
        builder.add_function("main()V", draft());
        (0..count).for_each(|index| _ = builder.add_function(&format!("f{index}(4wide)V"), draft()));
        builder.write().expect("it can be written")
    });
}

#[test]
fn many_functions_with_lines() {
    family("functions with lines", 10_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        builder.sources = vec!["a.vg".to_owned()];
        let draft = || {
            let debug = FunctionDebug { lines: vec![Line { offset: 0, line: 2 }], line: 1, ..FunctionDebug::default() };
            let code = vec![Instruction::Return {}];
            FunctionDraft { code, debug: Some(debug), max_stack: Some(0), ..Default::default() }
        };
        builder.add_function("main()V", draft());
        (1..count).for_each(|index| _ = builder.add_function(&format!("f{index}()V"), draft()));
        builder.write().expect("it can be written")
    });
}

#[test]
fn many_calls_of_other_modules() {
    family("calls of other modules", 10_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Object);
        let called: Vec<Function> = (0..count).map(|index| builder.function(&format!("m.f{index}()V"))).collect();
        let mut code: Vec<_> = called.into_iter().map(|function| Instruction::Call { function }).collect();
        code.push(Instruction::Return {});
        let draft = FunctionDraft { code, exported: true, max_stack: Some(0), ..FunctionDraft::default() };
        builder.add_function("all()V", draft);
        builder.write().expect("it can be written")
    });
}

/// Exported functions that call each other in a chain: each has a path of its own, and no path is told at loading.
#[test]
fn a_chain_of_exported_functions_is_loaded() {
    let totals = [500, 1_000, 2_000].map(|count| {
        let mut builder = Builder::new(Kind::Program);
        let name = |index: usize| if index == 0 { "main()V".to_owned() } else { format!("f{index}()V") };
        builder.entry = Some((name(0), EntryResult::Print));
        for index in 0..count {
            let next = (index + 1 < count).then(|| Instruction::Call { function: builder.function(&name(index + 1)) });
            let code = next.into_iter().chain([Instruction::Return {}]).collect();
            let draft = FunctionDraft { code, exported: true, max_stack: Some(1), ..FunctionDraft::default() };
            builder.add_function(&name(index), draft);
        }
        let bytes = builder.write().expect("it can be written");
        let (imports, limits) = (vegavm::Imports::new(), vegavm::Limits::trusted());
        let (program, peak, total) = alloc::peak(|| vegavm::load(bytes, &imports, &limits, &mut ()).map(drop));
        println!("a chain of {count} exported functions: peak {peak}, total {total}");
        program.expect("it is loaded");
        total
    });
    for pair in totals.windows(2) {
        assert!(
            pair[1] * 10 <= pair[0] * 23,
            "{} bytes are allocated, and for twice as many functions {}",
            pair[0],
            pair[1]
        );
    }
}
