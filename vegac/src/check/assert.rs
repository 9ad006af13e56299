//! `assert(c)`, `assert(c, "why")`; in a test, what does not hold shows its values.

use super::Checker;
use super::builtin::{Stream, put};
use super::convert::{Reason, failed};
use super::operator::is_comparison;
use super::whole::{cell, stands, with};
use crate::ast::{self, ExpressionKind, Span, Unary};
use crate::checked::{Base, Block, Expression, Kind, Place, Statement, Type};
use vega_format::types::{self, Tag};

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
        let condition = self.condition(written);
        let diverged = self.scopes.diverged;
        let words = match words {
            Some(words) => self.where_sometimes(true, |checker| {
                let reason = |_: &str| "what is told is a string".to_owned();
                checker.value_as(words, Type::String, &Reason::new(&reason))
            }),
            None => text(&spelled, written.span),
        };
        self.scopes.diverged = diverged;
        // It may be what ends the run before a loop comes to its last turn.
        self.leave_counted(0);
        if let Some(unfinished) = self.unfinished([&condition], span) {
            return unfinished;
        }
        if words.type_ == Type::Error {
            return words;
        }
        if self.test.is_none() {
            return failing(condition, Vec::new(), words, span);
        }
        self.shown(written, condition, false, Vec::new(), &words)
    }

    /// What fails unless a condition holds, or if it is refuted unless it does not, and then shows the values that it was
    /// decided by, behind what is told already. Nothing is computed that the condition alone would not.
    fn shown(
        &mut self,
        written: &ast::Expression,
        condition: Expression,
        is_refuted: bool,
        mut told: Vec<Expression>,
        words: &Expression,
    ) -> Expression {
        let span = condition.span;
        match (&written.kind, condition.kind) {
            (ExpressionKind::Unary(Unary::Not, inner), Kind::Unary(Unary::Not, condition)) => {
                self.shown(inner, *condition, !is_refuted, told, words)
            }
            (ExpressionKind::And(written_both), Kind::And(both))
            | (ExpressionKind::Or(written_both), Kind::Or(both)) => {
                let ([first, second], [left, right]) = (&**written_both, *both);
                let needs_both = matches!(written.kind, ExpressionKind::And(..)) != is_refuted;
                if needs_both {
                    let left = self.shown(first, left, is_refuted, told.clone(), words);
                    let right = self.shown(second, right, is_refuted, told, words);
                    return Expression { kind: Kind::Sequence(vec![left, right]), type_: Type::Nothing, span };
                }
                let mut parts = Vec::new();
                alternatives(first, left, is_refuted, &mut parts);
                alternatives(second, right, is_refuted, &mut parts);
                self.shown_of_any(parts, is_refuted, told, words, span)
            }
            (_, kind) => {
                let mut condition = Expression { kind, ..condition };
                let kept = self.show_operands(written, &mut condition, &mut told);
                let condition = if is_refuted { negated(condition) } else { condition };
                keeping(kept, failing(condition, told, words.clone(), span))
            }
        }
    }

    /// The same where one of several conditions is enough. Each is computed if those before it do not hold, and then what
    /// they were decided by is shown, too.
    fn shown_of_any(
        &mut self,
        parts: Vec<(&ast::Expression, Expression)>,
        is_refuted: bool,
        mut told: Vec<Expression>,
        words: &Expression,
        span: Span,
    ) -> Expression {
        let mut parts = parts;
        let Some((last_written, last)) = parts.pop() else { return failed(span) };
        let mut before = Vec::new();
        for (written, mut condition) in parts {
            let kept = self.show_operands(written, &mut condition, &mut told);
            before.push((kept, if is_refuted { condition } else { negated(condition) }));
        }
        let last = self.shown(last_written, last, is_refuted, told, words);
        before.into_iter().rev().fold(last, |inner, (kept, does_not_hold)| {
            let body = Block { statements: vec![(span, Statement::Evaluate(inner))], ..Block::default() };
            let choice = Statement::If { arms: vec![(does_not_hold, body)], otherwise: None };
            let kind = Kind::Block(vec![(span, choice)]);
            keeping(kept, Expression { kind, type_: Type::Nothing, span })
        })
    }

    /// Keeps both sides of a comparison, or what is asked for its type, so that they can be told if it does not hold.
    fn show_operands(
        &mut self,
        written: &ast::Expression,
        condition: &mut Expression,
        told: &mut Vec<Expression>,
    ) -> [Kept; 2] {
        if let (ExpressionKind::Is(asked, _), Kind::Is(_, union)) = (&written.kind, &mut condition.kind) {
            return [self.show_operand(asked, union, told), None];
        }
        let ExpressionKind::Binary(operator, _, written_operands) = &written.kind else { return [None, None] };
        if !is_comparison(*operator) {
            return [None, None];
        }
        let [left, right] = &**written_operands;
        let (a, b) = match &mut condition.kind {
            Kind::Binary(_, operands) => operands.each_mut().into(),
            Kind::Apply(_, operands) => match operands.as_mut_slice() {
                [a, b] => (a, b),
                _ => return [None, None],
            },
            _ => return self.show_wholes([left, right], condition, told),
        };
        [self.show_operand(left, a, told), self.show_operand(right, b, told)]
    }

    /// The same of structs, tuples and arrays, which both stand where they are, or are kept already.
    fn show_wholes(
        &mut self,
        written: [&ast::Expression; 2],
        condition: &mut Expression,
        told: &mut Vec<Expression>,
    ) -> [Kept; 2] {
        let mut kept = [None, None];
        for place in &mut kept {
            if let Kind::Let(binding, value, body) = &mut condition.kind {
                let nothing = Expression { kind: Kind::Error, type_: Type::Error, span: condition.span };
                *place = Some((*binding, std::mem::replace(&mut **value, nothing.clone())));
                *condition = std::mem::replace(&mut **body, nothing);
            }
        }
        for (written, kept) in written.into_iter().zip(&kept) {
            let whole = match kept {
                Some((_, value)) if matches!(value.kind, Kind::Literal(_)) => continue,
                Some((binding, value)) => {
                    let (base, whole) = match value.type_ {
                        Type::Stencil(whole) => (Base::Cells(*binding, whole), whole),
                        Type::View(whole) => (Base::Lent(*binding, whole), whole),
                        _ => continue,
                    };
                    let type_ = Type::Stencil(whole);
                    Expression { kind: Kind::Load(Place { base, offset: 0, type_ }), type_, span: value.span }
                }
                None => self.uncomputed(written),
            };
            if stands(&whole) {
                let printed = self.print_whole(whole, Stream::Output);
                self.tell(written, printed, told);
            }
        }
        kept
    }

    /// Keeps a side, unless it says itself what it is.
    fn show_operand(&mut self, written: &ast::Expression, side: &mut Expression, told: &mut Vec<Expression>) -> Kept {
        if matches!(side.kind, Kind::Constant(..) | Kind::Text(_)) {
            return None;
        }
        let type_ = self.signature_type(side.type_)?;
        let (binding, span) = (self.scopes.new_binding(), side.span);
        let value = std::mem::replace(side, cell(binding, side.type_, span));
        let shown = put(side.clone(), type_, Stream::Output, span);
        self.tell(written, shown, told);
        Some((binding, value))
    }

    /// A line with what was written and what it is.
    fn tell(&self, written: &ast::Expression, shown: Expression, told: &mut Vec<Expression>) {
        let span = written.span;
        let spelled = vega_report::quote(self.text.get(span.range()).unwrap_or_default());
        told.push(put(text(&format!("`{spelled}` is "), span), types::Type::String, Stream::Output, span));
        told.push(shown);
        told.push(put(text("\n", span), types::Type::String, Stream::Output, span));
    }
}

/// The conditions of which one is enough: those between which `||` stands, or of a refuted one `&&`.
fn alternatives<'w>(
    written: &'w ast::Expression,
    condition: Expression,
    is_refuted: bool,
    parts: &mut Vec<(&'w ast::Expression, Expression)>,
) {
    match (&written.kind, condition.kind) {
        (ExpressionKind::Or(written_both), Kind::Or(both)) if !is_refuted => {
            let ([first, second], [left, right]) = (&**written_both, *both);
            alternatives(first, left, is_refuted, parts);
            alternatives(second, right, is_refuted, parts);
        }
        (ExpressionKind::And(written_both), Kind::And(both)) if is_refuted => {
            let ([first, second], [left, right]) = (&**written_both, *both);
            alternatives(first, left, is_refuted, parts);
            alternatives(second, right, is_refuted, parts);
        }
        (_, kind) => parts.push((written, Expression { kind, ..condition })),
    }
}

/// Ends the run unless a condition holds.
fn failing(condition: Expression, told: Vec<Expression>, words: Expression, span: Span) -> Expression {
    let kind = Kind::Assert(Box::new(condition), told, Box::new(words));
    Expression { kind, type_: Type::Nothing, span }
}

fn negated(condition: Expression) -> Expression {
    let span = condition.span;
    Expression { kind: Kind::Unary(Unary::Not, Box::new(condition)), type_: Type::Scalar(Tag::Bool), span }
}

/// An expression for which both sides of a comparison are kept. The left one is computed first.
fn keeping(kept: [Kept; 2], body: Expression) -> Expression {
    kept.into_iter().rev().fold(body, |body, kept| with(kept, body))
}

fn text(text: &str, span: Span) -> Expression {
    Expression { kind: Kind::Text(text.into()), type_: Type::String, span }
}
