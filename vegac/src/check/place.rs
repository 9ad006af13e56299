//! Places: fields, elements and slices, at any depth; and which of them can only be read.

use super::Checker;
use super::certain::{constant, known_length};
use super::convert::failed;
use super::expression::type_from;
use super::scope::Meaning;
use super::whole::{cell, with};
use crate::ast::{self, ExpressionKind, Name, Span};
use crate::checked::{Base, Expression, Kind, Place, Type};
use vega_format::instruction::Instruction;
use vega_format::stencil::{MOST_CELLS, Stencil, TypeRef};
use vega_format::types::Tag;

/// Why a struct, tuple or array is no value in cells.
pub(super) const MORE_THAN_CELLS: &str = "it has more than 64 scalars, or text in it";

impl Checker<'_> {
    /// `p.x`, `p.0`.
    pub(super) fn field(&mut self, inner: &ast::Expression, name: &Name, span: Span) -> Expression {
        if let Some(member) = self.member(inner, name, span) {
            return member;
        }
        let base = self.expression(inner);
        let type_ref = match base.type_ {
            Type::Error => return failed(span),
            Type::Never => return Expression { span, ..base },
            Type::Stencil(type_ref) if self.stencils.array(type_ref).is_none() => type_ref,
            type_ => {
                let title = format!("`{}` has no fields", self.show(type_));
                let mut diagnostic = self.error("E0314", name.span, title, "no such field");
                if self.has_length(type_) && (name.text == "len" || name.text == "length") {
                    let length = format!("len({})", self.text.get(base.span.range()).unwrap_or_default());
                    let (hint, meant) = match self.is_gone_through(span) {
                        true => ("a loop counts over a range: `for i in 0..len(…)`", format!("0..{length}")),
                        false => ("the length is `len(…)`", length),
                    };
                    diagnostic = diagnostic.hint(hint).edit(self.source, span, meant);
                } else if self.elements_have(type_, &name.text) {
                    let written = self.written(base.span);
                    diagnostic = diagnostic.hint(format!(
                        "its elements have: `{written}[0].{}`, or `{written}[i].{0}` in a loop",
                        name.text
                    ));
                }
                self.complain(diagnostic);
                return failed(span);
            }
        };
        let Some((offset, part)) = self.field_of(type_ref, &name.text) else {
            self.no_field(type_ref, name);
            return failed(span);
        };
        self.part_of(base, span, |_, place| {
            Some(Place { base: place.base, offset: place.offset + offset, type_: type_from(part) })
        })
    }

    /// A part of a struct, tuple or array: of one that stands nowhere, its cells are kept meanwhile.
    fn part_of(
        &mut self,
        whole: Expression,
        span: Span,
        narrow: impl FnOnce(&mut Self, Place) -> Option<Place>,
    ) -> Expression {
        let (place, kept) = match whole.kind {
            Kind::Load(place) => (place, None),
            // A part of a part of what is kept.
            Kind::Let(binding, value, body) if matches!(body.kind, Kind::Load(_)) => match body.kind {
                Kind::Load(place) => (place, Some((binding, value))),
                _ => return failed(span),
            },
            kind => {
                let Type::Stencil(type_ref) = whole.type_ else { return failed(span) };
                if self.stencils.scalars(type_ref, MOST_CELLS).is_none() {
                    let title = format!("a part of a `{}` that is in no variable", self.show(whole.type_));
                    let diagnostic = self.error("E0314", whole.span, title, MORE_THAN_CELLS);
                    self.complain(diagnostic.hint("put it into a variable first"));
                    return failed(span);
                }
                let binding = self.scopes.new_binding();
                let place = Place { base: Base::Cells(binding, type_ref), offset: 0, type_: whole.type_ };
                (place, Some((binding, Box::new(Expression { kind, ..whole }))))
            }
        };
        let Some(place) = narrow(self, place) else { return failed(span) };
        let part = self.read(place, span);
        match kept {
            None => part,
            Some((binding, value)) => {
                let type_ = part.type_;
                Expression { kind: Kind::Let(binding, value, Box::new(part)), type_, span }
            }
        }
    }

    pub(super) fn stencil_of(&self, type_ref: TypeRef) -> Option<&Stencil> {
        match type_ref {
            TypeRef::Stencil(index) => self.stencils.get(index),
            TypeRef::Scalar(_) => None,
        }
    }

    /// The field of a struct or tuple that has this name: where it starts, and what it is.
    fn field_of(&self, type_ref: TypeRef, name: &str) -> Option<(u32, TypeRef)> {
        let index = match self.stencil_of(type_ref)? {
            Stencil::Struct { fields, .. } => fields.iter().position(|field| field.name == name),
            Stencil::Tuple(elements) => (0..elements.len()).position(|index| index.to_string() == name),
            _ => None,
        };
        self.stencils.parts(type_ref).nth(index?)
    }

    /// The type of a variable or of a part of one, if it is there: nothing is computed, and nothing counts as read.
    pub(super) fn type_there(&self, place: &ast::Expression) -> Option<Type> {
        match &place.kind {
            ExpressionKind::Name(name) => match self.scopes.find_unread(name) {
                Some(Ok(Meaning::Variable(id))) => self.scopes.variable(*id).map(|variable| variable.type_),
                Some(Ok(Meaning::Cell { type_, .. })) => Some(*type_),
                None => self.statics.get(name).map(|variable| variable.place().type_),
                _ => None,
            },
            ExpressionKind::Field(inner, name) => match self.type_there(inner)? {
                Type::Stencil(whole) => self.field_of(whole, &name.text).map(|(_, part)| type_from(part)),
                _ => None,
            },
            ExpressionKind::Index(inner, _) => match self.type_there(inner)? {
                Type::View(element) => Some(type_from(element)),
                Type::Stencil(whole) => self.stencils.array(whole).map(|(element, _)| type_from(element)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn field_names(&self, type_ref: TypeRef) -> Vec<String> {
        match self.stencil_of(type_ref) {
            Some(Stencil::Struct { fields, .. }) => fields.iter().map(|field| field.name.clone()).collect(),
            Some(Stencil::Tuple(elements)) => (0..elements.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn no_field(&mut self, type_ref: TypeRef, name: &Name) {
        let names = self.field_names(type_ref);
        let title = format!("`{}` has no field `{}`", self.show(Type::Stencil(type_ref)), name.text);
        let diagnostic = self.error("E0314", name.span, title, "no such field");
        let known = names.iter().map(String::as_str);
        let diagnostic = self.meant(diagnostic, name.span, &name.text, known, |diagnostic| {
            diagnostic.note(format!("its fields are {}", list(&names)))
        });
        self.complain(diagnostic);
    }

    /// `a[i]`.
    pub(super) fn index(&mut self, inner: &ast::Expression, index: &ast::Expression, span: Span) -> Expression {
        let base = self.expression(inner);
        let base = self.settle(base);
        let index = self.integer(index, "an index");
        match self.unfinished([&base, &index], span) {
            Some(unfinished) => unfinished,
            None => self.element_of(base, index, span),
        }
    }

    /// An element of an array or a view, a byte of a string.
    pub(super) fn element_of(&mut self, base: Expression, index: Expression, span: Span) -> Expression {
        match (&base.kind, base.type_) {
            (_, Type::String) => {
                if !self.view_stands(&base, std::slice::from_ref(&index)) {
                    return failed(span);
                }
                self.certain_index(base.span, &index, known_length(&base));
                let kind = Kind::Apply(Instruction::StringByte {}, vec![base, index]);
                Expression { kind, type_: Type::Scalar(Tag::Byte), span }
            }
            (_, Type::View(element)) => {
                if !self.view_stands(&base, std::slice::from_ref(&index)) {
                    return failed(span);
                }
                self.certain_index(base.span, &index, None);
                let type_ = type_from(element);
                let place = Place { base: Base::ViewElement(Box::new(base), Box::new(index)), offset: 0, type_ };
                self.read(place, span)
            }
            (_, Type::Stencil(type_ref)) if self.stencils.array(type_ref).is_some() => {
                self.part_of(base, span, |checker, place| checker.element(place, index, span))
            }
            (_, type_) => {
                let title = format!("`{}` has no elements", self.show(type_));
                let diagnostic = self.error("E0315", base.span, title, "arrays, views and strings have elements");
                let written = self.written(base.span);
                let named = match type_ {
                    Type::Stencil(type_ref) if matches!(self.stencil_of(type_ref), Some(Stencil::Struct { .. })) => {
                        self.field_names(type_ref).into_iter().next()
                    }
                    _ => None,
                };
                self.complain(match (type_, &index.kind) {
                    _ if let Some(name) = named => {
                        diagnostic.hint(format!("its fields have names: `{written}.{name}`"))
                    }
                    (Type::Stencil(type_ref), Kind::Constant(_, number)) => {
                        let names = self.field_names(type_ref);
                        match names.contains(&number.to_string()) {
                            true => diagnostic.hint(format!("write `{written}.{number}`")).edit(
                                self.source,
                                base.span.end()..span.end(),
                                format!(".{number}"),
                            ),
                            false => diagnostic.note(format!("its fields are {}", list(&names))),
                        }
                    }
                    (Type::Stencil(_), _) => diagnostic.hint(format!("its parts have fixed numbers: `{written}.0`")),
                    _ => diagnostic,
                });
                failed(span)
            }
        }
    }

    /// An element of the array at a place.
    pub(super) fn element(&mut self, place: Place, index: Expression, span: Span) -> Option<Place> {
        let Type::Stencil(array) = place.type_ else { return None };
        let (element, count) = self.stencils.array(array)?;
        let type_ = type_from(element);
        self.certain_index(span, &index, Some(count));
        if let Some(index) = constant(&index).and_then(|index| u32::try_from(index).ok())
            && index < count
        {
            let offset = place.offset + index * self.stencils.size(element);
            return Some(Place { base: place.base, offset, type_ });
        }
        let index = Box::new(index);
        match place.base {
            Base::Cells(..) => {
                let diagnostic = self
                    .error("E0315", span, "an element of an array that is in no variable", "the index is no constant")
                    .hint("put the array into a variable first");
                self.complain(diagnostic);
                None
            }
            Base::Stencil(slot) if self.scopes.is_declared(slot, array) => {
                Some(Place { base: Base::Element(slot, index), offset: 0, type_ })
            }
            _ => {
                let kind = Kind::View(place);
                let view = Expression { kind, type_: Type::View(element), span };
                if !self.view_stands(&view, std::slice::from_ref(&index)) {
                    return None;
                }
                Some(Place { base: Base::ViewElement(Box::new(view), index), offset: 0, type_ })
            }
        }
    }

    /// `a[i..j]`: a view of some elements.
    pub(super) fn slice(
        &mut self,
        inner: &ast::Expression,
        start: Option<&ast::Expression>,
        end: Option<&ast::Expression>,
        span: Span,
    ) -> Expression {
        let base = self.expression(inner);
        let whole = match base.type_ {
            Type::Error => return failed(span),
            Type::Never => return base,
            Type::View(_) | Type::String => Some(base.clone()),
            Type::Stencil(type_ref) => {
                let element = self.stencils.array(type_ref).map(|(element, _)| element);
                element.and_then(|element| self.try_coerce(&base, Type::View(element)))
            }
            _ => None,
        };
        let Some(whole) = whole else {
            let title = format!("`{}` cannot be sliced", self.show(base.type_));
            self.complain(self.error("E0315", base.span, title, "arrays, views and strings can be"));
            return failed(span);
        };
        let number = |value: u32| Expression {
            kind: Kind::Constant(Tag::Int, value.into()),
            type_: Type::Scalar(Tag::Int),
            span,
        };
        // The length of a view is asked for behind its start, so the view is computed once before both.
        let type_ = whole.type_;
        let (whole, kept) = match (end, base.type_, &whole.kind) {
            (None, Type::View(_), kind) if !matches!(kind, Kind::Cell(_)) => {
                let binding = self.scopes.new_binding();
                (cell(binding, type_, whole.span), Some((binding, whole)))
            }
            _ => (whole, None),
        };
        let start = start.map(|start| self.integer(start, "the start of a slice")).unwrap_or_else(|| number(0));
        let end = match (end, base.type_) {
            (Some(end), _) => self.integer(end, "the end of a slice"),
            (None, Type::Stencil(type_ref)) => number(self.stencils.array(type_ref).map_or(0, |(_, count)| count)),
            (None, Type::String) => {
                Expression { kind: Kind::Apply(Instruction::StringLength {}, vec![whole.clone()]), ..number(0) }
            }
            (None, _) => Expression { kind: Kind::Apply(Instruction::ViewLength {}, vec![whole.clone()]), ..number(0) },
        };
        let view = kept.as_ref().map_or(&whole, |(_, view)| view);
        if let Some(unfinished) = self.unfinished([view, &start, &end], span) {
            return unfinished;
        }
        let ends = [start, end];
        if !self.view_stands(view, &ends) {
            return failed(span);
        }
        let length = match base.type_ {
            Type::Stencil(type_ref) => self.stencils.array(type_ref).map(|(_, length)| length),
            _ => known_length(&base),
        };
        self.certain_slice(&ends, length, span);
        let [start, end] = ends;
        let instruction = if type_ == Type::String { Instruction::StringSlice {} } else { Instruction::ViewSlice {} };
        let kind = Kind::Apply(instruction, vec![whole, start, end]);
        with(kept, Expression { kind, type_, span })
    }

    /// Nothing may be freed while a view of this function's memory, or what is lent of it, waits to be used: complains if an
    /// `alloc` block would be computed behind one.
    pub(super) fn view_stands(&mut self, view: &Expression, later: &[Expression]) -> bool {
        if !is_local(view) {
            return true;
        }
        let Some(block) = later.iter().find(|expression| has_alloc(expression)) else { return true };
        let diagnostic = self
            .error("E0507", block.span, "an `alloc` block stands behind what is lent", "this opens and ends an arena")
            .also(self.source, view.span, "this is lent before it")
            .hint("compute the block first, in a statement of its own");
        self.complain(diagnostic);
        false
    }
}

/// `a`, `b` and `c` in words.
pub(super) fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Whether what stands at a place can only be read: a part of a parameter, or of a value that lies in no variable.
pub(super) fn is_read_only(place: &Place) -> bool {
    match &place.base {
        Base::Variable(_) | Base::Stencil(_) | Base::Element(..) | Base::Static(..) => false,
        Base::ViewElement(view, _) => shows_read_only(view),
        Base::Cells(..) | Base::Lent(..) => true,
    }
}

/// Whether a view shows what can only be read.
pub(super) fn shows_read_only(view: &Expression) -> bool {
    match &view.kind {
        Kind::View(place) => is_read_only(place),
        Kind::Apply(_, operands) => operands.first().is_some_and(shows_read_only),
        Kind::Let(_, view, _) => shows_read_only(view),
        _ => false,
    }
}

/// Whether this is a view or a string that may show memory of the function itself.
pub(super) fn is_local(view: &Expression) -> bool {
    match &view.kind {
        Kind::View(place) => is_of_function(place),
        Kind::Load(place) => view.type_ == Type::String && is_of_function(place),
        Kind::Apply(_, operands) => operands.first().is_some_and(is_local),
        // A string that comes back may be one that went in.
        Kind::Call(_, arguments) => view.type_ == Type::String && arguments.iter().any(is_local),
        Kind::Let(_, kept, body) => is_local(kept) || is_local(body),
        _ => false,
    }
}

/// Whether a place lies in an arena of the function itself.
fn is_of_function(place: &Place) -> bool {
    match &place.base {
        Base::Variable(_) | Base::Stencil(_) | Base::Element(..) => true,
        Base::ViewElement(view, _) => is_local(view),
        Base::Cells(..) | Base::Static(..) | Base::Lent(..) => false,
    }
}

/// Whether an `alloc` block stands somewhere in an expression.
fn has_alloc(expression: &Expression) -> bool {
    match &expression.kind {
        Kind::Alloc(..) => true,
        Kind::Unary(_, operand) | Kind::Convert(_, _, operand) | Kind::UnionAs(_, operand) | Kind::Is(_, operand) => {
            has_alloc(operand)
        }
        Kind::Binary(_, operands) | Kind::And(operands) | Kind::Or(operands) => operands.iter().any(has_alloc),
        // What is told was computed before.
        Kind::Assert(left, _, right) | Kind::Let(_, left, right) => has_alloc(left) || has_alloc(right),
        Kind::Apply(_, operands)
        | Kind::Typed(_, _, operands)
        | Kind::Call(_, operands)
        | Kind::Host(_, operands)
        | Kind::Sequence(operands) => operands.iter().any(has_alloc),
        Kind::Literal(parts) => parts.iter().any(|part| has_alloc(&part.value)),
        Kind::Load(place) | Kind::View(place) => operands(place).any(has_alloc),
        Kind::Append(place, value) => operands(place).any(has_alloc) || has_alloc(value),
        // Made of values that were computed before.
        Kind::Block(_) => false,
        Kind::Integer(_) | Kind::Decimal(..) | Kind::Adapting(_) => false,
        Kind::Constant(..) | Kind::Text(_) | Kind::Cell(_) | Kind::Error => false,
    }
}

/// What is computed to reach a place, in this order.
pub(super) fn operands(place: &Place) -> impl Iterator<Item = &Expression> + Clone {
    let (first, second) = match &place.base {
        Base::Variable(_) | Base::Stencil(_) | Base::Cells(..) | Base::Static(..) | Base::Lent(..) => (None, None),
        Base::Element(_, index) => (Some(&**index), None),
        Base::ViewElement(view, index) => (Some(&**view), Some(&**index)),
    };
    first.into_iter().chain(second)
}
