//! What stands between two tokens: comments and ends of lines.

/// A comment that has its line for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    pub(super) text: &'a str,
    /// Whether a blank line stands before it.
    pub(super) after_blank: bool,
}

/// A gap between two tokens.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Gap<'a> {
    /// A comment behind the token before, on its line.
    pub(super) trailing: Option<&'a str>,
    pub(super) comments: Vec<Comment<'a>>,
    pub(super) has_newline: bool,
    /// Whether a blank line stands before the token behind.
    pub(super) ends_blank: bool,
}

impl<'a> Gap<'a> {
    /// Reads a gap; at the `start` of the file there is no token before.
    pub(super) fn read(text: &'a str, start: bool) -> Gap<'a> {
        let mut gap = Gap::default();
        let mut blank = false;
        let count = text.split('\n').count();
        for (place, line) in text.split('\n').enumerate() {
            let is_first = place == 0 && !start;
            let is_last = place + 1 == count;
            gap.has_newline |= place > 0;
            match line.trim_matches(|found: char| found.is_whitespace() || found == '\u{feff}') {
                "" if is_first || is_last => {}
                "" => blank = true,
                comment if is_first => gap.trailing = Some(comment),
                text => {
                    gap.comments.push(Comment { text, after_blank: blank });
                    blank = false;
                }
            }
        }
        gap.ends_blank = blank;
        gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_read_line_by_line() {
        let comment = |text, after_blank| Comment { text, after_blank };
        let cases = [
            (" ", Gap::default()),
            ("\n  ", Gap { has_newline: true, ..Gap::default() }),
            ("\n\n", Gap { has_newline: true, ends_blank: true, ..Gap::default() }),
            (
                "  # a\r\n // b\n\n\n # c\n",
                Gap {
                    trailing: Some("# a"),
                    comments: vec![comment("// b", false), comment("# c", true)],
                    has_newline: true,
                    ends_blank: false,
                },
            ),
        ];
        for (text, gap) in cases {
            assert_eq!(Gap::read(text, false), gap, "{text:?}");
        }
        assert_eq!(Gap::read("# a\nx", true).comments, [comment("# a", false), comment("x", false)]);
    }
}
