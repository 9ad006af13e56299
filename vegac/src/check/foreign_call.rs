//! Calls as other languages have them, written in Vega with the arguments that stand there.

use super::Checker;
use super::scope::Meaning;
use crate::ast::Span;
use crate::checked::Type;
use ecow::EcoString;
use vega_format::types::Tag;

impl Checker<'_> {
    /// What stands between the parentheses behind the name of a function, if it is short and plain.
    pub(super) fn arguments_behind(&self, name: Span) -> Option<&str> {
        let behind = self.text.get(name.end()..)?.strip_prefix('(')?;
        let inside = behind.split_once(')')?.0;
        (!inside.is_empty() && inside.len() <= 20 && !inside.contains(['(', '\n'])).then_some(inside)
    }

    /// For `typeof(u)` and `isinstance(u, int)`.
    pub(super) fn hint_for_type_asked(&self, name: &str, span: Span) -> Option<String> {
        let inside = self.arguments_behind(span)?;
        let (value, type_) = match name {
            "typeof" | "type" => (inside, "int"),
            "isinstance" => inside.split_once(',')?,
            _ => return None,
        };
        Some(format!("what a union holds is asked by `is`: `{} is {}`", value.trim(), type_.trim()))
    }

    /// For `range(a, b)` behind the `in` of a loop; it is changed where it counts one by one.
    pub(super) fn hint_for_range(&self, name: &str, span: Span) -> Option<(String, Option<(Span, String)>)> {
        let inside = self.arguments_behind(span).filter(|_| name == "range")?;
        let arguments: Vec<&str> = inside.split(',').map(str::trim).collect();
        let variable = self.variable_before(span).unwrap_or("i");
        let (start, end) = match arguments.as_slice() {
            [end] => ("0", *end),
            [start, end] => (*start, *end),
            [start, end, step] => {
                let (order, count) = match step.strip_prefix('-') {
                    Some(step) => ('>', format!("{variable} -= {step}")),
                    None => ('<', format!("{variable} += {step}")),
                };
                let hint = format!(
                    "a loop counts up by one; in steps it is a `while`: \
                     `{variable} = {start}; while {variable} {order} {end} {{ …; {count} }}`"
                );
                return Some((hint, None));
            }
            _ => return None,
        };
        let whole = Span::from(span.start()..span.end() + inside.len() + 2);
        let range = format!("{start}..{end}");
        let are_ints = arguments.iter().all(|argument| self.is_int(argument));
        let edit = (are_ints && self.is_gone_through(whole)).then(|| (whole, range.clone()));
        Some((format!("a loop counts over a range: `for {variable} in {range} {{ … }}`"), edit))
    }

    /// The variable of a loop over what stands at a place: `for k in` before it.
    fn variable_before(&self, span: Span) -> Option<&str> {
        let before = self.text.get(..span.start())?.trim_end().strip_suffix("in")?;
        let name = before.trim_end().rsplit(char::is_whitespace).next()?;
        (before.ends_with(char::is_whitespace) && vega_format::mangle::is_identifier(name)).then_some(name)
    }

    /// Whether a number is written, or the name of a variable that is an int.
    fn is_int(&self, written: &str) -> bool {
        let type_ = match self.scopes.find_unread(written) {
            Some(Ok(Meaning::Variable(id))) => self.scopes.variable(*id).map(|variable| variable.type_),
            Some(Ok(Meaning::Cell { type_, .. })) => Some(*type_),
            _ => None,
        };
        type_ == Some(Type::Scalar(Tag::Int)) || written.parse::<u16>().is_ok()
    }

    /// For a call of one function with too many arguments or too few.
    pub(super) fn hint_for_count(&self, name: &str, span: Span, parameters: &[(EcoString, Type)]) -> Option<String> {
        match (self.text.get(span.end()..)?.starts_with("()"), parameters) {
            (true, [(parameter, type_ @ Type::View(element))]) => {
                let array = self.show(super::expression::type_from(*element));
                // One of another module has no names.
                let is_named = parameter.chars().all(char::is_alphabetic) && !parameter.is_empty();
                let parameter = if is_named { parameter.as_str() } else { "line" };
                Some(format!(
                    "lend it an array as its `{}`: declare `{parameter}: {array}[80]`, and write `{name}({parameter})`",
                    self.show(*type_)
                ))
            }
            _ => None,
        }
    }

    /// For `max(a, b, c)`.
    pub(super) fn hint_for_more(&self, name: &str, span: Span, given: usize) -> Option<String> {
        let is_of_two = matches!(name, "min" | "max") && given > 2;
        let (first, rest) = self.arguments_behind(span).filter(|_| is_of_two)?.split_once(',')?;
        let rest = if given == 3 { rest.trim() } else { "…" };
        Some(format!("it takes two at a time: `{name}({}, {name}({rest}))`", first.trim()))
    }
}
