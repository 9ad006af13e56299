//! What stands outside the functions: producer, sources, entry, constants, imports, custom sections.

use super::{Assembler, DebugLines};
use crate::damage::{self, Damage};
use crate::directive::Directive;
use crate::elsewhere;
use crate::listing::{Sort, Statement};
use crate::problem;
use crate::syntax::{Argument, Span};
use crate::value::{self, BadValue};
use vega_format::builder::{ConstantValue, CustomSection};
use vega_format::container::{EntryResult, Head, ImportKind, Kind, SectionId};
use vega_format::instruction::Constant;
use vega_format::mangle;
use vega_report::{near, quote};

/// What a file says made it if its listing does not.
const PRODUCER: &str = concat!("vega-asm ", env!("CARGO_PKG_VERSION"));

impl<'l> Assembler<'l, '_> {
    pub(super) fn module_directives(&mut self, source_name: &str) {
        self.builder.producer = PRODUCER.to_owned();
        let listing = self.listing;
        for statement in &listing.directives {
            let Sort::Directive(directive) = statement.sort else { continue };
            let words = self.words(statement);
            match (directive, words.as_slice()) {
                (Directive::Producer, [_]) => self.producer(statement),
                (Directive::Source, [_]) => {
                    let text = self.text(statement, 0);
                    self.builder.sources.extend(text);
                }
                (Directive::NoDebug | Directive::Library | Directive::Object, []) => {
                    _ = self.only_once(directive, statement)
                }
                (Directive::Entry, [name, result]) => self.entry_directive(statement, name, result),
                (Directive::Const, [_] | [_, "=", _]) => self.constant_directive(statement),
                (Directive::Import, [_]) => self.import_directive(statement),
                (Directive::Import, [_, "module"]) => self.module_import_directive(statement),
                (Directive::Import, [name, "bound", _]) => {
                    self.import_directive(statement);
                    self.bound(statement, 2, ImportKind::Host, name);
                }
                (Directive::Import, [name, "module", "bound", _]) => {
                    self.module_import_directive(statement);
                    self.bound(statement, 3, ImportKind::Module, name);
                }
                (Directive::Custom, [_, _, _]) => self.custom_directive(statement),
                (Directive::Certificate | Directive::Signature, [_]) => self.opaque_directive(directive, statement),
                (Directive::Raw | Directive::Section | Directive::Crc | Directive::Keep | Directive::Cut, words) => {
                    let damage = self.damage(statement, directive, words);
                    self.damage.extend(damage.map(|damage| (statement.name, damage)));
                }
                _ => self.arguments_do_not_fit(statement, directive),
            }
        }
        self.debug_lines = if self.once.contains_key(&Directive::NoDebug) {
            DebugLines::Absent
        } else if self.builder.sources.is_empty() {
            self.builder.sources.push(source_name.to_owned());
            DebugLines::Listing
        } else {
            DebugLines::Given
        };
    }

    /// Whether the directive stands here for the first time.
    pub(super) fn only_once(&mut self, directive: Directive, statement: &Statement) -> bool {
        match self.once.get(&directive) {
            Some(first) => {
                let what = format!("`{}`", directive.row().name);
                self.problems.push(problem::duplicate(self.listing.source, statement.name, &what, *first));
                false
            }
            None => {
                self.once.insert(directive, statement.name);
                true
            }
        }
    }

    fn producer(&mut self, statement: &Statement) {
        if let Some(text) = self.text(statement, 0)
            && self.only_once(Directive::Producer, statement)
        {
            self.builder.producer = text;
        }
    }

    fn entry_directive(&mut self, statement: &Statement, name: &str, result: &str) {
        let first = self.only_once(Directive::Entry, statement);
        let found = [EntryResult::Print, EntryResult::Status].into_iter().find(|known| known.to_string() == result);
        match found {
            Some(result) if first => self.builder.entry = Some((name.to_owned(), result)),
            Some(_) => {}
            None => {
                let span = self.span(statement, 1);
                self.problems.push(problem::argument(self.listing.source, span, result, "`print` or `status`"));
            }
        }
    }

    fn constant_directive(&mut self, statement: &Statement) {
        let (name, place) = self.assigned(statement);
        let span = self.value_span(statement, place);
        let is_text = self.listing.word(span).starts_with('"');
        let value =
            if is_text { self.text(statement, place).map(ConstantValue::String) } else { self.constant_value(span) };
        // What is malformed keeps its number, so that the others keep theirs.
        let value = value.unwrap_or(ConstantValue::String(String::new()));
        let constant = self.builder.constant(value);
        self.constants.push(constant);
        if let Some(name) = name {
            self.name_constant(name, constant);
        }
    }

    fn name_constant(&mut self, span: Span, constant: Constant) {
        let source = self.listing.source;
        let name = self.listing.word(span);
        if !mangle::is_identifier(name) {
            self.problems.push(problem::argument(source, span, name, "a name: letters, digits and `_`"));
        } else if let Some((_, first)) = self.constant_names.get(name) {
            let what = format!("constant `{}`", quote(name));
            self.problems.push(problem::duplicate(source, span, &what, *first));
        } else {
            self.constant_names.insert(name, (constant, span));
        }
    }

    /// The constant that a word spells.
    pub(super) fn constant_value(&mut self, span: Span) -> Option<ConstantValue> {
        let source = self.listing.source;
        let problem = match value::parse(self.listing.word(span)) {
            Ok(value) => return Some(value),
            Err(BadValue::Literal(offset, bad)) => problem::bad_literal(source, span, offset, &bad),
            Err(BadValue::Type(name)) => problem::unknown_tag(source, span, &name),
            Err(BadValue::Malformed(words)) => problem::constant(source, span, &words, false),
            Err(BadValue::OutOfRange(words)) => problem::constant(source, span, &words, true),
        };
        self.problems.push(problem);
        None
    }

    fn import_directive(&mut self, statement: &Statement) {
        let span = self.span(statement, 0);
        let name = self.listing.word(span);
        if self.signature(span).is_none() {
            return;
        }
        if let Some((_, first, _)) = self.import_places.get(name).and_then(|place| self.imports.get(*place)) {
            let what = format!("import `{}`", quote(name));
            self.problems.push(problem::duplicate(self.listing.source, span, &what, *first));
            return;
        }
        self.import_places.insert(name, self.imports.len());
        let import = self.builder.import(name);
        self.imports.push((name, span, import));
    }

    /// What a call of an import takes at most.
    fn bound(&mut self, statement: &Statement, word: usize, kind: ImportKind, name: &str) {
        // Of the host, 0 goes without saying.
        let least = u64::from(kind == ImportKind::Host);
        let (what, number) = (self.span(statement, word - 1), self.span(statement, word));
        if let Some(bytes) = self.number_at(what, number, least, u64::MAX) {
            self.builder.bound(kind, name, bytes);
        }
    }

    fn module_import_directive(&mut self, statement: &Statement) {
        let span = self.span(statement, 0);
        let name = self.listing.word(span);
        if self.signature(span).is_none() {
            return;
        }
        if let Some((_, first)) = self.module_import_places.get(name).and_then(|place| self.module_imports.get(*place))
        {
            let what = format!("import `{}`", quote(name));
            self.problems.push(problem::duplicate(self.listing.source, span, &what, *first));
            return;
        }
        self.module_import_places.insert(name, self.module_imports.len());
        self.module_imports.push((name, span));
    }

    fn custom_directive(&mut self, statement: &Statement) {
        let Some(number) = self.number(statement, 0, u16::MAX.into()) else { return };
        let number = number as u16;
        let (source, span) = (self.listing.source, self.span(statement, 0));
        if number <= SectionId::LAST_OF_FIRST || SectionId::from_number(number).is_some() {
            let words = format!("a number above {}, those of the known sections", SectionId::LAST_OF_FIRST);
            self.problems.push(problem::argument(source, span, &number.to_string(), &words));
            return;
        }
        if let Some(first) = self.custom_places.insert(number, span) {
            self.problems.push(problem::duplicate(source, span, &format!("section {number}"), first));
            return;
        }
        let Some(name) = self.string(statement, 1) else { return };
        if name.is_empty() || name.len() > Head::MOST_NAME {
            let words = format!("a name of 1 to {} bytes", Head::MOST_NAME);
            self.problems.push(problem::argument(source, self.span(statement, 1), &quote(&name), &words));
            return;
        }
        let Some(bytes) = self.hex(statement, 2) else { return };
        self.builder.custom.push(CustomSection { number, name, bytes });
    }

    /// The bytes of a section that nobody but its maker understands.
    fn opaque_directive(&mut self, directive: Directive, statement: &Statement) {
        let Some(bytes) = self.hex(statement, 0) else { return };
        if self.only_once(directive, statement) {
            match directive {
                Directive::Certificate => self.builder.certificate = bytes,
                _ => self.builder.signature = bytes,
            }
        }
    }

    fn damage(&mut self, statement: &Statement, directive: Directive, words: &[&str]) -> Option<Damage> {
        match (directive, words) {
            (Directive::Raw, [_]) => self.hex(statement, 0).map(Damage::Whole),
            (Directive::Raw, [_, _]) => {
                let place = self.place(statement)?;
                Some(Damage::Raw(place, self.hex(statement, 1)?))
            }
            (Directive::Section, ["raw", _, _]) => {
                let section = self.section(statement, 1)?;
                Some(Damage::Body(section, self.hex(statement, 2)?))
            }
            (Directive::Section, ["without", _]) => self.section(statement, 1).map(Damage::Without),
            (Directive::Section, ["order", sections @ ..]) => {
                let sections = (1..=sections.len()).map(|place| self.section(statement, place));
                sections.collect::<Option<_>>().map(Damage::Order)
            }
            (Directive::Crc, ["bad"]) => Some(Damage::BadChecksum(None)),
            (Directive::Crc, ["bad", _]) => Some(Damage::BadChecksum(Some(self.section(statement, 1)?))),
            (Directive::Keep, ["checksums"]) => Some(Damage::KeepChecksums),
            (Directive::Keep, ["ids"]) => Some(Damage::KeepIds),
            (Directive::Cut, [_]) => self.place(statement).map(Damage::Cut),
            (Directive::Section, [name]) if elsewhere::directive(name).is_some() => {
                let problem = problem::directive_arguments(self.listing.source, statement, &self.arguments, directive);
                let words = elsewhere::directive(name).unwrap_or_default();
                self.problems.push(problem.hint(words));
                None
            }
            _ => {
                self.arguments_do_not_fit(statement, directive);
                None
            }
        }
    }

    /// The place in the file that the first argument says.
    fn place(&mut self, statement: &Statement) -> Option<damage::Place> {
        let span = self.span(statement, 0);
        let word = self.listing.word(span);
        let place = damage::place(word);
        if place.is_none() {
            let wanted = "a place such as `code+0x12`, `file+8` or `end`";
            let problem = problem::argument(self.listing.source, span, word, wanted);
            let section = word.split('+').next().unwrap_or_default();
            let near = near(section, SectionId::ALL.into_iter().map(SectionId::name).chain(["file", "end"]));
            self.problems
                .push(near.into_iter().fold(problem, |problem, near| problem.hint(format!("did you mean `{near}`?"))));
        }
        place
    }

    fn section(&mut self, statement: &Statement, place: usize) -> Option<u16> {
        let span = self.span(statement, place);
        let word = self.listing.word(span);
        let section = damage::section_number(word);
        if section.is_none() {
            let names = SectionId::ALL.into_iter().map(SectionId::name);
            self.problems.push(problem::undefined(self.listing.source, span, "section", word, names));
        }
        section
    }

    /// Bytes in hex, with what was appended to them.
    pub(super) fn hex(&mut self, statement: &Statement, place: usize) -> Option<Vec<u8>> {
        let text = self.text(statement, place)?;
        let bytes = from_hex(&text);
        if bytes.is_none() {
            let span = self.span(statement, place);
            self.problems.push(problem::argument(self.listing.source, span, &text, "pairs of hex digits"));
        }
        bytes
    }

    /// Settles what kind of file it is, once everything is known.
    pub(super) fn kind(&mut self, object: bool) {
        let source = self.listing.source;
        let place = |directive| self.once.get(&directive).copied();
        let object = place(Directive::Object).or(object.then(Span::default));
        match (place(Directive::Entry), place(Directive::Library), object) {
            (_, Some(library), Some(object)) => self.problems.push(problem::two_kinds(source, library, object)),
            (entry, None, Some(object)) => {
                self.builder.kind = Kind::Object;
                self.entry_place = entry.unwrap_or(object);
                self.check_entry_name();
            }
            (Some(entry), Some(library), None) => {
                self.problems.push(problem::entry_and_library(source, entry, library));
            }
            (None, Some(library), None) => {
                self.builder.kind = Kind::Library;
                self.entry_place = library;
            }
            (Some(entry), None, None) => {
                self.entry_place = entry;
                self.check_entry_name();
            }
            (None, None, None) if self.has_gaps || damage::is_whole(&self.damage) => {}
            (None, None, None) => {
                let heads = self.heads.iter().filter(|head| head.name.starts_with("main("));
                let mains: Vec<&str> = heads.map(|head| head.name).collect();
                self.problems.push(problem::no_entry(source, &mains));
            }
        }
        self.check_module_imports();
    }

    /// Only an object leaves functions to other modules, and only those that it does not define.
    fn check_module_imports(&mut self) {
        let source = self.listing.source;
        for (name, span) in &self.module_imports {
            if let Some(head) = self.find_head(name).and_then(|(place, _)| self.heads.get(place)) {
                let what = format!("function `{}`", quote(name));
                self.problems.push(problem::duplicate(source, *span, &what, head.span));
            } else if self.builder.kind != Kind::Object && !self.has_gaps {
                self.problems.push(problem::import_without_object(source, *span, name));
            }
        }
    }

    fn check_entry_name(&mut self) {
        let Some((name, _)) = &self.builder.entry else { return };
        if self.find_head(name).is_some() || self.may_be_defined(name) {
            return;
        }
        let is_entry = |statement: &&Statement| statement.sort == Sort::Directive(Directive::Entry);
        let statement = self.listing.directives.iter().find(is_entry);
        let argument = statement.and_then(|statement| statement.arguments(&self.arguments).first());
        let span = argument.map(Argument::span).unwrap_or_default();
        let names = self.heads.iter().map(|head| head.name);
        self.problems.push(problem::undefined(self.listing.source, span, "function", name, names));
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    // Blanks between bytes are for people.
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some((digit(high)? * 16 + digit(low)?) as u8),
            _ => None,
        })
        .collect()
}
