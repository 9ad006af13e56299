//! The literals that fill structs, tuples and arrays.

use super::convert::{Reason, common, failed};
use super::expression::type_from;
use super::place::{MORE_THAN_CELLS, operands};
use super::{Checker, Struct};
use crate::ast::{self, Name, Span};
use crate::checked::{Expression, Kind, Part, Place, Type};
use ecow::EcoString;
use foldhash::HashMap;
use vega_format::stencil::{MOST_CELLS, Stencil, TypeRef};
use vega_format::types::Tag;

impl Checker<'_> {
    /// `point { x = 1, y = 2 }`.
    pub(super) fn struct_literal(&mut self, name: &Name, fields: &[(Name, ast::Expression)], span: Span) -> Expression {
        self.count_use(&name.text);
        let known = self.structs.get(&name.text).cloned();
        if known.is_none() && !self.is_refused_in_module(name, "struct") {
            let diagnostic =
                self.error("E0302", name.span, format!("unknown struct `{}`", name.text), "no such struct");
            let known = self.structs.keys().map(EcoString::as_str);
            let diagnostic = match self.in_a_module(&name.text) {
                Some(full) => self.with_module(diagnostic, name.span, full),
                None => self.meant(diagnostic, name.span, &name.text, known, |diagnostic| {
                    diagnostic.hint(format!("declare it first: `struct {} {{ … }}`", name.text))
                }),
            };
            self.complain(diagnostic);
        }
        let Some(Struct { type_ref: Some(type_ref), span: declared }) = known else {
            for (_, value) in fields {
                self.expression(value);
            }
            return failed(span);
        };
        let parts: HashMap<String, (u32, TypeRef)> =
            self.field_names(type_ref).into_iter().zip(self.stencils.parts(type_ref)).collect();
        let mut values = Vec::new();
        let mut given: HashMap<&str, Span> = HashMap::default();
        let mut failed_part = false;
        for (field, value) in fields {
            if let Some(first) = given.get(field.text.as_str()) {
                let first = *first;
                let diagnostic = self
                    .error("E0313", field.span, format!("field `{}` is given twice", field.text), "given again here")
                    .also(self.source, first, "first given here");
                self.complain(diagnostic);
                failed_part = true;
                continue;
            }
            given.insert(&field.text, field.span);
            match parts.get(field.text.as_str()).copied() {
                Some((offset, part)) => {
                    let words = |wanted: &str| format!("field `{}` is `{wanted}`", field.text);
                    let reason = Reason::at(&words, declared);
                    failed_part |= !self.part(value, part, offset, &reason, &mut values);
                }
                None => {
                    self.no_field(type_ref, field);
                    self.expression(value);
                    failed_part = true;
                }
            }
        }
        if failed_part {
            return failed(span);
        }
        self.filled(values, Type::Stencil(type_ref), span)
    }

    /// A struct, tuple or array of these values.
    fn filled(&mut self, parts: Vec<Part>, type_: Type, span: Span) -> Expression {
        if let Some(unfinished) = self.unfinished(parts.iter().map(|part| &part.value), span) {
            return unfinished;
        }
        Expression { kind: Kind::Literal(parts), type_, span }
    }

    /// `(a, b)`.
    pub(super) fn tuple(&mut self, elements: &[ast::Expression], wanted: Option<Type>, span: Span) -> Expression {
        if wanted == Some(Type::Error) {
            return self.unfitting(elements, span);
        }
        let shape = match wanted {
            Some(Type::Stencil(type_ref)) => match self.stencil_of(type_ref) {
                Some(Stencil::Tuple(parts)) if parts.len() == elements.len() => parts.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let words = |wanted: &str| format!("`{wanted}` is wanted here");
        let reason = Reason::new(&words);
        self.tuple_of(elements, span, |checker, index, element, offset, values| match shape.get(index) {
            Some(wanted) => checker.part(element, *wanted, offset, &reason, values).then_some(*wanted),
            None => {
                let value = checker.value(element);
                checker.own_part(value, offset, values)
            }
        })
    }

    /// Elements of something of which it was told where it is wanted that nothing fits there.
    fn unfitting(&mut self, elements: &[ast::Expression], span: Span) -> Expression {
        elements.iter().for_each(|element| _ = self.operand(element));
        failed(span)
    }

    /// A tuple of elements each of which `add` looks at and adds to its parts, so many bytes on; it gives their types.
    pub(super) fn tuple_of(
        &mut self,
        elements: &[ast::Expression],
        span: Span,
        mut add: impl FnMut(&mut Self, usize, &ast::Expression, u32, &mut Vec<Part>) -> Option<TypeRef>,
    ) -> Expression {
        let mut values = Vec::new();
        let mut parts = Vec::new();
        let mut offset = 0;
        let mut fits = true;
        for (index, element) in elements.iter().enumerate() {
            match add(self, index, element, offset, &mut values) {
                Some(part) => {
                    offset += self.stencils.size(part);
                    parts.push(part);
                }
                None => fits = false,
            }
        }
        if fits {
            let type_ = self.stencil(Stencil::Tuple(parts), span);
            return self.filled(values, type_, span);
        }
        failed(span)
    }

    /// `[a, b, c]`.
    pub(super) fn array(&mut self, elements: &[ast::Expression], wanted: Option<Type>, span: Span) -> Expression {
        let wanted_element = match wanted {
            Some(Type::Stencil(type_ref)) => self.stencils.array(type_ref).map(|(element, _)| element),
            _ => None,
        };
        if elements.is_empty() {
            let diagnostic = self.error("E0410", span, "an array without elements", "it has no bytes");
            self.complain(diagnostic.hint("declare it with its length: `a: int[10]`"));
            return failed(span);
        }
        if wanted == Some(Type::Error) {
            return self.unfitting(elements, span);
        }
        let checked: Vec<Expression> =
            elements.iter().map(|element| self.expression_for(element, wanted_element.map(type_from))).collect();
        if let Some(unfinished) = self.unfinished(&checked, span) {
            return unfinished;
        }
        let Some(element_type) = wanted_element.or_else(|| self.common_element(&checked)) else {
            return failed(span);
        };
        let size = self.stencils.size(element_type);
        let mut values = Vec::new();
        let wanted = type_from(element_type);
        let words = |wanted: &str| format!("the elements are `{wanted}`");
        let reason = Reason::new(&words);
        let mut fits = true;
        for (index, element) in checked.into_iter().enumerate() {
            let Some(offset) = u32::try_from(index).ok().and_then(|index| index.checked_mul(size)) else { break };
            let element = self.coerce(element, wanted, &reason);
            self.certain_length(&element, wanted);
            fits &= self.spread(element, offset, &mut values).is_some();
        }
        let type_ = self.stencil(Stencil::Array(element_type, elements.len() as u32), span);
        if !fits || type_ == Type::Error {
            return failed(span);
        }
        Expression { kind: Kind::Literal(values), type_, span }
    }

    /// The type to which all elements widen; literals take that of the others if they fit it.
    fn common_element(&mut self, elements: &[Expression]) -> Option<TypeRef> {
        if elements.iter().any(|element| element.type_ == Type::Error) {
            return None;
        }
        let both = |a: Type, b: Type| match (a, b) {
            (Type::Scalar(a), Type::Scalar(b)) => Type::Scalar(common(a, b).unwrap_or(a)),
            _ => a,
        };
        let types = elements.iter().map(|element| element.type_);
        let others = types.filter(|type_| !matches!(type_, Type::AnyInteger | Type::AnyDecimal)).reduce(both);
        let own = |element: &Expression| match (element.type_, others) {
            (Type::AnyInteger | Type::AnyDecimal, Some(Type::Scalar(tag)))
                if self.adapts_beside(element, tag).is_some() =>
            {
                Type::Scalar(tag)
            }
            (Type::AnyInteger, _) => Type::Scalar(Tag::Int),
            (Type::AnyDecimal, _) => Type::Scalar(Tag::Decimal),
            (type_, _) => type_,
        };
        match elements.iter().map(own).reduce(both)? {
            Type::Scalar(tag) => Some(TypeRef::Scalar(tag)),
            Type::Stencil(type_ref) => Some(type_ref),
            other => {
                let span = elements.first().map(|first| first.span).unwrap_or_default();
                let title = format!("an element of an array is `{}`", self.show(other));
                let diagnostic = self.error("E0407", span, title, "elements are scalars, structs, tuples and arrays");
                self.complain(match other {
                    Type::String => {
                        let array = format!("string<16>[{}]", elements.len());
                        diagnostic.hint(format!("declare an array of bounded text: `names: {array} = …`"))
                    }
                    _ => diagnostic,
                });
                None
            }
        }
    }

    /// A part of a literal whose type is known; `false` if it does not fit.
    fn part(
        &mut self,
        value: &ast::Expression,
        type_ref: TypeRef,
        offset: u32,
        reason: &Reason<'_>,
        values: &mut Vec<Part>,
    ) -> bool {
        let wanted = type_from(type_ref);
        let checked = self.expression_for(value, Some(wanted));
        let value = self.coerce(checked, wanted, reason);
        self.certain_length(&value, wanted);
        self.spread(value, offset, values).is_some()
    }

    /// An element of a tuple that has the type of its value.
    pub(super) fn own_part(&mut self, value: Expression, offset: u32, values: &mut Vec<Part>) -> Option<TypeRef> {
        let part = match value.type_ {
            Type::Scalar(tag) => TypeRef::Scalar(tag),
            Type::Stencil(type_ref) => type_ref,
            Type::Error => return None,
            // It is the last one that is computed, so its type does not matter.
            Type::Never => TypeRef::Scalar(Tag::Int),
            other => {
                let title = format!("an element of a tuple is `{}`", self.show(other));
                let label = "scalars, structs, tuples and arrays can stand here";
                let diagnostic = self.error("E0407", value.span, title, label);
                self.complain(match other {
                    Type::String => diagnostic.hint("declare what is to hold it, with bounded text: `string<64>`"),
                    _ => diagnostic,
                });
                return None;
            }
        };
        self.spread(value, offset, values).map(|()| part)
    }

    /// Adds a value `offset` bytes on; a literal in a literal becomes its parts.
    fn spread(&mut self, value: Expression, offset: u32, values: &mut Vec<Part>) -> Option<()> {
        match (value.kind, value.type_) {
            (Kind::Error, _) | (_, Type::Error) => return None,
            (Kind::Literal(parts), _) => {
                values.extend(parts.into_iter().map(|part| Part { offset: offset + part.offset, ..part }));
            }
            (Kind::Load(place), Type::Stencil(type_ref))
                if self.stencils.scalars(type_ref, MOST_CELLS).is_none()
                    && self.stencils.leaves(type_ref, MOST_CELLS).is_some()
                    && operands(&place).next().is_none() =>
            {
                for (at, leaf) in self.stencils.leaves(type_ref, MOST_CELLS).unwrap_or_default() {
                    let part = Place { offset: place.offset + at, type_: type_from(leaf), ..place.clone() };
                    values.push(Part { offset: offset + at, value: self.read(part, value.span) });
                }
            }
            (_, Type::Stencil(type_ref)) if self.stencils.scalars(type_ref, MOST_CELLS).is_none() => {
                let title = format!("`{}` is copied into a literal", self.show(value.type_));
                let diagnostic = self
                    .error("E0412", value.span, title, MORE_THAN_CELLS)
                    .hint("assign it to its part of a variable, in a statement of its own");
                self.complain(diagnostic);
                return None;
            }
            (kind, Type::Scalar(_) | Type::String | Type::Stencil(_) | Type::Never) => {
                values.push(Part { offset, value: Expression { kind, ..value } });
            }
            _ => return None,
        }
        Some(())
    }
}
