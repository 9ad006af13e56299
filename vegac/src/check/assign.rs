//! Assignments: where the first one makes a variable, and what may be stored where.

use super::Checker;
use super::convert::{Reason, failed, is_number};
use super::expression::{is_shift, type_from};
use super::place::{is_read_only, operands};
use super::scope::{Meaning, VariableId};
use crate::ast::{self, Binary, ExpressionKind, Name, Span, TypeName};
use crate::checked::{Base, Expression, Kind, Part, Place, Statement, Type, Whole};
use vega_format::container::SlotKind;
use vega_format::types::Tag;

impl Checker<'_> {
    /// `place = value`, `name: type = value`, `name: type`.
    pub(super) fn assign(
        &mut self,
        place: &ast::Expression,
        declared: Option<&TypeName>,
        value: Option<Source<'_>>,
        span: Span,
    ) -> Option<Statement> {
        let ExpressionKind::Name(name) = &place.kind else {
            if let Some(declared) = declared {
                let diagnostic = self
                    .error("E0505", declared.span, "a type is given for a part of a variable", "its type is known")
                    .hint("leave the type away");
                self.complain(diagnostic);
            }
            return self.assign_part(place, value?);
        };
        match self.scopes.find_unread(name) {
            Some(Ok(Meaning::Cell { .. } | Meaning::Stands { .. })) => {
                self.refuse_read_only(place);
                None
            }
            Some(Ok(Meaning::Variable(id))) => {
                let variable = self.scopes.variable(*id)?;
                // What is stored through an alias is there for its owner.
                variable.set_read(variable.is_read() || variable.alias);
                let variable = variable.clone();
                if let Some(declared) = declared {
                    let diagnostic = self
                        .error("E0304", declared.span, format!("`{name}` is declared already"), "declared again here")
                        .also(self.source, variable.span, "first declared here")
                        .hint("leave the type away, or free the variable first");
                    self.complain(diagnostic);
                }
                let words = |wanted: &str| format!("`{name}` is `{wanted}`");
                let reason = Reason::at(&words, variable.span);
                let base = match variable.type_ {
                    Type::Stencil(_) => Base::Stencil(variable.slot),
                    _ => Base::Variable(variable.slot),
                };
                let place = Place { base, offset: 0, type_: variable.type_ };
                self.store(place, value?, &reason)
            }
            None if let Some(variable) = self.statics.get(name) => {
                let (place, at) = (variable.place(), variable.span);
                if let Some(declared) = declared {
                    self.static_again(name, declared.span, at);
                }
                let words = |wanted: &str| format!("`{name}` is `{wanted}`");
                self.store(place, value?, &Reason::at(&words, at))
            }
            _ => self.first_assignment(name, place.span, declared, value, span),
        }
    }

    /// A static variable is declared, made an alias or freed.
    fn static_again(&mut self, name: &str, span: Span, declared_at: Span) {
        let diagnostic = self
            .error("E0517", span, format!("`{name}` is a static variable"), "it lives as long as the program")
            .also(self.source, declared_at, "declared here")
            .hint("assign it, or give what is meant here another name");
        self.complain(diagnostic);
    }

    /// A part of a parameter, or of something else that can only be read.
    pub(super) fn read_only_part(&mut self, place: &ast::Expression) {
        let mut root = place;
        while let ExpressionKind::Field(inner, _) | ExpressionKind::Index(inner, _) = &root.kind {
            root = inner;
        }
        let ExpressionKind::Name(name) = &root.kind else { return };
        if let Some(Ok(Meaning::Cell { what, span, .. })) = self.scopes.find(name) {
            let (what, declared_at) = (*what, span);
            let title = format!("a part of {what} `{name}` is assigned");
            let diagnostic = self
                .error("E0503", place.span, title, "it can only be read")
                .also(self.source, *declared_at, format!("{what} declared here"))
                .hint(format!("copy it into a variable inside an `alloc` block: `copy = {name}`"));
            self.complain(diagnostic);
        }
    }

    /// Complains if a place is, or is part of, what a name stands for that can only be read.
    pub(super) fn refuse_read_only(&mut self, place: &ast::Expression) -> bool {
        let Some(name) = root(place) else { return false };
        let (what, declared_at) = match self.scopes.find_unread(name) {
            // The elements of a view that is a parameter can be written.
            Some(Ok(Meaning::Cell { what, span, .. })) if matches!(place.kind, ExpressionKind::Name(_)) => {
                (*what, span)
            }
            Some(Ok(Meaning::Stands { what, span, .. })) => (*what, span),
            _ => return false,
        };
        let diagnostic = self
            .error("E0503", place.span, format!("{what} `{name}` is assigned"), "it can only be read")
            .also(self.source, *declared_at, format!("{what} declared here"))
            .hint(match what {
                "constant" => "give the variable another name",
                _ => "copy it into a variable inside an `alloc` block",
            });
        self.complain(diagnostic);
        true
    }

    /// A name that means nothing yet becomes a variable of the innermost block.
    fn first_assignment(
        &mut self,
        name: &str,
        name_span: Span,
        declared: Option<&TypeName>,
        value: Option<Source<'_>>,
        span: Span,
    ) -> Option<Statement> {
        let declared_type = declared.map(|declared| self.storable_type(name, declared, value.as_ref()));
        let checked = value.map(|value| self.source(value, declared_type));
        let inside = self.has_arena(name, name_span, span);
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
        let kind = match type_ {
            Type::Scalar(tag) => SlotKind::Variable(tag.mask()),
            Type::Union(mask) => SlotKind::Variable(mask),
            Type::Stencil(type_ref) => SlotKind::Stencil(type_ref),
            // The name is known from here on, so that it is not complained about again.
            Type::Error => SlotKind::Variable(Tag::Int.mask()),
            other => {
                match value {
                    Some(value) if value.type_ == Type::Nothing => self.no_value(&value),
                    Some(value) => self.not_storable(other, value.span),
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

    /// Complains if no arena is open.
    fn has_arena(&mut self, name: &str, span: Span, statement: Span) -> bool {
        if self.scopes.arenas() > 0 {
            return true;
        }
        let diagnostic = self
            .error("E0504", span, format!("`{name}` is assigned outside of `alloc`"), "there is no arena to put it in")
            .hint(format!("put it into a block: `alloc 64 {{ {} }}`", self.written(statement)));
        self.complain(diagnostic);
        false
    }

    fn declare(&mut self, name: &str, kind: SlotKind, type_: Type, span: Span) -> Option<u16> {
        let slot = self.scopes.declare(name, kind, type_, span);
        if slot.is_none() {
            let diagnostic = self.error("L0107", span, "a function has more than 65,535 variables", "one too many");
            self.complain(diagnostic.hint("split the function"));
        }
        self.fits_pool(name, kind, type_, span);
        slot
    }

    /// Complains if the innermost arena is a pool with places that are too small for a variable.
    fn fits_pool(&mut self, name: &str, kind: SlotKind, type_: Type, span: Span) {
        let size = match kind {
            SlotKind::Variable(mask) => mask.size(),
            SlotKind::Stencil(type_ref) => self.stencils.size(type_ref),
            SlotKind::Alias(_) => return,
        };
        let strategy = self.scopes.strategy();
        let widest = strategy.widest();
        if size > widest && type_ != Type::Error {
            let bytes = if size == 1 { "byte" } else { "bytes" };
            let title = format!("`{name}` has {size} {bytes}, and a place of the pool has {widest}");
            let label = format!("a `{}`, which takes {size}", self.show(type_));
            let diagnostic = self.error("E0525", span, title, label);
            self.complain(diagnostic.hint(format!("make the places as wide as that: `:pool({size})`")));
        }
    }

    fn not_storable(&mut self, type_: Type, span: Span) {
        let title = format!("`{}` cannot be stored in an arena", self.show(type_));
        let (label, hint) = match type_ {
            Type::String => {
                ("a string is borrowed, so no variable can hold it", "keep a copy in bounded text: `t: string<64> = …`")
            }
            _ => ("a view is borrowed, so no variable can hold it", "pass it to a function, or use it where it stands"),
        };
        let diagnostic = self.error("E0508", span, title, label);
        self.complain(diagnostic.hint(hint));
    }

    /// The type of a declared variable; complains if no variable can have it.
    pub(super) fn storable_type(&mut self, name: &str, declared: &TypeName, value: Option<&Source<'_>>) -> Type {
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
                self.not_storable(Type::String, declared.span);
                Type::Error
            }
            other => other,
        }
    }

    fn assign_part(&mut self, place: &ast::Expression, value: Source<'_>) -> Option<Statement> {
        if self.refuse_read_only(place) {
            return None;
        }
        let place = match self.part_to_assign(place) {
            Ok(place) => place,
            Err(left) => {
                self.source(value, None);
                return evaluated(left);
            }
        };
        let words = |wanted: &str| format!("`{wanted}` stands there");
        self.store(place, value, &Reason::new(&words))
    }

    /// A field or an element that can be assigned; else what is left of the assignment.
    fn part_to_assign(&mut self, place: &ast::Expression) -> Result<Place, Expression> {
        let span = place.span;
        let checked = self.expression(place);
        match checked.kind {
            Kind::Load(found) if is_read_only(&found) => {
                self.read_only_part(place);
                Err(failed(span))
            }
            Kind::Load(found) => Ok(found),
            Kind::UnionAs(_, union) => match union.kind {
                Kind::Load(found) => Ok(found),
                kind => Err(Expression { kind, ..*union }),
            },
            _ if matches!(checked.type_, Type::Error | Type::Never) => Err(checked),
            _ => {
                let diagnostic =
                    self.error("E0505", span, "this cannot be assigned", "variables, fields and elements can be").note(
                        "strings and slices are read-only where they are written; elements of a view parameter are not",
                    );
                self.complain(diagnostic);
                Err(failed(span))
            }
        }
    }

    /// Stores a value in a place that is there.
    fn store(&mut self, place: Place, value: Source<'_>, reason: &Reason<'_>) -> Option<Statement> {
        let value = self.source(value, Some(place.type_));
        let value = match place.base {
            Base::Variable(slot) => self.coerce_into(slot, value, place.type_, reason),
            _ => self.coerce(value, place.type_, reason),
        };
        if let Some(unfinished) = self.unfinished(operands(&place).chain([&value]), value.span) {
            return evaluated(unfinished);
        }
        if let Base::ViewElement(view, _) = &place.base
            && !self.view_stands(view, std::slice::from_ref(&value))
        {
            return None;
        }
        match place.type_ {
            Type::Error => None,
            Type::Stencil(_) if self.text_capacity(place.type_).is_some() => {
                self.certain_length(&value, place.type_);
                Some(Statement::Assign { place, reserve: false, value })
            }
            Type::Stencil(_) => Some(Statement::AssignWhole { place, reserve: false, value: whole(value) }),
            _ => {
                self.forget(&place);
                Some(Statement::Assign { place, reserve: false, value: stored(value) })
            }
        }
    }

    /// The value of an assignment, of which the type that is wanted may be known.
    fn source(&mut self, value: Source<'_>, wanted: Option<Type>) -> Expression {
        match value {
            Source::Written(value) => self.expression_for(value, wanted),
            Source::Computed(value) => value,
        }
    }

    /// A value as the type of a variable; one that a union certainly does not take stays what it is.
    fn coerce_into(&mut self, slot: u16, value: Expression, wanted: Type, reason: &Reason<'_>) -> Expression {
        if let (Type::Union(mask), Some(declared)) = (wanted, reason.span)
            && let Some(value) = self.certain_mismatch(&value, mask, slot, declared)
        {
            return value;
        }
        self.coerce(value, wanted, reason)
    }

    /// `place op= value`.
    pub(super) fn compound(
        &mut self,
        place: &ast::Expression,
        operator: Binary,
        operator_span: Span,
        value: &ast::Expression,
        span: Span,
    ) -> Option<Statement> {
        if self.refuse_read_only(place) {
            self.expression(value);
            return None;
        }
        let place_span = place.span;
        let unread = self.unread_variable(place);
        let place = self.part_to_assign(place);
        if let Some(variable) = unread.and_then(|id| self.scopes.variable(id)) {
            variable.set_read(false);
        }
        let value = self.operand(value);
        let place = match place {
            Ok(place) => place,
            Err(left) => return evaluated(left),
        };
        if let Base::ViewElement(view, _) = &place.base
            && !self.view_stands(view, std::slice::from_ref(&value))
        {
            return None;
        }
        let current = Expression { kind: Kind::Load(place.clone()), type_: place.type_, span: place_span };
        let current = self.as_known(current);
        let tag = match current.type_ {
            Type::Scalar(tag) if is_number(tag) => tag,
            Type::Error => return None,
            other => {
                let title = format!("`{}=` cannot be applied to `{}`", operator.spelling(), self.show(other));
                self.complain(self.error("E0402", operator_span, title, "numbers can be computed with"));
                return None;
            }
        };
        let value = match is_shift(operator) {
            true => self.settle(value),
            false => {
                let words = |wanted: &str| format!("the left side is `{wanted}`");
                self.coerce(value, Type::Scalar(tag), &Reason::at(&words, place_span))
            }
        };
        let whole = self.binary(operator, operator_span, current, value, span);
        match whole.kind {
            // A union that is known to be a number still is one.
            Kind::Binary(..) if matches!(place.type_, Type::Union(_)) => {
                Some(Statement::Assign { place, reserve: false, value: whole })
            }
            Kind::Binary(_, operands) => {
                let [_, value] = *operands;
                Some(Statement::Update { place, operator, value, span })
            }
            _ => evaluated(whole),
        }
    }

    /// The variable that a place is as a whole, if nobody has read it so far: to add to it is not to read it.
    pub(super) fn unread_variable(&self, place: &ast::Expression) -> Option<VariableId> {
        let ExpressionKind::Name(name) = &place.kind else { return None };
        match self.scopes.find_unread(name) {
            Some(Ok(Meaning::Variable(id))) => {
                self.scopes.variable(*id).filter(|variable| !variable.alias && !variable.is_read()).map(|_| *id)
            }
            _ => None,
        }
    }

    /// `y = *int(0)`.
    pub(super) fn alias(
        &mut self,
        name: &Name,
        target: &TypeName,
        offset: &ast::Expression,
        span: Span,
    ) -> Option<Statement> {
        let type_ = self.type_of(target);
        let offset = self.integer(offset, "the offset of an alias");
        let inside = self.has_arena(&name.text, name.span, span);
        let tag = match type_ {
            Type::Scalar(tag) => tag,
            Type::Error => Tag::Int,
            other => {
                let title = format!("an alias is `{}`", self.show(other));
                self.complain(self.error(
                    "E0409",
                    target.span,
                    title,
                    "an alias sees bytes as one of the eight scalars",
                ));
                Tag::Int
            }
        };
        let slot = match self.scopes.find_unread(&name.text) {
            Some(Ok(Meaning::Variable(id))) => {
                let variable = self.scopes.variable(*id)?.clone();
                if !variable.alias || variable.type_ != Type::Scalar(tag) {
                    let found = self.show(variable.type_);
                    let what = if variable.alias { "an alias" } else { "a variable" };
                    let title = format!("`{}` is {what} of `{found}` already", name.text);
                    let diagnostic = self
                        .error("E0304", name.span, title, format!("made an alias of `{}` here", tag.name()))
                        .also(self.source, variable.span, "first declared here")
                        .hint("give the alias another name");
                    self.complain(diagnostic);
                    return None;
                }
                variable.slot
            }
            Some(Ok(Meaning::Cell { .. } | Meaning::Stands { .. })) => {
                let kind = ExpressionKind::Name(name.text.clone());
                self.refuse_read_only(&ast::Expression { kind, span: name.span });
                return None;
            }
            None if let Some(variable) = self.statics.get(&name.text) => {
                let declared_at = variable.span;
                self.static_again(&name.text, name.span, declared_at);
                return None;
            }
            _ => self.declare(&name.text, SlotKind::Alias(tag), Type::Scalar(tag), name.span)?,
        };
        match offset.type_ {
            Type::Error => None,
            Type::Never => Some(Statement::Evaluate(offset)),
            _ => inside.then_some(Statement::Alias { slot, tag, offset }),
        }
    }

    /// `free(x)`.
    pub(super) fn free(&mut self, name: &Name) -> Option<Statement> {
        match self.scopes.find_unread(&name.text) {
            Some(Ok(Meaning::Variable(id))) => {
                let id = *id;
                let variable = self.scopes.variable(id)?.clone();
                if variable.alias {
                    self.certain_free(variable.slot, name.span, variable.span);
                    return Some(Statement::Free(variable.slot));
                }
                if let Some(block) = self.scopes.operand_around(&variable) {
                    let title = format!("`{}` is freed in an `alloc` block inside an expression", name.text);
                    let diagnostic = self
                        .error("E0515", name.span, title, "it is older than the block")
                        .also(self.source, block, "this block is part of a larger whole")
                        .hint("free it in a statement of its own, behind this one");
                    self.complain(diagnostic);
                    return None;
                }
                if !self.scopes.strategy_of(&variable).gives_back() {
                    let title = format!("`{}` is freed, and lies in a `:bump` arena", name.text);
                    let diagnostic = self
                        .error("E0524", name.span, title, "nothing is given back before the arena ends")
                        .also(self.source, variable.span, "it was put there here")
                        .hint("leave the `free` away, or open the arena without `:bump`");
                    self.complain(diagnostic);
                    return None;
                }
                self.scopes.free(id, name.span);
                Some(Statement::Free(variable.slot))
            }
            Some(Ok(Meaning::Cell { what, span, .. } | Meaning::Stands { what, span, .. })) => {
                let (what, declared_at) = (*what, span);
                let diagnostic = self
                    .error("E0503", name.span, format!("{what} `{}` is freed", name.text), "it lies in no arena")
                    .also(self.source, *declared_at, format!("{what} declared here"))
                    .hint("leave this away: it ends by itself, with what it is declared in");
                self.complain(diagnostic);
                None
            }
            None if let Some(variable) = self.statics.get(&name.text) => {
                let declared_at = variable.span;
                self.static_again(&name.text, name.span, declared_at);
                None
            }
            other => {
                let freed = other.and_then(Result::err).map(|gone| gone.span);
                self.unknown(&name.text, name.span, freed);
                None
            }
        }
    }
}

/// A value as a variable stores it: one that may hold several types takes a scalar, or any union, as it is.
fn stored(value: Expression) -> Expression {
    match (value.kind, value.type_) {
        (Kind::UnionAs(_, inner), Type::Union(_)) => *inner,
        (kind, _) => Expression { kind, ..value },
    }
}

/// The name of the whole that a place is part of.
fn root(place: &ast::Expression) -> Option<&str> {
    let mut part = place;
    loop {
        part = match &part.kind {
            ExpressionKind::Name(name) => return Some(name),
            ExpressionKind::Field(whole, _) | ExpressionKind::Index(whole, _) => whole,
            _ => return None,
        };
    }
}

/// Where the value of an assignment comes from.
#[derive(Debug)]
pub(super) enum Source<'a> {
    /// It is written there.
    Written(&'a ast::Expression),
    /// It was computed before.
    Computed(Expression),
}

/// A struct, tuple or array value as what an assignment stores.
fn whole(value: Expression) -> Whole {
    match value.kind {
        Kind::Literal(parts) => Whole::Parts(parts),
        Kind::Load(from) if !matches!(from.base, Base::Cells(..)) => Whole::Copy(from),
        kind => Whole::Parts(vec![Part { offset: 0, value: Expression { kind, ..value } }]),
    }
}

/// What is left of a statement that cannot be done.
pub(super) fn evaluated(unfinished: Expression) -> Option<Statement> {
    (unfinished.type_ == Type::Never).then_some(Statement::Evaluate(unfinished))
}
