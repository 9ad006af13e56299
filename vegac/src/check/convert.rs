//! How values fit where they are wanted: literals adapt, lossless widening is implicit, all else is an error.

use super::Checker;
use super::narrow::as_type;
use super::operator::wants_integers;
use crate::ast::{Binary, Span, Unary};
use crate::checked::{Base, Expression, Kind, Type};
use vega_format::types::Tag;

/// Why a type is wanted, for messages.
#[derive(Clone, Copy)]
pub(super) struct Reason<'a> {
    /// As in "`x` is `int`", made of the type that is wanted when somebody is told: mostly nobody is.
    words: &'a dyn Fn(&str) -> String,
    /// Where that was decided.
    pub(super) span: Option<Span>,
    /// The next edit for a value of another type, where it is another one than to convert the value.
    instead: Option<&'a Instead<'a>>,
}

/// What is told of a value of another type.
type Instead<'a> = dyn Fn(&Checker<'_>, &Expression) -> Option<String> + 'a;

impl<'a> Reason<'a> {
    pub(super) fn new(words: &'a dyn Fn(&str) -> String) -> Reason<'a> {
        Reason { words, span: None, instead: None }
    }

    pub(super) fn at(words: &'a dyn Fn(&str) -> String, span: Span) -> Reason<'a> {
        Reason { words, span: Some(span), instead: None }
    }

    pub(super) fn or(self, instead: &'a Instead<'a>) -> Reason<'a> {
        Reason { instead: Some(instead), ..self }
    }
}

/// Whether every value of one type is a value of the other.
pub(super) fn widens(from: Tag, to: Tag) -> bool {
    use Tag::{Byte, Decimal, Float, Int, Long, Short};
    matches!(
        (from, to),
        (Byte, Short | Int | Long | Float | Decimal)
            | (Short, Int | Long | Float | Decimal)
            | (Int, Long | Decimal)
            | (Float, Decimal)
    )
}

/// The one of two types to which both widen.
pub(super) fn common(a: Tag, b: Tag) -> Option<Tag> {
    if a == b || widens(b, a) {
        Some(a)
    } else if widens(a, b) {
        Some(b)
    } else {
        None
    }
}

pub(super) fn is_integer(tag: Tag) -> bool {
    matches!(tag, Tag::Byte | Tag::Short | Tag::Int | Tag::Long)
}

pub(super) fn is_number(tag: Tag) -> bool {
    is_integer(tag) || matches!(tag, Tag::Float | Tag::Decimal)
}

/// Whether a value of the type is a number.
pub(super) fn is_numeric(type_: Type) -> bool {
    match type_ {
        Type::Scalar(tag) => is_number(tag),
        Type::AnyInteger | Type::AnyDecimal => true,
        _ => false,
    }
}

/// The cell of an integer in a type, if its value fits exactly.
pub(super) fn integer_cell(value: i128, tag: Tag) -> Option<u64> {
    let fits = match tag {
        Tag::Byte => u8::try_from(value).is_ok(),
        Tag::Short => i16::try_from(value).is_ok(),
        Tag::Int => i32::try_from(value).is_ok(),
        Tag::Long => i64::try_from(value).is_ok(),
        Tag::Float => value as f32 as i128 == value && value.unsigned_abs() < 1 << 64,
        Tag::Decimal => value as f64 as i128 == value && value.unsigned_abs() < 1 << 64,
        Tag::Bool | Tag::Char => false,
    };
    fits.then_some(match tag {
        Tag::Float => (value as f32).to_bits().into(),
        Tag::Decimal => (value as f64).to_bits(),
        _ => value as i64 as u64,
    })
}

/// A literal, or arithmetic of literals, in a type; `None` if it does not fit.
pub(super) fn adapt(expression: &Expression, tag: Tag) -> Option<Expression> {
    let kind = match &expression.kind {
        Kind::Integer(value) => Kind::Constant(tag, integer_cell(value.get(), tag)?),
        Kind::Decimal(_, float) if tag == Tag::Float && float.is_finite() => {
            Kind::Constant(tag, float.to_bits().into())
        }
        Kind::Decimal(decimal, _) if tag == Tag::Decimal => Kind::Constant(tag, decimal.to_bits()),
        Kind::Adapting(each) => Kind::Constant(tag, each.get(tag)?),
        // What only integers have is computed in ints, which widen.
        Kind::Unary(Unary::Invert, _) if !is_integer(tag) => widened(adapt(expression, Tag::Int)?, tag)?,
        Kind::Binary(operator, _) if !is_integer(tag) && wants_integers(*operator) => {
            widened(adapt(expression, Tag::Int)?, tag)?
        }
        Kind::Unary(Unary::Negate, _) if tag == Tag::Byte => return None,
        Kind::Unary(operator, operand) => Kind::Unary(*operator, Box::new(adapt(operand, tag)?)),
        Kind::Binary(operator, operands) => {
            let [left, right] = &**operands;
            let right = match operator {
                Binary::ShiftLeft | Binary::ShiftRight | Binary::ShiftRightZero => right.clone(),
                _ => adapt(right, tag)?,
            };
            Kind::Binary(*operator, Box::new([adapt(left, tag)?, right]))
        }
        _ => return None,
    };
    Some(Expression { kind, type_: Type::Scalar(tag), span: expression.span })
}

/// An int as a wider type.
fn widened(int: Expression, tag: Tag) -> Option<Kind> {
    widens(Tag::Int, tag).then(|| Kind::Convert(Tag::Int, tag, Box::new(int)))
}

/// The literal, in arithmetic of literals, that is too large or too small for a type.
pub(super) fn misfit(expression: &Expression, tag: Tag) -> Option<&Expression> {
    match &expression.kind {
        Kind::Integer(value) => integer_cell(value.get(), tag).is_none().then_some(expression),
        Kind::Adapting(each) => each.get(tag).is_none().then_some(expression),
        Kind::Unary(_, operand) => misfit(operand, tag),
        Kind::Binary(_, operands) => operands.iter().find_map(|operand| misfit(operand, tag)),
        _ => None,
    }
}

impl Checker<'_> {
    /// An expression with a type of its own: a literal without a context is an int or a decimal.
    pub(super) fn settle(&mut self, expression: Expression) -> Expression {
        let tag = match expression.type_ {
            Type::AnyInteger => Tag::Int,
            Type::AnyDecimal => Tag::Decimal,
            _ => return expression,
        };
        if let Some(settled) = adapt(&expression, tag) {
            self.warn_wrapping_literals(&expression, &settled);
            return settled;
        }
        let diagnostic = self.too_wide(&expression, tag);
        self.complain(diagnostic);
        failed(expression.span)
    }

    /// An expression with a type of its own, which for a literal is the wanted one.
    pub(super) fn adapted(&mut self, expression: Expression, wanted: Option<Type>, reason: &Reason<'_>) -> Expression {
        match (expression.type_, wanted) {
            (Type::AnyInteger | Type::AnyDecimal, Some(wanted @ (Type::Scalar(_) | Type::Union(_)))) => {
                self.coerce(expression, wanted, reason)
            }
            _ => self.settle(expression),
        }
    }

    /// Warns of arithmetic of literals that wraps around in the type which it takes.
    fn warn_wrapping_literals(&mut self, literals: &Expression, adapted: &Expression) {
        if literals.type_ != Type::AnyInteger || !matches!(literals.kind, Kind::Binary(..) | Kind::Unary(..)) {
            return;
        }
        match &adapted.kind {
            // What is widened was computed in its own type.
            Kind::Convert(_, _, own) | Kind::UnionAs(_, own) => self.warn_wrapping_literals(literals, own),
            Kind::Binary(operator, operands) if super::operator::is_shift(*operator) => {
                let [left, count] = &**operands;
                self.warn_shift_count(left, count);
            }
            _ => self.warn_wrapping(adapted),
        }
    }

    /// Whether a literal fits a type.
    pub(super) fn adapts(&self, expression: &Expression, tag: Tag) -> Option<Expression> {
        matches!(expression.type_, Type::AnyInteger | Type::AnyDecimal).then(|| adapt(expression, tag)).flatten()
    }

    /// An expression as the wanted type; `None` if it does not fit.
    pub(super) fn try_coerce(&self, expression: &Expression, wanted: Type) -> Option<Expression> {
        if expression.type_ == wanted {
            return Some(expression.clone());
        }
        match (expression.type_, wanted) {
            // What never gives a value fits everywhere, and stays what it is.
            (Type::Never, _) => Some(expression.clone()),
            (Type::Error, _) | (_, Type::Error) => Some(Expression { type_: wanted, ..expression.clone() }),
            (Type::AnyInteger | Type::AnyDecimal, Type::Scalar(tag)) => adapt(expression, tag),
            (Type::AnyInteger | Type::AnyDecimal, Type::Union(mask)) => {
                let own = if expression.type_ == Type::AnyInteger { Tag::Int } else { Tag::Decimal };
                if mask.contains(own) {
                    return adapt(expression, own).map(|member| as_type(mask, member));
                }
                let mut fitting = mask.tags().filter_map(|tag| adapt(expression, tag));
                let first = fitting.next()?;
                fitting.next().is_none().then_some(as_type(mask, first))
            }
            (Type::Scalar(tag), Type::Union(mask)) if mask.contains(tag) => Some(as_type(mask, expression.clone())),
            (Type::Union(mask), Type::Union(wanted)) if mask.without(wanted).is_empty() => {
                Some(as_type(wanted, expression.clone()))
            }
            (Type::String, Type::Stencil(text)) if self.stencils.text(text).is_some() => Some(expression.clone()),
            (Type::Scalar(from), Type::Scalar(to)) if widens(from, to) => {
                let constant = match expression.kind {
                    Kind::Constant(_, cell) if is_integer(from) => integer_cell(i128::from(cell as i64), to),
                    _ => None,
                };
                let kind = match constant {
                    Some(cell) => Kind::Constant(to, cell),
                    None => Kind::Convert(from, to, Box::new(expression.clone())),
                };
                Some(Expression { kind, type_: wanted, span: expression.span })
            }
            (Type::Stencil(type_ref), Type::View(element)) => {
                let (found, _) = self.stencils.array(type_ref)?;
                self.view_of(expression).filter(|_| found == element)
            }
            _ => None,
        }
    }

    /// A view of a struct, tuple or array that stands somewhere: of the elements of an array, of others alone.
    pub(super) fn view_of(&self, whole: &Expression) -> Option<Expression> {
        let (Kind::Load(place), Type::Stencil(type_ref)) = (&whole.kind, whole.type_) else { return None };
        let type_ = Type::View(self.stencils.viewed(type_ref).0);
        let stands = !matches!(place.base, Base::Cells(..) | Base::Variable(_));
        stands.then(|| Expression { kind: Kind::View(place.clone()), type_, span: whole.span })
    }

    /// An expression as the wanted type; complains if it does not fit.
    pub(super) fn coerce(&mut self, expression: Expression, wanted: Type, reason: &Reason<'_>) -> Expression {
        // What is as it is wanted, nearly all, is not copied.
        if expression.type_ == wanted || expression.type_ == Type::Never {
            return expression;
        }
        if let Some(coerced) = self.try_coerce(&expression, wanted) {
            self.warn_wrapping_literals(&expression, &coerced);
            return coerced;
        }
        let span = expression.span;
        if expression.type_ == Type::Nothing {
            self.no_value(&expression);
            return failed(span);
        }
        let (found, target) = (self.show(expression.type_), self.show(wanted));
        let mut diagnostic = match (expression.type_, wanted) {
            (Type::AnyInteger, Type::Scalar(tag)) if is_number(tag) => self.too_wide_in(&expression, tag),
            (Type::AnyDecimal, Type::Scalar(Tag::Float)) => {
                self.error("E0411", span, "this number does not fit `float`", "too large")
            }
            _ => self.error("E0401", span, format!("`{found}` found, `{target}` wanted"), format!("this is `{found}`")),
        };
        let words = (reason.words)(&target);
        diagnostic = match reason.span {
            Some(place) => diagnostic.also(self.source, place, words),
            None => diagnostic.note(words),
        };
        // A conversion whose name a function has is none here.
        let hint = self.hint_for_value(&expression, wanted).filter(|_| !self.by_name.contains_key(target.as_str()));
        let wider = reason.span.and_then(|place| self.hint_for_beginning(place, &expression, wanted));
        let instead = reason.instead.and_then(|instead| instead(self, &expression));
        let listed = self.hint_for_listed(&expression, wanted);
        if let Some((place, _)) = listed {
            diagnostic = diagnostic.also(self.source, place, format!("listed here as `{found}`"));
        }
        let is_changed = instead.is_some();
        if let Some(hint) = listed.map(|(_, hint)| hint).or(wider).or(instead).or(hint) {
            diagnostic = diagnostic.hint(hint);
            // What is wanted where no line says so was only guessed.
            let is_certain =
                reason.span.is_some() || wanted != Type::Scalar(Tag::Bool) || expression.type_ != Type::AnyInteger;
            let edit = self.edit_for_value(&expression, wanted).filter(|_| is_certain && !is_changed);
            diagnostic = self.with_edit(diagnostic, edit);
        }
        self.complain(diagnostic);
        failed(span)
    }
}

/// What stands for an expression that was complained about.
pub(super) fn failed(span: Span) -> Expression {
    Expression { kind: Kind::Error, type_: Type::Error, span }
}
