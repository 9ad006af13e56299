//! What the verifier knows of a module, told at the places of the source that it was made from. Without lines in the
//! module nobody knows which places those are.

use crate::ast::Span;
use vega_format::Verified;
use vega_format::trap::{CERTAIN, Trap};
use vega_format::verify::CertainTrap;
use vega_report::{Diagnostic, SourceId, Sources};

/// The traps that happen whenever their lines are reached, but for those that the checker has told already.
pub(crate) fn traps(source: SourceId, sources: &Sources, module: &Verified, told: &[Diagnostic]) -> Vec<Diagnostic> {
    let told: Vec<_> = told.iter().filter(|told| told.code.starts_with('T')).collect();
    let line =
        |diagnostic: &Diagnostic| diagnostic.primary().map(|label| sources.position(source, label.span.start).line);
    let is_told = |trap: &Diagnostic| told.iter().any(|told| told.code == trap.code && line(told) == line(trap));
    let lines = Lines { source, sources, module };
    let traps = module.certain_traps().iter().filter_map(|certain| lines.trap(certain));
    traps.filter(|trap| !is_told(trap)).take(MOST).collect()
}

/// No more are looked for.
const MOST: usize = 100;

struct Lines<'a> {
    source: SourceId,
    sources: &'a Sources,
    module: &'a Verified,
}

impl Lines<'_> {
    fn trap(&self, certain: &CertainTrap) -> Option<Diagnostic> {
        let span = self.line_of(certain.function, certain.offset)?;
        let diagnostic = Diagnostic::error(certain.trap.kind().code(), certain.trap.to_string());
        let diagnostic = diagnostic.label(self.source, span, CERTAIN);
        Some(match certain.trap {
            Trap::OutOfMemory { .. } => self.out_of_memory(certain, diagnostic),
            Trap::AliasOutOfBounds { size, capacity, .. } if size <= capacity => {
                diagnostic.hint(format!("the last offset at which {size} bytes fit is {}", capacity - size))
            }
            _ => diagnostic,
        })
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
        let diagnostic = match opened {
            Some(span) => diagnostic.also(self.source, span, format!("the arena of {} bytes", site.capacity)),
            None => diagnostic,
        };
        diagnostic.hint(format!("`alloc {}` is enough", site.high_water))
    }

    /// Where the `alloc` stands that became this instruction, if its line has only one.
    fn alloc_at(&self, function: u32, offset: u32) -> Option<Span> {
        const WORD: &str = "alloc";
        let line = self.line_of(function, offset)?;
        let text = self.sources.text(self.source).get(line.clone())?;
        let mut found = text.match_indices(WORD).map(|(at, _)| line.start + at);
        let at = found.next().filter(|_| found.next().is_none())?;
        Some(at..at + WORD.len())
    }

    /// The line from which an instruction was made, without the blanks around it.
    fn line_of(&self, function: u32, offset: u32) -> Option<Span> {
        let (_, line) = self.module.module().source_line(function, offset)?;
        let line = self.sources.line(self.source, line as usize);
        let text = self.sources.text(self.source).get(line.clone()).unwrap_or_default();
        let start = line.start + (text.len() - text.trim_start().len());
        let end = line.start + text.trim_end().len();
        Some(start..end.max(start))
    }
}
