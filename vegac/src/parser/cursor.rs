//! How the grammar looks at tokens, moves on, opens and closes brackets, and complains.

use std::fmt::Display;

use vega_report::{Diagnostic, Near, quote};

use super::known::known_again;
use super::{MAX_HEIGHT, MAX_NESTING, Parser, edits, hints, rewritten};
use crate::ast::{Name, Span};
use crate::lexer::{self, Token, TokenKind};

/// An open bracket, and what held before it.
pub(super) struct Opening {
    pub(super) token: Token,
    nesting: usize,
    lines_matter: bool,
    struct_literals: bool,
    in_arm: bool,
}

impl Parser<'_> {
    /// The kind of the token that is looked at; after the last one, [`TokenKind::End`].
    pub(super) fn peek(&self) -> TokenKind {
        self.peek_after(0)
    }

    /// The kind of a token further on.
    pub(super) fn peek_after(&self, tokens: usize) -> TokenKind {
        self.tokens.get(self.at + tokens).map_or(TokenKind::End, |token| token.kind)
    }

    /// Whether the line has ended before the token that is looked at, where that matters.
    pub(super) fn line_ended(&self) -> bool {
        self.lines_matter && self.starts_line() && self.at != self.beginning
    }

    /// Whether the token that is looked at is the first of its line.
    pub(super) fn starts_line(&self) -> bool {
        self.tokens.get(self.at).is_none_or(|token| token.starts_line())
    }

    /// Whether the token is of a kind, and what stands before it goes on.
    pub(super) fn continues_with(&self, kind: TokenKind) -> bool {
        self.peek() == kind && !self.line_ended()
    }

    /// Moves on, unless this is the end.
    pub(super) fn bump(&mut self) {
        if self.peek() != TokenKind::End {
            self.at += 1;
        }
    }

    /// Moves past a token of a kind, on whatever line.
    pub(super) fn take(&mut self, kind: TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.bump();
        }
        found
    }

    /// Moves past a token of a kind that goes on with what stands before it.
    pub(super) fn take_on_line(&mut self, kind: TokenKind) -> bool {
        self.continues_with(kind) && self.take(kind)
    }

    /// Moves past a token of a kind, or complains. `hint` is the next thing to try.
    pub(super) fn expect(&mut self, kind: TokenKind, hint: &str) -> Option<()> {
        if self.take_on_line(kind) {
            return Some(());
        }
        let diagnostic = self.unexpected("E0201", sign(kind));
        self.complain(diagnostic.hint(hint))
    }

    /// A name, or a complaint that says what is to be named.
    pub(super) fn name(&mut self, wanted: &str) -> Option<Name> {
        if self.continues_with(TokenKind::Name) {
            let span = self.span();
            let text = lexer::name(self.token_text());
            self.bump();
            return Some(Name { text, span });
        }
        let is_keyword = self.peek().is_keyword() && !self.line_ended();
        let mut diagnostic = self.unexpected(if is_keyword { "E0214" } else { "E0201" }, wanted);
        if diagnostic.code == "E0214" {
            diagnostic = diagnostic.hint("this word belongs to the language; choose another name");
        }
        self.complain(diagnostic)
    }

    /// What was written for the token that is looked at.
    pub(super) fn token_text(&self) -> &str {
        self.tokens.get(self.at).map_or("", |token| token.text(self.text))
    }

    /// Where the token that is looked at stands.
    pub(super) fn span(&self) -> Span {
        self.tokens.get(self.at).map_or(Span::from(self.text.len()..self.text.len()), |token| token.span())
    }

    /// The token before.
    pub(super) fn previous(&self) -> Option<Token> {
        self.tokens.get(self.at.checked_sub(1)?).copied()
    }

    /// From a start to the end of the token before: what has been read.
    pub(super) fn span_from(&self, start: usize) -> Span {
        let end = self.previous().map_or(start, |token| token.span().end());
        Span::from(start..end.max(start))
    }

    /// Moves past an opening bracket. Lines matter inside `{`, and struct literals are allowed inside all.
    pub(super) fn open(&mut self) -> Option<Opening> {
        let token = *self.tokens.get(self.at)?;
        let Parser { nesting, lines_matter, struct_literals, in_arm, .. } = *self;
        self.enter()?;
        self.bump();
        self.lines_matter = token.kind == TokenKind::BraceOpen;
        self.struct_literals = true;
        self.in_arm = false;
        Some(Opening { token, nesting, lines_matter, struct_literals, in_arm })
    }

    /// Moves past the closing bracket, or complains unless what stands between has failed already. Either way things
    /// are as they were before the opening.
    pub(super) fn close<T>(&mut self, opening: &Opening, inside: Option<T>) -> Option<T> {
        let close = closing(opening.token.kind);
        self.restore(opening);
        if inside.is_some() && self.take(close) {
            return inside;
        }
        if inside.is_some() {
            self.refuse_missing_close(opening.token, close);
        }
        self.skip_past_close(close);
        None
    }

    /// Makes things as they were before the opening.
    pub(super) fn restore(&mut self, opening: &Opening) {
        self.nesting = opening.nesting;
        self.lines_matter = opening.lines_matter;
        self.struct_literals = opening.struct_literals;
        self.in_arm = opening.in_arm;
    }

    fn refuse_missing_close(&mut self, opening: Token, close: TokenKind) {
        let diagnostic = if self.close_is_ahead(close) {
            let wanted = if self.peek() == TokenKind::Comma {
                sign(close).to_owned()
            } else if close == TokenKind::ParenClose || close == TokenKind::BracketClose {
                format!("`,` or {}", sign(close))
            } else {
                format!("`,`, the end of the line or {}", sign(close))
            };
            let diagnostic = self.unexpected("E0201", wanted).also(self.source, opening.span(), "inside this");
            if self.peek() == TokenKind::Comma && opening.kind == TokenKind::BracketOpen {
                diagnostic.hint("every index has brackets of its own: `a[i][j]`")
            } else if self.peek() == TokenKind::Semicolon && opening.kind == TokenKind::BracketOpen {
                diagnostic.hint("an array of zeros is declared, without a value: `xs: int[10]`")
            } else if self.peek() == TokenKind::Semicolon && self.peek_after(1) == TokenKind::Comma {
                diagnostic.hint("remove the `;`").edit(self.source, self.span(), "")
            } else if self.peek() == TokenKind::Semicolon && self.takes_one(opening) {
                diagnostic
            } else if self.peek() == TokenKind::Semicolon {
                diagnostic.hint("write `,` instead of `;`").edit(self.source, self.span(), ",")
            } else if diagnostic.hint.is_none() && (self.peek().is_literal() || self.is_behind_text()) {
                diagnostic.hint("write `,` between them")
            } else {
                diagnostic
            }
        } else {
            self.never_closed(opening)
        };
        self.complain::<()>(diagnostic);
    }

    /// Whether a bracket opens the arguments of a function that the file declares, with no more than one parameter.
    fn takes_one(&self, opening: Token) -> bool {
        let at = self.tokens.partition_point(|token| token.span().start() < opening.span().start());
        let called = at.checked_sub(1).and_then(|at| self.tokens.get(at)).filter(|name| name.kind == TokenKind::Name);
        let Some(called) = called.map(|name| name.text(self.text)) else { return false };
        let declares = |pair: &[Token]| match pair {
            [keyword, name] => keyword.kind == TokenKind::Fn && name.text(self.text) == called,
            _ => false,
        };
        let mut declared = self.tokens.windows(2).enumerate().filter(|(_, pair)| declares(pair)).peekable();
        let has_one = |head: usize| {
            let parameters = self.tokens.iter().skip(head).take_while(|token| token.kind != TokenKind::ParenClose);
            parameters.into_iter().all(|token| token.kind != TokenKind::Comma)
        };
        declared.peek().is_some() && declared.all(|(head, _)| has_one(head))
    }

    /// Whether the name that is looked at stands behind a text that is written down.
    fn is_behind_text(&self) -> bool {
        self.peek() == TokenKind::Name && self.previous().is_some_and(|before| before.kind == TokenKind::String)
    }

    /// The complaint about a bracket whose partner is missing before the token that is looked at.
    pub(super) fn never_closed(&self, opening: Token) -> Diagnostic {
        let (found, place) = self.found();
        let close = sign(closing(opening.kind));
        Diagnostic::error("E0203", format!("found {found}, expected {close} to close {}", sign(opening.kind)))
            .label(self.source, opening.span(), "opened here and never closed")
            .also(self.source, place, format!("{close} is missing before this"))
            .hint(format!("add the missing {close}"))
    }

    /// Goes a level deeper, or gives up.
    pub(super) fn enter(&mut self) -> Option<()> {
        if self.nesting == MAX_NESTING {
            let title = format!("found level {} of nesting, the limit is {MAX_NESTING}", self.nesting + 1);
            let diagnostic = Diagnostic::error("L0104", title)
                .label(self.source, self.span(), "one level too many")
                .hint("move the inner part into a function or a variable of its own; no option raises this limit");
            return self.give_up(diagnostic);
        }
        self.nesting += 1;
        Some(())
    }

    /// Leaves levels that were entered.
    pub(super) fn leave(&mut self, levels: usize) {
        self.nesting = self.nesting.saturating_sub(levels);
    }

    /// Finishes a part of the tree over parts of which the highest has the given height, or gives up.
    pub(super) fn grow(&mut self, highest_part: usize) -> Option<()> {
        self.height = highest_part + 1;
        if self.height > MAX_HEIGHT {
            let title =
                format!("found more than {MAX_HEIGHT} operations one inside the other, the limit is {MAX_HEIGHT}");
            let diagnostic = Diagnostic::error("L0105", title)
                .label(self.source, self.span(), "one operation too many before this")
                .note("in `1 + 2 + 3` the first sum stands inside the second")
                .hint("give parts of the expression names of their own; no option raises this limit");
            return self.give_up(diagnostic);
        }
        Some(())
    }

    /// Complains of the token that is looked at, unless there has been a complaint about it. Always gives `None`.
    pub(super) fn complain<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        let known = self.peek() == TokenKind::Unknown
            || self.previous().is_some_and(|token| token.kind == TokenKind::Unknown)
            || self.complained_at == Some(self.at);
        if !known {
            self.complaints.add(diagnostic);
            self.complained_at = Some(self.at);
        }
        if self.complaints.is_full() {
            self.stop();
        }
        None
    }

    /// Complains of a limit and reads no more; what was begun around it, and is beyond a limit, too, is not told.
    fn give_up<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        if !self.lost {
            self.complaints.add(diagnostic);
        }
        self.stop();
        None
    }

    /// Goes to the end of the file, about which there will be no complaint.
    pub(super) fn stop(&mut self) {
        self.at = self.tokens.len().saturating_sub(1);
        self.complained_at = Some(self.at);
        self.lost = true;
    }

    /// The complaint about the token that is looked at, where something else was wanted.
    pub(super) fn unexpected(&self, code: &'static str, wanted: impl Display) -> Diagnostic {
        let (found, place) = self.found();
        if self.peek().is_reserved() && !self.line_ended() {
            let title = format!("found {found}, which is reserved and not part of the language yet");
            let diagnostic = Diagnostic::error("E0205", title).label(self.source, place, "reserved word");
            return match hints::for_reserved(self.token_text()) {
                Some(hint) => diagnostic.hint(hint),
                None => diagnostic,
            };
        }
        let diagnostic = Diagnostic::error(code, format!("found {found}, expected {wanted}")).label(
            self.source,
            place,
            format!("expected {wanted}"),
        );
        if let Some(name) = known_again(self) {
            let hint = format!("`{}` is known here, and would be assigned: take another name", quote(name));
            return diagnostic.hint(hint);
        }
        if let Some((hint, edit)) = rewritten::for_unexpected(self) {
            let diagnostic = diagnostic.hint(hint);
            return match edit {
                Some((span, text)) => diagnostic.edit(self.source, span, text),
                None => diagnostic,
            };
        }
        let diagnostic = match (hints::for_unexpected(self), hints::keyword_meant(self)) {
            (Some(hint), _) => diagnostic.hint(hint),
            (None, Some((span, Near { name, is_certain }))) => {
                let diagnostic = diagnostic.hint(format!("did you mean `{name}`?"));
                return if is_certain { diagnostic.edit(self.source, span, name) } else { diagnostic };
            }
            (None, None) => diagnostic,
        };
        match edits::for_unexpected(self) {
            Some((span, text)) => diagnostic.edit(self.source, span, text),
            None => diagnostic,
        }
    }

    /// What stands here, in words, and where a complaint about it points: what is missing at the end of a line is
    /// missing there, and not on the next.
    pub(super) fn found(&self) -> (String, Span) {
        let before = self.previous().map_or(0, |token| token.span().end());
        match self.peek() {
            TokenKind::End => ("the end of the file".to_owned(), Span::from(before..before)),
            _ if self.line_ended() && self.at > 0 => ("the end of the line".to_owned(), Span::from(before..before)),
            TokenKind::Name => (format!("the name `{}`", quote(self.token_text())), self.span()),
            _ => (format!("`{}`", quote(self.token_text())), self.span()),
        }
    }
}

/// A sign or keyword, as messages show it.
pub(super) fn sign(kind: TokenKind) -> String {
    format!("`{}`", kind.spelling().unwrap_or_default())
}

/// The bracket that closes what another opens.
pub(super) fn closing(kind: TokenKind) -> TokenKind {
    match kind {
        TokenKind::ParenOpen => TokenKind::ParenClose,
        TokenKind::BracketOpen => TokenKind::BracketClose,
        _ => TokenKind::BraceClose,
    }
}
