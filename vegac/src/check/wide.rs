//! Literals that are wider than the type which they have where none is wanted: what is written instead.

use super::Checker;
use super::convert::{integer_cell, misfit};
use super::fold::has_no_such_value;
use super::scope::Meaning;
use crate::ast::Span;
use crate::checked::{Expression, Kind};
use vega_format::types::{Mask, Tag};
use vega_report::Diagnostic;

impl Checker<'_> {
    /// The complaint about a literal, or arithmetic of literals, that does not fit the type it has by itself.
    pub(super) fn too_wide(&self, whole: &Expression, tag: Tag) -> Diagnostic {
        let culprit = misfit(whole, tag).unwrap_or(whole);
        let (span, name) = (culprit.span, tag.name());
        let value = match &culprit.kind {
            Kind::Integer(value) => Some(value.get()),
            Kind::Adapting(each) => each.whole().map(i128::from),
            _ => None,
        };
        let Some(value) = value else {
            return self.error("E0411", span, format!("this number does not fit `{name}`"), "too large");
        };
        let complaint = |label: String| self.error("E0411", span, format!("{value} does not fit `{name}`"), label);
        let fits_long = tag == Tag::Int && i64::try_from(value).is_ok();
        let core = self.core(span);
        let written = self.text.get(core.range()).unwrap_or_default();
        if let Some(Ok(Meaning::Stands { span: declared, .. })) = self.scopes.find_unread(written) {
            let diagnostic = complaint(format!("without a type, it is `{name}` here"));
            let (is_own, declared) = (!written.contains('.'), *declared);
            return match fits_long {
                true if is_own => diagnostic
                    .also(self.source, declared, "declared here")
                    .hint(format!("give it one: `const {written}: long = …`")),
                true => diagnostic.hint(format!("write `long({written})`")),
                false => diagnostic,
            };
        }
        let diagnostic = complaint(match tag {
            Tag::Int => "an integer literal is an int".to_owned(),
            _ => has_no_such_value(tag),
        });
        match fits_long {
            true if written.starts_with(|first: char| first.is_ascii_digit()) => {
                // In the base in which it is written; of one in hexadecimal the sign stands before, or in its first digit.
                let in_base = written.starts_with("0x").then(|| self.text.get(span.start()..core.end())).flatten();
                let number = in_base.map_or(value.to_string(), str::to_owned);
                diagnostic.hint(format!("write `{number}l` for a long")).edit(self.source, core.after(), "l")
            }
            true => diagnostic.hint(format!("write `long({value})`")),
            false => diagnostic,
        }
    }

    /// The same where a type is wanted in which all of it is computed.
    pub(super) fn too_wide_in(&self, whole: &Expression, tag: Tag) -> Diagnostic {
        let culprit = misfit(whole, tag).unwrap_or(whole);
        let name = tag.name();
        let title = match &culprit.kind {
            Kind::Integer(value) => format!("{} does not fit `{name}`", value.get()),
            Kind::Adapting(_) if computed_elsewhere(culprit, tag).is_some() => {
                format!("`{}` cannot be computed in `{name}`", self.written(culprit.span))
            }
            Kind::Adapting(each) if let Some(value) = each.whole() => format!("{value} does not fit `{name}`"),
            _ => format!("this number does not fit `{name}`"),
        };
        let label = if culprit.span == whole.span { "wanted" } else { "is what this is computed in" };
        self.error("E0411", culprit.span, title, format!("`{name}` {label}"))
    }

    /// The same where a union is wanted, of which the literal can only be a long.
    pub(super) fn too_wide_for_union(&self, whole: &Expression, mask: Mask) -> Diagnostic {
        let diagnostic = self.too_wide(whole, Tag::Int);
        match (mask.contains(Tag::Long), &diagnostic.hint) {
            (false, Some(hint)) => {
                let hint = format!("add `long` to its types, and {hint}");
                Diagnostic { edits: Vec::new(), ..diagnostic }.hint(hint)
            }
            _ => diagnostic,
        }
    }

    /// Where the literal or name stands that has signs before it and parentheses around it.
    fn core(&self, span: Span) -> Span {
        let is_around = |character: char| character.is_whitespace() || matches!(character, '-' | '(' | ')');
        let text = self.text.get(span.range()).unwrap_or_default();
        let start = span.start() + (text.len() - text.trim_start_matches(is_around).len());
        Span::from(start..start + text.trim_matches(is_around).len())
    }
}

/// The type in which a constant has a value that would fit another one, in which it has none.
pub(super) fn computed_elsewhere(expression: &Expression, tag: Tag) -> Option<Tag> {
    let Kind::Adapting(each) = &expression.kind else { return None };
    let fits = each.get(tag).is_none() && integer_cell(each.whole()?.into(), tag).is_some();
    fits.then_some(if each.get(Tag::Int).is_some() { Tag::Int } else { Tag::Long })
}
