//! `tests/broken`: small programs with one mistake or a few, by topic, each as somebody may write it. All that people see
//! stands beside, in `.stderr`. Changes that a message proposes settle it. Together they show every error and warning of
//! the compiler. What they import lies beside, in files whose names begin with `_`.

use crate::case::{Case, Check, cases, trial};
use crate::golden;
use crate::module;
use libtest_mimic::Trial;
use std::fs;
use vega_report::{Diagnostic, Sources, explain, fix};

/// What no program that lies in a folder shows: objects that do not agree or have another name, a file name with `-c`.
/// `tests/tests/modules.rs` and `tests/cli` do.
const ELSEWHERE: [&str; 3] = ["E0609", "E0610", "E0611"];

/// A test a file, and one of all.
pub fn trials() -> Vec<Trial> {
    let programs = cases("broken", &["vg"]).into_iter().filter(|case| !case.file_name().starts_with('_'));
    let mut trials: Vec<Trial> = programs.map(|case| case.trial(check)).collect();
    trials.push(trial("broken: every error and warning of the compiler is shown", check_codes));
    trials
}

fn check(case: &Case) -> Check {
    let bytes = fs::read(&case.path).map_err(|error| format!("`{}` cannot be read: {error}", case.name))?;
    let made = module::compile_in_place(&case.path, &bytes, vegac::Options::default());
    if made.drawn.is_empty() {
        return Err("nothing is said about it".to_owned());
    }
    golden::check_file(&case.beside("stderr"), made.drawn.as_bytes())?;
    let text = String::from_utf8_lossy(&bytes);
    let told = module::complaints_in_place(&case.path, &text);
    told.iter().filter(|diagnostic| !diagnostic.edits.is_empty()).try_for_each(|diagnostic| {
        // The source is the first that is added.
        let source = Sources::new().add(case.file_name(), &*text);
        let (fixed, _) = fix(source, &text, [diagnostic]);
        let left = module::complaints_in_place(&case.path, &fixed);
        let same = |other: &Diagnostic| (other.code, &other.title) == (diagnostic.code, &diagnostic.title);
        let before = told.iter().filter(|other| same(other)).count();
        match left.iter().filter(|other| same(other)).count() < before {
            true => Ok(()),
            false => Err(format!("the change for {}: {} settles nothing:\n{fixed}", diagnostic.code, diagnostic.title)),
        }
    })
}

fn check_codes() -> Check {
    let shown: String = cases("broken", &["stderr"]).iter().map(Case::text).collect::<Result<_, _>>()?;
    let is_shown =
        |code: &str| shown.contains(&format!("error[{code}]")) || shown.contains(&format!("warning[{code}]"));
    let of_compiler = explain::codes().filter(|code| code.starts_with('E') || code.starts_with('W'));
    let missing: Vec<&str> = of_compiler.filter(|code| !ELSEWHERE.contains(code) && !is_shown(code)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no program shows {}", missing.join(", "))) }
}
