//! The page of every code: `--explain CODE` in every tool shows the section of `spec/errors.md` with that heading.
//!
//! `spec/errors.md` is the one home of these texts; it is read from there when the crate is built.

use std::sync::LazyLock;

use crate::near::near;

const PAGE: &str = include_str!("../../spec/errors.md");

/// The section of a code, or of a lint by its name, from its heading `## CODE: title` to the next heading. Case does not
/// matter.
pub fn explain(word: &str) -> Option<&'static str> {
    let wanted = word.trim();
    let lint = format!("The lint `{}`.", wanted.to_ascii_lowercase());
    let is_wanted = |section: &&Section| section.code.eq_ignore_ascii_case(wanted) || section.text.contains(&lint);
    sections().find(is_wanted).map(|section| section.text)
}

/// All codes, in the order of the page.
pub fn codes() -> impl Iterator<Item = &'static str> {
    sections().map(|section| section.code)
}

/// The known code that looks most like an unknown one: what to suggest.
pub fn nearest(code: &str) -> Option<&'static str> {
    near(&code.trim().to_ascii_uppercase(), codes())
}

/// A section as it is shown in a terminal: the heading as a line, paragraphs of at most [`COLUMNS`], examples indented.
pub fn plain(section: &str) -> String {
    let mut text = String::new();
    let mut fenced = false;
    let mut column = 0;
    for line in section.lines() {
        let is_fence = line.starts_with("```");
        fenced ^= is_fence;
        if is_fence || line.is_empty() || fenced {
            if column > 0 {
                text.push('\n');
            }
            column = 0;
            if !is_fence {
                text.push_str(if line.is_empty() { "" } else { "    " });
                text.push_str(line);
                text.push('\n');
            }
            continue;
        }
        for word in line.trim_start_matches('#').split_whitespace() {
            let width = word.chars().count();
            let goes_on = column > 0 && column + 1 + width <= COLUMNS;
            if column > 0 {
                text.push(if goes_on { ' ' } else { '\n' });
            }
            text.push_str(word);
            column = if goes_on { column + 1 + width } else { width };
        }
    }
    text + if column > 0 { "\n" } else { "" }
}

/// The most columns of a paragraph.
const COLUMNS: usize = 80;

struct Section {
    code: &'static str,
    text: &'static str,
}

fn sections() -> impl Iterator<Item = &'static Section> {
    static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(read_page);
    SECTIONS.iter()
}

fn read_page() -> Vec<Section> {
    let starts: Vec<usize> = heading_offsets().collect();
    let ends = starts.iter().copied().skip(1).chain([PAGE.len()]);
    let texts = starts.iter().zip(ends).map(|(&start, end)| PAGE[start..end].trim_end());
    texts.filter_map(section).collect()
}

fn section(text: &'static str) -> Option<Section> {
    let heading = text.lines().next()?.strip_prefix("## ")?;
    let code = heading.split_once(':')?.0.trim();
    is_code(code).then_some(Section { code, text })
}

/// Where headings of the first or second level start. Lines inside fenced blocks are no headings.
fn heading_offsets() -> impl Iterator<Item = usize> {
    let mut offset = 0;
    let mut fenced = false;
    PAGE.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len();
        if line.starts_with("```") {
            fenced = !fenced;
        }
        (!fenced && (line.starts_with("# ") || line.starts_with("## "))).then_some(start)
    })
}

/// One capital letter or more, then digits.
fn is_code(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    letters > 0 && letters < word.len() && word.bytes().skip(letters).all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_runs_to_the_next_heading() {
        let text = explain("e0203").expect("the parser's codes are on the page");
        assert!(text.starts_with("## E0203: "), "{text}");
        assert_eq!(text.matches("\n## ").count(), 0);
    }

    #[test]
    fn markdown_does_not_reach_the_terminal() {
        let long = "many words ".repeat(10);
        let text = plain(&format!("## E1: title\n\nOne\n`two`.\n\n```vega,E1\nx = {{\n\n}}\n```\n\n{long}\n"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines.get(..9),
            Some(&["E1: title", "", "One `two`.", "", "    x = {", "", "    }", "", lines[8]][..])
        );
        assert!(lines[8].len() <= COLUMNS && lines.len() == 10, "{text}");
    }

    #[test]
    fn codes_are_unique() {
        let mut all: Vec<&str> = codes().collect();
        assert!(!all.is_empty());
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }

    #[test]
    fn unknown_codes_have_neighbours() {
        assert_eq!(explain("nonsense"), None);
        assert_eq!(nearest("E02O3"), Some("E0203"));
        assert_eq!(nearest("nonsense"), None);
    }
}
