//! Every row of arithmetic, comparison and conversion, over edge values: the engine against another arithmetic.

use crate::common::*;
use vega_format::cell;
use vega_format::instruction::{Effect, Flow, Pattern, ROWS, Row};
use vega_format::types::Tag;
use vegavm::{Cell, End, Imports, Limits, Value};

/// Cells of a type with which things go wrong if they can.
fn edges(tag: Tag) -> Vec<u64> {
    let integers = |least: i64, most: i64| {
        let mut all = vec![least, least + 1, 0, 1, 2, 7, most - 1, most];
        all.extend([-1, -7, 31, 33, 63, 65].iter().filter(|value| **value >= least && **value <= most));
        all.into_iter().map(cell::from_long).collect()
    };
    match tag {
        Tag::Byte => integers(0, 255),
        Tag::Short => integers(i16::MIN.into(), i16::MAX.into()),
        Tag::Int => integers(i32::MIN.into(), i32::MAX.into()),
        Tag::Long => integers(i64::MIN, i64::MAX),
        Tag::Float => [0.0, -0.0, 1.0, -1.5, 3e9, -1e20, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE]
            .map(cell::from_float)
            .into_iter()
            .chain([0x7FC0_0001, 0xFFFF_FFFF])
            .collect(),
        Tag::Decimal => [0.0, -0.0, 1.0, -1.5, 3e9, -1e300, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE]
            .map(cell::from_decimal)
            .into_iter()
            .chain([0x7FF8_0000_0000_0001, u64::MAX])
            .collect(),
        Tag::Bool => vec![0, 1],
        Tag::Char => ['\0', 'A', 'ä', '\u{FFFD}', '\u{10FFFF}'].map(cell::from_char).to_vec(),
    }
}

/// The row's operands, if they and its result are scalars.
fn scalars(row: &Row) -> Option<(Vec<Tag>, Tag)> {
    let Effect::Fixed { pops, pushes } = row.effect else { return None };
    let pops: Vec<_> = pops.iter().map(|pattern| pattern.tag()).collect::<Option<_>>()?;
    match (pushes, row.operands) {
        ([result], []) if !pops.is_empty() => Some((pops, result.tag()?)),
        _ => None,
    }
}

/// What a row gives by an arithmetic that has nothing to do with the engine's; `None` for a division by zero.
fn expected(mnemonic: &str, tag: Tag, cells: &[u64]) -> Option<u64> {
    let operation = mnemonic.split('_').next().unwrap_or_default();
    if let Some((_, to)) = mnemonic.split_once("_TO_") {
        return Some(converted(tag, Tag::from_name(&to.to_ascii_lowercase()).expect("a type"), cells[0]));
    }
    match tag {
        Tag::Float | Tag::Decimal => Some(floating(operation, tag, cells)),
        _ => integral(operation, tag, cells),
    }
}

/// A scalar as a wide integer.
fn wide(tag: Tag, bits: u64) -> i128 {
    match tag {
        Tag::Byte | Tag::Bool | Tag::Char => i128::from(bits),
        _ => i128::from(bits.cast_signed()),
    }
}

/// The lowest bits of a wide integer, as a cell of the type.
fn narrow(tag: Tag, value: i128) -> u64 {
    match tag {
        Tag::Byte => value as u8 as u64,
        Tag::Short => cell::from_short(value as i16),
        Tag::Int => cell::from_int(value as i32),
        _ => value as u64,
    }
}

fn integral(operation: &str, tag: Tag, cells: &[u64]) -> Option<u64> {
    let width = tag.size() * 8;
    let a = wide(tag, cells[0]);
    let b = cells.get(1).map_or(0, |bits| wide(tag, *bits));
    let count = cells.get(1).map_or(0, |bits| (*bits & u64::from(width - 1)) as u32);
    let (unsigned, other) = (a & ((1i128 << width) - 1), b & ((1i128 << width) - 1));
    let truth = |truth: bool| Some(u64::from(truth));
    let value = match operation {
        "ADD" => a + b,
        "SUB" => a - b,
        "MUL" => a.wrapping_mul(b),
        "DIV" | "REM" if b == 0 => return None,
        "DIV" => a / b,
        "REM" => a % b,
        "NEG" => -a,
        "ABS" => a.abs(),
        "MIN" => a.min(b),
        "MAX" => a.max(b),
        "AND" => a & b,
        "OR" => a | b,
        "XOR" => a ^ b,
        "NOT" if tag == Tag::Bool => return truth(a == 0),
        "NOT" => -a - 1,
        "UDIV" | "UREM" if b == 0 => return None,
        "UDIV" => unsigned / other,
        "UREM" => unsigned % other,
        "ULT" => return truth(unsigned < other),
        "ROTL" => unsigned << count | unsigned >> (width - count),
        "ROTR" => unsigned >> count | unsigned << (width - count),
        "CLZ" => (0..width).rev().take_while(|bit| unsigned >> bit & 1 == 0).count() as i128,
        "CTZ" => (0..width).take_while(|bit| unsigned >> bit & 1 == 0).count() as i128,
        "ONES" => (0..width).filter(|bit| unsigned >> bit & 1 == 1).count() as i128,
        "SHL" => a << count,
        "SHR" => a >> count,
        "USHR" => unsigned >> count,
        "EQ" => return truth(a == b),
        "NE" => return truth(a != b),
        "LT" => return truth(a < b),
        "LE" => return truth(a <= b),
        "GT" => return truth(a > b),
        "GE" => return truth(a >= b),
        other => panic!("no model of {other}"),
    };
    Some(narrow(tag, value))
}

fn floating(operation: &str, tag: Tag, cells: &[u64]) -> u64 {
    let sign = if tag == Tag::Float { 1 << 31 } else { 1 << 63 };
    let read = |bits: u64| match tag {
        Tag::Float => f64::from(cell::float(bits)),
        _ => cell::decimal(bits),
    };
    let (a, b) = (read(cells[0]), read(cells.get(1).copied().unwrap_or(0)));
    // Rounding to decimal and then to float is the same as rounding to float at once, for these operations.
    let value = match operation {
        "NEG" => return cells[0] ^ sign,
        "ABS" => return cells[0] & !sign,
        "EQ" => return u64::from(a == b),
        "NE" => return u64::from(a != b),
        "LT" => return u64::from(a < b),
        "LE" => return u64::from(a <= b),
        "GT" => return u64::from(a > b),
        "GE" => return u64::from(a >= b),
        "ADD" => a + b,
        "SUB" => a - b,
        "MUL" => a * b,
        "DIV" => a / b,
        "SQRT" => a.sqrt(),
        "FLOOR" => a.floor(),
        "CEIL" => a.ceil(),
        "TRUNC" => a.trunc(),
        "ROUND" => a.round(),
        "MIN" | "MAX" if a.is_nan() || b.is_nan() => f64::NAN,
        "MIN" if a == b => {
            if a.is_sign_negative() {
                a
            } else {
                b
            }
        }
        "MAX" if a == b => {
            if a.is_sign_negative() {
                b
            } else {
                a
            }
        }
        "MIN" => a.min(b),
        "MAX" => a.max(b),
        other => panic!("no model of {other}"),
    };
    written(tag, value)
}

fn written(tag: Tag, value: f64) -> u64 {
    match (tag, value.is_nan()) {
        (Tag::Float, true) => 0x7FC0_0000,
        (Tag::Float, false) => cell::from_float(value as f32),
        (_, true) => 0x7FF8_0000_0000_0000,
        (_, false) => value.to_bits(),
    }
}

fn converted(from: Tag, to: Tag, bits: u64) -> u64 {
    let bounds = match to {
        Tag::Byte => (0, 255),
        Tag::Short => (i16::MIN.into(), i16::MAX.into()),
        Tag::Int => (i32::MIN.into(), i32::MAX.into()),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    let real = match from {
        Tag::Float => Some(f64::from(cell::float(bits))),
        Tag::Decimal => Some(cell::decimal(bits)),
        _ => None,
    };
    match (real, to) {
        (Some(value), Tag::Float | Tag::Decimal) => written(to, value),
        (Some(value), _) if value.is_nan() => 0,
        (Some(value), _) if value.is_infinite() => narrow(to, if value > 0.0 { bounds.1 } else { bounds.0 }),
        (Some(value), _) => narrow(to, (value.trunc() as i128).clamp(bounds.0, bounds.1)),
        (None, Tag::Float) => cell::from_float(wide(from, bits) as f32),
        (None, Tag::Decimal) => written(to, wide(from, bits) as f64),
        (None, Tag::Char) => u32::try_from(wide(from, bits)).ok().and_then(char::from_u32).unwrap_or('\u{FFFD}') as u64,
        (None, _) => narrow(to, wide(from, bits)),
    }
}

fn operand_lists(tags: &[Tag]) -> Vec<Vec<u64>> {
    tags.iter().fold(vec![Vec::new()], |lists, tag| {
        let with = |list: Vec<u64>| edges(*tag).into_iter().map(move |edge| [list.clone(), vec![edge]].concat());
        lists.into_iter().flat_map(with).collect()
    })
}

/// A program that does nothing but the row, with its operands as arguments.
pub(crate) fn program(row: &Row) -> Option<(Vec<u8>, Vec<Tag>, Tag)> {
    let (tags, result) = scalars(row)?;
    let instruction = I::from_parts(row.number, &[]).expect("rows of arithmetic have no operands");
    let mut code: Vec<_> = (0..tags.len() as u16).map(cell_load).collect();
    code.extend([instruction, RETURN]);
    let letters: String = tags.iter().map(|tag| tag.letter()).collect();
    let name = format!("main({letters}){}", result.letter());
    Some((Draft::new().main(&name, &[], &code), tags, result))
}

#[test]
fn every_row_computes_what_it_says() {
    let mut rows = 0;
    for row in ROWS {
        let Some((bytes, tags, result)) = program(row) else { continue };
        rows += 1;
        let mut imports = Imports::new();
        let program = load_good(bytes, &imports);
        for operands in operand_lists(&tags) {
            let pairs = tags.iter().zip(&operands);
            let values: Vec<_> = pairs.map(|(tag, bits)| Value::Scalar(*tag, *bits)).collect();
            let outcome = program.run(&values, &mut imports, &Limits::trusted(), &mut ()).expect("they fit");
            match (outcome.end, expected(row.mnemonic, tags[0], &operands)) {
                (End::Result(Some(Value::Scalar(tag, bits))), Some(wanted)) => {
                    assert_eq!((tag, bits), (result, wanted), "{} {values:?}", row.mnemonic);
                }
                (End::Trap(report), None) => assert_eq!(report.trap.to_string(), "division by zero"),
                (found, wanted) => panic!("{} {values:?}: {found:?}, wanted {wanted:?}", row.mnemonic),
            }
        }
    }
    let strings = |row: &&Row| matches!(row.effect, Effect::Fixed { pops, .. } if pops.contains(&Pattern::String));
    let is_arithmetic = |row: &&Row| {
        let is_fixed = matches!(row.effect, Effect::Fixed { .. }) && row.flow == Flow::next;
        (0x28..0xed).contains(&row.number) && is_fixed && !strings(row)
    };
    assert_eq!(rows, ROWS.iter().filter(is_arithmetic).count(), "all such rows from 0x28 on are arithmetic");
    assert_eq!(ROWS.iter().filter(strings).count(), 8);
}

#[test]
fn cells_are_small() {
    assert!(size_of::<Cell>() <= 24);
}
