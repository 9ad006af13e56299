//! Unions: what they hold is asked, and what is known of them on each path.
//!
//! What is known belongs to a name: a variable, of which an assignment makes it unknown, or a cell, which never changes.
//! Where paths meet, what is known on all of them stays.

use super::Checker;
use super::assigned::assigned;
use super::certain::decided;
use super::convert::failed;
use super::scope::{Meaning, ScopeKind};
use crate::ast::{self, Binary, Span, TypeName, Unary};
use crate::checked::{Arm, Base, Expression, Kind, Place, Statement, Type};
use std::collections::BTreeSet;
use vega_format::types::{Mask, Tag};
use vega_report::Diagnostic;

/// What a name means, as long as the function runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// The variable of a slot.
    Variable(u16),
    /// A cell of the frame.
    Cell(u32),
}

/// Which types each of some unions can hold here, where these are fewer than all.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Vec<(Key, Mask)>);

impl Known {
    fn get(&self, key: Key) -> Option<Mask> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, mask)| *mask)
    }

    fn learn(&mut self, facts: Vec<(Key, Mask)>) {
        for (key, mask) in facts {
            self.forget(key);
            self.0.push((key, mask));
        }
    }

    fn forget(&mut self, key: Key) {
        self.0.retain(|(known, _)| *known != key);
    }

    /// What is known on both of two paths.
    fn join(self, other: &Known) -> Known {
        let both = |(key, mask): (Key, Mask)| Some((key, mask.union(other.get(key)?)));
        Known(self.0.into_iter().filter_map(both).collect())
    }

    /// What is known on all paths that meet; `None` if there is none.
    pub(super) fn meet(paths: Vec<Known>) -> Option<Known> {
        paths.into_iter().reduce(|met, path| met.join(&path))
    }
}

/// Where a function assigns unions, by the places of the values in the text.
#[derive(Debug, Default)]
pub(super) struct Assignments(BTreeSet<(usize, Key)>);

impl Assignments {
    fn is_between(&self, key: Key, asked: Span, end: usize) -> bool {
        self.0.range((asked.end(), Key::Variable(0))..).take_while(|(at, _)| *at < end).any(|(_, one)| *one == key)
    }
}

/// The type of a value that has one of these types.
fn type_of(mask: Mask) -> Type {
    mask.is_single().map_or(Type::Union(mask), Type::Scalar)
}

/// The name that an expression is, if it is no more than that.
fn key_of(expression: &Expression) -> Option<Key> {
    match &expression.kind {
        Kind::UnionAs(_, inner) => key_of(inner),
        Kind::Load(Place { base: Base::Variable(slot), .. }) => Some(Key::Variable(*slot)),
        Kind::Cell(binding) => Some(Key::Cell(*binding)),
        _ => None,
    }
}

/// What a condition says of unions if it is `when`, and where it asks that.
fn facts(condition: &Expression, when: bool, found: &mut Vec<(Key, Mask, Span)>) {
    match &condition.kind {
        Kind::Is(mask, operand) => {
            if let (Some(key), Type::Union(all)) = (key_of(operand), operand.type_) {
                let told = if when { all.intersection(*mask) } else { all.without(*mask) };
                found.push((key, told, condition.span));
            }
        }
        Kind::Unary(Unary::Not, operand) => facts(operand, !when, found),
        // Both are so if `&&` is true, and neither is if `||` is false.
        Kind::And(operands) if when => operands.iter().for_each(|operand| facts(operand, true, found)),
        Kind::Or(operands) if !when => operands.iter().for_each(|operand| facts(operand, false, found)),
        _ => {}
    }
}

/// A union as the type that it is known to have.
pub(super) fn as_type(mask: Mask, union: Expression) -> Expression {
    let span = union.span;
    Expression { kind: Kind::UnionAs(mask, Box::new(union)), type_: type_of(mask), span }
}

impl Checker<'_> {
    /// What a name stands for, as the type that it is known to have here.
    pub(super) fn as_known(&self, union: Expression) -> Expression {
        let known = match union.type_ {
            Type::Union(all) => key_of(&union).and_then(|key| self.known.get(key)).filter(|mask| *mask != all),
            _ => None,
        };
        match known {
            Some(mask) => as_type(mask, union),
            None => union,
        }
    }

    /// From here on a condition is known to be true or false. What it asks before it assigns tells nothing of what is
    /// there behind it.
    pub(super) fn learn(&mut self, condition: &Expression, when: bool) {
        let mut found = Vec::new();
        facts(condition, when, &mut found);
        let end = condition.span.end();
        found.retain(|(key, mask, asked)| !mask.is_empty() && !self.assignments.is_between(*key, *asked, end));
        self.known.learn(found.into_iter().map(|(key, mask, _)| (key, mask)).collect());
    }

    /// A variable is assigned a value that stands there: what was known of it is so no more.
    pub(super) fn forget(&mut self, place: &Place, value: Span) {
        if let (Base::Variable(slot), Type::Union(_)) = (&place.base, place.type_) {
            self.known.forget(Key::Variable(*slot));
            self.assignments.0.insert((value.start(), Key::Variable(*slot)));
        }
    }

    /// What is known of the variables that a loop assigns, be it in its condition, does not hold in its next turn.
    pub(super) fn forget_assigned(&mut self, condition: Option<&ast::Expression>, body: &ast::Block) {
        if self.known.0.is_empty() {
            return;
        }
        for name in assigned(condition, body) {
            if let Some(Ok(Meaning::Variable(id))) = self.scopes.find(name)
                && let Some(variable) = self.scopes.variable(*id)
            {
                self.known.forget(Key::Variable(variable.slot));
            }
        }
    }

    /// The second operand of `&&` and `||`, which is computed if the first is `when`.
    pub(super) fn second_condition(
        &mut self,
        first: &Expression,
        when: bool,
        second: &ast::Expression,
        compared: Option<(Binary, &ast::Expression)>,
    ) -> Expression {
        let before = self.known.clone();
        self.learn(first, when);
        let is_decided = decided(first) == Some(!when);
        let condition = |checker: &mut Self| checker.condition_beside(second, compared);
        let second = self.where_sometimes(true, |checker| checker.where_unreached(is_decided, condition));
        let after = std::mem::take(&mut self.known);
        self.known = before.join(&after);
        second
    }

    /// `y is int`.
    pub(super) fn is(&mut self, value: &ast::Expression, asked: &TypeName, span: Span) -> Expression {
        let value = self.value(value);
        let mask = self.asked(asked);
        if let Some(unfinished) = self.unfinished([&value], span) {
            return unfinished;
        }
        let Some(mask) = mask else { return failed(span) };
        let Some(all) = self.members(&value, span) else { return failed(span) };
        if !self.can_be(all, mask, asked) {
            return failed(span);
        }
        let kind = Kind::Is(mask, Box::new(value));
        Expression { kind, type_: Type::Scalar(Tag::Bool), span }
    }

    /// The types that are asked for; `None` if a complaint was made.
    fn asked(&mut self, asked: &TypeName) -> Option<Mask> {
        match self.type_of(asked) {
            Type::Scalar(tag) => Some(tag.mask()),
            Type::Union(mask) => Some(mask),
            Type::Error => None,
            other => {
                let title = format!("`{}` is asked for", self.show(other));
                self.complain(self.error("E0409", asked.span, title, "unions hold scalars"));
                None
            }
        }
    }

    /// The members of a union.
    fn members(&mut self, value: &Expression, span: Span) -> Option<Mask> {
        if let Type::Union(all) = value.type_ {
            return Some(all);
        }
        let type_ = self.show(value.type_);
        let diagnostic = self.error("E0521", value.span, format!("`{type_}` is no union"), "it has one type only");
        self.complain(match value.kind {
            Kind::UnionAs(..) => {
                let diagnostic = diagnostic.note(format!("on every way to here it is `{type_}`"));
                diagnostic.hint("there is nothing left to ask: leave the question out; after others, `else` is enough")
            }
            _ if span == value.span => diagnostic
                .note("`match` asks what a union holds")
                .hint("values are told apart by `if x == 1 { … } else if … { … }`"),
            _ => diagnostic.also(self.source, span, "only of a union it is asked what it holds"),
        });
        None
    }

    /// Complains of types that are asked for and that a union never has.
    fn can_be(&mut self, all: Mask, asked: Mask, place: &TypeName) -> bool {
        let strange = asked.without(all);
        if strange.is_empty() {
            return true;
        }
        let title = format!("`{all}` is never `{strange}`");
        self.complain(self.error("E0521", place.span, title, "not one of its types"));
        false
    }

    /// `match y { int i => …, _ => … }`.
    pub(super) fn choice(&mut self, value: &ast::Expression, arms: &[ast::Arm], span: Span) -> Option<Statement> {
        let value = self.value(value);
        let unfinished = self.unfinished([&value], span);
        let all = if unfinished.is_some() { None } else { self.members(&value, value.span) };
        let key = key_of(&value);
        let whole = self.scopes.new_binding();
        let (mark, diverged) = (self.scopes.mark(), self.scopes.diverged);
        let (before, mut known, mut paths) = (self.known.clone(), Vec::new(), Vec::new());
        let mut left = all.unwrap_or(Mask::EMPTY);
        let (mut checked, mut otherwise) = (Vec::new(), None);
        let mut is_first_unreachable = true;
        let mut all_are_clear = true;
        for arm in arms {
            let asked = match &arm.pattern {
                // Of what can never be, and was complained about, the rest is taken.
                Some(pattern) => self.asked(pattern).and_then(|mask| match all {
                    Some(all) if !self.can_be(all, mask, pattern) => {
                        Some(mask.intersection(all)).filter(|mask| !mask.is_empty())
                    }
                    _ => Some(mask),
                }),
                None => Some(left),
            };
            all_are_clear &= asked.is_some();
            let taken = asked.map_or(Mask::EMPTY, |asked| asked.intersection(left));
            let unreachable = all.is_some() && asked.is_some() && taken.is_empty();
            if unreachable && is_first_unreachable {
                is_first_unreachable = false;
                let warning = Diagnostic::warning("W0011", "this arm is never chosen")
                    .label(self.source, arm.head, "its types are taken by the arms above")
                    .hint("leave it away");
                self.complain(warning);
            }
            left = left.without(taken);
            self.known = before.clone();
            if let (Some(key), false) = (key, taken.is_empty()) {
                self.known.learn(vec![(key, taken)]);
            }
            self.scopes.open(ScopeKind::Arm);
            let type_ = if taken.is_empty() { Type::Error } else { type_of(taken) };
            let binding = arm
                .binding
                .as_ref()
                .map(|name| self.scopes.declare_cell(&name.text, type_, "match binding", name.span));
            let body = self.block_in_scope(&arm.body);
            paths.extend(self.scopes.rewind(mark));
            if !self.scopes.diverged {
                known.push(std::mem::take(&mut self.known));
            }
            self.scopes.diverged = diverged;
            match &arm.pattern {
                _ if unreachable => {}
                Some(_) => checked.push(Arm { mask: taken, binding, body }),
                None => otherwise = Some(body),
            }
        }
        // An arm that was complained about may have been meant for what is left.
        if !left.is_empty() {
            if all_are_clear {
                self.missing_arms(left, span);
            }
            known.push(before.clone());
        }
        // What comes behind arms that are missing is not known, so nothing is demanded of it.
        self.scopes.diverged = diverged || paths.is_empty() || !left.is_empty();
        self.scopes.join(paths);
        self.known = Known::meet(known).unwrap_or(before);
        match unfinished {
            Some(unfinished) => (unfinished.type_ == Type::Never).then_some(Statement::Evaluate(unfinished)),
            None => Some(Statement::Match { value, binding: whole, arms: checked, otherwise }),
        }
    }

    fn missing_arms(&mut self, left: Mask, span: Span) {
        let names: Vec<String> = left.tags().map(|tag| format!("`{}`", tag.name())).collect();
        let arms: Vec<String> = left.tags().map(|tag| format!("{} => …", tag.name())).collect();
        let head = Span::from(span.start()..span.start() + "match".len());
        let title = format!("this `match` has no arm for {}", names.join(", "));
        let diagnostic = self.error("E0522", head, title, "not all types of the union are taken");
        self.complain(diagnostic.hint(format!("add `{}`, or `_ => …` for all that is left", arms.join(", "))));
    }
}
