//! What functions are called: as views show them, and as a command line may say them; and what is asked for by a name that
//! is not there.

use super::Views;
use super::at::At;
use crate::meant::is_meant;
use crate::spelling::Naming;
use vega_format::Parsed;
use vega_format::container::{Function, Import};
use vega_format::types::SignatureRef;
use vega_report::{Diagnostic, near, quote};

/// What a function is called: its mangled name, or what that says to people.
pub(super) fn name_of(function: &Function<'_>, views: &Views) -> String {
    if views.demangle { function.signature.to_string() } else { function.name.to_owned() }
}

/// The same of an import.
pub(super) fn name_of_import(import: &Import<'_>, views: &Views) -> String {
    if views.demangle { import.signature.to_string() } else { import.name.to_owned() }
}

/// How functions are called within instructions.
pub(super) fn naming(views: &Views) -> Naming {
    if views.demangle { Naming::Signatures } else { Naming::Names }
}

/// A place in the code of a function, by what that is called.
pub(super) fn place(function: &str, offset: u32, views: &Views) -> String {
    if views.demangle { format!("{function} at 0x{offset:04x}") } else { format!("{function}+0x{offset:04x}") }
}

/// What is wrong with the function, place, slot or section that is asked for.
pub fn unknown(views: &Views, file: &str, parsed: &Parsed<'_>) -> Option<Diagnostic> {
    let unknown = |code, what: &str, option: &str, wanted: &str, names: Vec<String>| {
        let problem = Diagnostic::error(code, format!("there is no {what} `{}`", quote(wanted))).at(file, "");
        match suggested(wanted, &names) {
            Some(name) => problem.hint(format!("did you mean `{}`?", quote(name))),
            None => problem.hint(format!("`vega-objdump {option} {}` lists them", quote(file))),
        }
    };
    let names = |mangled: &str, signature: SignatureRef<'_>| {
        [signature.name.to_owned(), mangled.to_owned(), signature.to_string()]
    };
    let functions = || parsed.functions().flat_map(|function| names(function.name, function.signature));
    let wanted_functions = || parsed.functions().filter(|function| views.wants(function));
    if let Some(wanted) = views.wanted_function().filter(|_| wanted_functions().next().is_none()) {
        return Some(unknown("A040", "function", "-t", wanted, functions().collect()));
    }
    if let Some(At::Code { function: wanted, .. }) = &views.at {
        let meant = parsed.functions().filter(|function| is_meant(wanted, function.name));
        let meant: Vec<&str> = meant.map(|function| function.name).collect();
        match meant.as_slice() {
            [_] => {}
            [] => return Some(unknown("A040", "function", "-t", wanted, functions().collect())),
            several => {
                let words = format!("there are {} functions `{}`", several.len(), quote(wanted));
                let names: Vec<String> = several.iter().map(|name| format!("`{}`", quote(name))).collect();
                return Some(
                    Diagnostic::error("A040", words).at(file, "").hint(format!("say which: {}", names.join(", "))),
                );
            }
        }
    }
    if let Some((at, words)) = views.at.as_ref().and_then(|at| Some((at, at.offset(parsed).err()?))) {
        return Some(Diagnostic::error("A043", format!("there is nothing at {at}: {words}")).at(file, ""));
    }
    if let Some(wanted) = &views.who_calls {
        let own = parsed.functions().map(|function| function.name);
        if !own.chain(parsed.imports().map(|import| import.name)).any(|name| is_meant(wanted, name)) {
            let imports = parsed.imports().flat_map(|import| names(import.name, import.signature));
            return Some(unknown("A040", "function", "-t", wanted, functions().chain(imports).collect()));
        }
    }
    if let Some(wanted) = &views.reads_slot {
        let debug = wanted_functions().filter_map(|function| parsed.debug(function.index));
        let slots: Vec<String> = debug.flat_map(|debug| debug.slots).map(|name| name.to_string()).collect();
        let most = wanted_functions().map(|function| function.slots.len()).max().unwrap_or(0);
        let is_number = wanted.parse::<usize>().is_ok_and(|number| number < most);
        if !is_number && !slots.contains(wanted) {
            return Some(unknown("A042", "slot", "-d", wanted, slots));
        }
    }
    let sections: Vec<String> = parsed.sections().iter().map(|record| parsed.head().name(record).to_owned()).collect();
    let wanted = views.section.as_deref().filter(|wanted| !sections.iter().any(|name| name == wanted))?;
    Some(unknown("A041", "section", "-h", wanted, sections))
}

/// The name that was probably meant: the same in a module, or a near one.
fn suggested<'n>(wanted: &str, names: &'n [String]) -> Option<&'n str> {
    let mut names = names.iter().map(String::as_str);
    let in_module = |name: &&str| name.strip_suffix(wanted).is_some_and(|module| module.ends_with('.'));
    names.clone().find(in_module).or_else(|| near(wanted, names.by_ref()))
}
