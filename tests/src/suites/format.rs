//! The one style: every program of the corpus and of the examples means the same when it is formatted, and a second time
//! changes nothing. `tests/format` has sources beside what they become, in `.formatted`.

use crate::case::{Case, Check, below, cases, files, root, trial};
use crate::golden;
use crate::module;
use libtest_mimic::Trial;
use vega_report::{Format, Sources, draw};
use vegac::Options;
use vegac::format::format_source;
use vegac::lints::{Levels, Setting};

/// A test a file.
pub fn trials() -> Vec<Trial> {
    let examples = files(&root().join("examples"), &["vg"]).into_iter();
    let examples = examples.map(|path| Case { name: below(root(), &path), path });
    let programs = cases("run", &["vg"]).into_iter().chain(cases("warn", &["vg"])).chain(examples);
    let kept = programs.map(|case| trial(format!("format: {}", case.name), move || check_same(&case)));
    let shown = cases("format", &["vg"]).into_iter().map(|case| case.trial(check_shown));
    kept.chain(shown).collect()
}

fn format(case: &Case, text: &str) -> Result<String, String> {
    let mut sources = Sources::new();
    format_source(&case.file_name(), text.as_bytes(), &mut sources).map_err(|diagnostics| {
        diagnostics.iter().map(|diagnostic| draw(diagnostic, &sources, Format::Human, false)).collect()
    })
}

fn check_same(case: &Case) -> Check {
    let text = case.text()?;
    let formatted = format(case, &text)?;
    let compiled = |text: &str| {
        let levels = Levels::default().with("certain-trap", Setting::Allow);
        let options = Options { strip_debug: true, levels, ..Options::default() };
        let compile = |options| match case.name.starts_with("examples/") {
            true => module::compile_in_place(&case.path, text.as_bytes(), options).accepted(),
            // Those of the corpus stand alone, and some are called as the module of the library that they show.
            false => module::compile_with("same.vg", text.as_bytes(), options).accepted(),
        };
        // A module by itself has no `main`.
        compile(options).or_else(|_| compile(Options { object: true, ..options }))
    };
    if compiled(&text)? != compiled(&formatted)? {
        return Err(format!("it means something else:\n{formatted}"));
    }
    golden::check("formatted twice", formatted.as_bytes(), format(case, &formatted)?.as_bytes())
}

fn check_shown(case: &Case) -> Check {
    let formatted = format(case, &case.text()?)?;
    golden::check_file(&case.beside("formatted"), formatted.as_bytes())?;
    golden::check("formatted twice", formatted.as_bytes(), format(case, &formatted)?.as_bytes())
}
