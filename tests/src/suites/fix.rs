//! `tests/fix`: sources that `vegac --fix` makes right. What comes of each stands beside, in `.fixed`, and compiles
//! without a word.

use crate::case::{Case, Check, cases};
use crate::golden;
use crate::module;
use libtest_mimic::Trial;
use vegac::project::NoModules;

/// A test a file.
pub fn trials() -> Vec<Trial> {
    cases("fix", &["vg"]).into_iter().map(|case| case.trial(check)).collect()
}

fn check(case: &Case) -> Check {
    let (name, text) = (case.file_name(), case.text()?);
    let (fixed, settled) = vegac::command::fixed(&name, text.as_bytes(), vegac::Options::default(), &mut NoModules);
    if settled == 0 {
        return Err("nothing is changed".to_owned());
    }
    golden::check_file(&case.beside("fixed"), &fixed)?;
    let made = module::compile(&name, &fixed);
    match made.complaints.as_slice() {
        [] => made.accepted().map(drop),
        _ => Err(format!("there is more to say:\n{}", made.drawn)),
    }
}
