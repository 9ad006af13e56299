//! The one style of Vega source: `vega fmt`.
//!
//! Works on the tokens of a source without mistakes of grammar. Lines are broken where the writer broke them; blanks,
//! indentation, blank lines, needless `;` and the places of comments behind code are not the writer's business. Every
//! token but such a `;` stays, in order, and so does every comment, so the meaning is the same; and what is in style
//! stays as it is.

mod blanks;
mod gap;

use crate::lexer::{self, Token, TokenKind};
use crate::parser;
use blanks::Blanks;
use gap::Gap;
use vega_report::{Diagnostic, Level, Sources};

/// What one level is indented by.
const INDENT: usize = 4;

/// A source in style.
///
/// # Errors
/// It has mistakes of grammar. (Or the style changed a token, which is a fault of this module.)
pub fn format_source(name: &str, bytes: &[u8], sources: &mut Sources) -> Result<String, Vec<Diagnostic>> {
    let source = sources.add(name, lexer::text(name, bytes).map_err(|diagnostic| vec![*diagnostic])?);
    let text = sources.text(source);
    let (tokens, mut diagnostics) = lexer::lex(source, text);
    diagnostics.extend(parser::parse(source, text, &tokens).1);
    if diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error) {
        return Err(diagnostics);
    }
    let formatted = format(text, &tokens);
    let again = lexer::lex(source, &formatted).0;
    let words = |text, tokens: &[Token]| -> Vec<String> {
        let kept = tokens.iter().filter(|token| token.kind != TokenKind::Semicolon);
        kept.map(|token| token.text(text).to_owned()).collect()
    };
    if words(text, &tokens) == words(&formatted, &again) {
        return Ok(formatted);
    }
    let fault =
        Diagnostic::error("B0002", "the formatter would change the program").label(source, 0..0, "of this file");
    Err(vec![fault.hint("this is a fault of vega fmt; please report it with the source")])
}

/// The text in style. `tokens` are those of the text, which can be parsed.
pub fn format(text: &str, tokens: &[Token]) -> String {
    let tokens: Vec<Token> = tokens.iter().copied().filter(|token| token.kind != TokenKind::End).collect();
    let mut printer = Printer { lines: Vec::new(), open: Vec::new(), blanks: Blanks::default() };
    let breaking = breaking_braces(text, &tokens);
    // What stands before the next token that is printed, and whether that begins a line.
    let (mut gap, mut forced) = (String::new(), false);
    let (mut before, mut end) = (None, 0);
    for (at, token) in tokens.iter().enumerate() {
        gap.push_str(text.get(end..token.span().start()).unwrap_or_default());
        forced |= breaking.get(at).copied().unwrap_or(false);
        end = token.span().end();
        if is_needless(&tokens, at) {
            continue;
        }
        printer.gap(&Gap::read(&gap, before.is_none()), before, token.kind, std::mem::take(&mut forced));
        printer.token(*token, token.text(text));
        before = Some(*token);
        gap.clear();
    }
    gap.push_str(text.get(end..).unwrap_or_default());
    printer.last_gap(&Gap::read(&gap, before.is_none()));
    printer.finish()
}

/// A `;` that separates nothing: something else separates there, or nothing stands on one side.
fn is_needless(tokens: &[Token], at: usize) -> bool {
    let is_semicolon = |token: &&Token| token.kind == TokenKind::Semicolon;
    let (before, rest) = tokens.split_at(at);
    let begins = before.last().is_none_or(|before| matches!(before.kind, TokenKind::BraceOpen | TokenKind::Semicolon));
    if begins || !rest.first().is_some_and(|first| is_semicolon(&first)) {
        return rest.first().is_some_and(|first| is_semicolon(&first));
    }
    // Only the first of a row looks at what is behind all of it.
    let row = rest.iter().take_while(is_semicolon).count();
    let ends = rest.get(row).is_none_or(|next| next.kind == TokenKind::BraceClose);
    ends || rest.iter().take(row + 1).any(|token| token.starts_line())
}

/// For each token, whether it begins a line because the braces that it is first in, or closes, stand over several.
fn breaking_braces(text: &str, tokens: &[Token]) -> Vec<bool> {
    let mut breaking = vec![false; tokens.len()];
    // Where each open brace stands, and whether a line has begun behind it.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before)).map_or(0, |before| before.span().end());
        let joins = matches!(token.kind, TokenKind::BraceOpen | TokenKind::Else);
        let has_comment = text.get(before..token.span().start()).is_some_and(|gap| gap.contains(['#', '/']));
        if (token.starts_line() && !joins) || has_comment {
            open.iter_mut().for_each(|(_, several)| *several = true);
        }
        match token.kind {
            TokenKind::BraceOpen => open.push((at, false)),
            TokenKind::BraceClose => {
                let Some((first, true)) = open.pop() else { continue };
                for place in [first + 1, at] {
                    breaking.get_mut(place).into_iter().for_each(|place| *place = true);
                }
            }
            _ => {}
        }
    }
    breaking
}

/// A line of the result.
#[derive(Debug, Default)]
struct Line {
    indent: usize,
    code: String,
    comment: String,
}

/// An open bracket.
struct Open {
    kind: TokenKind,
    /// The indentation of its line.
    indent: usize,
}

struct Printer {
    lines: Vec<Line>,
    open: Vec<Open>,
    blanks: Blanks,
}

impl Printer {
    /// What stands before a token: comments, and the end of a line if there is one.
    fn gap(&mut self, gap: &Gap<'_>, before: Option<Token>, next: TokenKind, forced: bool) {
        if let (Some(comment), Some(line)) = (gap.trailing, self.lines.last_mut()) {
            line.comment = comment.to_owned();
        }
        let inside = self.open.last().map_or(0, |open| open.indent + 1);
        let opens = before.is_none_or(|before| before.kind == TokenKind::BraceOpen);
        for (place, comment) in gap.comments.iter().enumerate() {
            if comment.after_blank && !(opens && place == 0) {
                self.lines.push(Line::default());
            }
            self.lines.push(Line { indent: inside, comment: comment.text.to_owned(), ..Line::default() });
        }
        let has_comment = gap.trailing.is_some() || !gap.comments.is_empty();
        let joins = match next {
            TokenKind::BraceOpen => before.is_some(),
            TokenKind::Else => before.is_some_and(|before| before.kind == TokenKind::BraceClose),
            _ => false,
        };
        let is_empty =
            next == TokenKind::BraceClose && before.is_some_and(|before| before.kind == TokenKind::BraceOpen);
        if is_empty && !has_comment {
            return;
        }
        let breaks = has_comment || forced || before.is_none() || (gap.has_newline && !joins);
        if !breaks {
            return;
        }
        let closes = matches!(next, TokenKind::BraceClose | TokenKind::ParenClose | TokenKind::BracketClose);
        let after_opening = opens && gap.comments.is_empty();
        if gap.ends_blank && !closes && !after_opening {
            self.lines.push(Line::default());
        }
        let in_block = self.open.last().is_none_or(|open| open.kind == TokenKind::BraceOpen);
        let goes_on = in_block && self.blanks.is_after_operator();
        let indent = match self.open.last() {
            Some(open) if closes => open.indent,
            _ => inside + usize::from(goes_on && !opens),
        };
        self.lines.push(Line { indent, ..Line::default() });
        self.blanks.begin_line(goes_on || !in_block);
    }

    fn token(&mut self, token: Token, text: &str) {
        use TokenKind::{BraceClose, BraceOpen, BracketClose, BracketOpen, ParenClose, ParenOpen};
        let blank = self.blanks.before(token.kind, text);
        let Some(line) = self.lines.last_mut() else { return };
        if blank && !line.code.is_empty() {
            line.code.push(' ');
        }
        line.code.push_str(text);
        match token.kind {
            ParenOpen | BracketOpen | BraceOpen => self.open.push(Open { kind: token.kind, indent: line.indent }),
            ParenClose | BracketClose | BraceClose => _ = self.open.pop(),
            _ => {}
        }
    }

    fn last_gap(&mut self, gap: &Gap<'_>) {
        if let (Some(comment), Some(line)) = (gap.trailing, self.lines.last_mut()) {
            line.comment = comment.to_owned();
        }
        for comment in &gap.comments {
            if comment.after_blank && !self.lines.is_empty() {
                self.lines.push(Line::default());
            }
            self.lines.push(Line { comment: comment.text.to_owned(), ..Line::default() });
        }
    }

    /// The lines as a text. Comments behind the code of lines that follow one another stand in one column.
    fn finish(self) -> String {
        let mut text = String::new();
        let width = |line: &Line| line.indent * INDENT + line.code.chars().count();
        let is_pair = |line: &Line| !line.code.is_empty() && !line.comment.is_empty();
        for lines in self.lines.chunk_by(|a, b| is_pair(a) == is_pair(b)) {
            let column = lines.iter().map(width).max().unwrap_or(0) + 2;
            for line in lines {
                let used = if line.code.is_empty() && line.comment.is_empty() { 0 } else { line.indent * INDENT };
                text.extend(std::iter::repeat_n(' ', used));
                text.push_str(&line.code);
                if is_pair(line) {
                    text.extend(std::iter::repeat_n(' ', column - width(line)));
                }
                text.push_str(&line.comment);
                text.push('\n');
            }
        }
        text
    }
}
