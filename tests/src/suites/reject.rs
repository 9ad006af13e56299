//! `tests/reject`: programs and listings that are refused, with the message on the line that causes it; and `tests/warn`:
//! those that are accepted with warnings.
//!
//! `#! E0401: words of the title` in a program, `;! A003: words` in a listing; `#!^ …` speaks of the line above. Every
//! message is expected, and every expectation met, at its line.

use crate::case::{Case, Check, cases};
use crate::module::{self, Complaint, Made};
use libtest_mimic::Trial;

/// A test a file.
pub fn trials() -> Vec<Trial> {
    let refused = cases("reject", &["vg", "vasm"]).into_iter().map(|case| case.trial(|case| check(case, false)));
    let warned = cases("warn", &["vg", "vasm"]).into_iter().map(|case| case.trial(|case| check(case, true)));
    refused.chain(warned).collect()
}

fn check(case: &Case, accepted: bool) -> Check {
    let text = case.text()?;
    let (made, mark) = match case.is("vg") {
        true => (module::compile(&case.file_name(), text.as_bytes()), "#!"),
        false => (module::assemble(&case.file_name(), &text, true), ";!"),
    };
    let expected = expectations(&text, mark)?;
    if expected.is_empty() {
        return Err(format!("no line expects a message: write `{mark} CODE: words` on it"));
    }
    compare(&expected, &made, accepted)
}

/// What the lines of a text expect.
fn expectations(text: &str, mark: &str) -> Result<Vec<Complaint>, String> {
    let mut expected = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for expectation in line.split(mark).skip(1) {
            let (above, words) = match expectation.strip_prefix('^') {
                Some(words) => (1, words),
                None => (0, expectation),
            };
            let (code, title) = words.split_once(':').ok_or_else(|| format!("line {number}: wanted `CODE: words`"))?;
            let (code, title) = (code.trim().to_owned(), title.trim().to_owned());
            expected.push(Complaint { code, title, line: number - above });
        }
    }
    Ok(expected)
}

fn compare(expected: &[Complaint], made: &Made, accepted: bool) -> Check {
    let mut left: Vec<&Complaint> = made.complaints.iter().collect();
    let mut problems = Vec::new();
    for wanted in expected {
        let fits = |found: &&Complaint| {
            found.line == wanted.line && found.code == wanted.code && found.title.contains(&wanted.title)
        };
        match left.iter().position(fits) {
            Some(place) => _ = left.remove(place),
            None => problems.push(format!("line {}: no {}: {}", wanted.line, wanted.code, wanted.title)),
        }
    }
    problems
        .extend(left.iter().map(|found| format!("line {}: not expected: {}: {}", found.line, found.code, found.title)));
    match problems.as_slice() {
        [] if made.bytes.is_some() != accepted => {
            Err(if accepted { "it is refused" } else { "it is accepted" }.to_owned())
        }
        [] => Ok(()),
        _ => Err(format!("{}\n\n{}", problems.join("\n"), made.drawn)),
    }
}
