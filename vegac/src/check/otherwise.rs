//! What is a program here and means something else in another language: warned about where it was surely meant otherwise.

use super::Checker;
use super::convert::is_integer;
use super::effect::has_effect;
use super::scope::Meaning;
use crate::ast::{self, ExpressionKind, Literal, Span, StatementKind};
use crate::checked::Type;
use vega_report::{Diagnostic, quote};

/// What a comment begins with that divides elsewhere.
const SLASHES: &str = "//";

impl Checker<'_> {
    /// `half = n // 2`: warns of a comment behind a number that reads as the rest of a division.
    pub(super) fn warn_of_slashes(&mut self, statement: &ast::Statement) {
        let may_compute = match &statement.kind {
            StatementKind::Assign { value, .. } => value.is_some(),
            StatementKind::Return(value) => value.is_some(),
            StatementKind::Expression(value) => !has_effect(value),
            StatementKind::Compound { .. } => true,
            _ => false,
        };
        if may_compute {
            self.warn_of_slashes_behind(statement.span);
        }
    }

    /// The same of whatever computes a value and ends here: that of a constant, or the last argument of a call.
    pub(super) fn warn_of_slashes_behind(&mut self, span: Span) {
        let rest = self.text.get(span.end()..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let Some(divisor) = rest.get(blanks..).and_then(|rest| rest.strip_prefix(SLASHES)) else { return };
        let divisor = divisor.split(['\n', '\r', '#']).next().unwrap_or_default().trim_end();
        let written = self.text.get(span.range()).unwrap_or_default();
        let is_operand = |last: char| last.is_alphanumeric() || matches!(last, '_' | ')' | ']');
        if !written.ends_with(is_operand) || !self.is_divisor(divisor.trim(), written) {
            return;
        }
        let start = span.end() + blanks;
        let comment = Span::from(start..start + SLASHES.len() + divisor.len());
        let hint = format!("`/` divides, and integers without a rest: `/ {}`", quote(divisor.trim()));
        let warning = Diagnostic::warning("W0015", "`//` begins a comment, and divides nothing")
            .label(self.source, comment, "not computed")
            .hint(hint);
        self.complain(warning);
    }

    /// Whether a comment is a divisor: a number of which there is a share in what is divided, or the name of a number behind
    /// one that is no literal. Anything else may as well say where a value comes from.
    fn is_divisor(&self, comment: &str, divided: &str) -> bool {
        let number = |text: &str| text.parse::<u64>().ok();
        let divided = divided.rsplit([' ', '(', '=', '[']).next().unwrap_or_default();
        match (number(divided), number(comment)) {
            (Some(divided), Some(divisor)) => divisor > 1 && divisor <= divided,
            (None, Some(divisor)) => divisor > 1,
            (Some(_), None) => false,
            (None, None) => self.names_integer(comment),
        }
    }

    /// Whether something is the name of a variable or a cell that holds an integer.
    fn names_integer(&self, name: &str) -> bool {
        let type_ = match self.scopes.find_unread(name) {
            Some(Ok(Meaning::Variable(id))) => self.scopes.variable(*id).map(|variable| variable.type_),
            Some(Ok(Meaning::Cell { type_, .. })) => Some(*type_),
            Some(Ok(Meaning::Stands { expression, .. })) => Some(expression.type_),
            Some(Err(_)) => None,
            None => self.statics.get(name).map(|variable| variable.place().type_),
        };
        match type_ {
            Some(Type::Scalar(tag)) => is_integer(tag),
            type_ => type_ == Some(Type::AnyInteger),
        }
    }

    /// `println("{} of {}", a, b)`: warns of text that is a format elsewhere and has its values behind it.
    /// Braces alone may be meant where text is put together.
    pub(super) fn warn_of_format(&mut self, printed: &[ast::Expression], is_appended: bool) {
        let text = |value: &ast::Expression| match &value.kind {
            ExpressionKind::Literal(Literal::String(text)) if !(is_appended && text == "{}") => placeholder(text),
            _ => None,
        };
        let Some((_, before)) = printed.split_last() else { return };
        let Some((format, sign)) = before.iter().find_map(|value| Some((value.span, text(value)?))) else { return };
        let title = format!("`{}` stays in the text as it is", quote(&sign));
        let warning = Diagnostic::warning("W0016", title).label(self.source, format, "no value takes its place").hint(
            match is_appended {
                true => "values are put one behind another: `append(t, \"x is \", x)`",
                false => "values are printed one after another, with a space between them: `println(\"x is\", x)`",
            },
        );
        self.complain(warning);
    }
}

/// The first part of a text that stands for a value in the formats of Rust, Python and C: `{}`, `{0}`, `{:.2}`, `%d`, `%5.2f`.
fn placeholder(text: &str) -> Option<String> {
    text.match_indices(['{', '%']).find_map(|(place, sign)| {
        let behind = text.get(place + 1..)?;
        match sign {
            "{" => {
                let inside = behind.split(['{', '}']).next()?;
                behind.get(inside.len()..).filter(|rest| rest.starts_with('}'))?;
                let digits = inside.trim_start_matches(|digit: char| digit.is_ascii_digit());
                let is_plain = digits.is_empty() || digits.starts_with(':') && !digits.contains(' ');
                is_plain.then(|| format!("{{{inside}}}"))
            }
            "%" => {
                let rest = behind.trim_start_matches(|next: char| next.is_ascii_digit() || ".-+l".contains(next));
                let kind = rest.chars().next().filter(|kind| "disfgxXcue".contains(*kind))?;
                let flags = behind.get(..behind.len() - rest.len())?;
                let goes_on = rest.chars().nth(1).is_some_and(char::is_alphanumeric);
                (!goes_on).then(|| format!("%{flags}{kind}"))
            }
            _ => None,
        }
    })
}
