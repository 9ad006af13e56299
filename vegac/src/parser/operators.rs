//! TABLE: the operators between two operands, and how tightly they bind.
//!
//! Operands and operators wait on two stacks instead of in nested calls, so that a level of precedence costs no level
//! of the machine's stack.

use vega_report::{Diagnostic, quote};

use super::Parser;
use crate::ast::{Binary, Expression, ExpressionKind, Span};
use crate::foreign;
use crate::lexer::TokenKind;

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    /// `is`, behind which a type stands.
    Is,
    Both(Binary),
}

/// How tightly comparisons bind, which do not chain.
pub(super) const COMPARISON: u8 = 3;

/// The operator that a token is, and how tightly it binds.
pub(super) fn operator(kind: TokenKind) -> Option<(Operator, u8)> {
    use Binary::*;
    use Operator::Both;
    Some(match kind {
        TokenKind::OrOr => (Operator::Or, 1),
        TokenKind::AndAnd => (Operator::And, 2),
        TokenKind::Equal => (Both(Equal), COMPARISON),
        TokenKind::NotEqual => (Both(NotEqual), COMPARISON),
        TokenKind::Less => (Both(Less), COMPARISON),
        TokenKind::LessEqual => (Both(LessEqual), COMPARISON),
        TokenKind::Greater => (Both(Greater), COMPARISON),
        TokenKind::GreaterEqual => (Both(GreaterEqual), COMPARISON),
        TokenKind::Is => (Operator::Is, COMPARISON),
        TokenKind::Or => (Both(BitOr), 4),
        TokenKind::Xor => (Both(BitXor), 5),
        TokenKind::And => (Both(BitAnd), 6),
        TokenKind::ShiftLeft => (Both(ShiftLeft), 7),
        TokenKind::ShiftRight => (Both(ShiftRight), 7),
        TokenKind::ShiftRightZero => (Both(ShiftRightZero), 7),
        TokenKind::Plus => (Both(Add), 8),
        TokenKind::Minus => (Both(Sub), 8),
        TokenKind::Star => (Both(Mul), 9),
        TokenKind::Slash => (Both(Div), 9),
        TokenKind::Percent => (Both(Rem), 9),
        _ => return None,
    })
}

/// The operation of `+=` and its like.
pub(super) fn compound(kind: TokenKind) -> Option<Binary> {
    Some(match kind {
        TokenKind::AddAssign => Binary::Add,
        TokenKind::SubAssign => Binary::Sub,
        TokenKind::MulAssign => Binary::Mul,
        TokenKind::DivAssign => Binary::Div,
        TokenKind::RemAssign => Binary::Rem,
        TokenKind::AndAssign => Binary::BitAnd,
        TokenKind::OrAssign => Binary::BitOr,
        TokenKind::XorAssign => Binary::BitXor,
        TokenKind::ShiftLeftAssign => Binary::ShiftLeft,
        TokenKind::ShiftRightAssign => Binary::ShiftRight,
        TokenKind::ShiftRightZeroAssign => Binary::ShiftRightZero,
        _ => return None,
    })
}

/// An operator that waits for its right operand.
struct Waiting {
    operator: Operator,
    binding: u8,
    span: Span,
}

/// What has been read of the expressions around a place: one operand more than operators for each. Bindings of one
/// expression rise from bottom to top.
#[derive(Default)]
pub(super) struct Stacks {
    operands: Vec<(Expression, usize)>,
    operators: Vec<Waiting>,
}

impl Parser<'_> {
    /// The rest of an expression whose first operand has been read and is followed by an operator.
    #[inline(never)]
    pub(super) fn operation(&mut self, first: Expression) -> Option<Expression> {
        let (operands, operators) = (self.stacks.operands.len(), self.stacks.operators.len());
        self.stacks.operands.push((first, self.height));
        let read = self.rest_of_operation(operators);
        self.stacks.operands.truncate(operands);
        self.stacks.operators.truncate(operators);
        read
    }

    /// The same; beneath are so many operators of expressions around this one.
    fn rest_of_operation(&mut self, beneath: usize) -> Option<Expression> {
        let mut asked: Option<Span> = None;
        while let Some((operator, binding)) = self.next_operator() {
            if let Some(span) = asked.take().filter(|_| binding == COMPARISON) {
                return self.refuse_chain(span);
            }
            let mut operator_before = None;
            let own =
                |stacks: &Stacks| stacks.operators.get(beneath..).and_then(<[Waiting]>::last).map(|last| last.binding);
            while own(&self.stacks).is_some_and(|waiting| waiting >= binding) {
                operator_before = self.combine()?;
            }
            let before = operator_before.filter(|before| before.binding == COMPARISON && binding == COMPARISON);
            if let Some(before) = before {
                return self.refuse_chain(before.span);
            }
            if operator == Operator::Is {
                asked = Some(self.span());
                self.is_type()?;
                continue;
            }
            let waiting = Waiting { operator, binding, span: self.span() };
            self.stacks.operators.push(waiting);
            self.bump();
            let operand = self.operand()?;
            self.stacks.operands.push((operand, self.height));
        }
        while self.stacks.operators.len() > beneath {
            self.combine()?;
        }
        let (expression, height) = self.stacks.operands.pop()?;
        self.height = height;
        Some(expression)
    }

    /// `is int`, behind the operand on top.
    #[inline(never)]
    fn is_type(&mut self) -> Option<()> {
        let (value, highest) = self.stacks.operands.pop()?;
        self.bump();
        if self.is_not() {
            return self.refuse_is_not(value.span);
        }
        let asked = self.type_asked()?;
        self.grow(highest.max(self.height))?;
        let span = value.span.to(asked.span);
        let kind = ExpressionKind::Is(Box::new(value), asked);
        self.stacks.operands.push((Expression { kind, span }, self.height));
        Some(())
    }

    /// Whether `not` or `!` stands before a type.
    fn is_not(&self) -> bool {
        let negates = self.peek() == TokenKind::Bang || self.token_text() == "not";
        negates && self.peek_after(1) == TokenKind::Name
    }

    /// `u is not int`.
    #[inline(never)]
    fn refuse_is_not<T>(&mut self, value: Span) -> Option<T> {
        let type_ = self.tokens.get(self.at + 1).map(|token| token.span()).unwrap_or_default();
        let [value_text, type_text] = [value, type_].map(|span| self.text.get(span.range()).unwrap_or_default());
        let meant = format!("!({value_text} is {type_text})");
        let diagnostic = self.unexpected("E0213", "a type");
        if let Some(hint) = foreign::value(type_text) {
            return self.complain(diagnostic.hint(hint));
        }
        let diagnostic = diagnostic.hint(format!("write `{}`", quote(&meant)));
        let is_whole = self.peek_after(2) != TokenKind::Or;
        self.complain(if is_whole { diagnostic.edit(self.source, value.to(type_), meant) } else { diagnostic })
    }

    /// The operator that goes on with the expression.
    pub(super) fn next_operator(&self) -> Option<(Operator, u8)> {
        operator(self.peek()).filter(|_| !self.line_ended())
    }

    /// Makes one operand of the two topmost, and gives the operator between them.
    #[inline(never)]
    fn combine(&mut self) -> Option<Option<Waiting>> {
        let waiting = self.stacks.operators.pop()?;
        let (right, right_height) = self.stacks.operands.pop()?;
        let (left, left_height) = self.stacks.operands.pop()?;
        self.grow(left_height.max(right_height))?;
        let span = left.span.to(right.span);
        let operands = Box::new([left, right]);
        let kind = match waiting.operator {
            Operator::Or => ExpressionKind::Or(operands),
            Operator::And => ExpressionKind::And(operands),
            // It waits for no operand.
            Operator::Is => return None,
            Operator::Both(binary) => ExpressionKind::Binary(binary, waiting.span, operands),
        };
        self.stacks.operands.push((Expression { kind, span }, self.height));
        Some(Some(waiting))
    }

    #[inline(never)]
    fn refuse_chain<T>(&mut self, before: Span) -> Option<T> {
        let found = self.token_text().to_owned();
        // In `a < 0 | b < 0` the sign between them binds more tightly than both.
        let between = self.tokens.get(..self.at).unwrap_or_default().iter().rev();
        let mut between = between.take_while(|token| token.span().start() >= before.end());
        let joins = between.find(|token| matches!(token.kind, TokenKind::Or | TokenKind::And));
        let hint = match joins.map(|token| token.kind) {
            Some(TokenKind::Or) => "write `||` between two conditions: `a < 0 || b < 0`",
            Some(_) => "write `&&` between two conditions: `a < 0 && b < 0`",
            None => "write `a < b && b < c`, or put one comparison in parentheses",
        };
        let diagnostic =
            Diagnostic::error("E0206", format!("found a second comparison `{found}`, expected one at a time"))
                .label(self.source, self.span(), "the second")
                .also(self.source, before, "the first")
                .hint(hint);
        self.complain(diagnostic)
    }
}
