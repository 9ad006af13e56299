//! Variables that began with plain numbers, which gave them a type that does not fit later: the type that they could have.

use super::Checker;
use super::convert::{integer_cell, is_integer, is_number};
use super::expression::type_from;
use crate::ast::Span;
use crate::checked::{Base, Expression, Kind, Type};
use vega_format::stencil::TypeRef;
use vega_format::types::Tag;

impl Checker<'_> {
    /// For a value that is wider than a variable which began with a plain number, as `sum = 0` does: that could be as wide.
    pub(super) fn hint_for_beginning(&self, place: Span, found: &Expression, wanted: Type) -> Option<String> {
        let end = match found.type_ {
            Type::AnyDecimal if matches!(found.kind, Kind::Decimal(value, _) if value.fract() == 0.0) => return None,
            Type::Scalar(Tag::Decimal) | Type::AnyDecimal => ".0",
            Type::Scalar(Tag::Long) => "l",
            _ => return None,
        };
        let behind = self.text.get(place.end()..)?.lines().next()?.trim_start().strip_prefix('=')?;
        let number = behind.split([';', '}', '#']).next().unwrap_or_default().trim();
        let is_plain = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        let (name, target) = (self.written(place), self.show(wanted));
        let is_int = wanted == Type::Scalar(Tag::Int);
        (is_int && is_plain)
            .then(|| format!("`{name} = {number}` makes it `{target}`: begin it with `{name} = {number}{end}`"))
    }

    /// For an array of which a view of other numbers is wanted, and that was listed without a type: where, and how it is
    /// declared.
    pub(super) fn hint_for_listed(&self, array: &Expression, wanted: Type) -> Option<(Span, String)> {
        let (Kind::Load(place), Type::Stencil(found), Type::View(wanted)) = (&array.kind, array.type_, wanted) else {
            return None;
        };
        let Base::Stencil(slot) = place.base else { return None };
        let variable = self.scopes.variables().iter().find(|variable| variable.slot == slot && !variable.alias)?;
        let behind = self.text.get(variable.span.end()..)?.trim_start().strip_prefix('=')?;
        let (element, length) = self.stencils.array(found)?;
        let ((from, shape), (to, wanted_shape)) = (self.numbers(element)?, self.numbers(wanted)?);
        let adapts = from == Tag::Int || from == Tag::Decimal && !is_integer(to);
        let listed = behind.trim_start().strip_prefix('[')?;
        let is_other = adapts && is_number(to) && shape == wanted_shape;
        let (name, type_) = (self.written(variable.span), self.show(type_from(wanted)));
        let converted =
            if are_listed(listed, to) { "" } else { &format!(", and convert what is wider: `{}(…)`", to.name()) };
        let hint = || format!("declare it with its type: `{name}: {type_}[{length}] = …`{converted}");
        is_other.then(|| (variable.span, hint()))
    }

    /// What arrays hold innermost, and their lengths from outside to inside.
    fn numbers(&self, type_ref: TypeRef) -> Option<(Tag, Vec<u32>)> {
        let (mut inner, mut lengths) = (type_ref, Vec::new());
        while let Some((element, length)) = self.stencils.array(inner) {
            lengths.push(length);
            inner = element;
        }
        match inner {
            TypeRef::Scalar(tag) => Some((tag, lengths)),
            TypeRef::Stencil(_) => None,
        }
    }
}

/// Whether nothing but numbers that fit a type is listed up to the end of a bracket.
fn are_listed(listed: &str, tag: Tag) -> bool {
    let mut depth = 1;
    let is_inside = |character: &char| {
        depth += i32::from(*character == '[') - i32::from(*character == ']');
        depth > 0
    };
    let inside: String = listed.chars().take_while(is_inside).collect();
    let fits = |number: &str| match number.parse::<i128>() {
        Ok(value) => integer_cell(value, tag).is_some(),
        Err(_) => !is_integer(tag) && number.parse::<f64>().is_ok(),
    };
    inside.split([',', '[', ']']).map(str::trim).filter(|number| !number.is_empty()).all(fits)
}
