//! Calls whose results nobody uses, of functions that do nothing else.

use super::Lines;
use crate::ast::Span;
use vega_format::instruction::{Instruction, walk};
use vega_format::types::Type;
use vega_report::Diagnostic;

impl Lines<'_> {
    pub(super) fn unused_results(&self, dropped: &[(String, Span)]) -> Vec<Diagnostic> {
        if dropped.is_empty() {
            return Vec::new();
        }
        let effects = self.effects();
        let module = self.module.module();
        let is_useless = |name: &str| {
            let index = module.find_function(name)?;
            (effects.get(index as usize) == Some(&None)).then(|| module.function(index)).flatten()
        };
        let warning = |(name, span): &(String, Span)| {
            let name = is_useless(name)?.signature.name.to_owned();
            let title = format!("the result of `{name}` is not used");
            let diagnostic = Diagnostic::warning("W0003", title);
            let diagnostic = diagnostic.label(self.source, *span, format!("and `{name}` does nothing else"));
            Some(diagnostic.hint("leave the call away, or use its result"))
        };
        dropped.iter().filter_map(warning).collect()
    }

    /// Of each function, what it may do beside computing its result.
    fn effects(&self) -> Vec<Option<Effect>> {
        let module = self.module.module();
        let mut effects = vec![None; module.function_count() as usize];
        let mut callers = vec![Vec::new(); effects.len()];
        let mut work = Vec::new();
        for function in module.functions() {
            for (_, instruction) in walk(function.code).flatten() {
                match instruction {
                    Instruction::Call { function: callee } => {
                        callers.get_mut(callee.0 as usize).into_iter().for_each(|callers| callers.push(function.index))
                    }
                    _ => work.extend(Effect::of(&instruction).map(|effect| (function.index, effect))),
                }
            }
        }
        // Who was lent nothing lends what is its own.
        let is_lent = |function| {
            let own = |type_: &Type| matches!(type_, Type::Scalar(_) | Type::String | Type::Union(_));
            module.function(function).is_some_and(|function| !function.signature.parameters.iter().all(own))
        };
        while let Some((function, effect)) = work.pop() {
            let Some(known) = effects.get_mut(function as usize).filter(|known| **known < Some(effect)) else {
                continue;
            };
            if effect == Effect::Everywhere || is_lent(function) {
                *known = Some(effect);
                work.extend(callers.get(function as usize).into_iter().flatten().map(|caller| (*caller, effect)));
            }
        }
        effects
    }
}

/// What a function may do beside computing its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    /// It stores in what it is lent.
    Lent,
    /// It talks to the host, or stores in what lasts.
    Everywhere,
}

impl Effect {
    fn of(instruction: &Instruction) -> Option<Effect> {
        Some(match instruction {
            Instruction::CallNat { .. } => Effect::Everywhere,
            Instruction::ViewStore { .. }
            | Instruction::ViewCopy { .. }
            | Instruction::ViewTextStore { .. }
            | Instruction::ViewTextAppend { .. }
            | Instruction::ViewTextFormat { .. } => Effect::Lent,
            other if other.row().mnemonic.contains("STATIC") => Effect::Everywhere,
            _ => return None,
        })
    }
}
