//! Assignments: which places can be stored to, and how a value gets the type of its place.

use super::Checker;
use super::convert::{Reason, failed, is_number};
use super::operator::{is_shift, of_bools};
use super::place::{is_read_only, operands};
use super::repeat::LOOP_VARIABLE;
use super::scope::{Meaning, VariableId};
use crate::ast::{self, Binary, ExpressionKind, Span, TypeName};
use crate::checked::{Base, Expression, Kind, Part, Place, Statement, Type, Whole};
use vega_format::instruction::Instruction;
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
    pub(super) fn static_again(&mut self, name: &str, span: Span, declared_at: Span) {
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
        if let Some(Ok(Meaning::Cell { what, span, type_, .. })) = self.scopes.find(name) {
            let (what, declared_at) = (*what, span);
            let view = format!("{name}: []{}", self.show(*type_));
            let part = self.written(place.span).replacen(name.as_str(), &format!("{name}[0]"), 1);
            let title = format!("a part of {what} `{name}` is assigned");
            let diagnostic = self
                .error("E0503", place.span, title, "it can only be read")
                .also(self.source, *declared_at, format!("{what} declared here"))
                .hint(format!(
                    "a struct is lent to be read; who is to see the change passes a view, `{view}`, which is changed as \
                     `{part}`, or takes a result; `copy = {name}` inside an `alloc` block is changed alone"
                ));
            self.complain(diagnostic);
        }
    }

    /// What can only be read of which a place is, or is part of: what it is, where it is declared, and whether it is a view.
    pub(super) fn read_only_whole(&self, place: &ast::Expression) -> Option<(&'static str, Span, bool)> {
        match self.scopes.find_unread(root(place)?)? {
            // The elements of a view that is a parameter can be written.
            Ok(Meaning::Cell { what, span, type_, .. }) if matches!(place.kind, ExpressionKind::Name(_)) => {
                Some((what, *span, matches!(type_, Type::View(_))))
            }
            Ok(Meaning::Stands { what, span, .. }) => Some((what, *span, false)),
            _ => None,
        }
    }

    /// Complains if a place is, or is part of, what a name stands for that can only be read.
    pub(super) fn refuse_read_only(&mut self, place: &ast::Expression) -> bool {
        let Some((what, declared_at, is_view)) = self.read_only_whole(place) else { return false };
        let name = root(place).unwrap_or_default();
        let diagnostic = self
            .error("E0503", place.span, format!("{what} `{name}` is assigned"), "it can only be read")
            .also(self.source, declared_at, format!("{what} declared here"));
        let diagnostic = match what {
            "constant" => diagnostic.hint("give the variable another name"),
            LOOP_VARIABLE => diagnostic.hint(
                "copy it into a variable inside an `alloc` block; an element is changed where it lies, `a[i] = …`",
            ),
            _ if is_view => diagnostic.hint(format!("what it shows is changed element by element: `{name}[i] = …`")),
            _ => diagnostic.hint("copy it into a variable inside an `alloc` block"),
        };
        self.complain(diagnostic);
        true
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
                self.complain(match checked.kind {
                    Kind::Apply(Instruction::StringByte {}, _) => diagnostic.hint(
                        "text changes as a whole, by `=` and `append`; what changes byte by byte is a `byte[80]`",
                    ),
                    _ => diagnostic,
                });
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
                self.forget(&place, value.span);
                Some(Statement::Assign { place, reserve: false, value: stored(value) })
            }
        }
    }

    /// The value of an assignment, of which the type that is wanted may be known.
    pub(super) fn source(&mut self, value: Source<'_>, wanted: Option<Type>) -> Expression {
        match value {
            Source::Written(value) => self.expression_for(value, wanted),
            Source::Computed(value) => value,
        }
    }

    /// A value as the type of a variable; one that a union certainly does not take stays what it is.
    pub(super) fn coerce_into(
        &mut self,
        slot: u16,
        value: Expression,
        wanted: Type,
        reason: &Reason<'_>,
    ) -> Expression {
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
        let declared = self.declared_at(place);
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
                let diagnostic = self.error("E0402", operator_span, title, "numbers can be computed with");
                let written = self.written(place_span);
                self.complain(match self.text_capacity(other) {
                    Some(_) => diagnostic.hint(format!("write behind what it holds: `append({written}, …)`")),
                    None if other == Type::Scalar(Tag::Char) && matches!(operator, Binary::Add | Binary::Sub) => {
                        let (sign, written_value) = (operator.spelling(), self.written(value.span));
                        let value = match value.type_ {
                            Type::Scalar(Tag::Char) => format!("int({written_value})"),
                            _ => written_value.to_owned(),
                        };
                        diagnostic
                            .hint(format!("compute with its number: `{written} = char(int({written}) {sign} {value})`"))
                    }
                    None if other == Type::Scalar(Tag::Bool)
                        && let Some(sign) = of_bools(operator) =>
                    {
                        diagnostic.hint(format!("write `{written} = {written} {sign} {}`", self.written(value.span)))
                    }
                    None => diagnostic,
                });
                return None;
            }
        };
        let value = match is_shift(operator) {
            true => self.settle(value),
            false => {
                let name = self.written(place_span).to_owned();
                let words = |wanted: &str| match declared {
                    Some(_) => format!("`{name}` is `{wanted}`"),
                    None => format!("the left side is `{wanted}`"),
                };
                let instead = |checker: &Checker<'_>, found: &Expression| {
                    checker.hint_for_compound(place_span, tag, operator, found)
                };
                let reason = Reason::at(&words, declared.unwrap_or(place_span)).or(&instead);
                self.coerce(value, Type::Scalar(tag), &reason)
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

    /// Where the variable is declared that a place is as a whole.
    fn declared_at(&self, place: &ast::Expression) -> Option<Span> {
        let ExpressionKind::Name(name) = &place.kind else { return None };
        match self.scopes.find_unread(name) {
            Some(Ok(Meaning::Variable(id))) => self.scopes.variable(*id).map(|variable| variable.span),
            None => self.statics.get(name).map(|variable| variable.span),
            _ => None,
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
}

/// A value as a variable stores it: one that may hold several types takes a scalar, or any union, as it is.
pub(super) fn stored(value: Expression) -> Expression {
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
pub(super) fn whole(value: Expression) -> Whole {
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
