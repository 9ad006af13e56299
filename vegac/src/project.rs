//! A source with all that it imports: each module once, those that it imports before it, every one as an object.
//!
//! A module is a source or an object that [`Modules`] finds; a source is compiled to the object that `vegac -c` writes,
//! so importers see the same of both. Modules do not import each other in a ring: what one offers is known only when
//! it is compiled. The way through them keeps its own stack, so the length of a chain of imports does not matter.

use crate::ast::Span;
use crate::compile::Options;
use crate::interface::{self, Interface};
use crate::library;
use crate::unit::Unit;
use std::collections::{BTreeSet, HashMap};
use vega_asm::link::Input;
use vega_format::Parsed;
use vega_format::container::{ImportKind, Kind};
use vega_format::verify::check_claims;
use vega_report::{Diagnostic, SourceId, Sources, quote};

/// Where modules come from.
pub trait Modules {
    /// The module of this name.
    fn find(&mut self, module: &str) -> Found;
}

/// What was found of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Its source: what messages call it, and the text.
    Source(String, Vec<u8>),
    /// Its object: what messages call it, and the bytes.
    Object(String, Vec<u8>),
    /// Nothing: where it was looked for, and the names of modules that are there.
    Nothing {
        /// Folders.
        searched: Vec<String>,
        /// Names.
        there: Vec<String>,
    },
    /// It is there and cannot be read, as this says.
    Unreadable(Box<Diagnostic>),
}

/// No modules but those of the library.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModules;

impl Modules for NoModules {
    fn find(&mut self, _: &str) -> Found {
        Found::Nothing { searched: Vec::new(), there: Vec::new() }
    }
}

/// The modules that were found so far.
pub struct Project<'m> {
    modules: &'m mut dyn Modules,
    options: Options,
    /// What each offers, as far as it is known: if something is wrong with it, that was told.
    interfaces: HashMap<String, Interface>,
    /// The objects of all, to be linked.
    pub objects: Vec<Input<'static>>,
    /// What there is to say about them.
    pub diagnostics: Vec<Diagnostic>,
}

/// A module whose imports are looked at.
struct Open {
    module: String,
    imports: Vec<Wanted>,
    next: usize,
    body: Body,
}

/// An import, and where it stands, if it does in a source.
struct Wanted {
    module: String,
    place: Option<(SourceId, Span)>,
}

enum Body {
    /// The file that is compiled by somebody else.
    Root,
    Source(Box<Unit>),
    Object(String, Box<Parsed<'static>>),
}

impl<'m> Project<'m> {
    /// Nothing yet.
    pub fn new(modules: &'m mut dyn Modules, options: Options) -> Project<'m> {
        Project { modules, options, interfaces: HashMap::new(), objects: Vec::new(), diagnostics: Vec::new() }
    }

    /// Compiles what a file imports, and what that imports. Gives what its imports offer.
    pub fn load(&mut self, root: &Unit, sources: &mut Sources) -> Vec<Interface> {
        let wanted = wanted_by(root);
        let module = root.module.clone().unwrap_or_default();
        let mut open = vec![Open { module, imports: wanted, next: 0, body: Body::Root }];
        loop {
            let Some(top) = open.last_mut() else { return Vec::new() };
            if let Some(wanted) = top.imports.get(top.next) {
                let (module, place) = (wanted.module.clone(), wanted.place);
                top.next += 1;
                let opened = self.import(&module, place, &open, sources);
                open.extend(opened);
                continue;
            }
            let Some(done) = open.pop() else { return Vec::new() };
            let offered = self.offered(&done.imports);
            match done.body {
                Body::Root => return offered,
                Body::Source(mut unit) => {
                    let interface = self.compile(&done.module, &mut unit, &offered, sources);
                    self.diagnostics.append(&mut unit.diagnostics);
                    self.interfaces.insert(done.module, interface);
                }
                Body::Object(name, parsed) => {
                    let interface = self.take_object(&done.module, name, *parsed);
                    self.interfaces.insert(done.module, interface);
                }
            }
        }
    }

    /// What imports offer. Of one that closes a ring nothing is known.
    fn offered(&self, imports: &[Wanted]) -> Vec<Interface> {
        let known = |module: &str| self.interfaces.get(module).cloned();
        imports.iter().map(|one| known(&one.module).unwrap_or_else(|| Interface::unknown(&one.module))).collect()
    }

    /// Finds a module that was not looked at yet. If there is something wrong with it, that is told.
    fn import(
        &mut self,
        module: &str,
        place: Option<(SourceId, Span)>,
        open: &[Open],
        sources: &mut Sources,
    ) -> Option<Open> {
        if self.interfaces.contains_key(module) {
            return None;
        }
        if let Some(first) = open.iter().position(|open| open.module == module && !module.is_empty()) {
            // Objects were compiled before and may call each other in a ring.
            let place = place?;
            let ring: Vec<&str> = open.iter().skip(first).map(|open| open.module.as_str()).collect();
            self.diagnostics.push(ring_error(&ring, place));
            return None;
        }
        let found = match self.modules.find(module) {
            Found::Source(name, bytes) => self.open_source(module, &name, &bytes, sources),
            Found::Object(name, bytes) => self.open_object(module, name, bytes, place.as_ref()),
            Found::Unreadable(diagnostic) => {
                self.complain(*diagnostic, place.as_ref());
                None
            }
            Found::Nothing { searched, mut there } => match library::find(module) {
                Some(known) => self.open_source(module, &known.file(), known.text.as_bytes(), sources),
                None => {
                    there.extend(library::MODULES.iter().map(|known| known.name.to_owned()));
                    self.complain(not_found(module, &searched, &there, open), place.as_ref());
                    None
                }
            },
        };
        if found.is_none() {
            self.interfaces.insert(module.to_owned(), Interface::unknown(module));
        }
        found
    }

    fn complain(&mut self, diagnostic: Diagnostic, place: Option<&(SourceId, Span)>) {
        self.diagnostics.push(match place {
            Some((source, span)) => diagnostic.label(*source, *span, "imported here"),
            None => diagnostic,
        });
    }

    fn open_source(&mut self, module: &str, name: &str, bytes: &[u8], sources: &mut Sources) -> Option<Open> {
        let mut unit = match Unit::read(name, bytes, sources) {
            Ok(unit) => unit,
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                return None;
            }
        };
        unit.module = Some(module.to_owned());
        let imports = wanted_by(&unit);
        Some(Open { module: module.to_owned(), imports, next: 0, body: Body::Source(Box::new(unit)) })
    }

    fn open_object(
        &mut self,
        module: &str,
        name: String,
        bytes: Vec<u8>,
        place: Option<&(SourceId, Span)>,
    ) -> Option<Open> {
        let parsed = match vega_format::read(bytes) {
            Ok(parsed) => parsed,
            Err(error) => {
                let words = format!("`{}`: {}", quote(&name), error);
                self.complain(Diagnostic::error(error.kind.code(), words), place);
                return None;
            }
        };
        if let Some(error) = check_claims(&parsed) {
            let words = format!("`{}`: {error}", quote(&name));
            self.complain(Diagnostic::error(error.rule.code(), words), place);
            return None;
        }
        let there = modules_of(&parsed);
        let held = match parsed.kind() {
            Kind::Object if there.contains(module) || interface::declares(&parsed, module) => None,
            Kind::Object => there.first().map(|held| format!("module `{}`", quote(held))),
            other => Some(format!("a {other}")),
        };
        if let Some(held) = held {
            let title = format!("`{}` holds {held}, wanted the object of module `{module}`", quote(&name));
            let hint = format!("compile the source of `{module}` with `vegac -c`; the file keeps its name");
            self.complain(Diagnostic::error("E0610", title).hint(hint), place);
            return None;
        }
        let wanted = parsed.imports().filter(|import| import.kind == ImportKind::Module);
        let wanted: BTreeSet<&str> = wanted.filter_map(|import| prefix(import.name)).collect();
        let imports = wanted.difference(&there).map(|module| Wanted { module: (*module).to_owned(), place: None });
        let imports = imports.collect();
        let body = Body::Object(name, Box::new(parsed));
        Some(Open { module: module.to_owned(), imports, next: 0, body })
    }

    fn compile(&mut self, module: &str, unit: &mut Unit, imports: &[Interface], sources: &Sources) -> Interface {
        let options = Options { object: true, strip_debug: false, ..self.options };
        match unit.compile(sources, options, imports) {
            Some(object) => self.take_object(module, unit.name.clone(), object.into_module()),
            None => unit.offered.take().unwrap_or_else(|| Interface::unknown(module)),
        }
    }

    /// Keeps an object to be linked; gives what it offers.
    fn take_object(&mut self, module: &str, name: String, parsed: Parsed<'static>) -> Interface {
        let interface = Interface::of(module, &parsed).unwrap_or_else(|problem| {
            let title = format!("`{}` does not say what it offers: {}", quote(&name), quote(&problem));
            self.diagnostics.push(Diagnostic::error("E0609", title).hint("compile it again"));
            Interface::unknown(module)
        });
        self.objects.push(Input { name: name.into(), module: parsed });
        interface
    }
}

/// The modules that a source imports, each once.
fn wanted_by(unit: &Unit) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for import in &unit.file.imports {
        if wanted.iter().all(|known| known.module != import.module.text) {
            let place = Some((unit.source, import.module.span));
            wanted.push(Wanted { module: import.module.text.to_string(), place });
        }
    }
    wanted
}

/// The modules whose functions an object has: one, or several if it was linked of several objects.
fn modules_of<'p>(parsed: &'p Parsed<'_>) -> BTreeSet<&'p str> {
    parsed.functions().filter_map(|function| prefix(function.name)).collect()
}

/// The module in a mangled name.
fn prefix(mangled: &str) -> Option<&str> {
    let path = mangled.split('(').next()?;
    path.rsplit_once('.').map(|(module, _)| module)
}

fn ring_error(ring: &[&str], (source, span): (SourceId, Span)) -> Diagnostic {
    let title = match ring {
        [only] => format!("module `{only}` imports itself"),
        _ => "modules import each other in a ring".to_owned(),
    };
    let mut way: Vec<String> = ring.iter().map(|module| format!("`{module}`")).collect();
    way.extend(way.first().cloned());
    let diagnostic = Diagnostic::error("E0604", title).label(source, span, "this closes the ring");
    match ring {
        [_] => diagnostic.hint("its own functions need no import"),
        _ => diagnostic.note(way.join(" imports ")).hint("move what both need into a module that imports neither"),
    }
}

fn not_found(module: &str, searched: &[String], there: &[String], open: &[Open]) -> Diagnostic {
    let mut diagnostic = Diagnostic::error("E0601", format!("there is no module `{}`", quote(module)));
    if let Some(Open { body: Body::Object(name, _), .. }) = open.last() {
        diagnostic = diagnostic.note(format!("`{}` calls functions of it", quote(name)));
    }
    if !searched.is_empty() {
        let folders: Vec<String> = searched.iter().map(|folder| format!("`{}`", quote(folder))).collect();
        diagnostic = diagnostic.note(format!("looked for `{module}.vg` and `{module}.vgo` in {}", folders.join(", ")));
    }
    match vega_report::near(module, there.iter().map(String::as_str)) {
        Some(near) => diagnostic.hint(format!("did you mean `import {}`?", quote(near))),
        None => diagnostic.note(library::in_words()).hint("name its folder with `-I`, if it lies elsewhere"),
    }
}
