//! Places: fields, elements and slices, and the literals that fill structs, tuples and arrays.

use super::convert::{Reason, common, failed};
use super::expression::type_from;
use super::{Checker, Struct};
use crate::ast::{self, Name, Span};
use crate::checked::{Base, Expression, Kind, Place, Type};
use std::collections::HashMap;
use vega_format::instruction::Instruction;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;

/// The scalars of a literal: offset, type, value.
type Values = Vec<(u32, Tag, Expression)>;

impl Checker<'_> {
    /// `p.x`, `p.0`.
    pub(super) fn field(&mut self, inner: &ast::Expression, name: &Name, span: &Span) -> Expression {
        let base = self.expression(inner);
        let (place, type_ref) = match (base.kind, base.type_) {
            (_, Type::Error) => return failed(span.clone()),
            (kind, Type::Never) => return Expression { kind, type_: Type::Never, span: span.clone() },
            (Kind::Load(place), Type::Stencil(type_ref)) if self.stencils.array(type_ref).is_none() => {
                (place, type_ref)
            }
            (_, Type::Stencil(type_ref)) if self.stencils.array(type_ref).is_none() => {
                let diagnostic = self
                    .error("E0314", &name.span, "a field of a value that is in no variable", "taken from no place")
                    .hint("put it into a variable first");
                self.complain(diagnostic);
                return failed(span.clone());
            }
            (_, type_) => {
                let title = format!("`{}` has no fields", self.show(type_));
                let mut diagnostic = self.error("E0314", &name.span, title, "no such field");
                if name.text == "len" || name.text == "length" {
                    diagnostic = diagnostic.hint("the length is `len(…)`");
                }
                self.complain(diagnostic);
                return failed(span.clone());
            }
        };
        let found = match self.stencil_of(type_ref) {
            Some(Stencil::Struct { fields, .. }) => fields.iter().position(|field| field.name == name.text),
            Some(Stencil::Tuple(elements)) => (0..elements.len()).position(|index| index.to_string() == name.text),
            _ => None,
        };
        let part = found.and_then(|index| self.stencils.parts(type_ref).nth(index));
        let Some((offset, part)) = part else {
            self.no_field(type_ref, name);
            return failed(span.clone());
        };
        let type_ = type_from(part);
        let place = Place { base: place.base, offset: place.offset + offset, type_ };
        Expression { kind: Kind::Load(place), type_, span: span.clone() }
    }

    fn stencil_of(&self, type_ref: TypeRef) -> Option<&Stencil> {
        match type_ref {
            TypeRef::Stencil(index) => self.stencils.get(index),
            TypeRef::Scalar(_) => None,
        }
    }

    fn field_names(&self, type_ref: TypeRef) -> Vec<String> {
        match self.stencil_of(type_ref) {
            Some(Stencil::Struct { fields, .. }) => fields.iter().map(|field| field.name.clone()).collect(),
            Some(Stencil::Tuple(elements)) => (0..elements.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        }
    }

    fn no_field(&mut self, type_ref: TypeRef, name: &Name) {
        let names = self.field_names(type_ref);
        let title = format!("`{}` has no field `{}`", self.show(Type::Stencil(type_ref)), name.text);
        let diagnostic = self.error("E0314", &name.span, title, "no such field");
        let diagnostic = match self.near(&name.text, names.iter().map(String::as_str)) {
            Some(other) => diagnostic.hint(format!("did you mean `{other}`?")),
            None => diagnostic.note(format!("its fields are {}", list(&names))),
        };
        self.complain(diagnostic);
    }

    /// `a[i]`.
    pub(super) fn index(&mut self, inner: &ast::Expression, index: &ast::Expression, span: &Span) -> Expression {
        let base = self.expression(inner);
        let base = self.settle(base);
        let index = self.integer(index, "an index");
        if let Some(unfinished) = self.unfinished([&base, &index], span) {
            return unfinished;
        }
        match (&base.kind, base.type_) {
            (_, Type::String) => {
                let kind = Kind::Apply(Instruction::StringByte {}, vec![base, index]);
                Expression { kind, type_: Type::Scalar(Tag::Byte), span: span.clone() }
            }
            (_, Type::View(element)) => {
                if !self.view_stands(&base, std::slice::from_ref(&index)) {
                    return failed(span.clone());
                }
                let type_ = type_from(element);
                let place = Place { base: Base::ViewElement(Box::new(base), Box::new(index)), offset: 0, type_ };
                Expression { kind: Kind::Load(place), type_, span: span.clone() }
            }
            (Kind::Load(Place { base: Base::Stencil(slot), offset: 0, .. }), Type::Stencil(type_ref))
                if self.stencils.array(type_ref).is_some() =>
            {
                let (element, count) = self.stencils.array(type_ref).unwrap_or((type_ref, 0));
                self.certain_index(&index, count);
                let type_ = type_from(element);
                let place = Place { base: Base::Element(*slot, Box::new(index)), offset: 0, type_ };
                Expression { kind: Kind::Load(place), type_, span: span.clone() }
            }
            (_, type_) => {
                let title = format!("`{}` has no elements", self.show(type_));
                let diagnostic = self.error("E0315", &base.span, title, "arrays, views and strings have elements");
                let written = self.written(&base.span);
                self.complain(match (type_, &index.kind) {
                    (Type::Stencil(_), Kind::Constant(_, number)) => {
                        diagnostic.hint(format!("write `{written}.{number}`"))
                    }
                    (Type::Stencil(_), _) => diagnostic.hint(format!("its parts have fixed numbers: `{written}.0`")),
                    _ => diagnostic,
                });
                failed(span.clone())
            }
        }
    }

    /// `a[i..j]`: a view of some elements.
    pub(super) fn slice(
        &mut self,
        inner: &ast::Expression,
        start: Option<&ast::Expression>,
        end: Option<&ast::Expression>,
        span: &Span,
    ) -> Expression {
        let base = self.expression(inner);
        let whole = match base.type_ {
            Type::Error => return failed(span.clone()),
            Type::Never => return base,
            Type::View(_) => Some(base.clone()),
            Type::Stencil(type_ref) => {
                let element = self.stencils.array(type_ref).map(|(element, _)| element);
                element.and_then(|element| self.try_coerce(&base, Type::View(element)))
            }
            _ => None,
        };
        let Some(whole) = whole else {
            let title = format!("`{}` cannot be sliced", self.show(base.type_));
            self.complain(self.error("E0315", &base.span, title, "arrays and views can be"));
            return failed(span.clone());
        };
        let number = |value: u32| Expression {
            kind: Kind::Constant(Tag::Int, value.into()),
            type_: Type::Scalar(Tag::Int),
            span: span.clone(),
        };
        let start = start.map(|start| self.integer(start, "the start of a slice")).unwrap_or_else(|| number(0));
        let end = match (end, base.type_) {
            (Some(end), _) => self.integer(end, "the end of a slice"),
            (None, Type::Stencil(type_ref)) => number(self.stencils.array(type_ref).map_or(0, |(_, count)| count)),
            (None, _) => Expression { kind: Kind::Apply(Instruction::ViewLength {}, vec![whole.clone()]), ..number(0) },
        };
        let type_ = whole.type_;
        if let Some(unfinished) = self.unfinished([&whole, &start, &end], span) {
            return unfinished;
        }
        let ends = [start, end];
        if !self.view_stands(&whole, &ends) {
            return failed(span.clone());
        }
        if let Type::Stencil(type_ref) = base.type_
            && let Some((_, length)) = self.stencils.array(type_ref)
        {
            self.certain_slice(&ends, length, span);
        }
        let [start, end] = ends;
        Expression { kind: Kind::Apply(Instruction::ViewSlice {}, vec![whole, start, end]), type_, span: span.clone() }
    }

    /// Nothing may be freed while a view of this function's memory waits to be used: complains if an `alloc` block
    /// would be computed behind one.
    pub(super) fn view_stands(&mut self, view: &Expression, later: &[Expression]) -> bool {
        if !is_local_view(view) {
            return true;
        }
        let Some(block) = later.iter().find(|expression| has_alloc(expression)) else { return true };
        let diagnostic = self
            .error("E0507", &block.span, "an `alloc` block stands behind a view", "this opens and ends an arena")
            .also(self.source, view.span.clone(), "this view is taken before it")
            .hint("compute the block first, in a statement of its own");
        self.complain(diagnostic);
        false
    }

    /// `point { x = 1, y = 2 }`.
    pub(super) fn struct_literal(
        &mut self,
        name: &Name,
        fields: &[(Name, ast::Expression)],
        span: &Span,
    ) -> Expression {
        let known = self.structs.get(&name.text).cloned();
        if known.is_none() {
            let diagnostic =
                self.error("E0302", &name.span, format!("unknown struct `{}`", name.text), "no such struct");
            let diagnostic = match self.near(&name.text, self.structs.keys().map(String::as_str)) {
                Some(other) => diagnostic.hint(format!("did you mean `{other}`?")),
                None => diagnostic.hint(format!("declare it first: `struct {} {{ … }}`", name.text)),
            };
            self.complain(diagnostic);
        }
        let Some(Struct { type_ref: Some(type_ref), span: declared }) = known else {
            for (_, value) in fields {
                self.expression(value);
            }
            return failed(span.clone());
        };
        let parts: HashMap<String, (u32, TypeRef)> =
            self.field_names(type_ref).into_iter().zip(self.stencils.parts(type_ref)).collect();
        let mut values = Values::new();
        let mut given: HashMap<&str, &Span> = HashMap::new();
        let mut failed_part = false;
        for (field, value) in fields {
            if let Some(first) = given.get(field.text.as_str()) {
                let first = (*first).clone();
                let diagnostic = self
                    .error("E0313", &field.span, format!("field `{}` is given twice", field.text), "given again here")
                    .also(self.source, first, "first given here");
                self.complain(diagnostic);
                failed_part = true;
                continue;
            }
            given.insert(&field.text, &field.span);
            match parts.get(&field.text).copied() {
                Some((offset, part)) => {
                    let words = format!("field `{}` is `{}`", field.text, self.show(type_from(part)));
                    let reason = Reason::at(words, &declared);
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
            return failed(span.clone());
        }
        self.filled(values, Type::Stencil(type_ref), span)
    }

    /// A struct, tuple or array of these values.
    fn filled(&mut self, values: Values, type_: Type, span: &Span) -> Expression {
        if let Some(unfinished) = self.unfinished(values.iter().map(|(_, _, value)| value), span) {
            return unfinished;
        }
        Expression { kind: Kind::Leaves(values), type_, span: span.clone() }
    }

    /// `(a, b)`.
    pub(super) fn tuple(&mut self, elements: &[ast::Expression], wanted: Option<Type>, span: &Span) -> Expression {
        let shape = match wanted {
            Some(Type::Stencil(type_ref)) => match self.stencil_of(type_ref) {
                Some(Stencil::Tuple(parts)) if parts.len() == elements.len() => Some(parts.clone()),
                _ => None,
            },
            _ => None,
        };
        let mut values = Values::new();
        let mut parts = Vec::new();
        let mut offset = 0;
        let mut fits = true;
        for (index, element) in elements.iter().enumerate() {
            let wanted = shape.as_ref().and_then(|shape| shape.get(index)).copied();
            match self.literal_part(element, wanted, offset, "an element of a tuple", &mut values) {
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
        failed(span.clone())
    }

    /// `[a, b, c]`.
    pub(super) fn array(&mut self, elements: &[ast::Expression], wanted: Option<Type>, span: &Span) -> Expression {
        let wanted_element = match wanted {
            Some(Type::Stencil(type_ref)) => self.stencils.array(type_ref).map(|(element, _)| element),
            _ => None,
        };
        if elements.is_empty() {
            let diagnostic = self.error("E0410", span, "an array without elements", "it has no bytes");
            self.complain(diagnostic.hint("declare it with its length: `a: int[10]`"));
            return failed(span.clone());
        }
        let checked: Vec<Expression> =
            elements.iter().map(|element| self.expression_for(element, wanted_element.map(type_from))).collect();
        if let Some(unfinished) = self.unfinished(&checked, span) {
            return unfinished;
        }
        let Some(element_type) = wanted_element.or_else(|| self.common_element(&checked)) else {
            return failed(span.clone());
        };
        let size = self.stencils.size(element_type);
        let mut values = Values::new();
        let wanted = type_from(element_type);
        let reason = Reason::new(format!("the elements are `{}`", self.show(wanted)));
        let mut fits = true;
        for (index, element) in checked.into_iter().enumerate() {
            let Some(offset) = u32::try_from(index).ok().and_then(|index| index.checked_mul(size)) else { break };
            let element = self.coerce(element, wanted, &reason);
            fits &= self.spread(element, offset, &mut values).is_some();
        }
        let type_ = self.stencil(Stencil::Array(element_type, elements.len() as u32), span);
        if !fits || type_ == Type::Error {
            return failed(span.clone());
        }
        Expression { kind: Kind::Leaves(values), type_, span: span.clone() }
    }

    /// The type to which all elements widen.
    fn common_element(&mut self, elements: &[Expression]) -> Option<TypeRef> {
        let mut found: Option<Type> = None;
        for element in elements {
            found = match (found, element.type_) {
                (_, Type::Error) => return None,
                (None, type_) => Some(type_),
                (Some(Type::AnyInteger), type_ @ (Type::AnyDecimal | Type::Scalar(_))) => Some(type_),
                (Some(Type::AnyDecimal), type_ @ Type::Scalar(Tag::Float | Tag::Decimal)) => Some(type_),
                (Some(Type::Scalar(a)), Type::Scalar(b)) => Some(common(a, b).map_or(Type::Scalar(a), Type::Scalar)),
                (Some(first), _) => Some(first),
            };
        }
        match found? {
            Type::AnyInteger => Some(TypeRef::Scalar(Tag::Int)),
            Type::AnyDecimal => Some(TypeRef::Scalar(Tag::Decimal)),
            Type::Scalar(tag) => Some(TypeRef::Scalar(tag)),
            Type::Stencil(type_ref) if self.stencils.array(type_ref).is_none() => Some(type_ref),
            other => {
                let span = elements.first().map(|first| first.span.clone()).unwrap_or_default();
                let title = format!("an element of an array is `{}`", self.show(other));
                self.complain(self.error("E0407", &span, title, "elements are scalars, structs and tuples"));
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
        reason: &Reason,
        values: &mut Values,
    ) -> bool {
        let wanted = type_from(type_ref);
        let checked = self.expression_for(value, Some(wanted));
        let value = self.coerce(checked, wanted, reason);
        self.spread(value, offset, values).is_some()
    }

    /// A part of a literal whose type is taken from it unless one is wanted.
    fn literal_part(
        &mut self,
        value: &ast::Expression,
        wanted: Option<TypeRef>,
        offset: u32,
        what: &str,
        values: &mut Values,
    ) -> Option<TypeRef> {
        if let Some(wanted) = wanted {
            let reason = Reason::new(format!("`{}` is wanted here", self.show(type_from(wanted))));
            return self.part(value, wanted, offset, &reason, values).then_some(wanted);
        }
        let checked = self.value(value);
        let part = match checked.type_ {
            Type::Scalar(tag) => TypeRef::Scalar(tag),
            Type::Stencil(type_ref) if self.stencils.array(type_ref).is_none() => type_ref,
            Type::Error => return None,
            // It is the last one that is computed, so its type does not matter.
            Type::Never => TypeRef::Scalar(Tag::Int),
            other => {
                let title = format!("{what} is `{}`", self.show(other));
                self.complain(self.error("E0407", &value.span, title, "scalars and structs can stand here"));
                return None;
            }
        };
        self.spread(checked, offset, values).map(|()| part)
    }

    /// Adds the scalars of a value, `offset` bytes on.
    fn spread(&mut self, value: Expression, offset: u32, values: &mut Values) -> Option<()> {
        match (value.kind, value.type_) {
            (_, Type::Error) => None,
            (kind, Type::Never) => {
                values.push((offset, Tag::Int, Expression { kind, ..value }));
                Some(())
            }
            (Kind::Leaves(leaves), _) => {
                values.extend(leaves.into_iter().map(|(at, tag, leaf)| (offset + at, tag, leaf)));
                Some(())
            }
            (Kind::Load(place), Type::Stencil(type_ref)) => {
                let leaves = self.leaves(type_ref);
                let (Some(leaves), Base::Stencil(_)) = (leaves, &place.base) else {
                    let diagnostic = self
                        .error(
                            "E0412",
                            &value.span,
                            "this cannot be copied into a literal",
                            "it is an element, or large",
                        )
                        .hint("name its fields one by one");
                    self.complain(diagnostic);
                    return None;
                };
                for (at, tag) in leaves {
                    let part = Place { base: place.base.clone(), offset: place.offset + at, type_: Type::Scalar(tag) };
                    let leaf =
                        Expression { kind: Kind::Load(part), type_: Type::Scalar(tag), span: value.span.clone() };
                    values.push((offset + at, tag, leaf));
                }
                Some(())
            }
            (kind, Type::Scalar(tag)) => {
                values.push((offset, tag, Expression { kind, ..value }));
                Some(())
            }
            _ => None,
        }
    }
}

/// `a`, `b` and `c` in words.
pub(super) fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Whether this is a view of memory of the function itself.
fn is_local_view(view: &Expression) -> bool {
    match &view.kind {
        Kind::ArrayView(_) => true,
        Kind::Apply(_, operands) => operands.first().is_some_and(is_local_view),
        _ => false,
    }
}

/// Whether an `alloc` block stands somewhere in an expression.
fn has_alloc(expression: &Expression) -> bool {
    match &expression.kind {
        Kind::Alloc(..) => true,
        Kind::Unary(_, operand) | Kind::Convert(_, _, operand) => has_alloc(operand),
        Kind::Binary(_, left, right) | Kind::And(left, right) | Kind::Or(left, right) => {
            has_alloc(left) || has_alloc(right)
        }
        Kind::Apply(_, operands)
        | Kind::Typed(_, _, operands)
        | Kind::Call(_, operands)
        | Kind::Host(_, operands)
        | Kind::Sequence(operands) => operands.iter().any(has_alloc),
        Kind::Leaves(leaves) => leaves.iter().any(|(_, _, leaf)| has_alloc(leaf)),
        Kind::Load(place) => match &place.base {
            Base::Element(_, index) => has_alloc(index),
            Base::ViewElement(view, index) => has_alloc(view) || has_alloc(index),
            Base::Variable(_) | Base::Stencil(_) => false,
        },
        Kind::Integer(_)
        | Kind::Decimal(..)
        | Kind::Constant(..)
        | Kind::Text(_)
        | Kind::Cell(_)
        | Kind::ArrayView(_)
        | Kind::Error => false,
    }
}
