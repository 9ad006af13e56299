//! The program that is measured, before it is Vega or WebAssembly: many small functions of four shapes in turn.
//!
//! Every function takes two longs and gives one. Its variables are slots there and locals here. Calls go to functions
//! with smaller numbers, half of them close by; so nothing recurses, and the call graph is deep as well as wide. Of
//! the constants about half are used only once.

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    Long,
    Decimal,
}

/// A step of a function. `If`, `Else`, `Loop` and `End` nest.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Op {
    Parameter(u16),
    Long(i64),
    Decimal(f64),
    Text(String),
    Get(u16),
    Set(u16),
    Call(u32),
    /// Takes a condition.
    If,
    Else,
    Loop,
    /// Takes a condition, and leaves the loop if it holds.
    LeaveIf,
    End,
    Add,
    Subtract,
    And,
    Xor,
    Equal,
    Less,
    AddDecimal,
    SubtractDecimal,
    MultiplyDecimal,
    GreaterDecimal,
    TextLength,
    IntToLong,
    LongToDecimal,
    DecimalToLong,
}

/// A function; its body leaves the result on the stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) variables: Vec<Variable>,
    pub(super) body: Vec<Op>,
}

/// Numbers that look random and depend on a function's number only.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33 ^ self.0 >> 12) % end.max(1)
    }

    /// A constant: every second is one of a few.
    fn long(&mut self) -> i64 {
        let few = self.below(2) == 0;
        self.below(if few { 100 } else { 1 << 40 }) as i64
    }

    fn decimal(&mut self) -> f64 {
        self.long() as f64 / 16.0
    }
}

const WORDS: [&str; 6] = ["not found", "out of range", "try again", "done", "no such rule", "rejected"];

/// The function with this number.
pub(super) fn function(number: u32) -> Function {
    use Op::*;
    let mut random = Numbers(u64::from(number) * 2 + 1);
    random.below(1);
    let near = number.saturating_sub(1 + random.below(64) as u32);
    let far = random.below(number.into()) as u32;
    let name = format!("rules.set{:04}.rule{number:07}", number / 100);
    let (variables, body) = match number % 4 {
        // A loop.
        0 => (
            vec![Variable::Long, Variable::Long],
            vec![
                vec![Long(random.long()), Set(0), Parameter(0), Set(1), Loop, Get(1), Long(1), Less, LeaveIf],
                vec![Get(0), Parameter(1), Long(random.long()), Xor, Add, Set(0)],
                vec![Get(1), Long(1), Subtract, Set(1), End, Get(0)],
            ],
        ),
        // A branch, a call, text.
        1 => {
            let text = match random.below(2) {
                0 => WORDS[random.below(6) as usize].to_owned(),
                _ => format!("rule {number}: {}", WORDS[random.below(6) as usize]),
            };
            (
                vec![Variable::Long],
                vec![
                    vec![Parameter(0), Long(random.long()), Less, If],
                    vec![Parameter(1), Long(random.long()), Xor, Set(0), Else],
                    vec![Parameter(0), Parameter(1), Call(far), Long(random.long()), Add, Set(0), End],
                    vec![Get(0), Long(random.long()), Equal, If],
                    vec![Get(0), Text(text), TextLength, IntToLong, Add, Set(0), End, Get(0)],
                ],
            )
        }
        // Decimals and a call.
        2 => (
            vec![Variable::Decimal],
            vec![
                vec![Parameter(0), LongToDecimal, Decimal(random.decimal()), MultiplyDecimal],
                vec![Decimal(random.decimal()), AddDecimal, Set(0)],
                vec![Get(0), Decimal(random.decimal()), GreaterDecimal, If],
                vec![Get(0), Parameter(1), Parameter(0), Call(near), LongToDecimal, SubtractDecimal, Set(0), End],
                vec![Get(0), DecimalToLong],
            ],
        ),
        // Two calls.
        _ => (
            vec![Variable::Long],
            vec![
                vec![Parameter(0), Long(random.long()), And, Parameter(1), Call(near), Set(0)],
                vec![Get(0), Long(random.long()), Equal, If, Parameter(1), Get(0), Call(far), Set(0), End],
                vec![Get(0), Long(0), Less, If, Long(0), Get(0), Subtract, Set(0), End, Get(0)],
            ],
        ),
    };
    Function { name, variables, body: body.concat() }
}

/// The body of `main`, which calls one function.
pub(super) fn main() -> Vec<Op> {
    vec![Op::Long(5), Op::Long(7), Op::Call(0)]
}

/// What a module was made of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) functions: u64,
    pub(super) instructions: u64,
    pub(super) variables: u64,
    pub(super) calls: u64,
    pub(super) constants: u64,
}

impl Counts {
    /// Counts a function of so many instructions.
    pub(super) fn add(&mut self, variables: &[Variable], body: &[Op], instructions: usize) {
        let of = |wanted: fn(&Op) -> bool| body.iter().filter(|op| wanted(op)).count() as u64;
        self.functions += 1;
        self.instructions += instructions as u64;
        self.variables += variables.len() as u64;
        self.calls += of(|op| matches!(op, Op::Call(_)));
        self.constants += of(|op| matches!(op, Op::Long(_) | Op::Decimal(_) | Op::Text(_)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{vega, wasm};
    use super::*;

    #[test]
    fn both_modules_are_made_of_the_same() {
        let (bytes, counts) = vega::module(40).expect("it is written");
        let (wasm, same) = wasm::module(40);
        let parsed = vega_format::read(bytes).expect("it is well-formed");
        assert!(vega_format::verify(parsed).is_ok());
        assert!(wasm.starts_with(b"\0asm\x01\0\0\0"));
        let shape = |counts: Counts| (counts.functions, counts.variables, counts.calls, counts.constants);
        assert_eq!(shape(counts), shape(same));
        assert!(counts.instructions.abs_diff(same.instructions) * 20 <= counts.instructions);
    }

    #[test]
    fn calls_go_to_smaller_numbers() {
        for number in 0..200 {
            let callees = function(number).body.into_iter().filter_map(|op| match op {
                Op::Call(callee) => Some(callee),
                _ => None,
            });
            assert!(callees.max().is_none_or(|callee| callee < number));
        }
    }
}
