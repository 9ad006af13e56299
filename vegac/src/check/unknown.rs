//! Names that mean nothing where they stand: told at the first place in a function, with how many more there are. What can be
//! changed at once is told at each.

use super::Checker;
use crate::ast::Span;
use vega_format::text::counted;

impl Checker<'_> {
    /// Complains about a name that means nothing here.
    pub(super) fn unknown(&mut self, name: &str, span: Span, freed: Option<Span>) {
        if freed.is_none() && self.mentions_stray(name) {
            return;
        }
        if freed.is_none() && self.is_unknown_again(name) {
            return;
        }
        let diagnostic = match freed {
            Some(freed) => self
                .error("E0303", span, format!("`{name}` was freed"), "used after free")
                .also(self.source, freed, "freed here")
                .hint("free it later, or assign it anew first"),
            None => {
                let what = if self.folding { "constant" } else { "variable" };
                let diagnostic = self.error("E0301", span, format!("unknown {what} `{name}`"), "not known here");
                let ended = if self.errors.is_full() { None } else { self.scopes.ended(name) };
                match ended {
                    Some(ended) => diagnostic
                        .also(self.source, ended.span, "a variable of this name ended with this block")
                        .hint(match self.scopes.arenas() {
                            _ if ended.is_of_head => {
                                format!("keep what is wanted behind the {} in a variable from before it", ended.block)
                            }
                            0 => format!("use `{name}` inside of the {}, or open an arena around both", ended.block),
                            _ => format!("assign `{name}` before the {}", ended.block),
                        }),
                    None => self.with_hint_for_unknown(diagnostic, name, span),
                }
            }
        };
        if freed.is_none() && diagnostic.edits.is_empty() && !self.errors.is_full() {
            self.unknown.insert(name.into(), (self.errors.kept.len(), 0));
        }
        self.complain(diagnostic);
    }

    /// Whether the function was told not to know a name; then this is one more of its places.
    fn is_unknown_again(&mut self, name: &str) -> bool {
        let Some((told, more)) = self.unknown.get_mut(name) else { return false };
        let Some(first) = self.errors.kept.get_mut(*told) else { return false };
        if *more > 0 {
            first.notes.pop();
        }
        *more += 1;
        first.notes.push(format!("so it is at {}", counted(*more, "more place")));
        true
    }
}
