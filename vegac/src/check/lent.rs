//! A struct or tuple that a view is to show, which shows elements of an array: how one is made an array of one, or a part of
//! the array that it stands in.

use super::Checker;
use super::place::is_read_only;
use crate::checked::{Base, Expression, Kind, Type};
use vega_format::stencil::Stencil;
use vega_format::types::Tag;

impl Checker<'_> {
    /// For one that is given where a view of its type is wanted.
    pub(super) fn hint_for_one(&self, value: &Expression, wanted: Type) -> Option<String> {
        let (written, type_) = (self.written(value.span), self.show(value.type_));
        if let Some(part) = self.as_part(value) {
            return Some(format!("a view of one element is a part of the array: `{part}`"));
        }
        let is_name = written.chars().all(|character| character.is_alphanumeric() || character == '_');
        is_name.then(|| {
            format!(
                "`{}` shows elements of an array: declare `{written}: {type_}[1]`, and use `{written}[0]`",
                self.show(wanted)
            )
        })
    }

    /// An element as a part of its array, unless that can only be read.
    pub(super) fn part_of_one(&self, value: &Expression) -> Option<String> {
        let Kind::Load(place) = &value.kind else { return None };
        // The end of a part from the last byte or short is none.
        let is_wide = |index: &Expression| matches!(index.type_, Type::Scalar(Tag::Int | Tag::Long));
        let has_end = match &place.base {
            Base::Element(_, index) | Base::ViewElement(_, index) => is_wide(index),
            _ => true,
        };
        self.as_part(value).filter(|_| has_end && !is_read_only(place))
    }

    /// `a[i]` as `a[i..i + 1]`, where the index is a name or a number.
    fn as_part(&self, value: &Expression) -> Option<String> {
        let written = self.text.get(value.span.range())?;
        let (array, index) = written.strip_suffix(']')?.rsplit_once('[')?;
        let is_plain = index.chars().all(|character| character.is_alphanumeric() || character == '_');
        let end = match index.parse::<u32>() {
            Ok(index) => index.checked_add(1)?.to_string(),
            Err(_) => format!("{index} + 1"),
        };
        (is_plain && !index.is_empty()).then(|| format!("{array}[{index}..{end}]"))
    }

    /// Whether the elements of an array or a view are structs with such a field.
    pub(super) fn elements_have(&self, type_: Type, field: &str) -> bool {
        match self.element_type(type_).and_then(|element| self.stencil_of(element)) {
            Some(Stencil::Struct { fields, .. }) => fields.iter().any(|known| known.name == field),
            _ => false,
        }
    }
}
