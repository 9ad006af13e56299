//! Variables for which no arena is open: the first slip of every newcomer, told once for a function or a script, with the
//! `alloc` that all of them fit.

use super::{Checker, Expected};
use crate::ast::{self, Span};
use crate::checked::{Block, Type};
use ecow::EcoString;
use foldhash::HashSet;
use vega_report::nearest;

/// What the function that is being checked has outside of arenas.
#[derive(Debug, Default)]
pub(super) struct Outside {
    /// The first variable, its place, and the statement that assigns it.
    first: Option<(String, Span, Span)>,
    /// Those behind it, and all of their names.
    others: Vec<String>,
    known: HashSet<String>,
    /// What all of them take together.
    bytes: u64,
    /// Whether an arena around them may not be all that is missing.
    is_doubtful: bool,
    /// How many errors there were before the function.
    errors: usize,
}

/// How many variables are named beside the first.
const NAMED: usize = 3;
/// Enough for the first few variables.
const LEAST: u64 = 64;
/// What is larger is no slip.
const MOST: u64 = 1 << 20;

impl Checker<'_> {
    pub(super) fn begin_outside(&mut self) {
        self.unknown.clear();
        self.outside = Outside { errors: self.errors.kept.len(), ..Outside::default() };
    }

    /// Whether an arena is open for a variable of this type, which begins with this statement.
    pub(super) fn has_arena(&mut self, name: &str, span: Span, type_: Type, statement: Span) -> bool {
        if self.scopes.arenas() > 0 {
            return true;
        }
        // Behind those that are named nothing depends on who declares them.
        let is_named = self.outside.others.len() < NAMED;
        if self.mentions_stray(name)
            || is_named && self.may_be_declared(name, span)
            || is_named && self.is_near_static(name, span)
        {
            self.doubt_arena();
            return false;
        }
        self.outside.bytes += u64::from(self.bytes_of(type_).unwrap_or_default());
        match self.outside.first {
            None => self.outside.first = Some((name.to_owned(), span, statement)),
            Some((ref first, ..)) if first == name => {}
            // It may be assigned anew in another block.
            Some(_) if !self.outside.known.insert(name.to_owned()) => {}
            Some(_) => self.outside.others.push(name.to_owned()),
        }
        false
    }

    /// Whether a static variable was meant by a name that is assigned, and another one written: that is told at once.
    fn is_near_static(&mut self, name: &str, span: Span) -> bool {
        let statics = || self.statics.keys().map(EcoString::as_str);
        if nearest(name, statics()).is_none() {
            return false;
        }
        let title = format!("`{name}` is assigned outside of `alloc`");
        let diagnostic = self.error("E0504", span, title, "no static variable has this name");
        let diagnostic = self.meant(diagnostic, span, name, statics(), |diagnostic| diagnostic);
        self.complain(diagnostic);
        true
    }

    /// An arena alone would not make right what is outside of one.
    pub(super) fn doubt_arena(&mut self) {
        self.outside.is_doubtful = true;
    }

    /// Complains of what the function or script has outside of arenas. `around` is where an arena could stand around all of it.
    pub(super) fn complain_of_outside(&mut self, body: &Block, around: impl FnOnce(&Self) -> Option<Span>) {
        let Outside { first, others, bytes, is_doubtful, errors, .. } = std::mem::take(&mut self.outside);
        let Some((name, span, statement)) = first else { return };
        let is_alone = !is_doubtful && !self.broken && !self.scopes.lost && self.errors.kept.len() == errors;
        let title = format!("`{name}` is assigned outside of `alloc`");
        let mut diagnostic = self.error("E0504", span, title, "there is no arena to put it in");
        if !others.is_empty() {
            let be = if others.len() == 1 { "is" } else { "are" };
            diagnostic = diagnostic.note(format!("so {be} {}", in_words(&others)));
        }
        let other = self.hint_for_stray(&name).or_else(|| self.hint_for_size(&name, statement));
        let is_alone = is_alone && other.is_none();
        let hint = other.unwrap_or_else(|| {
            let what = match others.is_empty() {
                true => format!("it and all that mentions `{name}`"),
                false => "all that mentions them".to_owned(),
            };
            let size = bytes.max(LEAST);
            format!("open an arena around {what}: `alloc {size} {{ {} … }}`", self.written(statement))
        });
        // A value that lies in the arena would end with it.
        let stands = body.value.as_ref().is_none_or(|value| matches!(value.type_, Type::Scalar(_)));
        let edit = match is_alone && stands && bytes <= MOST {
            true => around(self).and_then(|around| self.in_arena(around, bytes.max(LEAST))),
            false => None,
        };
        let diagnostic = self.with_edit(diagnostic.hint(hint), edit);
        self.complain(diagnostic);
    }

    /// What stands between two braces, or a whole script, in an arena.
    fn in_arena(&self, around: Span, size: u64) -> Option<(Span, String)> {
        let text = self.text.get(around.range()).filter(|text| !text.contains('\r'))?;
        let statements = text.trim();
        if !text.starts_with('\n') && self.result != Expected::Anything || !statements.contains('\n') {
            // A comment would take the brace that is put behind it.
            let has_comment = statements.contains('#') || statements.contains("//");
            let (before, behind) = text.split_once(statements).filter(|_| !has_comment)?;
            return Some((around, format!("{before}alloc {size} {{ {statements} }}{behind}")));
        }
        let (first, behind) = (text.find(|char: char| !char.is_whitespace())?, text.trim_end().len());
        let line = text.get(..first)?.rfind('\n').map_or(0, |newline| newline + 1);
        let indentation = text.get(line..first)?;
        let level = if indentation.contains('\t') { "\t" } else { "    " };
        let mut inside = String::new();
        for line in text.get(line..behind)?.lines() {
            let level = if line.trim().is_empty() { "" } else { level };
            inside.extend([level, line, "\n"]);
        }
        let (before, behind) = (text.get(..line)?, text.get(behind..)?);
        Some((around, format!("{before}{indentation}alloc {size} {{\n{inside}{indentation}}}{behind}")))
    }

    /// All lines of a script, if nothing but statements stands between the first and the last.
    pub(super) fn lines_of_script(&self, file: &ast::File) -> Option<Span> {
        let whole = file.statements.first()?.span.to(file.statements.last()?.span);
        let declared = (file.functions.iter().map(|function| function.head))
            .chain(file.imports.iter().map(|import| import.span))
            .chain(file.externs.iter().map(|function| function.span))
            .chain(file.statics.iter().map(|block| block.head))
            .chain(file.structs.iter().map(|declaration| declaration.span))
            .chain(file.constants.iter().map(|constant| constant.name.span));
        let is_inside = |span: Span| whole.start() < span.start() && span.start() < whole.end();
        let line = self.text.get(..whole.start())?.rfind('\n').map_or(0, |newline| newline + 1);
        let before = self.text.get(line..whole.start())?;
        // A comment behind the last statement belongs to it.
        let rest = self.text.get(whole.end()..)?;
        let end = whole.end() + rest.find('\n').unwrap_or(rest.len());
        (!declared.into_iter().any(is_inside) && before.trim().is_empty()).then_some(Span::from(line..end))
    }
}

/// Names, as many as are not too many for a line.
fn in_words(names: &[String]) -> String {
    let named = names.len().min(NAMED);
    let mut words: Vec<String> = names.iter().take(named).map(|name| format!("`{name}`")).collect();
    let last = match names.len() - named {
        0 => words.pop().unwrap_or_default(),
        more => format!("{more} more"),
    };
    if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) }
}
