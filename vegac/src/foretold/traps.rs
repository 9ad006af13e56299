//! Traps that are certain.

use super::{Lines, MOST};
use crate::ast::Span;
use crate::lexer::{self, Token, TokenKind};
use vega_format::instruction::Instruction;
use vega_format::text::counted;
use vega_format::trap::{CERTAIN, Trap};
use vega_format::verify::CertainTrap;
use vega_report::Diagnostic;

impl Lines<'_> {
    pub(super) fn traps(&self, told: &[Diagnostic]) -> Vec<Diagnostic> {
        let told: Vec<_> = told.iter().filter(|told| told.code.starts_with('T')).collect();
        let line = |diagnostic: &Diagnostic| {
            diagnostic.primary().map(|label| self.sources.position(self.source, label.span.start).line)
        };
        let is_told = |trap: &Diagnostic| told.iter().any(|told| told.code == trap.code && line(told) == line(trap));
        let traps = self.module.certain_traps().iter().filter_map(|certain| self.trap(certain));
        traps.filter(|trap| !is_told(trap)).take(MOST).collect()
    }

    fn trap(&self, certain: &CertainTrap) -> Option<Diagnostic> {
        let line = self.line_of(certain.function, certain.offset)?;
        let span = self.variable_in(&line, certain).unwrap_or(line);
        let diagnostic = Diagnostic::error(certain.trap.kind().code(), certain.trap.to_string());
        let diagnostic = diagnostic.label(self.source, span, CERTAIN);
        Some(match certain.trap {
            Trap::OutOfMemory { .. } => self.out_of_memory(certain, diagnostic),
            Trap::AliasOutOfBounds { size, capacity, .. } if size <= capacity => diagnostic.hint(format!(
                "the last offset with room for {} is {}",
                counted(size, "byte"),
                capacity - size
            )),
            _ => diagnostic,
        })
    }

    /// The variable that is put into an arena, where its line names it first.
    fn variable_in(&self, line: &Span, certain: &CertainTrap) -> Option<Span> {
        let module = self.module.module();
        let code = module.function(certain.function)?.code.get(certain.offset as usize..)?;
        let slot = match Instruction::decode(code).ok()?.0 {
            Instruction::VarAlloc { slot, .. }
            | Instruction::StencilAlloc { slot, .. }
            | Instruction::VarPtr { slot, .. } => slot.0,
            _ => return None,
        };
        let debug = module.debug(certain.function)?;
        let name = debug.slots.get(usize::from(slot))?;
        let text = self.sources.text(self.source).get(line.range())?;
        let (tokens, _) = lexer::lex(self.source, text);
        let is_it = |token: &&Token| token.kind == TokenKind::Name && lexer::name(token.text(text)) == **name;
        let span = tokens.iter().find(is_it)?.span();
        Some(Span::from(line.start() + span.start()..line.start() + span.end()))
    }

    /// With the arena that is too small, and what is enough for it if that does not depend on the path.
    fn out_of_memory(&self, certain: &CertainTrap, diagnostic: Diagnostic) -> Diagnostic {
        let arenas = self.module.arenas(certain.function);
        let placement = arenas.placements.iter().find(|placement| placement.offset == certain.offset);
        let site = placement.and_then(|placement| arenas.sites.get(placement.site));
        let Some(site) = site else {
            return diagnostic.hint("make the arena larger, or free what is not needed before");
        };
        let opened = self.alloc_at(certain.function, site.offset);
        let diagnostic = self.with_capacity(diagnostic, opened.as_ref(), site);
        match opened {
            Some(span) => {
                diagnostic.also(self.source, span, format!("the arena of {}", counted(site.capacity, "byte")))
            }
            None => diagnostic,
        }
    }
}
