//! Where else in the file a name stands that is not known where it is used: then it is no slip of the fingers for
//! another one, and something else is to be said.

use super::{Checker, whole};
use crate::ast::{Declares, Span};

/// How many places of a name are looked at to find what it means there: those of a long file, with every error anew, would
/// take long.
const MOST_PLACES: usize = 20;

impl Checker<'_> {
    /// Whether a name that is not known can only be a slip: the file was understood, and says it nowhere else, not even in a
    /// comment.
    pub(super) fn is_slip(&self, name: &str, span: Span) -> bool {
        !self.broken && self.places_of(name).all(|place| span.range().contains(&place))
    }

    /// Whether something that was not understood may have been the declaration of a name that is used here: it stands above,
    /// outside of all functions.
    pub(super) fn may_be_declared(&self, name: &str, used: Span) -> bool {
        let is_above = |place: usize| place < used.start() && self.function_at(place).is_none();
        self.broken && !self.errors.is_full() && self.places_of(name).take(MOST_PLACES).any(is_above)
    }

    /// Whether a place is in the function of a name.
    pub(super) fn is_inside(&self, function: &str, span: Span) -> bool {
        self.function_at(span.start()).is_some_and(|(name, _)| name == function)
    }

    /// The function in which a place is.
    fn function_at(&self, place: usize) -> Option<(&str, Span)> {
        let begun = self.functions_at.partition_point(|(_, span)| span.start() <= place);
        let function = self.functions_at.get(begun.checked_sub(1)?)?;
        function.1.range().contains(&place).then_some(*function)
    }

    /// Where a name stands as a whole word.
    fn places_of(&self, name: &str) -> impl Iterator<Item = usize> {
        let goes_on = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
        self.text.match_indices(name).map(|(place, _)| place).filter(move |place| {
            let (before, behind) = self.text.split_at_checked(*place).unwrap_or_default();
            !goes_on(before.chars().next_back())
                && !goes_on(behind.get(name.len()..).and_then(|rest| rest.chars().next()))
        })
    }

    /// The line of a place: what of it stands before, and what begins there.
    pub(super) fn line_at(&self, place: usize) -> (&str, &str) {
        let (before, behind) = self.text.split_at_checked(place).unwrap_or_default();
        (before.rsplit('\n').next().unwrap_or_default(), behind.lines().next().unwrap_or_default())
    }

    /// For a name that is unknown here, and that the file gives a meaning elsewhere or in the way of another language.
    pub(super) fn hint_for_elsewhere(&self, name: &str, span: Span) -> Option<String> {
        for place in self.places_of(name).take(MOST_PLACES) {
            let (before, behind) = self.line_at(place);
            if before.trim() == "#define" {
                let value =
                    behind.get(name.len()..).map(str::trim).filter(|value| !value.is_empty() && value.len() <= 40);
                return Some(format!("`#` begins a comment: write `const {name} = {}`", value.unwrap_or("…")));
            }
            if let Some(value) = behind.get(name.len()..).and_then(|rest| rest.trim_start().strip_prefix("<-"))
                && (before.trim().is_empty() || before.trim_end().ends_with(['{', ';']))
            {
                let value = value.split([';', '}']).next().unwrap_or_default();
                return Some(format!("`=` assigns: `{name} = {}`", value.trim()));
            }
        }
        if self.folding {
            return None;
        }
        let places = self.places_of(name).take(MOST_PLACES);
        let mut owners: Vec<&str> = places.filter_map(|place| self.owner(place, name, span)).collect();
        owners.dedup();
        match owners.as_slice() {
            [owner] => Some(format!(
                "`{name}` belongs to `{owner}`, and is known only there: pass it on as a parameter, or return it"
            )),
            _ => None,
        }
    }

    /// For a variable outside of every arena that is to be the size of one.
    pub(super) fn hint_for_size(&self, name: &str, statement: Span) -> Option<String> {
        let is_size = |place: usize| self.line_at(place).0.trim_end().ends_with("alloc");
        let is_one = self.places_of(name).take(MOST_PLACES).any(is_size);
        is_one.then(|| format!("the size of an arena is a constant: `const {}`", self.written(statement)))
    }

    /// The function, other than that of `used`, that binds a name at this place: by `=`, by a type, or as what a loop goes through.
    fn owner(&self, place: usize, name: &str, used: Span) -> Option<&str> {
        let (before, behind) = self.line_at(place);
        let behind = behind.get(name.len()..)?.trim_start();
        let is_bound = behind.starts_with(':')
            || behind.starts_with('=') && !behind.starts_with("==")
            || before.trim_end().ends_with("for") && behind.starts_with("in ");
        if !is_bound || before.contains('#') {
            return None;
        }
        let (owner, span) = self.function_at(place)?;
        (!span.range().contains(&used.start())).then_some(owner)
    }
}

/// The functions of a file by their names, with all that they take up, in their order; also those that could not be read.
pub(super) fn functions_at(file: &crate::ast::File) -> Vec<(&str, Span)> {
    let unread = file.unread.iter().filter(|unread| unread.what == Declares::Function);
    let unread = unread.map(|unread| (unread.name.text.as_str(), unread.span));
    let read = file.functions.iter().map(|function| (function.name.text.as_str(), whole(function)));
    let mut functions: Vec<_> = read.chain(unread).collect();
    functions.sort_by_key(|(_, span)| span.start());
    functions
}
