//! Large sources: what they cost grows with their length, and what is too large is told as a limit.

use std::time::{Duration, Instant};
use vega_report::{Diagnostic, Sources};
use vegac::compile;

/// Far more than any of these takes when the work grows with the length, and far less than when with its square.
const PATIENCE: Duration = Duration::from_secs(60);

/// What there is to say about a source, and the bytes of its module.
fn compiled(source: &str) -> (Vec<Diagnostic>, Option<Vec<u8>>) {
    let mut sources = Sources::new();
    let begin = Instant::now();
    let compiled = compile("large.vg", source.as_bytes(), &mut sources);
    assert!(begin.elapsed() < PATIENCE, "{:?} for {:.60}", begin.elapsed(), source);
    (compiled.diagnostics, compiled.module.map(|module| module.module().bytes().to_vec()))
}

fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn a_hundred_errors_are_told_and_that_there_are_more() {
    let sources = [
        ("E0301", format!("alloc 64 {{\n{}}}", repeated(20_000, |n| format!("x{n} = u{}\n", n + 100_000)))),
        ("E0302", format!("alloc 64 {{\n{}}}", repeated(20_000, |n| format!("x{n}: u{}\n", n + 100_000)))),
        ("E0302", repeated(100_000, |n| format!("fn f{n}(a: nowhere) {{ }}\n"))),
        ("E0301", format!("println({})", repeated(60_000, |n| format!("u{n}, ")))),
        ("E0316", repeated(20_000, |n| format!("fn f{n}() {{ g{n}() }}\n"))),
        ("E0306", format!("fn f({}) {{ }}\nf()", repeated(255, |_| "a: int, ".to_owned()))),
        ("E0313", format!("struct s {{ {} }}\n1", repeated(50_000, |_| "a: int, ".to_owned()))),
    ];
    for (code, source) in sources {
        let (diagnostics, module) = compiled(&source);
        assert!(module.is_none());
        assert_eq!(diagnostics.len(), 100, "{code}");
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == code), "{code}");
        let notes = |diagnostic: &Diagnostic| diagnostic.notes.iter().any(|note| note.contains("there are more"));
        assert!(diagnostics.last().is_some_and(notes), "{code}");
    }
}

#[test]
fn no_error_is_lost_behind_warnings() {
    let (diagnostics, module) = compiled(&format!("alloc 4 {{\nx = 1\n{}\ny }}", "x\n".repeat(300)));
    assert!(module.is_none());
    assert_eq!(diagnostics.iter().filter(|diagnostic| diagnostic.code == "W0001").count(), 100);
    assert_eq!(diagnostics.last().map(|diagnostic| diagnostic.code), Some("E0301"));
}

#[test]
fn large_declarations_and_blocks_are_read_in_time() {
    let parameters = format!("fn f({}) {{ }}\n1", repeated(50_000, |_| "a: int, ".to_owned()));
    let (diagnostics, _) = compiled(&parameters);
    assert_eq!(diagnostics.first().map(|diagnostic| diagnostic.code), Some("L0108"));
    let fields = repeated(50_000, |n| format!("a{n}: int, "));
    let structs = repeated(20_000, |n| format!("struct s{n} {{ a: int }}\n"));
    let blocks = "if x == 1 { x = 2 }\n".repeat(20_000);
    let exits = repeated(20_000, |n| format!("if i == 5 {{ v{n} = i\nfree(v{n})\ncontinue }}\n"));
    let accepted = [
        format!("struct s {{ {fields} }}\nalloc 200000 {{ v: s\nv.a7 = 5 }}"),
        format!("{structs}alloc 4 {{ x = 5\n{blocks} }}"),
        format!("alloc 8 {{ i = 0\nwhile i < 3 {{ i += 1\n{exits} }} }}"),
    ];
    for source in accepted {
        let (diagnostics, module) = compiled(&source);
        assert!(module.is_some(), "{:?}", diagnostics.first());
    }
}

#[test]
fn code_does_not_grow_with_variables_times_exits() {
    let body = repeated(2_000, |n| {
        format!(
            "v{n} = i\nif v{n} == {n} {{ continue }}\nif v{n} == {} {{ own = i; if own > 7 {{ break }} }}\n",
            n + 5_000
        )
    });
    let (diagnostics, module) = compiled(&format!("alloc 100000 {{ i = 0\nwhile i < 3 {{ i += 1\n{body} }}\n i }}"));
    let bytes = module.map(|bytes| bytes.len());
    assert!(bytes.is_some_and(|bytes| bytes < 500_000), "{bytes:?} {:?}", diagnostics.first());
}

#[test]
fn what_is_too_large_is_a_limit_of_its_place() {
    let elements = |count: usize| format!("alloc 262144 {{\na = [\n{}]\n}}", "1,\n".repeat(count));
    assert!(compiled(&elements(65_535)).1.is_some());
    let (diagnostics, _) = compiled(&elements(65_536));
    assert_eq!(diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["L0110"]);
    let long = format!("fn f() {{ alloc 4 {{ x = 1\n{} }} }}\nf()", "x=x+x+x+x+x+x+x+x+x\n".repeat(225_000));
    let (diagnostics, _) = compiled(&long);
    assert_eq!(diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["L0111"]);
    assert_eq!(diagnostics.first().and_then(Diagnostic::primary).map(|label| label.span.clone()), Some(0..6));
}

#[test]
fn a_row_of_semicolons_is_taken_out() {
    let begin = Instant::now();
    let source = format!("alloc 4 {{\n    x = 1{}\n    println(x)\n}}\n", ";".repeat(1_000_000));
    let formatted = vegac::format::format_source("large.vg", source.as_bytes(), &mut Sources::new());
    assert_eq!(formatted.expect("it is read"), "alloc 4 {\n    x = 1\n    println(x)\n}\n");
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
}
