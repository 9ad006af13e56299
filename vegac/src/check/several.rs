//! `a, b = f()`: the elements of a tuple, assigned one by one.

use super::Checker;
use super::assign::{Source, evaluated, stored};
use super::convert::Reason;
use crate::ast::{self, ExpressionKind, Span};
use crate::checked::{Base, Expression, Kind, Place, Statement, Type};
use vega_format::stencil::{MOST_CELLS, TypeRef};

/// The place of an element that nobody wants.
const UNWANTED: &str = "_";

impl Checker<'_> {
    /// The value is computed as a whole; then its elements are assigned from left to right, each as by itself.
    pub(super) fn assign_several(
        &mut self,
        places: &[ast::Expression],
        value: &ast::Expression,
        span: Span,
    ) -> Option<Statement> {
        if let Some(read_only) = places.iter().find(|place| self.read_only_whole(place).is_some()) {
            self.refuse_read_only(read_only);
            self.assign_nothing(places, span);
            return None;
        }
        let (elements, value) = match &value.kind {
            ExpressionKind::Tuple(elements) => (elements.as_slice(), self.tuple_for(places, elements, value.span)),
            _ => ([].as_slice(), self.value(value)),
        };
        let parts: Vec<(u32, TypeRef)> = match value.type_ {
            Type::Never => return evaluated(value),
            Type::Stencil(type_ref) if self.is_tuple(type_ref) => self.stencils.parts(type_ref).collect(),
            _ => Vec::new(),
        };
        if parts.len() != places.len() {
            self.complain_of_count(&value, parts.len(), places, span);
            self.assign_nothing(places, span);
            return None;
        }
        let Type::Stencil(whole) = value.type_ else { return None };
        let cells = self.stencils.scalars(whole, MOST_CELLS);
        if cells.is_none() {
            let title = format!("`{}` is taken apart", self.show(value.type_));
            let diagnostic = self
                .error("E0412", value.span, title, "it has more than 64 scalars")
                .hint("put it into a variable, and take its elements from there: `t.0`");
            self.complain(diagnostic);
            return None;
        }
        let binding = self.scopes.new_binding();
        let mut body = Vec::new();
        let first = self.scopes.variables().len();
        for (index, (place, (offset, part))) in places.iter().zip(parts).enumerate() {
            if is_unwanted(place) {
                continue;
            }
            let type_ = super::expression::type_from(part);
            let from = Place { base: Base::Cells(binding, whole), offset, type_ };
            let part_span = elements.get(index).map_or(value.span, |element| element.span);
            let element = Expression { kind: Kind::Load(from), type_, span: part_span };
            let statement = self.assign(place, None, Some(Source::Computed(element)), span);
            body.extend(statement.map(|statement| (place.span, statement)));
        }
        self.scopes.are_of_several(first);
        Some(Statement::Let { binding, value, body })
    }

    /// The tuple of elements that are assigned to places: literals take the types of those.
    fn tuple_for(&mut self, places: &[ast::Expression], elements: &[ast::Expression], span: Span) -> Expression {
        let shape: Vec<_> = places.iter().map(|place| (self.type_there(place), place.span)).collect();
        self.tuple_of(elements, span, |checker, index, element, offset, values| {
            let (wanted, place) = shape.get(index).copied().unwrap_or_default();
            // A tuple holds no union: what becomes one does so where it is assigned.
            let inside = wanted.filter(|wanted| !matches!(wanted, Type::Union(_)));
            let value = checker.operand_for(element, inside);
            let place = checker.written(place).to_owned();
            let words = |wanted: &str| format!("`{place}` is `{wanted}`");
            let value = checker.adapted(value, wanted, &Reason::new(&words));
            checker.own_part(stored(value), offset, values)
        })
    }

    /// After a complaint: the places that can be assigned are known from here on.
    fn assign_nothing(&mut self, places: &[ast::Expression], span: Span) {
        for place in places.iter().filter(|place| !is_unwanted(place)) {
            if self.read_only_whole(place).is_none() {
                let nothing = Expression { kind: Kind::Error, type_: Type::Error, span: place.span };
                self.assign(place, None, Some(Source::Computed(nothing)), span);
            }
        }
    }

    fn complain_of_count(&mut self, value: &Expression, count: usize, places: &[ast::Expression], span: Span) {
        let Type::Stencil(type_ref) = value.type_ else {
            if value.type_ != Type::Error {
                let title = format!("`{}` is assigned to {} places", self.show(value.type_), places.len());
                let diagnostic = self.error("E0420", value.span, title, "a tuple is wanted here");
                self.complain(diagnostic.hint("assign one by one, or give a tuple: `a, b = 1, 2`"));
            }
            return;
        };
        if !self.is_tuple(type_ref) {
            let title = format!("`{}` is assigned to {} places", self.show(value.type_), places.len());
            let diagnostic = self.error("E0420", value.span, title, "a tuple is wanted here");
            self.complain(diagnostic.hint("put it into one variable, and take its parts from there"));
            return;
        }
        let title = format!("{count} values are assigned to {} places", places.len());
        let label = format!("this is `{}`", self.show(value.type_));
        let diagnostic = self.error("E0420", value.span, title, label);
        self.complain(match count > places.len() {
            true => {
                let written = self.written(span).split('=').next().unwrap_or_default().trim().to_owned();
                let more = vec![UNWANTED; count - places.len()].join(", ");
                diagnostic.hint(format!("write `_` for what is not wanted: `{written}, {more} = …`"))
            }
            false => diagnostic.hint("leave a place away"),
        });
    }

    fn is_tuple(&self, type_ref: TypeRef) -> bool {
        matches!(self.stencil_of(type_ref), Some(vega_format::stencil::Stencil::Tuple(_)))
    }
}

fn is_unwanted(place: &ast::Expression) -> bool {
    matches!(&place.kind, ExpressionKind::Name(name) if name == UNWANTED)
}
