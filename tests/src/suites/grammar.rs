//! The grammar on the page of the language and the parser say the same: every program of the corpus is a sentence of the
//! grammar, and sentences of the grammar are parsed without complaint.

use crate::case::{Check, cases, files, root, trial};
use crate::grammar::{Grammar, Sentences, words_of};
use crate::suites::fences;
use libtest_mimic::Trial;
use std::fs;
use vega_report::Sources;
use vegac::{lexer, parser};

const PAGE: &str = "spec/language.md";

/// The two directions.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("grammar: programs are sentences of it", check_programs),
        trial("grammar: its sentences are parsed", check_sentences),
    ]
}

fn grammar() -> Result<Grammar, String> {
    let page = fs::read_to_string(root().join(PAGE)).map_err(|error| format!("{PAGE}: {error}"))?;
    let fence = fences::read(PAGE, &page).into_iter().find(|fence| fence.info == "ebnf");
    Grammar::read(&fence.ok_or("the page has no grammar")?.text)
}

/// Whether a text is parsed without complaint, and if so whether the grammar derives it.
fn derive(grammar: &Grammar, name: &str, text: &str) -> Option<Check> {
    let mut sources = Sources::new();
    let source = sources.add(name, text);
    let (tokens, complaints) = lexer::lex(source, text);
    let (_, mistakes) = parser::parse(source, text, &tokens);
    let is_parsed = complaints.is_empty() && mistakes.is_empty();
    is_parsed.then(|| grammar.derives("file", &words_of(text, &tokens)).map_err(|error| format!("{name}: {error}")))
}

fn check_programs() -> Check {
    let grammar = grammar()?;
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut programs: Vec<_> = cases("run", &["vg"]).into_iter().map(|case| case.path).collect();
    programs.extend(files(&root().join("examples"), &["vg"]));
    programs.extend(files(&root().join("vegac/std"), &["vg"]));
    for path in programs {
        if let Ok(text) = fs::read_to_string(&path) {
            texts.push((path.display().to_string(), text));
        }
    }
    for page in files(&root().join("spec"), &["md"]) {
        let text = fs::read_to_string(&page).unwrap_or_default();
        let fences = fences::read(&page.display().to_string(), &text).into_iter();
        texts.extend(fences.filter(|fence| fence.info.starts_with("vega")).map(|fence| (fence.place, fence.text)));
    }
    // Those with lines by the thousand would take long, and say nothing new.
    texts.retain(|(_, text)| text.len() < 50_000);
    let outcomes: Vec<Check> = texts.iter().filter_map(|(name, text)| derive(&grammar, name, text)).collect();
    if outcomes.len() < 150 {
        return Err(format!("only {} texts are parsed", outcomes.len()));
    }
    let failures: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn check_sentences() -> Check {
    let grammar = grammar()?;
    let mut failures = Vec::new();
    for seed in 0..3_000 {
        let text = Sentences::new(&grammar, seed).make("file", 6 + (seed % 12) as u32);
        let mut sources = Sources::new();
        let source = sources.add("sentence.vg", text.as_str());
        let (tokens, complaints) = lexer::lex(source, &text);
        let (_, mistakes) = parser::parse(source, &text, &tokens);
        if let Some(complaint) = complaints.iter().chain(&mistakes).next() {
            failures.push(format!("{}: {}\n{text}\n", complaint.code, complaint.title));
        }
    }
    failures.sort_by_key(String::len);
    failures.truncate(8);
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}
