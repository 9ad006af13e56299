//! `assert(c)`, `assert(c, "why")`; in a test, what does not hold shows its values.

use super::Checker;
use super::builtin::{Stream, put};
use super::convert::Reason;
use super::expression::is_comparison;
use super::whole::{cell, with};
use crate::ast::{self, ExpressionKind, Span};
use crate::checked::{Expression, Kind, Type};
use vega_format::types;

/// What has to be kept until a condition is known, by its binding.
type Kept = Option<(u32, Expression)>;

impl Checker<'_> {
    /// The text is computed only if the condition is false; without one it is what was written.
    pub(super) fn assertion(
        &mut self,
        written: &ast::Expression,
        words: Option<&ast::Expression>,
        span: Span,
    ) -> Expression {
        let spelled = vega_report::quote(self.text.get(written.span.range()).unwrap_or_default());
        let mut condition = self.condition(written);
        let diverged = self.scopes.diverged;
        let words = match words {
            Some(words) => self.value_as(words, Type::String, &Reason::new(&|_| "what is told is a string".to_owned())),
            None => text(&spelled, written.span),
        };
        self.scopes.diverged = diverged;
        if let Some(unfinished) = self.unfinished([&condition], span) {
            return unfinished;
        }
        if words.type_ == Type::Error {
            return words;
        }
        let mut told = Vec::new();
        let kept = match self.test.is_some() {
            true => self.show_operands(written, &mut condition, &mut told),
            false => [None, None],
        };
        let kind = Kind::Assert(Box::new(condition), told, Box::new(words));
        let assertion = Expression { kind, type_: Type::Nothing, span };
        // The left one is computed first.
        kept.into_iter().rev().fold(assertion, |body, kept| with(kept, body))
    }

    /// Keeps both sides of a comparison, so that they can be told if it does not hold.
    fn show_operands(
        &mut self,
        written: &ast::Expression,
        condition: &mut Expression,
        told: &mut Vec<Expression>,
    ) -> [Kept; 2] {
        let ExpressionKind::Binary(operator, _, operands) = &written.kind else { return [None, None] };
        let [left, right] = &**operands;
        let (a, b) = match &mut condition.kind {
            Kind::Binary(_, operands) if is_comparison(*operator) => operands.each_mut().into(),
            Kind::Apply(_, operands) if is_comparison(*operator) => match operands.as_mut_slice() {
                [a, b] => (a, b),
                _ => return [None, None],
            },
            _ => return [None, None],
        };
        [self.show_operand(left, a, told), self.show_operand(right, b, told)]
    }

    /// Keeps a side, unless it says itself what it is.
    fn show_operand(&mut self, written: &ast::Expression, side: &mut Expression, told: &mut Vec<Expression>) -> Kept {
        if matches!(side.kind, Kind::Constant(..) | Kind::Text(_)) {
            return None;
        }
        let type_ = self.signature_type(side.type_)?;
        let (binding, span) = (self.scopes.new_binding(), side.span);
        let value = std::mem::replace(side, cell(binding, side.type_, span));
        let spelled = vega_report::quote(self.text.get(written.span.range()).unwrap_or_default());
        told.push(put(text(&format!("`{spelled}` is "), span), types::Type::String, Stream::Output, span));
        told.push(put(side.clone(), type_, Stream::Output, span));
        told.push(put(text("\n", span), types::Type::String, Stream::Output, span));
        Some((binding, value))
    }
}

fn text(text: &str, span: Span) -> Expression {
    Expression { kind: Kind::Text(text.into()), type_: Type::String, span }
}
