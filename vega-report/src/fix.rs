//! Makes the changes that diagnostics propose.
//!
//! The changes of one diagnostic are made together or not at all; of two that touch the same bytes, the first is made.

use crate::diagnostic::{Diagnostic, Edit};
use crate::source::SourceId;
use std::ops::Range;

/// The text with the changes that diagnostics propose for it, and how many diagnostics were heard. Texts of other
/// sources are left alone.
pub fn fix<'a>(source: SourceId, text: &str, diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> (String, usize) {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut heard = 0;
    for diagnostic in diagnostics {
        let edits = &diagnostic.edits;
        let fits = |edit: &Edit| edit.source == source && text.get(edit.span.clone()).is_some();
        let collides = |edit: &Edit| taken.iter().any(|other| touch(&edit.span, &other.span));
        if !edits.is_empty() && edits.iter().all(|edit| fits(edit) && !collides(edit)) {
            taken.extend(edits);
            heard += 1;
        }
    }
    taken.sort_by_key(|edit| edit.span.start);
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in taken {
        fixed.push_str(text.get(at..edit.span.start).unwrap_or_default());
        fixed.push_str(&edit.text);
        at = edit.span.end.max(at);
    }
    fixed.push_str(text.get(at..).unwrap_or_default());
    (fixed, heard)
}

/// Whether two ranges share a byte, or both insert at one place.
fn touch(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end || a.start == b.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn changes_are_made_whole_or_not_at_all() {
        let mut sources = Sources::new();
        let (source, other) = (sources.add("a", "one two three"), sources.add("b", ""));
        let proposal = |edits: &[(SourceId, Range<usize>, &str)]| {
            let all = edits.iter().cloned();
            all.fold(Diagnostic::error("E1", ""), |all, (source, span, text)| all.edit(source, span, text))
        };
        let diagnostics = [
            proposal(&[(source, 4..7, "2")]),
            proposal(&[(source, 0..3, "1"), (source, 6..8, "no")]),
            proposal(&[(source, 8..8, "and "), (source, 0..0, "> ")]),
            proposal(&[(other, 0..0, "no")]),
            proposal(&[(source, 8..99, "no")]),
            proposal(&[]),
        ];
        assert_eq!(fix(source, "one two three", &diagnostics), ("> one 2 and three".to_owned(), 2));
    }
}
