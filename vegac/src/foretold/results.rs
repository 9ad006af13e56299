//! Calls whose results nobody uses, of functions that do nothing else.

use super::Lines;
use crate::ast::Span;
use vega_format::instruction::{Instruction, walk};
use vega_report::Diagnostic;

impl Lines<'_> {
    pub(super) fn unused_results(&self, dropped: &[(String, Span)]) -> Vec<Diagnostic> {
        if dropped.is_empty() {
            return Vec::new();
        }
        let has_effect = self.functions_with_effect();
        let module = self.module.module();
        let is_useless = |name: &str| {
            let index = module.find_function(name)?;
            (has_effect.get(index as usize) == Some(&false)).then(|| module.function(index)).flatten()
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

    /// Of each function, whether it may do anything but compute its result: talk to the host, or store where others look.
    fn functions_with_effect(&self) -> Vec<bool> {
        let module = self.module.module();
        let mut has_effect = vec![false; module.function_count() as usize];
        let mut callers = vec![Vec::new(); has_effect.len()];
        let mut work = Vec::new();
        for function in module.functions() {
            for (_, instruction) in walk(function.code).flatten() {
                match instruction {
                    Instruction::Call { function: callee } => {
                        callers.get_mut(callee.0 as usize).into_iter().for_each(|callers| callers.push(function.index))
                    }
                    _ if is_effect(&instruction) => work.push(function.index),
                    _ => {}
                }
            }
        }
        while let Some(function) = work.pop() {
            let Some(place) = has_effect.get_mut(function as usize) else { continue };
            if !std::mem::replace(place, true) {
                work.extend(callers.get(function as usize).into_iter().flatten());
            }
        }
        has_effect
    }
}

fn is_effect(instruction: &Instruction) -> bool {
    match instruction {
        Instruction::CallNat { .. }
        | Instruction::ViewStore { .. }
        | Instruction::ViewCopy { .. }
        | Instruction::ViewTextStore { .. }
        | Instruction::ViewTextAppend { .. }
        | Instruction::ViewTextFormat { .. } => true,
        other => other.row().mnemonic.contains("STATIC"),
    }
}
