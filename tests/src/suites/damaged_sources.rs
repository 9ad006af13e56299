//! Damage to the programs of `tests/run`: one character of the source is missing or another. Whatever comes of it, the
//! compiler does not panic, and what it makes is a module of one form that the verifier accepts.

use crate::case::{Case, Check, cases, trial};
use crate::module;
use libtest_mimic::Trial;

/// What is put in the place of each character.
const REPLACEMENTS: [&str; 8] = ["", "(", "}", "\n", "0", "-", "x", "."];

/// A test a program.
pub fn trials() -> Vec<Trial> {
    // Each time, modules of the library would be compiled, too, which are always the same.
    let programs = cases("run", &["vg"]).into_iter().filter(|case| !case.name.starts_with("run/library/"));
    programs.map(|case| trial(format!("damage to {}", case.name), move || check(&case))).collect()
}

fn check(case: &Case) -> Check {
    let text = case.text()?;
    for (place, old) in text.char_indices() {
        let (before, after) = (&text[..place], &text[place + old.len_utf8()..]);
        for new in REPLACEMENTS {
            let changed = format!("{before}{new}{after}");
            check_changed(&changed)
                .map_err(|problem| format!("byte {place:#x}, `{old}` as `{new}`: {problem}\n{changed}"))?;
        }
    }
    Ok(())
}

fn check_changed(source: &str) -> Check {
    let made = module::compile("damaged.vg", source.as_bytes());
    match &made.bytes {
        Some(bytes) => module::check_round_trip(bytes),
        None if made.complaints.is_empty() => Err("refused without a word".to_owned()),
        // B: the compiler refuses what it made itself.
        None if made.complaints.iter().any(|complaint| complaint.code.starts_with('B')) => Err(made.drawn),
        None => Ok(()),
    }
}
