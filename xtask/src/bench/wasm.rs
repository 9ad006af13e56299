//! The measured program as WebAssembly, in its binary form; texts lie behind their lengths in one data segment.

use super::program::{self, Counts, Op, Variable};
use std::collections::HashMap;

/// Memory below is left alone, as compilers do.
const FIRST_ADDRESS: u32 = 1024;
const PAGE: u32 = 65_536;
const I64: u8 = 0x7e;
const F64: u8 = 0x7c;
const NO_VALUE: u8 = 0x40;

/// The bytes of a module of so many functions and an exported `main`.
pub(super) fn module(functions: u32) -> (Vec<u8>, Counts) {
    let mut texts = Texts::default();
    let mut counts = Counts::default();
    let (mut types, mut code, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |name: &str, type_: u8, variables: &[Variable], body: &[Op]| {
        let (bytes, instructions) = lower(&mut texts, variables, body);
        counts.add(variables, body, instructions);
        unsigned(&mut names, types.len() as u64);
        text(&mut names, name);
        types.push(type_);
        sized(&mut code, &bytes);
    };
    for number in 0..functions {
        let function = program::function(number);
        add(&function.name, 0, &function.variables, &function.body);
    }
    add("main", 1, &[], &program::main());

    let count = types.len() as u64;
    let counted = |items: &[u8]| {
        let mut body = Vec::with_capacity(items.len() + 5);
        unsigned(&mut body, count);
        body.extend_from_slice(items);
        body
    };
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    section(&mut module, 1, &[2, 0x60, 2, I64, I64, 1, I64, 0x60, 0, 1, I64]);
    section(&mut module, 3, &counted(&types));
    let mut memory = vec![1, 0];
    unsigned(&mut memory, ((FIRST_ADDRESS + texts.bytes.len() as u32) / PAGE + 1).into());
    section(&mut module, 5, &memory);
    let mut exports = vec![1];
    text(&mut exports, "main");
    exports.push(0);
    unsigned(&mut exports, functions.into());
    section(&mut module, 7, &exports);
    section(&mut module, 10, &counted(&code));
    let mut data = vec![1, 0, 0x41];
    signed(&mut data, FIRST_ADDRESS.into());
    data.push(0x0b);
    sized(&mut data, &texts.bytes);
    section(&mut module, 11, &data);
    let mut custom = Vec::new();
    text(&mut custom, "name");
    custom.push(1);
    sized(&mut custom, &counted(&names));
    section(&mut module, 0, &custom);
    (module, counts)
}

/// Texts by their addresses, equal ones once.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    addresses: HashMap<String, u32>,
}

impl Texts {
    fn address(&mut self, text: &str) -> u32 {
        if let Some(known) = self.addresses.get(text) {
            return *known;
        }
        let address = FIRST_ADDRESS + self.bytes.len() as u32;
        self.bytes.extend((text.len() as u32).to_le_bytes());
        self.bytes.extend(text.bytes());
        self.addresses.insert(text.to_owned(), address);
        address
    }
}

/// The bytes of a function, and how many instructions they are.
fn lower(texts: &mut Texts, variables: &[Variable], body: &[Op]) -> (Vec<u8>, usize) {
    // Parameters are the first locals.
    let local = |variable: u16| u64::from(variable) + 2;
    let mut out = vec![variables.len() as u8];
    for variable in variables {
        out.extend([1, if *variable == Variable::Long { I64 } else { F64 }]);
    }
    let mut instructions = 0;
    // Of each structure that is open, whether it is a loop.
    let mut open = Vec::new();
    for op in body {
        instructions += 1;
        let (opcode, operand) = match op {
            Op::Parameter(index) => (0x20, Some(u64::from(*index))),
            Op::Get(variable) => (0x20, Some(local(*variable))),
            Op::Set(variable) => (0x21, Some(local(*variable))),
            Op::Call(number) => (0x10, Some(u64::from(*number))),
            Op::Long(value) => {
                out.push(0x42);
                signed(&mut out, *value);
                continue;
            }
            Op::Decimal(value) => {
                out.push(0x44);
                out.extend(value.to_le_bytes());
                continue;
            }
            Op::Text(text) => {
                out.push(0x41);
                signed(&mut out, texts.address(text).into());
                continue;
            }
            Op::TextLength => {
                out.extend([0x28, 2, 0]);
                continue;
            }
            Op::If => {
                open.push(false);
                out.extend([0x04, NO_VALUE]);
                continue;
            }
            Op::Else => (0x05, None),
            Op::Loop => {
                open.push(true);
                out.extend([0x02, NO_VALUE, 0x03, NO_VALUE]);
                instructions += 1;
                continue;
            }
            Op::LeaveIf => (0x0d, Some(1)),
            Op::End => {
                if open.pop() == Some(true) {
                    // Round again, and the end of the loop within its block.
                    out.extend([0x0c, 0, 0x0b]);
                    instructions += 2;
                }
                (0x0b, None)
            }
            Op::Add => (0x7c, None),
            Op::Subtract => (0x7d, None),
            Op::And => (0x83, None),
            Op::Xor => (0x85, None),
            Op::Equal => (0x51, None),
            Op::Less => (0x53, None),
            Op::AddDecimal => (0xa0, None),
            Op::SubtractDecimal => (0xa1, None),
            Op::MultiplyDecimal => (0xa2, None),
            Op::GreaterDecimal => (0x64, None),
            Op::IntToLong => (0xac, None),
            Op::LongToDecimal => (0xb9, None),
            Op::DecimalToLong => (0xb0, None),
        };
        out.push(opcode);
        if let Some(operand) = operand {
            unsigned(&mut out, operand);
        }
    }
    out.push(0x0b);
    (out, instructions + 1)
}

pub(super) fn section(module: &mut Vec<u8>, number: u8, body: &[u8]) {
    module.push(number);
    sized(module, body);
}

pub(super) fn sized(out: &mut Vec<u8>, bytes: &[u8]) {
    unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    sized(out, text.as_bytes());
}

/// LEB128.
pub(super) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// LEB128 with a sign.
fn signed(out: &mut Vec<u8>, mut value: i64) {
    while !(-0x40..0x40).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8 & 0x7f);
}
