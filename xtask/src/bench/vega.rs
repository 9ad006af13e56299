//! The measured program as Vega: one arena a function, with its variables as slots.

use super::program::{self, Counts, Op, Variable};
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::cell;
use vega_format::container::{EntryResult, Kind, SlotKind};
use vega_format::instruction::{Capacity, Cell, Function, Instruction, Slot, Target};
use vega_format::types::Tag;

const ENTRY: &str = "main()L";

/// The bytes of a program of so many functions and `main`.
pub(super) fn module(functions: u32) -> Result<(Vec<u8>, Counts), String> {
    let mut builder = Builder::new(Kind::Program);
    let mut counts = Counts::default();
    let names: Vec<Function> =
        (0..functions).map(|number| builder.function(&mangled(&program::function(number).name))).collect();
    let mut add = |builder: &mut Builder, name: &str, variables: &[Variable], body: &[Op]| {
        let code = lower(builder, &names, variables, body);
        counts.add(variables, body, code.len());
        let slots = variables.iter().map(|variable| SlotKind::Variable(tag(*variable).mask())).collect();
        builder.add_function(name, FunctionDraft { slots, code, ..FunctionDraft::default() });
    };
    for number in 0..functions {
        let function = program::function(number);
        add(&mut builder, &mangled(&function.name), &function.variables, &function.body);
    }
    add(&mut builder, ENTRY, &[], &program::main());
    builder.entry = Some((ENTRY.to_owned(), EntryResult::Print));
    let bytes = builder.write().map_err(|error| error.to_string())?;
    Ok((bytes, counts))
}

fn mangled(name: &str) -> String {
    format!("{name}(LL)L")
}

fn tag(variable: Variable) -> Tag {
    match variable {
        Variable::Long => Tag::Long,
        Variable::Decimal => Tag::Decimal,
    }
}

/// What is open: the places of jumps that go to its end, and where a loop starts.
struct Open {
    ends: Vec<usize>,
    start: Option<usize>,
}

fn lower(builder: &mut Builder, names: &[Function], variables: &[Variable], body: &[Op]) -> Vec<Instruction> {
    use Instruction as I;
    let mut code = Vec::new();
    if !variables.is_empty() {
        let bytes = variables.iter().map(|variable| tag(*variable).size()).sum();
        code.push(I::StackAlloc { capacity: Capacity(bytes) });
    }
    for (slot, variable) in variables.iter().enumerate() {
        code.push(I::VarAlloc { slot: Slot(slot as u16), mask: tag(*variable).mask() });
    }
    // Until the end is known.
    let nowhere = Target(0);
    let mut open: Vec<Open> = Vec::new();
    for op in body {
        let here = code.len();
        let mut constant = |value| I::LoadConst { index: builder.constant(value) };
        let instruction = match op {
            Op::Parameter(index) => I::CellLoad { cell: Cell(*index) },
            Op::Long(value) => constant(ConstantValue::Scalar(Tag::Long, cell::from_long(*value))),
            Op::Decimal(value) => constant(ConstantValue::Scalar(Tag::Decimal, cell::from_decimal(*value))),
            Op::Text(text) => constant(ConstantValue::String(text.clone())),
            Op::Get(variable) => I::VarLoad { slot: Slot(*variable) },
            Op::Set(variable) => I::VarStore { slot: Slot(*variable) },
            Op::Call(number) => I::Call { function: names[*number as usize] },
            Op::If => {
                open.push(Open { ends: vec![here], start: None });
                I::JumpFalse { target: nowhere }
            }
            Op::Else => {
                if let Some(open) = open.last_mut() {
                    let condition = core::mem::replace(&mut open.ends, vec![here]);
                    condition.into_iter().for_each(|place| aim(&mut code, place, here + 1));
                }
                I::Jump { target: nowhere }
            }
            Op::Loop => {
                open.push(Open { ends: Vec::new(), start: Some(here) });
                continue;
            }
            Op::LeaveIf => {
                open.last_mut().into_iter().for_each(|open| open.ends.push(here));
                I::JumpTrue { target: nowhere }
            }
            Op::End => {
                let Some(Open { ends, start }) = open.pop() else { continue };
                code.extend(start.map(|start| I::Jump { target: Target(start as u32) }));
                let end = code.len();
                ends.into_iter().for_each(|place| aim(&mut code, place, end));
                continue;
            }
            Op::Add => I::AddLong {},
            Op::Subtract => I::SubLong {},
            Op::And => I::AndLong {},
            Op::Xor => I::XorLong {},
            Op::Equal => I::EqLong {},
            Op::Less => I::LtLong {},
            Op::AddDecimal => I::AddDecimal {},
            Op::SubtractDecimal => I::SubDecimal {},
            Op::MultiplyDecimal => I::MulDecimal {},
            Op::GreaterDecimal => I::GtDecimal {},
            Op::TextLength => I::StringLength {},
            Op::IntToLong => I::IntToLong {},
            Op::LongToDecimal => I::LongToDecimal {},
            Op::DecimalToLong => I::DecimalToLong {},
        };
        code.push(instruction);
    }
    if !variables.is_empty() {
        code.push(I::StackFree {});
    }
    code.push(I::Return {});
    code
}

/// Lets the jump at `place` go to `end`.
fn aim(code: &mut [Instruction], place: usize, end: usize) {
    match &mut code[place] {
        Instruction::Jump { target } | Instruction::JumpFalse { target } | Instruction::JumpTrue { target } => {
            *target = Target(end as u32);
        }
        _ => {}
    }
}
