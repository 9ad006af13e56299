//! What stands in the way of linking, and what is odd, in words.

mod mark;

use super::budget::{Change, NoLock, Over, UNBOUNDED};
use super::problem::{Layout, Missing, Problem, Site, Twins, Warning};
use super::rename::{REAL, WRAP};
use super::symbols::module;
use mark::{marked, side_by_side};
use vega_format::budget::needed;
use vega_format::text::counted;
use vega_format::write::{BuildError, FinishError};
use vega_report::{Diagnostic, quote};

/// More callers, or functions of the same name, are counted and not named.
const MOST: usize = 10;

/// The modules of the library, of which the compiler writes the objects.
pub const LIBRARY: [&str; 6] = ["bits", "hash", "io", "math", "sort", "text"];

/// What may be done about a circle of calls.
const LIMIT_IT: &str =
    "give one of these a limit, which counts its calls that are active: `fn f(n: int) -> int limit 20`";

/// A problem as people see it.
pub fn diagnostic(problem: &Problem) -> Diagnostic {
    match problem {
        Problem::Unread(unread) => unread.told.clone(),
        Problem::NoObject { file, found } => {
            let title = format!("found a {found}, wanted an object");
            let hint = "a program or library is linked already; give the objects of which it was made";
            Diagnostic::error("K001", title).at(quote(file), "").hint(hint)
        }
        Problem::Duplicate { first, second, twins } => duplicate(first, second, *twins),
        Problem::Undefined { missing, overloads, near, module_file, alone } => {
            undefined(missing, overloads, near.as_deref(), module_file.as_deref(), alone.as_ref())
        }
        Problem::Private { missing, found } => {
            let title = format!("{} is not exported", name(found));
            let declared = format!("it is declared in {}", place(found));
            callers(Diagnostic::error("K004", title).note(declared), missing)
                .hint("write `pub` before it there, and compile that file again")
        }
        Problem::Mismatch { missing, found } => {
            let title = format!("{} is there, wanted `{}`", name(found), quote(&missing.wanted.to_string()));
            let declared = format!("declared in {}:\n{}", place(found), marked(&found.signature, &missing.wanted));
            let diagnostic = callers(Diagnostic::error("K005", title).note(declared), missing);
            diagnostic
                .note(format!("what they were compiled for:\n{}", marked(&missing.wanted, &found.signature)))
                .hint(match missing.written {
                    Some(_) => "let it take and give what the calls do, or name another; options exchange names alone",
                    None => "one of the files is older than the other; compile both again",
                })
        }
        Problem::Layouts { name, first, second } => layouts(name, first, second),
        Problem::Hosts { first, second } => {
            let [one, other] = [first, second].map(|missing| quote(&missing.wanted.to_string()));
            let title = format!("`{one}` and `{other}` are wanted of the host");
            callers(callers(Diagnostic::error("K019", title), first), second)
                .note("functions do not differ in their result alone")
                .hint("declare it with one result everywhere")
        }
        Problem::Empty => {
            Diagnostic::error("K017", "none of the objects exports a function, and a library has no others")
                .hint("a library has what is `pub`, and what that calls; write `pub` before those that the host calls")
        }
        Problem::NoEntry { mains } => no_entry(mains),
        Problem::Entries(several) => {
            let diagnostic = Diagnostic::error("K008", "more than one of the objects says where the program starts");
            let sites = several.iter().take(MOST).map(|site| format!("{} of {}", name(site), place(site)));
            let options = entries(several);
            sites.fold(diagnostic, Diagnostic::note).hint(format!("give one of them, or say which: {options}"))
        }
        Problem::UnknownEntry { name, near } => {
            let title = format!("no object defines `{}`, which was named as the entry", quote(name));
            let diagnostic = Diagnostic::error("K009", title);
            diagnostic.hint(match near {
                Some(near) => format!("did you mean `{}`?", entry(near)),
                None => "give its mangled name, such as `main()I`".to_owned(),
            })
        }
        Problem::NotMain(site) => {
            let title = format!("{} was named as the entry, wanted a function named `main`", name(site));
            Diagnostic::error("K009", title)
                .note(format!("it is declared in {}", place(site)))
                .hint("write a `main` that calls it, or make a library with `--library` for a host that calls it")
        }
        Problem::Ambiguous { name, sites: several } => {
            let title = format!("`{}`, which was named as the entry, is the name of several functions", quote(name));
            let sites = several.iter().take(MOST).map(|site| format!("{} in {}", self::name(site), place(site)));
            let diagnostic = sites.fold(Diagnostic::error("K009", title), Diagnostic::note);
            diagnostic.hint(format!("say which: {}", entries(several)))
        }
        Problem::Taken { name, found } => {
            let title = format!("`{}` is defined by an object, and by `--defsym`", quote(name));
            Diagnostic::error("K011", title)
                .note(format!("{} of {}", self::name(found), place(found)))
                .hint("leave the object out, or the option")
        }
        Problem::TwoMeanings { name, first, second } => {
            let [name, first, second] = [name, first, second].map(|name| quote(name));
            let title = format!("`--defsym` lets `{name}` stand for `{first}`, and for `{second}`");
            Diagnostic::error("K011", title).hint("say it once")
        }
        Problem::Outgrown { promised, by, found, budget, chain } => {
            let needs = match budget.of_call() {
                Some(bytes) => format!("needs {}", needed(bytes)),
                None => "has no bound".to_owned(),
            };
            let title = format!("{} {needs}; `{}` relies on at most {promised}", name(found), quote(by));
            let links = chain.iter().map(|link| match &link.calls_at {
                Some(at) => format!("{}, calls at {}", link.declared, quote(at)),
                None => link.declared.clone(),
            });
            let links: Vec<String> = links.collect();
            let diagnostic = at(Diagnostic::error("K016", title), found);
            let diagnostic = match links.is_empty() {
                true => diagnostic,
                false => diagnostic.note(format!("it is reached by:\n{}", links.join("\n"))),
            };
            budget.dearest_in_words().into_iter().fold(diagnostic, Diagnostic::note).hint(match budget.of_call() {
                Some(_) => "make it smaller, or promise more",
                None => LIMIT_IT,
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

/// A function that may need more memory than it is allowed to.
pub fn over_budget(over: &Over) -> Diagnostic {
    let Over { budget, limit, arenas } = over;
    let name = quote(&budget.function);
    let title = match budget.bytes {
        Some(bytes) => format!("`{name}` is proved to need {}; the limit is {limit}", needed(bytes)),
        None => format!("`{name}` has no bound; the limit is {limit}"),
    };
    let diagnostic = budget.dearest_in_words().into_iter().fold(Diagnostic::error("L105", title), Diagnostic::note);
    let diagnostic = match arenas.as_slice() {
        [] => diagnostic,
        arenas => diagnostic.note(format!("the largest arenas are {}", arenas.join(", "))),
    };
    let diagnostic = budget.beside().into_iter().fold(diagnostic, Diagnostic::note);
    diagnostic.hint(match budget.bytes {
        Some(_) => "make these smaller, or raise the limit with `--max-memory`",
        None => LIMIT_IT,
    })
}

/// A file that is no lock.
pub fn no_lock(line: &NoLock, lock: &str) -> Diagnostic {
    let title = format!("found `{}`, wanted a line of a budget lock", quote(&line.text));
    Diagnostic::error("K018", title)
        .at(format!("{}:{}", quote(lock), line.number), "")
        .hint("name a file that `--budget-lock` wrote, or one that is not there and is written then")
}

/// A function that needs something else than the lock says.
pub fn budget_change(change: &Change, lock: &str) -> Diagnostic {
    let name = quote(&change.function);
    let needs = |figure: &str| match figure == UNBOUNDED {
        true => "has no bound".to_owned(),
        false => format!("needs {}", quote(figure)),
    };
    let title = match (&change.before, &change.now) {
        (Some(before), Some(now)) if before == now => format!("`{name}` needs as much as before, on another path"),
        (Some(before), Some(now)) => format!("`{name}` {}; the lock says that it {}", needs(now), needs(before)),
        (None, now) => format!("`{name}` {}; the lock does not have it", needs(now.as_deref().unwrap_or_default())),
        (Some(before), None) => format!("`{name}` is gone; the lock says that it {}", needs(before)),
    };
    let diagnostic = Diagnostic::error("K015", title).at(quote(lock), "");
    let causes = change.causes.iter().take(MOST).map(|cause| quote(cause));
    causes.fold(diagnostic, Diagnostic::note).hint("if that is meant, say `--update-budget`")
}

/// What is odd as people see it.
pub fn warning(warning: &Warning) -> Diagnostic {
    match warning {
        Warning::Nothing { option, name, near } => {
            nothing(&format!("no object defines `{}`, which `{option}` names", quote(name)), near.as_deref())
        }
        Warning::Uncalled { option, name, near } => {
            let title = format!("no object calls `{}` of another, which `{option}` names", quote(name));
            nothing(&title, near.as_deref())
        }
        Warning::Section { file, section } => {
            let title = format!("section `{}` speaks of the file in which it stands, and is left out", quote(section));
            Diagnostic::warning("K013", title).at(quote(file), "")
        }
    }
}

/// An option names nothing.
fn nothing(title: &str, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::warning("K012", title);
    match near {
        Some(near) => diagnostic.hint(format!("did you mean `{}`?", quote(near))),
        None => diagnostic.hint("`vega-objdump --syms` lists the names of an object"),
    }
}

/// The readable name of a function.
pub(super) fn name(site: &Site) -> String {
    format!("`{}`", quote(&site.signature.to_string()))
}

/// `geometry.vgo (geometry.vg:12)`.
pub(super) fn place(site: &Site) -> String {
    let file = quote(&site.file);
    match &site.line {
        Some((source, line)) => format!("{file} ({}:{line})", quote(source)),
        None => file,
    }
}

/// The place of a complaint: a line of a source where that is known, else the object.
fn at(diagnostic: Diagnostic, site: &Site) -> Diagnostic {
    match &site.line {
        Some((source, line)) => diagnostic.at(quote(source), line.to_string()),
        None => diagnostic.at(quote(&site.file), ""),
    }
}

fn duplicate(first: &Site, second: &Site, twins: Twins) -> Diagnostic {
    let diagnostic = at(Diagnostic::error("K002", format!("{} is defined twice", name(first))), second)
        .note(format!("first in {}", place(first)))
        .note(format!("again in {}", place(second)));
    match (twins, first.signature.result == second.signature.result) {
        (Twins::Files, _) => diagnostic.hint("the two files hold the same; give one of them"),
        (Twins::Bodies, _) => {
            diagnostic.note("both do the same").hint("leave one of the files out, or one of the functions")
        }
        (Twins::Code, _) => diagnostic
            .note("their code is the same; what they call in their files may differ")
            .hint("leave one of the files out, or give one of the functions another name"),
        (Twins::Names, true) => {
            diagnostic.hint("leave one of the files out, or give one of the functions another name")
        }
        (Twins::Names, false) => diagnostic
            .note(format!(
                "there it is {}; functions do not differ in their result alone:\n{}",
                name(second),
                marked(&second.signature, &first.signature)
            ))
            .hint("give one of them another name"),
    }
}

fn undefined(
    missing: &Missing,
    overloads: &[Site],
    near: Option<&str>,
    module_file: Option<&str>,
    alone: Option<&Site>,
) -> Diagnostic {
    let wanted = missing.wanted.to_string();
    let diagnostic = Diagnostic::error("K003", format!("no object defines `{}`", quote(&wanted)));
    let mut diagnostic = callers(diagnostic, missing);
    for site in overloads.iter().take(MOST) {
        diagnostic = diagnostic.note(format!("there is {} in {}", name(site), place(site)));
    }
    if !overloads.is_empty() {
        return diagnostic.hint("it takes other types now; compile what calls it again");
    }
    if let Some(real) = missing.wanted.name.strip_prefix(REAL) {
        return diagnostic.hint(format!("say `--wrap {0}`, with which it is `{0}`", quote(real)));
    }
    let own = module(&missing.wanted.name);
    if let Some(near) = near.filter(|near| module(near) == own) {
        return diagnostic.hint(format!("did you mean `{}`?", quote(near)));
    }
    if wanted.starts_with(WRAP) {
        return diagnostic.hint("`--wrap` lets it be called in place of the other; give the object that defines it");
    }
    match (module_file, alone) {
        _ if own.is_empty() => diagnostic.hint("give the object that defines it, too"),
        (Some(file), _) => diagnostic
            .note(format!("module `{}` is in {}, without it", quote(own), quote(file)))
            .hint("one of the files is older than the other; compile both again"),
        (None, Some(alone)) => diagnostic
            .note(format!("there is {} in {}, which is of no module", name(alone), place(alone)))
            .hint("a source with `main` is no module; move its `main` to another source"),
        (None, None) => {
            let hint = format!("give the object of module `{0}`, too: `{0}.vgo`", quote(own));
            diagnostic.hint(match near {
                _ if LIBRARY.contains(&own) => {
                    format!("{hint}; `vegac --write-library FOLDER` writes those of the library")
                }
                Some(near) => format!("{hint}; or did you mean `{}`?", quote(near)),
                None => hint,
            })
        }
    }
}

fn callers(mut diagnostic: Diagnostic, missing: &Missing) -> Diagnostic {
    if let Some(first) = missing.callers.first().filter(|_| diagnostic.place.is_none()) {
        diagnostic = at(diagnostic, first);
    }
    for caller in missing.callers.iter().take(MOST) {
        diagnostic = diagnostic.note(format!("called by {} in {}", name(caller), place(caller)));
    }
    if let more @ 1.. = missing.callers.len().saturating_sub(MOST) {
        diagnostic = diagnostic.note(format!("and at {}", counted(more, "more place")));
    }
    match &missing.written {
        Some(written) => diagnostic.note(format!("`{}` stands for it in calls", quote(written))),
        None => diagnostic,
    }
}

fn layouts(name: &str, first: &Layout, second: &Layout) -> Diagnostic {
    let title =
        format!("struct `{}` is not the same in `{}` and `{}`", quote(name), quote(&first.file), quote(&second.file));
    Diagnostic::error("K006", title)
        .note(side_by_side(first, second))
        .hint("they were compiled against different versions of it; compile both again")
}

fn no_entry(mains: &[Site]) -> Diagnostic {
    let diagnostic = Diagnostic::error("K007", "no object says where the program starts");
    match mains {
        [] => diagnostic.hint("give the object that has `main`, or make a library with `--library`"),
        [main, ..] => diagnostic
            .note(format!("there is {} in {}", name(main), place(main)))
            .hint(format!("say {}", entries(core::slice::from_ref(main)))),
    }
}

/// The option that names an entry, as a shell takes it.
fn entry(name: &str) -> String {
    match name.contains('(') {
        true => format!("--entry '{}'", quote(name)),
        false => format!("--entry {}", quote(name)),
    }
}

/// What can be typed to choose one of them.
fn entries(sites: &[Site]) -> String {
    let option = |site: &Site| format!("`{}`", entry(&vega_format::mangle::mangle(&site.signature)));
    sites.iter().take(MOST).map(option).collect::<Vec<_>>().join(" or ")
}

fn unwritable(error: &FinishError) -> Diagnostic {
    let code = match error {
        FinishError::Build(BuildError::Limit { .. }) => "L001",
        FinishError::Format(error) => error.kind.code(),
        _ => "K010",
    };
    Diagnostic::error(code, format!("what was linked cannot be written: {error}"))
}
