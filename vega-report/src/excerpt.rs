//! The lines of source that a drawn diagnostic shows: few, and short ones, however large the file.
//!
//! The renderer looks at every byte that it is given, so it is given little: labels that stand near each other share an
//! excerpt of whole lines, and of a very long line only the surroundings of the label are kept. The renderer makes control
//! characters of source harmless; names and labels are escaped here.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Origin, Snippet};

use crate::diagnostic::{Label, escape};
use crate::source::{SourceId, Sources};

/// The most bytes of whole lines that one excerpt holds.
const WHOLE_LINES: usize = 16 * 1024;
/// How much of a longer line is kept before and after the start of a label.
const AROUND: usize = 120;

/// Adds the source that `labels` point at, primary label first.
pub(crate) fn show<'a>(mut group: Group<'a>, labels: &'a [Label], sources: &'a Sources) -> Group<'a> {
    for cluster in clusters(labels, sources) {
        group = match cluster.lines {
            Some(lines) => group.element(whole_lines(&cluster.labels, lines, sources)),
            None => cluster.labels.iter().fold(group, |group, label| long_line(group, label, sources)),
        };
    }
    group
}

/// Labels that are shown together.
struct Cluster<'a> {
    source: SourceId,
    /// The whole lines from the first label to the last; `None` for a single label in something too long.
    lines: Option<Range<usize>>,
    labels: Vec<&'a Label>,
}

fn clusters<'a>(labels: &'a [Label], sources: &Sources) -> Vec<Cluster<'a>> {
    let (primary, others): (Vec<&Label>, Vec<&Label>) = labels.iter().partition(|label| label.primary);
    let mut clusters: Vec<Cluster<'a>> = Vec::new();
    for label in primary.into_iter().chain(others) {
        let Some(lines) = lines_of(label, sources) else {
            clusters.push(Cluster { source: label.source, lines: None, labels: vec![label] });
            continue;
        };
        let near = clusters.iter_mut().find_map(|cluster| {
            let held = cluster.lines.clone().filter(|_| cluster.source == label.source)?;
            let joined = held.start.min(lines.start)..held.end.max(lines.end);
            (joined.len() <= WHOLE_LINES).then_some((cluster, joined))
        });
        match near {
            Some((cluster, joined)) => {
                cluster.lines = Some(joined);
                cluster.labels.push(label);
            }
            None => clusters.push(Cluster { source: label.source, lines: Some(lines), labels: vec![label] }),
        }
    }
    clusters
}

/// The whole lines in which a label stands, if they are short enough to be shown.
fn lines_of(label: &Label, sources: &Sources) -> Option<Range<usize>> {
    let line = |offset| sources.line(label.source, sources.position(label.source, offset).line);
    let first = line(label.span.start);
    let last = line(label.span.end.max(label.span.start));
    let lines = first.start..last.end.max(first.end);
    (lines.len() <= WHOLE_LINES).then_some(lines)
}

fn whole_lines<'a>(labels: &[&'a Label], lines: Range<usize>, sources: &'a Sources) -> Snippet<'a, Annotation<'a>> {
    let Some(source) = labels.first().map(|label| label.source) else { return Snippet::source("") };
    let text = sources.text(source).get(lines.clone()).unwrap_or("");
    let annotations = labels.iter().map(|label| annotation(label, lines.start, text));
    Snippet::source(text)
        .path(escape(sources.name(source)))
        .line_start(sources.position(source, lines.start).line)
        .annotations(annotations)
}

/// One label of a line that is too long: its place, and what stands around its start.
fn long_line<'a>(group: Group<'a>, label: &'a Label, sources: &'a Sources) -> Group<'a> {
    let position = sources.position(label.source, label.span.start);
    let line = sources.line(label.source, position.line);
    let whole = sources.text(label.source);
    let start = whole.floor_char_boundary(label.span.start.saturating_sub(AROUND).max(line.start));
    let end = whole.floor_char_boundary(label.span.start.saturating_add(AROUND).min(line.end)).max(start);
    let text = whole.get(start..end).unwrap_or("");
    let origin = Origin::path(escape(sources.name(label.source))).line(position.line).char_column(position.column);
    let snippet = Snippet::source(text).line_start(position.line).annotation(annotation(label, start, text));
    group.element(origin).element(snippet)
}

/// A label, seen from an excerpt that starts at `base`.
fn annotation<'a>(label: &'a Label, base: usize, text: &str) -> Annotation<'a> {
    let start = text.floor_char_boundary(label.span.start.saturating_sub(base));
    let end = text.floor_char_boundary(label.span.end.saturating_sub(base)).max(start);
    let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(start..end);
    if label.text.is_empty() { annotation } else { annotation.label(escape(&label.text)) }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostic;
    use crate::draw::{Format, draw};
    use crate::source::Sources;

    fn drawn(text: &str, spans: &[std::ops::Range<usize>]) -> String {
        let mut sources = Sources::new();
        let source = sources.add("t.vg", text);
        let diagnostic = Diagnostic::error("E1", "title");
        let diagnostic =
            spans.iter().fold(diagnostic, |diagnostic, span| diagnostic.label(source, span.clone(), "here"));
        draw(&diagnostic, &sources, Format::Human, false)
    }

    #[test]
    fn a_very_long_line_is_cut() {
        let line = "x".repeat(1 << 20);
        for span in [0..1, 500_000..500_001, 0..1 << 20, (1 << 20)..(1 << 20), 600_000..900_000] {
            let drawing = drawn(&line, std::slice::from_ref(&span));
            assert!(drawing.len() < 1000, "{span:?}: {} bytes", drawing.len());
            assert!(drawing.contains(&format!("t.vg:1:{}", span.start + 1)), "{drawing}");
        }
    }

    #[test]
    fn far_labels_get_their_own_excerpt() {
        let text = "line\n".repeat(100_000);
        let drawing = drawn(&text, &[5..9, 400_000..400_004]);
        assert!(drawing.contains("--> t.vg:2:1") && drawing.contains("::: t.vg:80001:1"), "{drawing}");
        assert!(drawing.len() < 500, "{drawing}");
    }

    #[test]
    fn a_label_over_the_whole_file_is_short() {
        let text = "line\n".repeat(100_000);
        assert!(drawn(&text, std::slice::from_ref(&(0..500_000))).len() < 1000);
    }

    #[test]
    fn odd_spans_are_harmless() {
        #[allow(clippy::reversed_empty_ranges, reason = "a caller's mistake must not become a panic")]
        let reversed = 3..1;
        for text in ["", "ä", "abc", "abc\n", "\n\n"] {
            for span in [0..0, 0..1, 1..2, 7..99, reversed.clone()] {
                assert!(drawn(text, std::slice::from_ref(&span)).starts_with("error[E1]: title\n"));
            }
        }
    }
}
