//! What tools tell of nasty files that are accepted: layouts, what is known before each instruction, budgets.

use super::alloc;
use super::code::{BYTE, Code, INT};
use super::judge::{Judged, Memory, check_growth, check_memory};
use std::fmt::{self, Write};
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::container::{EntryResult, FunctionDebug, Kind, SlotKind};
use vega_format::instruction::{Capacity, Instruction, Slot};
use vega_format::layout::Layout;
use vega_format::types::Tag;
use vega_format::{Verified, read, verify};

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
    check_memory(name, &judged, memory);
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

/// A name that is wider than any column can be.
#[test]
fn the_layout_of_a_slot_with_a_long_name() {
    views(
        "long name",
        1 << 16,
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
