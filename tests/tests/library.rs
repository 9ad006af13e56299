//! The library's numbers: module `math` against values that were computed with 1,400 bits and rounded once, and what
//! `text` reads against what Rust reads.
//!
//! A line of `tests/library/math.txt` is a function, the bits of its arguments, and those of the true result.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use vega_format::types::Tag;
use vega_report::{Format, Sources, draw};
use vegavm::{End, HostCall, HostError, Imports, Limits, Value, load};

/// How many units in the last place a result may be away. All others are allowed one.
const FURTHEST: &[(&str, u64)] = &[("sinh", 2), ("cosh", 2), ("tanh", 2)];

/// Runs `math.NAME` on all arguments.
fn results(name: &str, count: usize, arguments: &[f64]) -> Vec<f64> {
    let list = vec!["next()"; count].join(", ");
    let source = format!(
        "import math\nextern fn more() -> bool\nextern fn next() -> decimal\nextern fn take(value: decimal)\n\
         while more() {{ take(math.{name}({list})) }}\n"
    );
    exchange(&source, arguments)
}

/// What a program can be given, one after another.
trait Given {
    /// The host function that gives one.
    const NAME: &'static str;
    /// Gives it.
    fn give(&self, call: &mut HostCall<'_>) -> Result<(), HostError>;
}

impl Given for f64 {
    const NAME: &'static str = "next()d";
    fn give(&self, call: &mut HostCall<'_>) -> Result<(), HostError> {
        call.give(Value::Scalar(Tag::Decimal, self.to_bits()));
        Ok(())
    }
}

impl Given for String {
    const NAME: &'static str = "text([]B)I";
    fn give(&self, call: &mut HostCall<'_>) -> Result<(), HostError> {
        call.bytes_mut(0)?[..self.len()].copy_from_slice(self.as_bytes());
        call.give(Value::Scalar(Tag::Int, self.len() as u64));
        Ok(())
    }
}

/// Runs a program that asks whether there is `more()`, for one after the other, and gives numbers to `take`.
fn exchange<T: Given>(source: &str, given: &[T]) -> Vec<f64> {
    let mut sources = Sources::new();
    let compiled = vegac::compile("exchange.vg", source.as_bytes(), &mut sources);
    let draw = |diagnostic| draw(diagnostic, &sources, Format::Human, false);
    let complaints: String = compiled.diagnostics.iter().map(draw).collect();
    assert_eq!(complaints, "");
    let module = compiled.module.expect("there are no complaints");

    let place = Cell::new(0);
    let taken = RefCell::new(Vec::new());
    let mut imports = Imports::new();
    let more = |call: &mut HostCall<'_>| {
        call.give(Value::Scalar(Tag::Bool, u64::from(place.get() < given.len())));
        Ok(())
    };
    let next = |call: &mut HostCall<'_>| {
        place.set(place.get() + 1);
        given[place.get() - 1].give(call)
    };
    let take = |call: &mut HostCall<'_>| {
        taken.borrow_mut().push(f64::from_bits(call.scalar(0)?.1));
        Ok(())
    };
    imports.define("more()Z", more).expect("a name");
    imports.define(T::NAME, next).expect("a name");
    imports.define("take(d)V", take).expect("a name");
    let limits = Limits::trusted();
    let program = load(module.module().bytes().to_vec(), &imports, &limits, &mut ()).expect("it loads");
    let outcome = program.run(&[], &mut imports, &limits, &mut ()).expect("it starts");
    assert_eq!(outcome.end, End::Result(None));
    drop(imports);
    taken.into_inner()
}

/// Numbers in order, so that neighbours differ by one.
fn place(number: f64) -> i64 {
    let bits = number.to_bits() as i64;
    if bits < 0 { i64::MIN - bits } else { bits }
}

/// How many units in the last place two results are apart. All that is no number is one, zeroes have their signs.
fn distance(found: f64, wanted: f64) -> u64 {
    match (found.is_nan(), wanted.is_nan()) {
        (true, true) => 0,
        (false, false) if found == 0.0 && wanted == 0.0 => u64::from(found.to_bits() != wanted.to_bits()),
        (false, false) => place(found).abs_diff(place(wanted)),
        _ => u64::MAX,
    }
}

#[test]
fn results_are_near_the_true_ones() {
    let path = std::env::var("VEGA_MATH").unwrap_or_else(|_| "library/math.txt".to_owned());
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there");
    let mut functions: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
    for line in text.lines() {
        let (name, numbers) = line.split_once(' ').expect("a name and numbers");
        let number = |word| f64::from_bits(u64::from_str_radix(word, 16).expect("the bits of a number"));
        functions.entry(name).or_default().push(numbers.split(' ').map(number).collect());
    }
    let mut problems = Vec::new();
    for (name, cases) in functions {
        let furthest = FURTHEST.iter().find(|(known, _)| *known == name).map_or(1, |(_, furthest)| *furthest);
        let count = cases[0].len() - 1;
        let arguments: Vec<f64> = cases.iter().flat_map(|case| &case[..count]).copied().collect();
        let found = results(name, count, &arguments);
        assert_eq!(found.len(), cases.len(), "{name}");
        let mut worst = 0;
        for (found, case) in found.into_iter().zip(&cases) {
            let apart = distance(found, case[count]);
            worst = worst.max(apart);
            if apart > furthest {
                problems.push(format!(
                    "{name}{:?} is {found:e}, wanted {:e}: {apart} apart",
                    &case[..count],
                    case[count]
                ));
            }
        }
        println!("{name}: at most {worst} units in the last place");
    }
    assert!(
        problems.is_empty(),
        "{} are too far off:\n{}",
        problems.len(),
        problems[..problems.len().min(40)].join("\n")
    );
}

/// Reads a number with `text.to_decimal`.
const READER: &str = "import text
extern fn more() -> bool
extern fn text(out: []byte) -> int
extern fn take(value: decimal)
alloc 64 {
    line: byte[64]
    while more() { take(text.to_decimal(line[..text(line)])) }
}
";

#[test]
fn text_of_decimals_is_read() {
    // What people write, what is printed of any number, and the borders.
    let mut texts: Vec<String> = ["0", "-0.0", "1e400", "1e-400", "4.9e-324", "2.2250738585072011e-308", "17.", ".5"]
        .iter()
        .map(|text| (*text).to_owned())
        .collect();
    let mut state = 1_u64;
    for _ in 0..3000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = f64::from_bits(state ^ state >> 29);
        if number.is_finite() {
            texts.push(format!("{number:e}"));
        }
        texts.push(format!("{}.{:03}", state >> 50, state % 1000));
    }
    let found = exchange(READER, &texts);
    assert_eq!(found.len(), texts.len());
    for (text, found) in texts.iter().zip(found) {
        let wanted: f64 = text.parse().expect("a number");
        let most = if text.contains('e') { 1 } else { 0 };
        assert!(distance(found, wanted) <= most, "{text} is read as {found:e}");
    }
}
