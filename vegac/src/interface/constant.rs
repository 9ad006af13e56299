//! Constants that a module offers: what they come to, and how that is spelled in a line of the section.
//!
//! What adapts to its place in the module does so for importers, too, so a literal is kept as one.

use crate::adapting::Adapting;
use std::fmt::Write;
use vega_format::cell;
use vega_format::container::constants::MOST_STRING;
use vega_format::mangle;
use vega_format::types::{Tag, Type};

/// A constant of a module.
#[derive(Debug, Clone, PartialEq)]
pub struct ConstantShape {
    /// Its absolute name.
    pub name: String,
    /// What it comes to.
    pub value: Value,
    /// Whether importers see it.
    pub public: bool,
    /// The line on which it is declared; 0 if that is not known.
    pub line: u32,
}

/// The value of a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number that takes the type of its place: `whole:64`.
    Whole(i64),
    /// A number that takes the type of its place, as a decimal and as a float: `number:` and the bits of both.
    Number(f64, f32),
    /// What was computed of such numbers and takes the type of its place: `each:` and what it comes to in each type.
    Adapting(Adapting),
    /// A scalar, as a cell: its mangled type and the bits, `B:ff`.
    Scalar(Tag, u64),
    /// A text: `text:` and its bytes in hexadecimal digits.
    Text(String),
}

impl Value {
    pub(super) fn read(word: &str) -> Option<Value> {
        let (kind, value) = word.split_once(':')?;
        Some(match kind {
            "whole" => Value::Whole(value.parse().ok()?),
            "number" => {
                let (decimal, single) = value.split_once(':')?;
                let (decimal, single) = (u64::from_str_radix(decimal, 16), u32::from_str_radix(single, 16));
                Value::Number(f64::from_bits(decimal.ok()?), f32::from_bits(single.ok()?))
            }
            "each" => Value::Adapting(Adapting::read(value)?),
            "text" => Value::Text(String::from_utf8(bytes(value)?).ok().filter(|text| text.len() <= MOST_STRING)?),
            _ => {
                let Type::Scalar(tag) = mangle::parse_type(kind).ok()? else { return None };
                let bits = u64::from_str_radix(value, 16).ok()?;
                let (stored, length) = cell::encode(tag, bits);
                let is_one = stored.get(..length).is_some_and(|stored| cell::decode(tag, stored) == bits);
                is_one.then_some(Value::Scalar(tag, bits))?
            }
        })
    }

    fn spelled(&self) -> String {
        match self {
            Value::Whole(value) => format!("whole:{value}"),
            Value::Number(decimal, single) => format!("number:{:x}:{:x}", decimal.to_bits(), single.to_bits()),
            Value::Adapting(each) => format!("each:{each}"),
            Value::Scalar(tag, bits) => format!("{}:{bits:x}", mangle::mangle_type(&Type::Scalar(*tag))),
            Value::Text(text) => {
                let mut word = "text:".to_owned();
                // Writing into a string does not fail.
                text.bytes().for_each(|byte| _ = write!(word, "{byte:02x}"));
                word
            }
        }
    }
}

pub(super) fn write(shape: &ConstantShape) -> String {
    let public = if shape.public { "pub" } else { "-" };
    format!("const {public} {} {} {}\n", shape.line, shape.name, shape.value.spelled())
}

/// The bytes that pairs of hexadecimal digits are.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).map(|digit| digit as u8);
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(byte).collect()
}
