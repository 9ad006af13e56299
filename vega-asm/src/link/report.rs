//! What stands in the way of linking, in words.

use super::problem::{Layout, Missing, Problem, Site};
use vega_format::write::{BuildError, FinishError};
use vega_report::{Diagnostic, quote};

/// More callers, or functions of the same name, are counted and not named.
const MOST: usize = 10;

/// A problem as people see it.
pub fn diagnostic(problem: &Problem) -> Diagnostic {
    match problem {
        Problem::NoObject { file, found } => {
            let title = format!("found a {found}, wanted an object");
            let hint = "a program or library is linked already; give the objects of which it was made";
            Diagnostic::error("K001", title).at(quote(file), "").hint(hint)
        }
        Problem::Duplicate { first, second, same_file } => duplicate(first, second, *same_file),
        Problem::Undefined { missing, overloads, near } => undefined(missing, overloads, near.as_deref()),
        Problem::Private { missing, found } => {
            let title = format!("{} is not exported", name(found));
            let declared = format!("it is declared in {}", place(found));
            callers(Diagnostic::error("K004", title).note(declared), missing)
                .hint("write `pub` before it there, and compile that file again")
        }
        Problem::OtherResult { missing, found } => {
            let title = format!("{} is there, wanted `{}`", name(found), quote(&missing.wanted.to_string()));
            let declared = format!("it is declared in {}", place(found));
            callers(Diagnostic::error("K005", title).note(declared), missing)
                .hint("one of the files is older than the other; compile both again")
        }
        Problem::Layouts { name, first, second } => layouts(name, first, second),
        Problem::NoEntry { mains } => no_entry(mains),
        Problem::Entries { first, second } => {
            Diagnostic::error("K008", "two of the objects say where the program starts")
                .note(format!("{} of {}", name(first), place(first)))
                .note(format!("{} of {}", name(second), place(second)))
                .hint("leave one of them out, or say which with `--entry`")
        }
        Problem::UnknownEntry { name, near } => {
            let title = format!("no object defines `{}`, which was named as the entry", quote(name));
            let diagnostic = Diagnostic::error("K009", title);
            diagnostic.hint(match near {
                Some(near) => format!("did you mean `--entry '{}'`?", quote(near)),
                None => "give its mangled name, such as `main()I`".to_owned(),
            })
        }
        Problem::Malformed(site) => {
            let title = format!("the code of {} is malformed", name(site));
            let hint = format!("`vega-objdump {}` says what is wrong with it", quote(&site.file));
            Diagnostic::error("K010", title).at(quote(&site.file), "").hint(hint)
        }
        Problem::Unwritable(error) => unwritable(error),
        Problem::Refused { file, error } => {
            let diagnostic = Diagnostic::error(error.rule.code(), error.to_string());
            let diagnostic = match file {
                Some(file) => diagnostic.at(quote(file), ""),
                None => diagnostic,
            };
            error.notes().into_iter().fold(diagnostic, Diagnostic::note)
        }
    }
}

fn name(site: &Site) -> String {
    format!("`{}`", quote(&site.signature.to_string()))
}

/// `geometry.vgo (geometry.vg:12)`.
fn place(site: &Site) -> String {
    let file = quote(&site.file);
    match &site.line {
        Some((source, line)) => format!("{file} ({}:{line})", quote(source)),
        None => file,
    }
}

fn duplicate(first: &Site, second: &Site, same_file: bool) -> Diagnostic {
    let diagnostic = Diagnostic::error("K002", format!("{} is defined twice", name(first)))
        .note(format!("first in {}", place(first)))
        .note(format!("again in {}", place(second)));
    match (same_file, first.signature.result == second.signature.result) {
        (true, _) => diagnostic.hint("the two files hold the same; give one of them"),
        (false, true) => diagnostic.hint("leave one of the files out, or give one of the functions another name"),
        (false, false) => diagnostic
            .note(format!("there it is {}; functions do not differ in their result alone", name(second)))
            .hint("give one of them another name"),
    }
}

fn undefined(missing: &Missing, overloads: &[Site], near: Option<&str>) -> Diagnostic {
    let wanted = missing.wanted.to_string();
    let diagnostic = Diagnostic::error("K003", format!("no object defines `{}`", quote(&wanted)));
    let mut diagnostic = callers(diagnostic, missing);
    for site in overloads.iter().take(MOST) {
        diagnostic = diagnostic.note(format!("there is {} in {}", name(site), place(site)));
    }
    let module = missing.wanted.name.rsplit_once('.').map(|(module, _)| module);
    diagnostic.hint(match (near, overloads, module) {
        (Some(near), _, _) => format!("did you mean `{}`?", quote(near)),
        (None, [_, ..], _) => "it takes other types now; compile what calls it again".to_owned(),
        (None, [], Some(module)) => format!("give the object of module `{}`, too", quote(module)),
        (None, [], None) => "give the object that defines it, too".to_owned(),
    })
}

fn callers(mut diagnostic: Diagnostic, missing: &Missing) -> Diagnostic {
    for caller in missing.callers.iter().take(MOST) {
        diagnostic = diagnostic.note(format!("called by {} in {}", name(caller), place(caller)));
    }
    match missing.callers.len().saturating_sub(MOST) {
        0 => diagnostic,
        more => diagnostic.note(format!("and in {more} more files")),
    }
}

fn layouts(name: &str, first: &Layout, second: &Layout) -> Diagnostic {
    let title =
        format!("struct `{}` is not the same in `{}` and `{}`", quote(name), quote(&first.file), quote(&second.file));
    let differs = first.fields.iter().zip(&second.fields).position(|(a, b)| a != b);
    let from = differs.unwrap_or(first.fields.len().min(second.fields.len()));
    Diagnostic::error("K006", title)
        .note(side(first, from))
        .note(side(second, from))
        .hint("they were compiled against different versions of it; compile both again")
}

/// `in a.vgo: { x: int, y: int }, 8 bytes`, with the fields up to a few behind the first that differs.
fn side(layout: &Layout, from: usize) -> String {
    let (start, end) = (from.saturating_sub(MOST), from + MOST);
    let shown = layout.fields.iter().take(end).skip(start);
    let mut fields: Vec<String> = shown.map(|(name, type_)| format!("{name}: {type_}")).collect();
    if start > 0 {
        fields.insert(0, "…".to_owned());
    }
    if end < layout.fields.len() {
        fields.push("…".to_owned());
    }
    format!("in `{}`: `{{ {} }}`, {} bytes", quote(&layout.file), quote(&fields.join(", ")), layout.size)
}

fn no_entry(mains: &[Site]) -> Diagnostic {
    let diagnostic = Diagnostic::error("K007", "no object says where the program starts");
    match mains {
        [] => diagnostic.hint("give the object that has `main`, or make a library with `--library`"),
        [main, ..] => diagnostic
            .note(format!("there is {} in {}", name(main), place(main)))
            .hint(format!("say `--entry '{}'`", quote(&vega_format::mangle::mangle(&main.signature)))),
    }
}

fn unwritable(error: &FinishError) -> Diagnostic {
    let code = match error {
        FinishError::Build(BuildError::Limit { .. }) => "L001",
        FinishError::Format(error) => error.kind.code(),
        _ => "K010",
    };
    Diagnostic::error(code, format!("what was linked cannot be written: {error}"))
}
