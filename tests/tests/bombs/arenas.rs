//! Arenas and slots: where paths meet with many of them, or with different ones, and where little room is left.

use super::code::{BYTE, Code, INT};
use super::judge::{Ends, Memory, check_memory, family, judge};
use vega_format::instruction::{Instruction, Slot};

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
