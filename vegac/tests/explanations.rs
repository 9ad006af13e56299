//! The examples of `spec/errors.md` provoke the codes that they stand under, those of `spec/language.md` the codes that
//! they are marked with, and nothing else. (`tests/` runs the fences of all pages and looks after all codes.)

use vega_report::{Sources, explain};
use vegac::compile;

/// An example of the page: its form, the code that it is to provoke, and its text.
struct Example {
    form: &'static str,
    code: &'static str,
    text: String,
}

/// The fenced blocks marked `FORM,CODE` in the section of a code.
fn examples(code: &'static str) -> Vec<Example> {
    fenced(explain::explain(code).expect("a code has a section"))
}

/// The fenced blocks marked `FORM,CODE` in a text.
fn fenced(page: &'static str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(mark) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some((form, code)) = mark.split_once(',') {
            examples.push(Example { form, code, text: text.join("\n") + "\n" });
        }
    }
    examples
}

fn all_examples() -> impl Iterator<Item = Example> {
    explain::codes().flat_map(examples)
}

/// The codes of what there is to say about a program, in the order of their places; and whether a module was made.
fn codes(source: &[u8]) -> (Vec<&'static str>, bool) {
    let mut sources = Sources::new();
    let compiled = compile("example.vg", source, &mut sources);
    (compiled.diagnostics.iter().map(|diagnostic| diagnostic.code).collect(), compiled.module.is_some())
}

/// The text with the lines `N × text` spelled out.
fn repeated(text: &str) -> String {
    let line = |line: &str| match line.split_once(" × ") {
        Some((count, part)) => part.repeat(count.parse().expect("a number stands before the sign")),
        None => line.to_owned(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// Codes that the checker gives, and the compiler's fault, which no source provokes.
fn is_of_the_checker(code: &str) -> bool {
    ["E03", "E04", "E05"].iter().any(|family| code.starts_with(family))
        || ["L0106", "L0107", "L0108", "L0109"].contains(&code)
}

#[test]
fn every_example_stands_under_its_code() {
    for code in explain::codes() {
        for example in examples(code) {
            assert_eq!(example.code, code, "{}", example.text);
        }
    }
}

#[test]
fn every_program_provokes_its_code_first() {
    for Example { code, text, .. } in all_examples().filter(|example| example.form == "vega") {
        let (found, made) = codes(text.as_bytes());
        if code.starts_with('T') && found.is_empty() {
            // It traps when it runs, so it is compiled; `vegavm` sees to the rest.
            assert!(made, "{code}: {found:?}\n{text}");
        } else {
            assert_eq!(found.first(), Some(&code), "{found:?}\n{text}");
        }
    }
}

#[test]
fn every_program_provokes_nothing_else() {
    for Example { code, text, .. } in all_examples().filter(|example| example.form == "vega") {
        let (found, _) = codes(text.as_bytes());
        assert!(found.iter().all(|other| *other == code), "{code}: {found:?}\n{text}");
    }
}

#[test]
fn every_code_of_the_checker_has_an_example() {
    // That of L0108, 256 parameters of different names, would fill a page; it has a test of its own.
    for code in explain::codes().filter(|code| is_of_the_checker(code) && *code != "L0108") {
        assert!(!examples(code).is_empty(), "{code} has no example");
        for Example { text, .. } in examples(code).into_iter().filter(|example| example.form == "repeat") {
            let (found, _) = codes(repeated(&text).as_bytes());
            assert_eq!(found.first(), Some(&code), "{text}");
        }
    }
}

#[test]
fn a_function_has_at_most_255_parameters() {
    let with = |count: usize| {
        let parameters: Vec<String> = (0..count).map(|number| format!("p{number}: int")).collect();
        codes(format!("pub fn f({}) {{ }}\nprint(1)", parameters.join(", ")).as_bytes())
    };
    assert_eq!(with(255), (Vec::new(), true));
    assert_eq!(with(256), (vec!["L0108"], false));
}

#[test]
fn every_code_of_the_checker_has_a_section() {
    let sources = [
        include_str!("../src/compile.rs"),
        include_str!("../src/check/mod.rs"),
        include_str!("../src/check/assign.rs"),
        include_str!("../src/check/builtin.rs"),
        include_str!("../src/check/call.rs"),
        include_str!("../src/check/certain.rs"),
        include_str!("../src/check/constant.rs"),
        include_str!("../src/check/convert.rs"),
        include_str!("../src/check/expression.rs"),
        include_str!("../src/check/place.rs"),
        include_str!("../src/check/scope.rs"),
        include_str!("../src/check/statement.rs"),
        include_str!("../src/check/types.rs"),
    ];
    let is_code = |word: &&str| {
        word.len() == 5 && word.starts_with(['E', 'L', 'B']) && word.bytes().skip(1).all(|byte| byte.is_ascii_digit())
    };
    for code in sources.iter().flat_map(|source| source.split('"')).filter(is_code) {
        assert!(explain::explain(code).is_some(), "{code} has no section in spec/errors.md");
    }
}

#[test]
fn the_language_is_refused_where_its_page_says_so() {
    let examples = fenced(include_str!("../../spec/language.md"));
    assert!(examples.len() > 10);
    for Example { code, text, .. } in examples {
        let (found, _) = codes(text.as_bytes());
        assert_eq!(found, [code], "{text}");
    }
}
