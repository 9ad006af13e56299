//! Many paths through a function: joins, loops, and stacks that are carried through them.

use super::code::{BYTE, Code};
use super::judge::{Ends, Memory, check_memory, family, judge};
use vega_format::builder::ConstantValue;
use vega_format::instruction::{Cell, Count, Instruction, Slot};
use vega_format::types::Tag;

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

/// The stack grows by a cell a block, and each block has a path that goes on far behind with the stack of then.
#[test]
fn stacks_that_grow_with_a_path_out_of_each() {
    family("growing stacks", 15_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(u16::MAX);
        let mut out = Vec::new();
        for _ in 0..count {
            code.bool();
            out.push(code.branch());
        }
        end_each(code, out)
    });
}

/// The same deep stack lies there at the start of every block.
#[test]
fn a_deep_stack_with_many_paths_out() {
    family("paths out of a deep stack", 30_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(u16::MAX);
        (0..60_000).for_each(|_| code.bool());
        let out = (0..count).map(|_| code.branch()).collect();
        end_each(code, out)
    });
}

#[test]
fn diamonds_over_a_deep_stack() {
    family("diamonds over a deep stack", 30_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(u16::MAX);
        (0..60_000).for_each(|_| code.bool());
        (0..count).for_each(|_| code.join());
        code.bytes()
    });
}

/// Where each path comes to, a cell is taken, and the function ends.
fn end_each(mut code: Code, out: Vec<usize>) -> Vec<u8> {
    code.push(Instruction::Return {});
    for jump in out {
        code.land(jump);
        code.push(Instruction::StackPop {});
        code.push(Instruction::Return {});
    }
    code.bytes()
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

/// A stack of which one cell is exchanged at a time, beneath all others, is another one in each block.
#[test]
fn stacks_whose_cells_move() {
    family("moved cells", 4_000, Ends::Either, Memory::ByFile, |count| {
        let mut code = Code::new(300);
        code.bool();
        let index = code.builder.constant(ConstantValue::Scalar(Tag::Int, 1));
        code.push(Instruction::LoadConst { index });
        let load = |code: &mut Code, number: u32| {
            let cell = Cell((number.wrapping_mul(2_654_435_761) >> 31) as u16);
            code.push(Instruction::CellLoad { cell });
        };
        (0..255).for_each(|number| load(&mut code, number));
        for number in 0..count as u32 {
            load(&mut code, 1_000 + number);
            code.push(Instruction::StackSlide { keep: Count(255), drop: Count(1) });
            let next = code.jump();
            code.land(next);
        }
        code.bytes()
    });
}
