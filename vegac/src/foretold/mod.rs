//! What the verifier knows of a module, told at the places of the source that it was made from. Without lines in the
//! module nobody knows which places those are.

mod arenas;
mod results;
mod traps;

use crate::ast::Span;
use crate::lexer::{self, TokenKind};
use vega_format::Verified;
use vega_format::verify::Site;
use vega_report::{Diagnostic, SourceId, Sources};

/// The most complaints of a kind.
const MOST: usize = 100;

/// The traps that happen whenever their lines are reached, but for those that the checker has told already; and if there
/// are none, what the lints find. `dropped` are calls whose results nobody uses, by mangled name.
pub(crate) fn foretold(
    source: SourceId,
    sources: &Sources,
    module: &Verified,
    told: &[Diagnostic],
    dropped: &[(String, Span)],
) -> Vec<Diagnostic> {
    let lines = Lines { source, sources, module };
    let traps = lines.traps(told);
    if !traps.is_empty() || told.iter().any(|told| told.code.starts_with('T')) {
        return traps;
    }
    let lints = unused_results(source, sources, module, dropped).into_iter();
    lints.chain(lines.aliases_of_freed()).chain(lines.oversized_arenas()).collect()
}

/// Of calls whose results nobody uses, those of functions that do nothing else.
pub(crate) fn unused_results(
    source: SourceId,
    sources: &Sources,
    module: &Verified,
    dropped: &[(String, Span)],
) -> Vec<Diagnostic> {
    let mut found = Lines { source, sources, module }.unused_results(dropped);
    found.truncate(MOST);
    found
}

/// A module and the source that it was made from.
struct Lines<'a> {
    source: SourceId,
    sources: &'a Sources,
    module: &'a Verified,
}

impl Lines<'_> {
    /// The line from which an instruction was made, without the blanks around it and a comment behind it.
    fn line_of(&self, function: u32, offset: u32) -> Option<Span> {
        let (_, line) = self.module.module().source_line(function, offset)?;
        let line = self.sources.line(self.source, line as usize);
        let text = self.sources.text(self.source).get(line.clone()).unwrap_or_default();
        let (tokens, _) = lexer::lex(self.source, text);
        let mut tokens = tokens.iter().filter(|token| !matches!(token.kind, TokenKind::End)).map(|token| token.span());
        let first = tokens.next()?;
        let last = tokens.next_back().unwrap_or(first);
        Some(Span::from(line.start + first.start()..line.start + last.end()))
    }

    /// The number behind an `alloc`, if it is this one and stands there as a number.
    fn number_of(&self, alloc: &Span, capacity: u32) -> Option<Span> {
        let rest = self.sources.text(self.source).get(alloc.end()..)?;
        let start = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let digits = rest.get(start..)?.split(|found: char| !found.is_ascii_digit() && found != '_').next()?;
        let end = start + digits.len();
        let is_alone = rest.get(end..)?.trim_start_matches([' ', '\t']).starts_with(['{', ':']);
        let number: u32 = digits.replace('_', "").parse().ok()?;
        (is_alone && number == capacity).then_some(Span::from(alloc.end() + start..alloc.end() + end))
    }

    /// With the number of an `alloc` changed, if it stands there.
    fn with_capacity(&self, diagnostic: Diagnostic, alloc: Option<&Span>, site: &Site) -> Diagnostic {
        let enough = site.high_water.max(1);
        let diagnostic = diagnostic.hint(format!("`alloc {enough}{}` is enough", site.strategy));
        match alloc.and_then(|alloc| self.number_of(alloc, site.capacity)) {
            Some(number) => diagnostic.edit(self.source, number, enough.to_string()),
            None => diagnostic,
        }
    }

    /// Where the `alloc` stands that became this instruction, if its line has only one.
    fn alloc_at(&self, function: u32, offset: u32) -> Option<Span> {
        const WORD: &str = "alloc";
        let line = self.line_of(function, offset)?;
        let text = self.sources.text(self.source).get(line.range())?;
        let mut found = text.match_indices(WORD).map(|(at, _)| line.start() + at);
        let at = found.next().filter(|_| found.next().is_none())?;
        Some(Span::from(at..at + WORD.len()))
    }
}
