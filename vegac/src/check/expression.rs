//! Expressions: what each form of them is, with names, literals and `alloc`; the other forms have files of their own.

use super::convert::{Reason, failed, integer_cell, is_integer};
use super::instead::last_compared;
use super::operator::{is_comparison, is_equality};
use super::place::is_local;
use super::scope::{Meaning, ScopeKind};
use super::{Checker, Expected};
use crate::ast::{self, Binary, Block, ExpressionKind, IntegerSuffix, Literal, Span, Unary};
use crate::checked::{Arena, Base, Expression, Kind, Place, Type};
use vega_format::allocator::Strategy;
use vega_format::stencil::TypeRef;
use vega_format::types::Tag;

/// What stands in memory, as the type of an expression.
pub(super) fn type_from(type_ref: TypeRef) -> Type {
    match type_ref {
        TypeRef::Scalar(tag) => Type::Scalar(tag),
        TypeRef::Stencil(_) => Type::Stencil(type_ref),
    }
}

impl Checker<'_> {
    /// An expression that must give a value; a literal still adapts.
    pub(super) fn operand(&mut self, expression: &ast::Expression) -> Expression {
        self.operand_for(expression, None)
    }

    /// The same where a type may be wanted.
    pub(super) fn operand_for(&mut self, expression: &ast::Expression, wanted: Option<Type>) -> Expression {
        let checked = self.expression_for(expression, wanted);
        match checked.type_ {
            Type::Nothing => {
                self.no_value(&checked);
                failed(expression.span)
            }
            _ => checked,
        }
    }

    /// An expression that must give a value, with a type of its own.
    pub(super) fn value(&mut self, expression: &ast::Expression) -> Expression {
        let operand = self.operand(expression);
        self.settle(operand)
    }

    /// An expression as the wanted type.
    pub(super) fn value_as(&mut self, expression: &ast::Expression, wanted: Type, reason: &Reason<'_>) -> Expression {
        let checked = self.expression_for(expression, Some(wanted));
        self.coerce(checked, wanted, reason)
    }

    /// A condition.
    pub(super) fn condition(&mut self, expression: &ast::Expression) -> Expression {
        self.condition_beside(expression, None)
    }

    /// A condition behind another one, which ends in a comparison.
    pub(super) fn condition_beside(
        &mut self,
        expression: &ast::Expression,
        compared: Option<(Binary, &ast::Expression)>,
    ) -> Expression {
        let checked = self.expression_for(expression, Some(Type::Scalar(Tag::Bool)));
        let instead = |checker: &Checker<'_>, found: &Expression| checker.hint_for_alternative(compared?, found);
        let words = |wanted: &str| format!("a condition is a {wanted}");
        self.coerce(checked, Type::Scalar(Tag::Bool), &Reason::new(&words).or(&instead))
    }

    /// An expression that is a statement or a last line: an `alloc` block there may free what is older.
    pub(super) fn line(&mut self, expression: &ast::Expression, wanted: Option<Type>) -> Expression {
        match &expression.kind {
            ExpressionKind::Alloc(arena, block) => self.alloc(arena, block, ScopeKind::Arena, wanted, expression.span),
            _ => self.expression_for(expression, wanted),
        }
    }

    /// An integer of any width; a literal without a context is an int.
    pub(super) fn integer(&mut self, expression: &ast::Expression, what: &str) -> Expression {
        let value = self.value(expression);
        match value.type_ {
            Type::Scalar(tag) if is_integer(tag) => value,
            Type::Error | Type::Never => value,
            other => {
                let title = format!("{what} is `{}`", self.show(other));
                self.complain(self.error("E0401", expression.span, title, "an integer is wanted here"));
                failed(expression.span)
            }
        }
    }

    pub(super) fn expression(&mut self, expression: &ast::Expression) -> Expression {
        self.expression_for(expression, None)
    }

    /// An expression; tuple and array literals look at the wanted type, and so does the last line of an `alloc`.
    pub(super) fn expression_for(&mut self, expression: &ast::Expression, wanted: Option<Type>) -> Expression {
        let span = expression.span;
        let (kind, type_) = match &expression.kind {
            ExpressionKind::Literal(literal) => self.literal(literal, span),
            ExpressionKind::Name(name) => return self.name(name, span),
            ExpressionKind::Field(inner, name) => return self.field(inner, name, span),
            ExpressionKind::Index(inner, index) => return self.index(inner, index, span),
            ExpressionKind::Slice(inner, start, end) => {
                return self.slice(inner, start.as_deref(), end.as_deref(), span);
            }
            ExpressionKind::Call(name, arguments) => return self.call(name, arguments, span),
            ExpressionKind::StructLiteral(name, fields) => return self.struct_literal(name, fields, span),
            ExpressionKind::Tuple(elements) => return self.tuple(elements, wanted, span),
            ExpressionKind::Array(elements) => return self.array(elements, wanted, span),
            ExpressionKind::Unary(operator, operand) => return self.unary(*operator, operand, span),
            ExpressionKind::Binary(operator, place, operands) => {
                let [left, right] = &**operands;
                if is_equality(*operator) && self.is_scalar_type(right) {
                    return self.refuse_type_as_operand(*operator, left, right, span);
                }
                let left = match &left.kind {
                    ExpressionKind::Unary(Unary::Not, operand) if is_comparison(*operator) => {
                        self.not_before_comparison(operand, left.span, (*operator, right))
                    }
                    _ => self.operand_for(left, self.wanted_beside(*operator, left, right)),
                };
                let wanted = matches!(left.type_, Type::Stencil(_)).then_some(left.type_);
                let right = self.operand_for(right, wanted.filter(|_| is_equality(*operator)));
                return self.binary(*operator, *place, left, right, span);
            }
            ExpressionKind::And(operands) | ExpressionKind::Or(operands) => {
                let [left, right] = &**operands;
                let compared = last_compared(left);
                let left = self.condition(left);
                // The second operand is not always computed: if it leaves, that is not always so. It frees nothing
                // that is older than itself.
                let diverged = self.scopes.diverged;
                let is_and = matches!(expression.kind, ExpressionKind::And(..));
                let right = self.second_condition(&left, is_and, right, compared);
                self.scopes.diverged = diverged;
                if let Some(unfinished) = self.unfinished([&left], span) {
                    return unfinished;
                }
                let operands = Box::new([left, right]);
                let kind = if is_and { Kind::And(operands) } else { Kind::Or(operands) };
                (kind, Type::Scalar(Tag::Bool))
            }
            ExpressionKind::Is(value, asked) => return self.is(value, asked, span),
            ExpressionKind::Alloc(arena, block) => {
                let kind = |strategy| ScopeKind::Operand(strategy, span);
                return self.alloc(arena, block, kind, wanted, span);
            }
            ExpressionKind::Type(type_name) => {
                let type_ = self.type_of(type_name);
                if type_ != Type::Error {
                    let title = format!("`{}` is a type, and a value is wanted", self.show(type_));
                    self.complain(self.error("E0417", span, title, "`size_of` takes a type or a value"));
                }
                return failed(span);
            }
        };
        Expression { kind, type_, span }
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> (Kind, Type) {
        let constant = |tag: Tag, cell: u64| (Kind::Constant(tag, cell), Type::Scalar(tag));
        match literal {
            Literal::Integer(value, None) => (Kind::Integer(i128::from(*value).into()), Type::AnyInteger),
            Literal::Integer(value, Some(suffix)) => self.integer_of_type(i128::from(*value), *suffix, span),
            Literal::Hex { bits, digits, long } => match (digits, long) {
                (..=16, true) => constant(Tag::Long, *bits),
                (..=2, false) => constant(Tag::Byte, u64::from(*bits as u8)),
                (..=8, false) => (Kind::Integer(i128::from(*bits as u32 as i32).into()), Type::AnyInteger),
                _ => {
                    let diagnostic =
                        self.error("E0411", span, "a bit pattern of this width is a long", "more than eight digits");
                    self.complain(diagnostic.hint("put `l` behind it"));
                    (Kind::Error, Type::Error)
                }
            },
            Literal::Decimal(text, float) => {
                let decimal = text.parse::<f64>().unwrap_or(f64::NAN);
                let single = text.parse::<f32>().unwrap_or(f32::NAN);
                match float {
                    true if single.is_finite() => constant(Tag::Float, single.to_bits().into()),
                    false if decimal.is_finite() => (Kind::Decimal(decimal, single), Type::AnyDecimal),
                    _ => {
                        let tag = if *float { Tag::Float } else { Tag::Decimal };
                        let title = format!("this number does not fit `{}`", tag.name());
                        self.complain(self.error("E0411", span, title, "too large"));
                        (Kind::Error, Type::Error)
                    }
                }
            }
            Literal::Char(character) => constant(Tag::Char, u64::from(u32::from(*character))),
            Literal::Bool(truth) => constant(Tag::Bool, u64::from(*truth)),
            Literal::String(text) => (Kind::Text(text.as_str().into()), Type::String),
        }
    }

    /// An integer literal with a suffix and the sign before it.
    pub(super) fn integer_of_type(&mut self, value: i128, suffix: IntegerSuffix, span: Span) -> (Kind, Type) {
        let tag = match suffix {
            IntegerSuffix::Byte => Tag::Byte,
            IntegerSuffix::Short => Tag::Short,
            IntegerSuffix::Long => Tag::Long,
        };
        if let Some(cell) = integer_cell(value, tag) {
            return (Kind::Constant(tag, cell), Type::Scalar(tag));
        }
        let title = format!("{value} does not fit `{}`", tag.name());
        self.complain(self.error("E0411", span, title, "too large"));
        (Kind::Error, Type::Error)
    }

    fn name(&mut self, name: &str, span: Span) -> Expression {
        match self.scopes.find(name) {
            Some(Ok(Meaning::Cell { binding, type_, .. })) => {
                let (binding, type_) = (*binding, *type_);
                let kind = match type_ {
                    Type::Stencil(whole) => {
                        let is_value = self.stencils.cells(whole).is_some();
                        let base = if is_value { Base::Cells(binding, whole) } else { Base::Lent(binding, whole) };
                        Kind::Load(Place { base, offset: 0, type_ })
                    }
                    _ => Kind::Cell(binding),
                };
                self.as_known(Expression { kind, type_, span })
            }
            Some(Ok(Meaning::Stands { expression, .. })) => Expression { span, ..(**expression).clone() },
            Some(Ok(Meaning::Variable(id))) => match self.scopes.variable(*id) {
                Some(variable) => {
                    let base = match variable.type_ {
                        Type::Stencil(_) => Base::Stencil(variable.slot),
                        _ => Base::Variable(variable.slot),
                    };
                    let place = Place { base, offset: 0, type_: variable.type_ };
                    self.as_known(self.read(place, span))
                }
                None => failed(span),
            },
            None if let Some(variable) = self.statics.get(name) => self.read(variable.place(), span),
            other => {
                let gone = other.and_then(Result::err).map(|gone| gone.span);
                self.unknown(name, span, gone);
                failed(span)
            }
        }
    }

    /// `alloc N { … }`: its value is that of its last line, where literals take the type that is wanted of the whole.
    fn alloc(
        &mut self,
        arena: &ast::Arena,
        block: &Block,
        kind: impl FnOnce(Strategy) -> ScopeKind,
        wanted: Option<Type>,
        span: Span,
    ) -> Expression {
        let capacity = self.positive(&arena.size, "the size of an arena").unwrap_or(0);
        let strategy = match &arena.strategy {
            ast::Strategy::FirstFit => Strategy::FirstFit,
            ast::Strategy::Bump => Strategy::Bump,
            ast::Strategy::Pool(place) => {
                // With a size that is not known, all variables fit.
                self.positive(place, "the size of a place").map_or(Strategy::FirstFit, Strategy::Pool)
            }
        };
        self.scopes.open(kind(strategy));
        let wanted = wanted.map_or(Expected::Anything, Expected::Adapted);
        let block = self.statements(&block.statements, block.span, wanted);
        let block = crate::checked::Block { exits: self.scopes.close(), ..block };
        let type_ = match &block.value {
            _ if self.scopes.diverged => Type::Never,
            Some(value) => value.type_,
            None => Type::Nothing,
        };
        match type_ {
            Type::Stencil(type_ref) if self.stencils.cells(type_ref).is_some() => {
                Expression { kind: Kind::Alloc(Box::new(Arena { strategy, capacity, block })), type_, span }
            }
            Type::String if block.value.as_ref().is_some_and(|value| is_local(value)) => {
                let value = block.value.as_ref().map(|value| value.span).unwrap_or_default();
                self.local_text(value, "the value of an `alloc` block");
                failed(span)
            }
            Type::View(_) | Type::Stencil(_) => {
                let value = block.value.as_ref().map(|value| value.span).unwrap_or_default();
                let title = format!("the value of an `alloc` block is `{}`", self.show(type_));
                let diagnostic = self.error("E0506", value, title, "its bytes end with the arena").hint(
                    "give a scalar, or a struct or tuple of scalars, or put the work into a function that takes a view",
                );
                self.complain(diagnostic);
                failed(span)
            }
            _ => Expression { kind: Kind::Alloc(Box::new(Arena { strategy, capacity, block })), type_, span },
        }
    }
}
