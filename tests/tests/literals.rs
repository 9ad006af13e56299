//! A literal, and arithmetic of literals, comes to the same wherever a type is wanted of it (`spec/language.md`, How literals
//! adapt): one place of each kind has it, and either all are refused or all hold the same; so does a constant made of it.

use std::collections::BTreeMap;
use std::io;
use vega_format::types::Tag;
use vega_tests::engines;
use vega_tests::module::compile;
use vega_tests::random::Random;
use vegavm::{Console, Engine, Imports, Limits, Value, load};

/// The types that literals take, each with its zero.
const TYPES: [(&str, &str); 6] =
    [("byte", "0"), ("short", "0"), ("int", "0"), ("long", "0"), ("float", "0.0"), ("decimal", "0.0")];

/// TABLE: statements that put E where a T is wanted, and print what came there. `N` is an int that is known when it runs.
const PLACES: [&str; 25] = [
    "x: T = E; print(x)",
    "x: T = Z; x = E; print(x)",
    "x: T[2]; x[1] = E; print(x[1])",
    "x: part; x.p = E; print(x.p)",
    "x = part { p = E }; print(x.p)",
    "x: T[2] = [E, Z]; print(x[0])",
    "x: (T, int) = (E, 1); print(x.0)",
    "x: (int, (T, bool))[1]; x[0].1 = (E, true); print(x[0].1.0)",
    "kept = E; print(kept)",
    "x: T = Z; x, n = E, 1; print(x)",
    "x: T[1]; y: part; x[0], y.p, kept = Z, E, Z; print(y.p)",
    "x: T[1]; y: part; kept, x[0], y.p = Z, E, Z; print(x[0])",
    "kept, n = E, 1; print(kept)",
    "show(E)",
    "pair((1, E))",
    "x: T[1]; fill(x, n); print(x[0])",
    "print(last(n))",
    "print(returned(n))",
    "print(inside(n))",
    "print(deep(n).0)",
    "x: T = alloc 8 { E }; print(x)",
    "show(alloc 1 { alloc 8 { E } })",
    "x: T|bool = E; print(x)",
    "x: T|bool = true; x, n = E, 1; print(x)",
    "x: T|bool = alloc 1 { E }; print(x)",
];

/// What has places that are no statements.
const DECLARATIONS: &str = "struct part { p: T }
static 8 { kept: T = Z }
fn show(x: T) { print(x) }
fn pair(x: (int, T)) { print(x.1) }
";

/// Declarations with an E of their own: there only if their place is asked.
const FUNCTIONS: [(&str, &str); 5] = [
    ("fill", "fn fill(x: []T, n: int) { x[0] = E }"),
    ("last", "fn last(n: int) -> T { E }"),
    ("returned", "fn returned(n: int) -> T { alloc 4 { return E } }"),
    ("inside", "fn inside(n: int) -> T { alloc 4 { E } }"),
    ("deep", "fn deep(n: int) -> (T, int) { alloc 4 { (E, 1) } }"),
];

/// Literals at which types end, and others.
const LITERALS: [&str; 36] = [
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "10",
    "63",
    "100",
    "127",
    "128",
    "200",
    "255",
    "256",
    "300",
    "1_000",
    "32767",
    "32768",
    "65535",
    "65536",
    "16777216",
    "16777217",
    "2147483647",
    "2147483648",
    "3000000000",
    "4294967296",
    "0x100",
    "0xFFFF",
    "0xFFFFFFFF",
    "0.5",
    "1.5",
    "2.5",
    "0.1",
    "3.0",
    "10000000000.0",
    "0.25",
];

/// Some expression of literals.
fn expression(random: &mut Random, depth: u32) -> String {
    if depth == 0 || random.percent(20) {
        return random.pick(&LITERALS).copied().unwrap_or_default().to_owned();
    }
    let operand = expression(random, depth - 1);
    match random.below(10) {
        0 => format!("-({operand})"),
        1 => format!("~({operand})"),
        2 => {
            let operator = random.pick(&["<<", ">>", ">>>"]).copied().unwrap_or_default();
            let count = random.pick(&["1", "4", "9", "n"]).copied().unwrap_or_default();
            format!("({operand}) {operator} {count}")
        }
        _ => {
            let operators = ["+", "-", "*", "/", "%", "&", "|", "^", "+", "*", "/"];
            let operator = random.pick(&operators).copied().unwrap_or_default();
            format!("({operand}) {operator} ({})", expression(random, depth - 1))
        }
    }
}

/// A program with some of the places, each of which prints a line.
fn program(places: &[&str], (name, zero): (&str, &str), expression: &str) -> String {
    let is_asked = |function: &str| places.iter().any(|place| place.contains(&format!("{function}(")));
    let functions = FUNCTIONS.iter().filter(|(function, _)| is_asked(function));
    let mut text = DECLARATIONS.to_owned();
    functions.for_each(|(_, function)| text.push_str(&format!("{function}\n")));
    text.push_str("fn main(m: int) {\n");
    for place in places {
        text.push_str(&format!("    alloc 64 {{ n = m; {place}; println(\"\", n + 1 > n) }}\n"));
    }
    text.push_str("}\n");
    let words = text.split_inclusive(|character: char| !character.is_ascii_alphanumeric());
    let filled = words.map(|word| match word.split_at_checked(1) {
        Some(("T", rest)) if !rest.starts_with(char::is_alphanumeric) => format!("{name}{rest}"),
        Some(("Z", rest)) if !rest.starts_with(char::is_alphanumeric) => format!("{zero}{rest}"),
        Some(("E", rest)) if !rest.starts_with(char::is_alphanumeric) => format!("{expression}{rest}"),
        _ => word.to_owned(),
    });
    filled.collect()
}

/// What a program prints, line by line.
fn lines(bytes: Vec<u8>) -> Vec<String> {
    let console = || Imports::console(Console::new(io::sink(), io::empty()));
    let limits = Limits::trusted();
    let program = load(bytes, &console(), &limits, &mut ()).unwrap_or_else(|error| panic!("{error}"));
    let (_, output) = engines::run(&program, Engine::Reference, &[Value::Scalar(Tag::Int, 40)], &limits);
    String::from_utf8(output).expect("text is printed").lines().map(str::to_owned).collect()
}

#[test]
fn literals_come_to_the_same_in_every_place_that_wants_their_type() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..2_500 {
        let mut random = Random::new(seed);
        let type_ = *random.pick(&TYPES).expect("there are some");
        let depth = random.within(0, 3);
        let expression = expression(&mut random, depth);
        let told = |place: &str| format!("seed {seed}: {place} with {} and {expression}", type_.0);
        let Some(bytes) = compile("literals.vg", program(&PLACES, type_, &expression).as_bytes()).bytes else {
            for place in PLACES {
                let alone = compile("literals.vg", program(&[place], type_, &expression).as_bytes());
                let others = "is taken where other places refuse it";
                assert!(alone.bytes.is_none(), "{} {others}", told(place));
                assert!(alone.complaints.iter().all(|one| !one.code.starts_with('B')), "{}", alone.drawn);
            }
            *seen.entry("refused").or_default() += 1;
            continue;
        };
        let lines = lines(bytes);
        assert_eq!(lines.len(), PLACES.len(), "{}", told("some place"));
        let first = &lines[0];
        for (place, line) in PLACES.iter().zip(&lines) {
            assert_eq!(line, first, "{}", told(place));
        }
        *seen.entry(type_.0).or_default() += 1;
        // A constant stands for its expression, unless that would wrap around.
        let constant = format!("const K = {expression}\n{}", program(&PLACES, type_, "K"));
        if let Some(bytes) = compile("literals.vg", constant.as_bytes()).bytes {
            assert!(self::lines(bytes).iter().all(|line| line == first), "{}", told("a constant"));
            *seen.entry("constants").or_default() += 1;
        }
    }
    println!("{seen:?}");
    // A generator that got dull would show nothing.
    assert!(seen.len() == TYPES.len() + 2 && seen.values().all(|times| *times > 50), "{seen:?}");
}
