//! `tests/broken`: small programs with one mistake or a few, by topic, each as somebody may write it. All that people see
//! stands beside, in `.stderr`. Changes that a message proposes settle it.

use crate::case::{Case, Check, cases};
use crate::golden;
use crate::module;
use libtest_mimic::Trial;
use vega_report::{Diagnostic, Sources, fix};

/// A test a file.
pub fn trials() -> Vec<Trial> {
    cases("broken", &["vg"]).into_iter().map(|case| case.trial(check)).collect()
}

fn check(case: &Case) -> Check {
    let (name, text) = (case.file_name(), case.text()?);
    let made = module::compile(&name, text.as_bytes());
    if made.bytes.is_some() {
        return Err(format!("it is accepted\n{}", made.drawn));
    }
    golden::check_file(&case.beside("stderr"), made.drawn.as_bytes())?;
    let (_, told) = complaints(&name, &text);
    told.iter().filter(|diagnostic| !diagnostic.edits.is_empty()).try_for_each(|diagnostic| {
        let (source, _) = complaints(&name, &text);
        let (fixed, _) = fix(source, &text, [diagnostic]);
        let left = complaints(&name, &fixed).1;
        let same = |other: &Diagnostic| (other.code, &other.title) == (diagnostic.code, &diagnostic.title);
        let before = told.iter().filter(|other| same(other)).count();
        match left.iter().filter(|other| same(other)).count() < before {
            true => Ok(()),
            false => Err(format!("the change for {}: {} settles nothing:\n{fixed}", diagnostic.code, diagnostic.title)),
        }
    })
}

fn complaints(name: &str, text: &str) -> (vega_report::SourceId, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let compiled = vegac::compile(name, text.as_bytes(), &mut sources);
    // The text of the source is the first that is added.
    (Sources::new().add(name, text), compiled.diagnostics)
}
