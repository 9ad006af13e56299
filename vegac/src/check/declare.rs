//! The first assignment of a name: where a variable begins, in which arena, and of which type it can be.

use super::Checker;
use super::assign::{Source, stored, whole};
use super::convert::Reason;
use super::expression::type_from;
use crate::ast::{self, ExpressionKind, Span, TypeName};
use crate::checked::{Base, Expression, Kind, Place, Statement, Type};
use vega_format::container::SlotKind;
use vega_format::text::counted;
use vega_format::types::Tag;

impl Checker<'_> {
    /// A name that means nothing yet becomes a variable of the innermost block.
    pub(super) fn first_assignment(
        &mut self,
        name: &str,
        name_span: Span,
        declared: Option<&TypeName>,
        value: Option<Source<'_>>,
        span: Span,
    ) -> Option<Statement> {
        let declared_type = declared.map(|declared| self.storable_type(name, declared, value.as_ref()));
        let checked = value.map(|value| self.source(value, declared_type));
        let (type_, value) = match (declared_type, checked) {
            (Some(type_), None) => (type_, None),
            (Some(type_), Some(value)) => {
                let place = declared.map(|declared| declared.span).unwrap_or_default();
                let words = |wanted: &str| format!("`{name}` is declared `{wanted}`");
                let reason = Reason::at(&words, place);
                let slot = self.scopes.next_slot();
                (type_, Some(self.coerce_into(slot, value, type_, &reason)))
            }
            (None, Some(value)) => {
                let value = self.settle(value);
                (value.type_, Some(value))
            }
            (None, None) => return None,
        };
        let type_ = if type_ == Type::Never { Type::Error } else { type_ };
        let is_storable = matches!(type_, Type::Scalar(_) | Type::Union(_) | Type::Stencil(_) | Type::Error);
        // What no arena can hold needs none.
        let inside = is_storable && self.has_arena(name, name_span, type_, span);
        let kind = match type_ {
            Type::Scalar(tag) => SlotKind::Variable(tag.mask()),
            Type::Union(mask) => SlotKind::Variable(mask),
            Type::Stencil(type_ref) => SlotKind::Stencil(type_ref),
            // The name is known from here on, so that it is not complained about again.
            Type::Error => SlotKind::Variable(Tag::Int.mask()),
            other => {
                match value {
                    Some(value) if value.type_ == Type::Nothing => self.no_value(&value),
                    Some(value) => self.not_storable(name, other, Some(&value), value.span),
                    None => {}
                }
                self.declare(name, SlotKind::Variable(Tag::Int.mask()), Type::Error, name_span);
                return None;
            }
        };
        let at = declared.map_or(name_span, |declared| declared.span);
        let slot = self.declare(name, kind, type_, at)?;
        self.scopes.name_last(name_span);
        if !inside {
            if value.is_none() && !matches!(type_, Type::Stencil(_)) {
                self.doubt_arena();
            }
            return None;
        }
        match (type_, value) {
            (_, Some(value)) if value.type_ == Type::Never => Some(Statement::Evaluate(value)),
            (Type::Error, _) => None,
            (Type::Stencil(_), None) => Some(Statement::Reserve(slot)),
            (_, Some(value)) if value.type_ == Type::Error => None,
            (Type::Stencil(_), Some(value)) if self.text_capacity(type_).is_some() => {
                self.certain_length(&value, type_);
                let place = Place { base: Base::Stencil(slot), offset: 0, type_ };
                Some(Statement::Assign { place, reserve: true, value })
            }
            (Type::Stencil(_), Some(value)) => {
                let place = Place { base: Base::Stencil(slot), offset: 0, type_ };
                Some(Statement::AssignWhole { place, reserve: true, value: whole(value) })
            }
            (_, Some(value)) => {
                let place = Place { base: Base::Variable(slot), offset: 0, type_ };
                Some(Statement::Assign { place, reserve: true, value: stored(value) })
            }
            (_, None) => {
                let title = format!("`{name}` is declared without a value");
                let diagnostic = self
                    .error("E0510", span, title, "nothing is stored in it")
                    .hint(format!("give it one: `{name}: {} = …`", self.show(type_)));
                let diagnostic = self.with_edit(diagnostic, self.edit_for_no_value(type_, span));
                self.complain(diagnostic);
                None
            }
        }
    }

    pub(super) fn declare(&mut self, name: &str, kind: SlotKind, type_: Type, span: Span) -> Option<u16> {
        let slot = self.scopes.declare(name, kind, type_, span);
        if slot.is_none() && self.scopes.is_full_anew() {
            let diagnostic = self.error("L0107", span, "a function has more than 65,535 variables", "one too many");
            self.complain(diagnostic.hint("split the function"));
        }
        self.fits_pool(name, kind, type_, span);
        slot
    }

    /// Complains if the innermost arena is a pool with places that are too small for a variable.
    pub(super) fn fits_pool(&mut self, name: &str, kind: SlotKind, type_: Type, span: Span) {
        let size = match kind {
            SlotKind::Variable(mask) => mask.size(),
            SlotKind::Stencil(type_ref) => self.stencils.size(type_ref),
            SlotKind::Alias(_) => return,
        };
        let strategy = self.scopes.strategy();
        let widest = strategy.widest();
        if size > widest && type_ != Type::Error {
            let title = format!("`{name}` has {}, and a place of the pool has {widest}", counted(size, "byte"));
            let label = format!("a `{}`, which takes {size}", self.show(type_));
            let diagnostic = self.error("E0525", span, title, label);
            self.complain(diagnostic.hint(format!("make the places as wide as that: `:pool({size})`")));
        }
    }

    /// Complains of a string or a view that a variable is to hold: of that name, and with this value, where there are.
    pub(super) fn not_storable(&mut self, name: &str, type_: Type, value: Option<&Expression>, span: Span) {
        let title = format!("`{}` cannot be stored in an arena", self.show(type_));
        let (label, hint) = match type_ {
            Type::String => {
                let (length, written) = match value {
                    Some(value) => (self.longest(value).unwrap_or(64), self.written(value.span)),
                    None => (64, "…"),
                };
                let hint = format!("keep a copy in bounded text: `{name}: string<{length}> = {written}`");
                ("a string is borrowed, so no variable can hold it", hint)
            }
            _ => (
                "a view is borrowed, so no variable can hold it",
                "pass it to a function, or use it where it stands".to_owned(),
            ),
        };
        let diagnostic = self.error("E0508", span, title, label);
        self.complain(diagnostic.hint(hint));
    }

    /// The most bytes that the text of which a string is a copy can have.
    fn longest(&self, value: &Expression) -> Option<u32> {
        match &value.kind {
            Kind::Load(place) => self.text_capacity(place.type_),
            Kind::Text(text) => u32::try_from(text.len()).ok().filter(|length| *length > 64),
            _ => None,
        }
    }

    /// The type of a declared variable; complains if no variable can have it.
    pub(super) fn storable_type(&mut self, name: &str, declared: &TypeName, value: Option<&Source<'_>>) -> Type {
        if self.is_text_elsewhere(declared) {
            return Type::Error;
        }
        match self.type_of(declared) {
            Type::View(element) => {
                let length = match value {
                    Some(Source::Written(ast::Expression { kind: ExpressionKind::Array(elements), .. })) => {
                        elements.len().to_string()
                    }
                    _ => "N".to_owned(),
                };
                let title = format!("`{}` cannot be stored in an arena", self.show(Type::View(element)));
                let array = format!("{name}: {}[{length}]", self.show(type_from(element)));
                let diagnostic = self
                    .error("E0508", declared.span, title, "a view is borrowed, so no variable can hold it")
                    .hint(format!("declare an array: `{array}`"));
                self.complain(diagnostic);
                Type::Error
            }
            Type::String => {
                self.not_storable(name, Type::String, None, declared.span);
                Type::Error
            }
            other => other,
        }
    }
}
