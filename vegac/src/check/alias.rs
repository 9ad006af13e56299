//! `y = *int(0)` and `free(x)`: bytes that are seen under another name, and bytes that are given back.

use super::Checker;
use super::scope::Meaning;
use crate::ast::{self, ExpressionKind, Name, Span, TypeName};
use crate::checked::{Statement, Type};
use vega_format::container::SlotKind;
use vega_format::types::Tag;

impl Checker<'_> {
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
        let inside = self.has_arena(&name.text, name.span, type_, span);
        if !inside {
            self.doubt_arena();
        }
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
