//! What stands outside the functions: producer, sources, entry, constants, imports, custom sections.

use super::{Assembler, DebugLines};
use crate::directive::Directive;
use crate::listing::{Sort, Statement};
use crate::problem;
use crate::syntax::{Argument, Span};
use crate::value::{self, BadValue};
use vega_format::builder::ConstantValue;
use vega_format::container::{EntryResult, ImportKind, Kind, SectionId};
use vega_report::quote;

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
                (Directive::NoDebug | Directive::Library, []) => _ = self.only_once(directive, statement),
                (Directive::Entry, [name, result]) => self.entry_directive(statement, name, result),
                (Directive::Const, [_]) => self.constant_directive(statement),
                (Directive::Import, [_]) => self.import_directive(statement),
                (Directive::Custom, [_, _]) => self.custom_directive(statement),
                _ => self.arguments_do_not_fit(statement, directive),
            }
        }
        self.builder.custom.sort_by_key(|(number, _)| *number);
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
        let span = self.span(statement, 0);
        let is_text = self.listing.word(span).starts_with('"');
        let value =
            if is_text { self.text(statement, 0).map(ConstantValue::String) } else { self.constant_value(span) };
        // What is malformed keeps its number, so that the others keep theirs.
        let value = value.unwrap_or(ConstantValue::String(String::new()));
        let constant = self.builder.constant(value);
        self.constants.push(constant);
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
        let import = self.builder.import(ImportKind::Host, name);
        self.imports.push((name, span, import));
    }

    /// Adds bytes to a custom section.
    fn custom_directive(&mut self, statement: &Statement) {
        let Some(number) = self.number(statement, 0, u16::MAX.into()) else { return };
        let number = number as u16;
        let source = self.listing.source;
        if let Some(known) = SectionId::from_number(number) {
            let (span, words) = (self.span(statement, 0), format!("a number other than that of section `{known}`"));
            self.problems.push(problem::argument(source, span, &number.to_string(), &words));
            return;
        }
        let Some(text) = self.text(statement, 1) else { return };
        let Some(bytes) = from_hex(&text) else {
            let wanted = "pairs of hex digits";
            self.problems.push(problem::argument(source, self.span(statement, 1), &text, wanted));
            return;
        };
        match self.builder.custom.iter_mut().find(|(known, _)| *known == number) {
            Some((_, body)) => body.extend(bytes),
            None => self.builder.custom.push((number, bytes)),
        }
    }

    /// Settles what kind of file it is, once everything is known.
    pub(super) fn entry(&mut self) {
        let source = self.listing.source;
        let (entry, library) = (self.once.get(&Directive::Entry), self.once.get(&Directive::Library));
        match (entry, library) {
            (Some(entry), Some(library)) => self.problems.push(problem::entry_and_library(source, *entry, *library)),
            (None, Some(library)) => {
                self.builder.kind = Kind::Library;
                self.places.set_entry(*library);
            }
            (Some(entry), None) => {
                self.places.set_entry(*entry);
                self.check_entry_name();
            }
            (None, None) if self.has_gaps => {}
            (None, None) => {
                let heads = self.heads.iter().filter(|head| head.signature.name == "main");
                let mains: Vec<&str> = heads.map(|head| head.name).collect();
                self.problems.push(problem::no_entry(source, &mains));
            }
        }
    }

    fn check_entry_name(&mut self) {
        let Some((name, _)) = &self.builder.entry else { return };
        if self.head_places.contains_key(name.as_str()) {
            return;
        }
        let is_entry = |statement: &&Statement| statement.sort == Sort::Directive(Directive::Entry);
        let statement = self.listing.directives.iter().find(is_entry);
        let argument = statement.and_then(|statement| self.listing.arguments(statement).first());
        let span = argument.map(Argument::span).unwrap_or_default();
        let names = self.heads.iter().map(|head| head.name);
        self.problems.push(problem::undefined(self.listing.source, span, "function", name, names));
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some((digit(high)? * 16 + digit(low)?) as u8),
            _ => None,
        })
        .collect()
}
