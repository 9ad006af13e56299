//! The examples of `spec/assembly.md` assemble, and those of `spec/errors.md` provoke their codes.

use vega_asm::{Options, assemble};
use vega_report::Sources;

/// The fenced blocks of a page whose info string begins with `vasm`, with what follows it.
fn examples(page: &str) -> Vec<(String, String)> {
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```vasm") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            examples.push((info.trim_start_matches(',').to_owned(), text.join("\n") + "\n"));
        }
    }
    examples
}

fn codes(text: &str) -> Vec<&'static str> {
    let mut sources = Sources::new();
    let source = sources.add("t.vasm", text);
    let (_, diagnostics) = assemble(&sources, source, Options::default());
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn the_examples_of_the_language_assemble() {
    let examples = examples(include_str!("../../spec/assembly.md"));
    assert!(!examples.is_empty());
    for (code, text) in examples {
        let wanted: Vec<&str> = Some(code.as_str()).filter(|code| !code.is_empty()).into_iter().collect();
        assert_eq!(codes(&text), wanted, "{text}");
    }
}

#[test]
fn the_examples_of_errors_provoke_them() {
    for (code, text) in examples(include_str!("../../spec/errors.md")) {
        assert!(codes(&text).contains(&code.as_str()), "{code}: {:?}\n{text}", codes(&text));
    }
}
