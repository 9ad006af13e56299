//! Variables that statements of the top level begin, as elsewhere they would begin global ones: no function sees them.

use super::{Checker, Expected};
use crate::ast::{self, Expression, ExpressionKind, Span, StatementKind};
use ecow::EcoString;
use foldhash::HashMap;

/// A name that is assigned there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stray {
    /// The statement that assigns it first.
    pub(super) span: Span,
    /// Whether it is a number or a text that is written down.
    is_constant: bool,
    /// Whether a function mentions it.
    is_mentioned: bool,
}

/// The names that statements of the top level assign.
pub(super) fn strays(file: &ast::File) -> HashMap<EcoString, Stray> {
    let mut strays = HashMap::default();
    for statement in &file.statements {
        let StatementKind::Assign { place, value, .. } = &statement.kind else { continue };
        let ExpressionKind::Name(name) = &place.kind else { continue };
        let is_constant = value.as_ref().is_some_and(is_literal);
        let stray = Stray { span: statement.span, is_constant, is_mentioned: false };
        strays.entry(name.as_str().into()).or_insert(stray);
    }
    strays
}

fn is_literal(value: &Expression) -> bool {
    match &value.kind {
        ExpressionKind::Literal(_) => true,
        ExpressionKind::Unary(_, operand) => is_literal(operand),
        ExpressionKind::Binary(_, _, operands) => operands.iter().all(is_literal),
        _ => false,
    }
}

impl Checker<'_> {
    /// Whether a function names what is assigned outside of it: that is told there.
    pub(super) fn mentions_stray(&mut self, name: &str) -> bool {
        if self.folding || self.result == Expected::Anything {
            return false;
        }
        let stray = self.strays.get_mut(name);
        stray.map(|stray| stray.is_mentioned = true).is_some()
    }

    /// Whether functions mention what is assigned outside of them: that it is wrong is told behind all of them.
    pub(super) fn has_strays(&self) -> bool {
        self.strays.values().any(|stray| stray.is_mentioned)
    }

    /// How a name is declared that functions mention and the top level assigns.
    pub(super) fn hint_for_stray(&self, name: &str) -> Option<String> {
        let stray = self.strays.get(name).filter(|stray| stray.is_mentioned)?;
        let written = self.written(stray.span);
        let block = format!("`static 64 {{ {written} }}`");
        Some(match stray.is_constant {
            true => format!("functions see a constant, `const {written}`; what changes stands in a block, {block}"),
            false => format!("functions see what stands in a static block: {block}"),
        })
    }

    /// The first statement of the top level that assigns what functions mention, and how it is declared.
    pub(super) fn first_stray(&self) -> Option<(Span, String)> {
        let mentioned = self.strays.iter().filter(|(_, stray)| stray.is_mentioned);
        let (name, stray) = mentioned.min_by_key(|(_, stray)| stray.span.start())?;
        Some((stray.span, self.hint_for_stray(name)?))
    }
}
