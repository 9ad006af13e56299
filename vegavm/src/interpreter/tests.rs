//! Every operation that computes, loads or stores, in each form of its operands: against the table of computations, and so
//! often on a small stack that calls which were no jumps would run out of it.

use super::word::Code;
use super::{Granted, Interpreter};
use crate::cancel::Cancel;
use crate::limits::Limits;
use crate::loader::load;
use crate::native::Imports;
use crate::program::Program;
use crate::register::{Address, Block, Condition, Form, Op, Operand, Place, Register, Spot, Stride};
use crate::value::Value;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::cell;
use vega_format::compute::Computation;
use vega_format::container::{EntryResult, Kind};
use vega_format::instruction::{Instruction, ROWS};
use vega_format::types::Tag;

const A: Register = 10;
const B: Register = 11;
const RESULT: Register = 12;
const COUNTER: Register = 20;

/// Under Miri, which takes its time, one of so many is looked at.
const FEWER: usize = if cfg!(miri) { 8 } else { 1 };

/// A program of which only the name is used.
fn program() -> Program {
    let mut builder = Builder::new(Kind::Program);
    let index = builder.constant(ConstantValue::Scalar(Tag::Long, 0));
    let code = vec![Instruction::LoadConst { index }, Instruction::Return {}];
    builder.add_function("main()L", FunctionDraft { code, ..FunctionDraft::default() });
    builder.entry = Some(("main()L".to_owned(), EntryResult::Print));
    let limits = Limits { steps: None, ..Limits::trusted() };
    load(builder.write().expect("it is valid"), &Imports::new(), &limits, &mut ()).expect("it is valid")
}

/// Runs operations in place of those of the program; gives what it returns, or the words of its trap.
fn run(program: &Program, blocks: &[Vec<Op>]) -> Result<u64, String> {
    let place = Place { ip: 0, sp: 0 };
    let mut form =
        Form { ops: Vec::new(), places: Vec::new(), blocks: Vec::new(), parameters: 0, first: 0, kinds: None };
    for block in blocks {
        form.blocks.push(Some(Block { start: form.ops.len() as u32, steps: block.len() as u32, place, meet: None }));
        form.places.extend(block.iter().map(|_| place));
        form.ops.extend_from_slice(block);
    }
    let main = program.module().function(0).expect("there is one");
    let code: &'static Code = Box::leak(Box::new(Code::new(&main, form).expect("all operations are known")));
    let limits = Limits { steps: None, time: None, ..Limits::trusted() };
    let interpreter = Interpreter::new((program.loaded(), false), 0, &[], &[], &limits, &Cancel::new());
    let Ok(mut interpreter) = interpreter else { panic!("it begins") };
    interpreter.vm.code = code;
    interpreter.vm.words = &code.words;
    let driven = interpreter.drive_for(u64::MAX, &mut Granted::new(&mut Imports::new()));
    match driven.and_then(|()| interpreter.value()) {
        Ok(Some(Value::Scalar(_, bits))) => Ok(bits),
        Ok(other) => panic!("{other:?}"),
        Err(super::Stop::Trap(trap)) => Err(trap.to_string()),
        Err(other) => panic!("{other:?}"),
    }
}

fn set(to: Register, bits: u64) -> Op {
    Op::Move { to, from: Operand::Constant(bits) }
}

fn result() -> Vec<Op> {
    vec![Op::ReturnOne { from: Operand::Register(RESULT) }]
}

/// Values at the edges of a type, as cells; under Miri two of them.
fn edges(tag: Tag) -> Vec<u64> {
    let mut edges = all_edges(tag);
    if cfg!(miri) {
        edges.drain(..edges.len() - 2);
    }
    edges
}

fn all_edges(tag: Tag) -> Vec<u64> {
    match tag {
        Tag::Byte => [0, 1, 7, 255].map(cell::from_byte).to_vec(),
        Tag::Short => [0, 1, -1, i16::MIN, i16::MAX].map(cell::from_short).to_vec(),
        Tag::Int => [0, 1, 2, -1, -7, 31, i32::MIN, i32::MAX].map(cell::from_int).to_vec(),
        Tag::Long => [0, 1, 2, -1, -7, 63, i64::MIN, i64::MAX].map(cell::from_long).to_vec(),
        Tag::Float => [0.0, -0.0, 1.5, f32::NAN, f32::INFINITY].map(cell::from_float).to_vec(),
        Tag::Decimal => [0.0, -0.0, 1.5, -2.25, f64::NAN, f64::INFINITY].map(cell::from_decimal).to_vec(),
        Tag::Bool => [false, true].map(cell::from_bool).to_vec(),
        Tag::Char => ['\0', 'a', '\u{10ffff}'].map(cell::from_char).to_vec(),
    }
}

/// Every computation with the types of its operands.
fn computations() -> Vec<(Computation, Vec<Tag>)> {
    let rows = ROWS.iter().filter_map(|row| {
        let instruction = Instruction::from_parts(row.number, &[]).ok()?;
        let vega_format::instruction::Effect::Fixed { pops, .. } = row.effect else { return None };
        Some((Computation::of(&instruction)?, pops.iter().filter_map(|pop| pop.tag()).collect()))
    });
    rows.collect()
}

#[test]
fn every_form_of_a_computation_comes_to_the_same() {
    use Operand::{Constant, Register};
    let program = program();
    let mut looked_at = 0;
    for (computation, tags) in computations().into_iter().step_by(FEWER) {
        let rights = tags.get(1).map_or(vec![0], |tag| edges(*tag));
        for (left, right) in edges(tags[0]).into_iter().flat_map(|left| rights.iter().map(move |right| (left, *right)))
        {
            let wanted = computation.apply([left, right]).map_err(|_| "division by zero".to_owned());
            let sets = [set(A, left), set(B, right)];
            let check = |ops: Vec<Op>| {
                let block = [sets.to_vec(), ops.clone()].concat();
                assert_eq!(run(&program, &[[block, result()].concat()]), wanted, "{ops:?} of {left:#x}, {right:#x}");
            };
            let to = RESULT;
            if computation.is_unary() {
                check(vec![Op::One { computation, to, operand: A }]);
                continue;
            }
            let forms = [(Register(A), Register(B)), (Register(A), Constant(right)), (Constant(left), Register(B))];
            for (left, right) in forms {
                check(vec![Op::Two { computation, to, left, right }]);
                if computation.compares() {
                    check_branches(&program, &sets, Condition::Compare(computation, left, right), &wanted);
                }
                looked_at += 1;
            }
        }
    }
    for bits in [0, 1, 2] {
        check_branches(&program, &[set(A, bits)], Condition::Cell(A), &Ok(u64::from(bits != 0)));
    }
    assert!(looked_at > 5_000 / (FEWER * FEWER), "{looked_at}");
}

/// A branch, and a jump to one, go where the condition says.
fn check_branches(program: &Program, sets: &[Op], condition: Condition, wanted: &Result<u64, String>) {
    for when in [false, true] {
        let taken = *wanted == Ok(u64::from(when));
        let branch = [Op::Branch { condition, when, target: 2 }];
        let ends = [vec![set(RESULT, 0), result()[0].clone()], vec![set(RESULT, 1), result()[0].clone()]];
        let direct = [[sets, &branch].concat(), ends[0].clone(), ends[1].clone()];
        assert_eq!(run(program, &direct), Ok(taken.into()), "{condition:?} {when}");
        let branch = Op::Branch { condition, when, target: 3 };
        let jump = Op::JumpBranch { condition, when, otherwise: 2, steps: 1 };
        let around = [[sets, &[jump]].concat(), vec![branch], ends[0].clone(), ends[1].clone()];
        assert_eq!(run(program, &around), Ok(taken.into()), "jump to {condition:?} {when}");
    }
}

#[test]
fn pairs_come_to_what_their_parts_do() {
    use Operand::{Constant, Register};
    let program = program();
    let arithmetic =
        |tags: &[Tag]| matches!(tags, [a, b] if a == b && matches!(a, Tag::Int | Tag::Long | Tag::Decimal));
    let all: Vec<_> = computations().into_iter().filter(|(_, tags)| arithmetic(tags)).collect();
    let mut pairs = 0;
    for (first, tags) in all.iter().step_by(FEWER) {
        let values = edges(tags[0]);
        for (second, _) in all.iter().filter(|(_, others)| others == tags) {
            for (swapped, constants) in [(false, 0), (true, 0), (false, 1), (true, 1), (false, 2), (false, 3)] {
                for (place, left) in values.iter().enumerate() {
                    let (right, other) = (values[(place + 1) % values.len()], values[(place + 3) % values.len()]);
                    let operand = |bit: u8, register, bits| match constants & bit {
                        0 => Register(register),
                        _ => Constant(bits),
                    };
                    let (a, b) = (operand(1, B, right), operand(2, 13, other));
                    let op =
                        Op::Pair { first: *first, second: *second, to: RESULT, left: A, right: a, other: b, swapped };
                    if !super::has(&op) {
                        continue;
                    }
                    let inner = first.apply([*left, right]).expect("nothing is divided");
                    let operands = if swapped { [other, inner] } else { [inner, other] };
                    let wanted = second.apply(operands).map_err(|_| String::new());
                    let block = vec![set(A, *left), set(B, right), set(13, other), op.clone()];
                    assert_eq!(run(&program, &[[block, result()].concat()]), wanted, "{op:?}");
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 1_000 / (FEWER * FEWER), "{pairs}");
}

#[test]
fn divisions_by_powers_of_two() {
    let program = program();
    for (long, tag) in [(false, Tag::Int), (true, Tag::Long)] {
        for (shift, from) in
            [1, 2, 5, 30].into_iter().flat_map(|shift| edges(tag).into_iter().map(move |from| (shift, from)))
        {
            for remainder in [false, true] {
                let computation = match (long, remainder) {
                    (false, false) => Computation::DivInt,
                    (false, true) => Computation::RemInt,
                    (true, false) => Computation::DivLong,
                    (true, true) => Computation::RemLong,
                };
                let op = Op::Shifted { long, remainder, to: RESULT, from: A, shift };
                let found = run(&program, &[[vec![set(A, from), op], result()].concat()]);
                let wanted = computation.apply([from, 1 << shift]).expect("no zero");
                assert_eq!(found, Ok(wanted), "{computation:?} {from:#x} by 2^{shift}");
            }
        }
    }
}

/// Bytes are stored and loaded in every way there is; what is out of bounds traps.
#[test]
fn loads_and_stores() {
    let program = program();
    let (view, index, array) = (14, 15, 16);
    let small = |bits: u64| i16::try_from(bits.cast_signed()).is_ok();
    for tag in Tag::ALL {
        for bits in edges(tag) {
            let size = tag.size();
            let at = Address { base: Some(array), offset: 8 };
            let fixed = Address { base: None, offset: 24 };
            let stride = Stride { size, offset: 0 };
            let open = vec![
                Op::Open { base: Some(array), capacity: 64 },
                Op::Span { to: view, at: Address { base: Some(array), offset: 0 }, length: 4 },
                set(index, 3),
                set(A, bits),
            ];
            let values = [Operand::Register(A), Operand::Constant(bits)];
            for value in values {
                let load = |from| vec![Op::Store { tag, value, to: from }, Op::Load { tag, to: RESULT, from }];
                let mut ways = vec![load(Spot::At(at)), load(Spot::At(fixed))];
                if value == values[0] || small(bits) {
                    let spot = Spot::View { view, index, stride };
                    let computed = Spot::ViewAt { view, index: B, factor: 2, plus: 13, stride };
                    ways.push(load(Spot::Array { at, index, size, length: 4 }));
                    ways.push(load(spot));
                    ways.push(vec![
                        Op::Store { tag, value, to: spot },
                        set(B, 1),
                        set(13, 1),
                        Op::Load { tag, to: RESULT, from: computed },
                    ]);
                    ways.push(vec![
                        Op::Store { tag, value, to: spot },
                        Op::Element { to: 17, view, index, size },
                        Op::Load { tag, to: RESULT, from: Spot::At(Address { base: Some(17), offset: 0 }) },
                    ]);
                }
                for way in ways {
                    let close = vec![Op::Close { capacity: 64, has_bytes: true }];
                    let ops = [open.clone(), way.clone(), close, result()].concat();
                    assert_eq!(run(&program, &[ops]), Ok(bits), "{way:?}");
                }
            }
            for wrong in [4, u64::MAX] {
                let ops = [
                    open.clone(),
                    vec![set(index, wrong), Op::Load { tag, to: A, from: Spot::View { view, index, stride } }],
                    result(),
                ];
                let words = format!("index out of bounds: index {}, length 4", wrong.cast_signed());
                assert_eq!(run(&program, &[ops.concat()]), Err(words));
            }
        }
    }
}

/// What is loaded and computed with, or computed and stored, comes to what the two operations do.
#[test]
fn fused_loads_and_stores() {
    let program = program();
    let (view, index, array) = (14, 15, 16);
    let mut looked_at = 0;
    for (computation, tags) in computations().into_iter().filter(|(computation, _)| !computation.is_unary()) {
        let tag = tags[0];
        let stride = Stride { size: tag.size(), offset: 0 };
        let spots = [Spot::At(Address { base: Some(array), offset: 8 }), Spot::View { view, index, stride }];
        let spots = spots.into_iter().flat_map(|spot| [(spot, false), (spot, true)]);
        for ((spot, flag), (left, right)) in spots
            .flat_map(|spot| edges(tag).into_iter().zip(edges(tag).into_iter().skip(1)).map(move |pair| (spot, pair)))
        {
            let begin = [
                Op::Open { base: Some(array), capacity: 64 },
                Op::Span { to: view, at: Address { base: Some(array), offset: 8 }, length: 2 },
                set(index, 0),
                set(A, left),
                set(B, right),
            ];
            let end = [Op::Close { capacity: 64, has_bytes: true }, result()[0].clone()];
            let loads = [
                Op::Store { tag, value: Operand::Register(A), to: spot },
                Op::LoadTwo { tag, computation, to: RESULT, from: spot, other: B, swapped: flag },
            ];
            let constant = if flag { Operand::Constant(right) } else { Operand::Register(B) };
            let stores = [
                Op::TwoStore { tag, computation, left: A, right: constant, to: spot },
                Op::Load { tag, to: RESULT, from: spot },
            ];
            for (ops, operands) in
                [(&loads, if flag { [right, left] } else { [left, right] }), (&stores, [left, right])]
            {
                if ops.iter().all(|op| matches!(op, Op::Store { .. } | Op::Load { .. }) || super::has(op)) {
                    let wanted = computation.apply(operands).map_err(|_| String::new());
                    assert_eq!(run(&program, &[[&begin[..], ops, &end].concat()]), wanted, "{ops:?}");
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at > 200 / (FEWER * FEWER), "{looked_at}");
}

/// Two operations in one go come to what they do apart, which they are with a breath between them.
#[test]
fn doubles_come_to_what_their_words_do() {
    use Operand::{Constant, Register};
    let program = program();
    let (view, index, array, first) = (14, 15, 16, 17);
    let mut looked_at = 0;
    for tag in [Tag::Byte, Tag::Int, Tag::Long, Tag::Decimal] {
        let stride = Stride { size: tag.size(), offset: 0 };
        let behind = Spot::At(Address { base: Some(array), offset: 8 });
        let spots = [
            behind,
            Spot::View { view, index, stride },
            Spot::ViewAt { view, index: COUNTER, factor: 2, plus: COUNTER, stride },
        ];
        let own: Vec<_> = computations().into_iter().filter(|(_, tags)| tags[..] == [tag, tag]).collect();
        let own = || own.iter().map(|(computation, _)| *computation);
        let operands = [(Register(first), Register(A)), (Register(A), Register(first))];
        let mut firsts = vec![
            Op::Store { tag, value: Register(A), to: spots[1] },
            Op::Store { tag, value: Constant(1), to: spots[1] },
            Op::Store { tag, value: Register(A), to: behind },
        ];
        firsts.extend(spots.map(|from| Op::Load { tag, to: first, from }));
        let mut seconds = vec![
            Op::Store { tag, value: Register(first), to: behind },
            Op::ReturnOne { from: Register(first) },
            Op::Next,
            Op::Jump { target: 3 },
        ];
        seconds.extend(spots.map(|from| Op::Load { tag, to: RESULT, from }));
        for computation in own() {
            for right in [Register(B), Constant(3)] {
                firsts.push(Op::Two { computation, to: first, left: Register(A), right });
            }
            for (left, right) in operands.into_iter().chain([(Register(first), Constant(0))]) {
                for when in [false, true].into_iter().filter(|_| computation.compares()) {
                    let condition = Condition::Compare(computation, left, right);
                    seconds.push(Op::Branch { condition, when, target: 3 });
                    seconds.push(Op::JumpBranch { condition, when, otherwise: 3, steps: 1 });
                }
            }
            for swapped in [false, true] {
                let load = |to, other| Op::LoadTwo { tag, computation, to, from: behind, other, swapped };
                firsts.push(load(first, A));
                seconds.push(load(RESULT, first));
                for second in own() {
                    let pair = |to, left, right, other| Op::Pair {
                        first: computation,
                        second,
                        to,
                        left,
                        right,
                        other: Register(other),
                        swapped,
                    };
                    firsts.push(pair(first, A, Register(B), A));
                    seconds.push(pair(RESULT, A, Register(first), B));
                    seconds.push(pair(RESULT, first, Register(B), first));
                }
            }
        }
        for shift in [1, 5] {
            for (long, remainder) in [(false, false), (false, true), (true, false), (true, true)] {
                firsts.push(Op::Shifted { long, remainder, to: first, from: A, shift });
            }
        }
        let limit = [(Constant(1), Register(B)), (Register(A), Constant(9))];
        let count = |(step, limit)| Op::Count { long: false, register: COUNTER, step, limit, otherwise: 3, steps: 1 };
        seconds.extend(limit.map(count));
        let is_there = |op: &Op| !matches!(op, Op::LoadTwo { .. } | Op::Pair { .. }) || super::has(op);
        for (one, two) in firsts.iter().flat_map(|one| seconds.iter().map(move |two| (one, two))) {
            if !is_there(one) || !is_there(two) || super::double::run(one, two, false).is_none() {
                continue;
            }
            for (place, left) in edges(tag).into_iter().enumerate() {
                for (right, index_is) in [(edges(tag)[place / 2], 1), (left, 7)] {
                    let begin = [
                        Op::Open { base: Some(array), capacity: 64 },
                        Op::Span { to: view, at: Address { base: Some(array), offset: 8 }, length: 2 },
                        Op::Store { tag, value: Constant(left), to: behind },
                        set(index, index_is),
                        set(COUNTER, 0),
                        set(RESULT, 5),
                        set(first, right),
                        set(A, left),
                        set(B, right),
                    ];
                    // All that the two may have written, in one number.
                    let all = |number: u64| {
                        let mut end = vec![set(21, number)];
                        for (register, offset) in [(22, 8), (23, 16)] {
                            let from = Spot::At(Address { base: Some(array), offset });
                            end.push(Op::Load { tag: Tag::Long, to: register, from });
                        }
                        for register in [22, 23, COUNTER, first, RESULT] {
                            let two = |computation, right| Op::Two { computation, to: 21, left: Register(21), right };
                            end.push(two(Computation::MulLong, Constant(31)));
                            end.push(two(Computation::AddLong, Register(register)));
                        }
                        end.push(Op::ReturnOne { from: Register(21) });
                        end
                    };
                    // The word before the third block is the branch of a jump to it.
                    let condition = Condition::Cell(B);
                    let branch = vec![Op::Branch { condition, when: true, target: 1 }];
                    let run = |ops: &[Op]| run(&program, &[[&begin[..], ops].concat(), all(1), branch.clone(), all(2)]);
                    let apart = run(&[one.clone(), Op::Breathe, two.clone()]);
                    assert_eq!(run(&[one.clone(), two.clone()]), apart, "{one} and {two}, of {left:#x}");
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at > 2_000, "{looked_at}");
}

/// A loop of each operation goes round ten thousand times in 64 KiB of stack.
#[test]
fn operations_follow_one_another_without_stack() {
    let round = || {
        let program = program();
        let limit = Operand::Constant(10_000 / (FEWER * FEWER) as u64);
        let condition = Condition::Compare(Computation::LtInt, Operand::Register(COUNTER), limit);
        for (computation, tags) in computations() {
            let (left, right) = (edges(tags[0])[1], tags.get(1).map_or(1, |tag| edges(*tag)[1]));
            let op = match computation.is_unary() {
                true => Op::One { computation, to: RESULT, operand: A },
                false => {
                    Op::Two { computation, to: RESULT, left: Operand::Register(A), right: Operand::Constant(right) }
                }
            };
            let count =
                Op::Count { long: false, register: COUNTER, step: Operand::Constant(1), limit, otherwise: 2, steps: 1 };
            let blocks = [
                vec![set(A, left), set(COUNTER, 0), Op::Next],
                vec![Op::Branch { condition, when: false, target: 3 }],
                vec![op, count],
                result(),
            ];
            assert_eq!(run(&program, &blocks), Ok(computation.apply([left, right]).expect("no zero")));
        }
    };
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(round);
    thread.expect("a thread starts").join().expect("it fits");
}
