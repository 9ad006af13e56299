//! TABLE: names that people know from other languages, and what does the same here.

/// Words that are no value, and stand for one.
const NOTHING: &[&str] = &["null", "NULL", "nullptr", "None", "none", "undefined", "Nothing"];

/// Values as they are called elsewhere.
const VALUES: &[(&[&str], &str)] = &[
    (NOTHING, "there is no null: a variable begins with its first value"),
    (&["pass"], "a block may be empty: `{ }`"),
    (&["cout", "cerr", "endl"], "printing is a call: `println(\"x is\", x)`, and `eprintln(…)` for errors"),
    (
        &["stdin", "cin"],
        "a line of the input goes into a `byte[80]` by `io.read_line(line)`, with `import io` at the top",
    ),
];

/// Modules as they are called elsewhere.
const MODULES: &[&str] = &["sys", "os", "process", "std", "console", "System", "fmt", "str", "builtins"];

/// What prints in these.
const PRINTING: &[&str] = &["log", "Println", "Print", "WriteLine", "Write", "info", "error", "debug", "warn"];

/// Types that there are here under another name.
const SCALARS: &[(&[&str], &str)] = &[
    (&["boolean"], "bool"),
    (&["integer", "i32", "int32", "int32_t"], "int"),
    (&["i64", "int64", "int64_t"], "long"),
    (&["i16", "int16", "int16_t"], "short"),
    (&["double", "f64", "float64"], "decimal"),
    (&["f32", "float32"], "float"),
    (&["u8", "uint8", "uint8_t"], "byte"),
];

/// What text is called elsewhere.
pub(crate) const TEXT: &[&str] = &["str", "String"];

/// Types as they are called elsewhere.
const TYPES: &[(&[&str], &str)] = &[
    (
        NOTHING,
        "there is no null: a variable begins with its first value, and a `bool` beside it says whether it counts",
    ),
    (
        &["uint", "u16", "u32", "u64", "uint16", "uint32", "uint64", "usize", "size_t"],
        "only a `byte` has no sign; the other integers have one, `int` and `long`, and `unsigned_less(a, b)` compares without",
    ),
];

/// Functions as they are called elsewhere.
const FUNCTIONS: &[(&[&str], &str)] = &[
    (
        &["printf", "fprintf", "Printf"],
        "values are printed one after another, without a format: `println(\"x is\", x)`",
    ),
    (&["not"], "write `!`: `!(x == 5)`"),
    (&["range"], "a loop counts over a range: `for i in 0..10 { … }`"),
    (&["reversed"], "a loop counts up: for the last first, take `a[len(a) - 1 - i]` in `for i in 0..len(a) { … }`"),
    (&["sorted"], "`sort.sort(a)` sorts in place and gives nothing, with `import sort` at the top"),
    (&["sum"], "what a loop adds up: `total = 0`, and `for x in a { total += x }`"),
    (&["enumerate", "zip"], "a loop has one variable: count, `for i in 0..len(a)`, and take `a[i]`"),
    (&["typeof", "type", "isinstance"], "what a union holds is asked by `is`: `x is int`"),
    (&["split"], "text is taken apart in a loop: `text.find(line, from, byte(','))` says where a part ends"),
    (&["length", "size", "count", "strlen"], "the number of elements, or of bytes of a string, is `len(…)`"),
    (
        &["str", "string", "to_string", "toString", "format", "concat", "sprintf"],
        "text is put together in bounded text: `t: string<32>`, and `append(t, …)`",
    ),
    (
        &["push", "push_back"],
        "an array has as many elements as it is declared with: count those in use, `a[n] = x; n += 1`",
    ),
    (
        &["input", "readline", "read_line", "gets", "getline", "scanf"],
        "a line of the input goes into a `byte[80]` by `io.read_line(line)`, with `import io` at the top",
    ),
    (
        &["parse", "atoi", "parseInt", "to_int", "to_number"],
        "a number is read out of bytes by `text.to_long(line[..n])`, with `import text` at the top",
    ),
    (
        &["malloc", "calloc", "realloc"],
        "memory is an arena, whose bytes stand in the program: `alloc 64 { … }`, and an array in it `a: byte[16]`",
    ),
    (&["popcount", "popcnt", "bit_count"], "the bits that are set are counted by `count_ones(x)`"),
    (&["rotl", "rotr", "rol", "ror"], "bits are rotated by `rotate_left(x, n)` and `rotate_right(x, n)`"),
    (
        &["clz", "ctz", "nlz", "ntz", "ffs"],
        "zeros above and below the bits that are set are counted by `leading_zeros(x)` and `trailing_zeros(x)`",
    ),
    (&["ln"], "the natural logarithm is `math.log(x)`, with `import math` at the top"),
    (&["ord"], "the number of a character is `int('a')`, or `byte('a')`"),
    (&["panic", "abort", "die"], "`assert(false, \"why\")` ends the program with these words"),
    (&["exit"], "the program ends with `main`: `return` from it; an int that it gives is the status"),
];

/// What is written here for a value of this name.
pub(crate) fn value(name: &str) -> Option<&'static str> {
    in_table(VALUES, name)
}

/// The scalar type that has this name elsewhere.
pub(crate) fn scalar(name: &str) -> Option<&'static str> {
    in_table(SCALARS, name)
}

/// What is written here for a type of this name.
pub(crate) fn type_(name: &str) -> Option<&'static str> {
    in_table(TYPES, name)
}

/// What does here what a function of this name does elsewhere.
pub(crate) fn function(name: &str) -> Option<&'static str> {
    in_table(FUNCTIONS, name)
}

/// The same for a function of a module that languages have.
pub(crate) fn function_of(module: &str, name: &str) -> Option<&'static str> {
    let printing = || PRINTING.contains(&name).then_some("printing is a call: `println(\"x is\", x)`");
    MODULES.contains(&module).then(|| function(name).or_else(printing)).flatten()
}

fn in_table(table: &[(&[&str], &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(names, _)| names.contains(&name)).map(|&(_, hint)| hint)
}
