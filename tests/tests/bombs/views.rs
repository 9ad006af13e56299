//! What tools tell of nasty files that are accepted: layouts, what is known before each instruction, budgets.

use super::alloc;
use super::code::{BYTE, Code, INT};
use super::judge::{Judged, Memory, check_growth, check_peak, check_total};
use std::fmt::{self, Write};
use vega_format::budget::Budget;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::container::{EntryResult, FunctionDebug, Kind, SlotKind};
use vega_format::instruction::{Capacity, Function, Instruction, Slot};
use vega_format::layout::Layout;
use vega_format::types::Tag;
use vega_format::verify::VerifyError;
use vega_format::{Parsed, Verified, read, verify};

/// Counts the letters that are written, and keeps none.
#[derive(Default)]
pub(super) struct Letters(pub(super) u64);

impl Write for Letters {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

/// Looks at a file that is accepted. Units are the letters that are written of it.
fn view(name: &str, bytes: Vec<u8>, memory: Memory, tell: impl Fn(&Verified, &mut Letters)) -> Judged {
    let file = bytes.len() as u64;
    let verified = verify(read(bytes).expect("it can be read")).expect("it is accepted");
    let mut letters = Letters::default();
    let ((), peak, total) = alloc::peak(|| tell(&verified, &mut letters));
    let judged = Judged { work: letters.0, peak: peak + file, total, file };
    println!("{name}: {judged:?}");
    check_peak(name, &judged, memory);
    check_total(name, &judged, judged.work);
    judged
}

/// At N, 2N and 4N.
pub(super) fn views(
    name: &str,
    count: usize,
    memory: Memory,
    make: impl Fn(usize) -> Vec<u8>,
    tell: impl Fn(&Verified, &mut Letters),
) {
    let judged =
        [count, 2 * count, 4 * count].map(|count| view(&format!("{name} {count}"), make(count), memory, &tell));
    for pair in judged.windows(2) {
        if let [smaller, larger] = pair {
            check_growth(name, smaller, larger);
        }
    }
}

fn layout(verified: &Verified, letters: &mut Letters) {
    write!(letters, "{}", Layout::of(verified)).expect("letters are only counted");
}

/// What `--types` shows: as many facts as it takes.
fn points(verified: &Verified, _: &mut Letters) {
    assert!(!verified.points(0, 1 << 20).points.is_empty(), "something is known");
}

fn slots(count: usize) -> (Code, Vec<Slot>) {
    let mut code = Code::new(1);
    let slots: Vec<Slot> = (0..count).map(|_| code.slot(BYTE)).collect();
    code.open(1 << 20);
    slots.iter().for_each(|slot| code.allocate(*slot));
    (code, slots)
}

#[test]
fn the_layout_of_many_slots() {
    views(
        "layout of slots",
        15_000,
        Memory::ByFile,
        |count| {
            let (mut code, _) = slots(count);
            code.end();
            code.bytes()
        },
        layout,
    );
}

/// A name that is wider than a column is, up to the longest there can be.
#[test]
fn the_layout_of_a_slot_with_a_long_name() {
    views(
        "long name",
        1 << 10,
        Memory::Fixed,
        |length| {
            let mut builder = Builder::new(Kind::Program);
            builder.sources = vec!["a.vg".to_owned()];
            builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
            let debug = FunctionDebug { slots: vec!["n".repeat(length).into()], ..FunctionDebug::default() };
            let code = vec![
                Instruction::StackAlloc { capacity: Capacity(4) },
                Instruction::VarAlloc { slot: Slot(0), mask: INT },
                Instruction::StackFree {},
                Instruction::Return {},
            ];
            let slots = vec![SlotKind::Variable(INT)];
            builder
                .add_function("main()V", FunctionDraft { slots, code, debug: Some(debug), ..FunctionDraft::default() });
            builder.write().expect("it can be written")
        },
        layout,
    );
}

/// Each way out ends all slots of the arena.
#[test]
fn the_layout_of_an_arena_with_many_ways_out() {
    views(
        "ways out",
        4_000,
        Memory::ByFile,
        |count| {
            let (mut code, _) = slots(count);
            for _ in 0..count {
                let over = code.branch();
                code.end();
                code.push(Instruction::Return {});
                code.land(over);
            }
            code.end();
            code.bytes()
        },
        layout,
    );
}

/// One slot is there or not, over and over.
#[test]
fn what_is_known_of_one_slot_that_is_allocated_again_and_again() {
    views(
        "allocated again",
        5_000,
        Memory::Fixed,
        |count| {
            let mut code = Code::new(1);
            let slot = code.slot(INT);
            code.open(4);
            for _ in 0..count {
                code.allocate(slot);
                code.free(slot);
            }
            code.end();
            code.bytes()
        },
        points,
    );
}

/// Many slots before many instructions: as much is known as is told.
#[test]
fn what_is_known_of_many_slots() {
    views(
        "known slots",
        10_000,
        Memory::Fixed,
        |count| {
            let (mut code, _) = slots(count);
            let index = code.builder.constant(ConstantValue::Scalar(Tag::Int, 1));
            for _ in 0..count {
                code.push(Instruction::LoadConst { index });
                code.push(Instruction::StackPop {});
            }
            code.end();
            code.bytes()
        },
        points,
    );
}

/// Exported functions, each of which calls the next, and the last `last`; their arenas may run out.
fn exported(count: usize, limit: impl Fn(usize) -> Option<u32>, last: Option<usize>) -> Vec<u8> {
    let mut builder = Builder::new(Kind::Library);
    let name = |index: usize| format!("f{index}()V");
    let numbers: Vec<Function> = (0..count).map(|index| builder.function(&name(index))).collect();
    for index in 0..count {
        let next = if index + 1 < count { Some(index + 1) } else { last };
        let called = next.and_then(|next| numbers.get(next).copied());
        let mut code =
            vec![Instruction::StackAlloc { capacity: Capacity(1) }, Instruction::VarAlloc { slot: Slot(0), mask: INT }];
        code.extend(called.map(|function| Instruction::Call { function }));
        code.extend([Instruction::StackFree {}, Instruction::Return {}]);
        let (slots, limit) = (vec![SlotKind::Variable(INT)], limit(index));
        builder.add_function(
            &name(index),
            FunctionDraft { exported: true, slots, code, limit, max_stack: Some(1), ..FunctionDraft::default() },
        );
    }
    builder.write().expect("it can be written")
}

fn budget(verified: &Verified, letters: &mut Letters) {
    write!(letters, "{}", Budget::of(verified)).expect("letters are only counted");
}

/// As many paths as functions, and each as long as there are functions behind it.
#[test]
fn budgets_of_a_chain() {
    views("budgets of a chain", 15_000, Memory::ByFile, |count| exported(count, |_| None, None), budget);
}

#[test]
fn budgets_of_a_circle() {
    views("budgets of a circle", 15_000, Memory::ByFile, |count| exported(count, |_| None, Some(0)), budget);
}

/// To count all arenas that each of them reaches would take too long, but of the last it is known that there are no more.
#[test]
fn arenas_of_a_chain_that_may_run_out() {
    const COUNT: usize = 5_000;
    let verified = verify(read(exported(COUNT, |_| None, None)).expect("it can be read")).expect("it is accepted");
    let told = |behind: usize| {
        let name = format!("f{}()", COUNT - behind);
        let budget = Budget::of(&verified).functions().find(|budget| budget.function == name).expect("it is exported");
        (budget.may_run_out.len(), budget.left_out_arenas)
    };
    assert_eq!([told(21), told(20), told(19)], [(20, None), (20, Some(0)), (19, Some(0))]);
}

/// Each path goes through all rounds of the circle.
#[test]
fn budgets_of_a_circle_with_limits() {
    let limit = |index: usize| index.is_multiple_of(2).then_some(3);
    views("budgets of limits", 15_000, Memory::ByFile, |count| exported(count, limit, Some(0)), budget);
}

/// The rounds of a circle with one limited function are as long as the circle.
#[test]
fn budgets_of_a_circle_with_one_limit() {
    let limit = |index: usize| (index == 7).then_some(3);
    views("budgets of one limit", 15_000, Memory::ByFile, |count| exported(count, limit, Some(0)), budget);
}

/// So many branches into one place, where the value that each leaves has the wrong type; and why it is refused.
fn branches_into_one_place(count: usize) -> (Parsed<'static>, Vec<VerifyError>) {
    let mut code = Code::new(8);
    let index = code.builder.constant(ConstantValue::Scalar(Tag::Int, 1));
    let mut jumps = Vec::new();
    for _ in 0..count {
        code.push(Instruction::LoadConst { index });
        jumps.push(code.branch());
        code.push(Instruction::StackPop {});
    }
    code.push(Instruction::LoadConst { index });
    jumps.into_iter().for_each(|jump| code.land(jump));
    code.push(Instruction::NegFloat {});
    code.push(Instruction::StackPop {});
    let parsed = read(code.bytes()).expect("it can be read");
    let refusals = verify(parsed.clone()).expect_err("an int is no float");
    (parsed, refusals)
}

/// Work is counted in what is allocated: a listing is made, cut and assembled over and over.
#[test]
fn why_a_place_with_many_branches_is_refused() {
    for count in [500, 1_000, 2_000, 60_000] {
        let (parsed, refusals) = branches_into_one_place(count);
        let (slices, peak, total) = alloc::peak(|| vega_asm::objdump::slices(&parsed, &refusals));
        let slice = slices.first().expect("a refusal");
        let lines = slice.listing.as_ref().map(|listing| listing.lines().count());
        println!("why {count} branches: {lines:?} lines, gave up: {}, peak {peak}, total {total}", slice.gave_up);
        assert!(slice.gave_up == (lines.is_none_or(|lines| lines > 20)), "{slice:?}");
        assert!(peak <= 128 << 20, "{peak} bytes at once");
        assert!(total <= 4 << 30, "{total} bytes in all");
    }
}

/// Where it is not found out from where a value came, that is said.
#[test]
fn where_values_come_from_on_too_many_paths_is_told_to_be_unknown() {
    for (count, is_known) in [(20_000, true), (60_000, false)] {
        let (_, refusals) = branches_into_one_place(count);
        let notes = refusals.first().expect("a refusal").notes().join("; ");
        assert_eq!(notes.contains("(from LOAD_CONST at 0x0000"), is_known, "{notes}");
        assert_eq!(notes.contains("too much work"), !is_known, "{notes}");
    }
}
