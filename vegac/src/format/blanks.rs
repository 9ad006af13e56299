//! Where a blank stands between two tokens of a line.

use crate::lexer::TokenKind;
use vega_format::types::Tag;

/// What was written so far, as far as it matters for blanks.
#[derive(Debug, Default)]
pub(super) struct Blanks {
    /// The last two tokens; none at the beginning of a statement.
    before: Option<TokenKind>,
    second: Option<TokenKind>,
    /// Whether the last token is an operator before its operand.
    prefix: bool,
    /// Whether the last token is a name that takes a length in `<` and `>`.
    bounded: bool,
    /// Open brackets.
    depth: usize,
    /// Whether the last token is the name of a scalar type, or the `|` behind one: a union is being spelled.
    in_union: bool,
    /// The depth at which a type is being spelled.
    in_type: Option<usize>,
    /// The depth of the `<` of a length that is open.
    in_length: Option<usize>,
    /// Whether the last token is the `>` of a length.
    after_length: bool,
    /// Whether the last token is a number by itself, which a point without a blank would go on with.
    is_number: bool,
    /// Whether the last token is a point behind such a number.
    after_apart: bool,
    /// Whether this is the head of an `alloc`.
    in_alloc: bool,
    /// Whether the last token is the `:` before the strategy of an `alloc`.
    after_strategy: bool,
}

impl Blanks {
    /// A line begins; it may go on with what stands before.
    pub(super) fn begin_line(&mut self, goes_on: bool) {
        if !goes_on {
            (self.before, self.second) = (None, None);
            (self.prefix, self.in_alloc) = (false, false);
            (self.in_type, self.in_length) = (None, None);
        }
    }

    /// Whether the last token is an operator that waits for an operand.
    pub(super) fn is_after_operator(&self) -> bool {
        self.before.is_some_and(|kind| is_operator(kind) && !self.after_length)
    }

    /// Whether a blank stands before this token, which is then the last.
    pub(super) fn before(&mut self, kind: TokenKind, text: &str) -> bool {
        use TokenKind::*;
        let opens_length = kind == Less && self.bounded;
        let closes_length = kind == Greater && self.in_length == Some(self.depth);
        let strategy = kind == Colon && self.in_alloc;
        let apart = kind == Dot && self.is_number;
        let blank = match (self.before, kind) {
            (None, _) => false,
            _ if apart || self.after_apart => true,
            _ if self.after_strategy || strategy => strategy,
            _ if opens_length || closes_length || self.prefix => false,
            (Some(Less), _) if self.in_length.is_some() && self.second_is_length() => false,
            (Some(ParenOpen | BracketOpen | Dot | DotDot), _) => false,
            (_, ParenClose | BracketClose | Comma | Semicolon | Colon | Dot | DotDot) => false,
            // `[]int`
            (Some(BracketClose), Name | ParenOpen | BracketOpen) if self.second == Some(BracketOpen) => false,
            (Some(Name | Free), ParenOpen) => false,
            (Some(Name | ParenClose | BracketClose | String), BracketOpen) => false,
            (Some(Greater), BracketOpen) if self.after_length => false,
            // `int|bool`
            (Some(Or), _) | (_, Or) if self.in_type.is_some() || self.in_union => false,
            _ => true,
        };
        self.is_number = matches!(kind, Integer | Hex | Decimal) && self.before != Some(Dot);
        self.after_apart = apart;
        self.note(kind, text, opens_length, closes_length, strategy);
        blank
    }

    fn second_is_length(&self) -> bool {
        self.second == Some(TokenKind::Name)
    }

    fn note(&mut self, kind: TokenKind, text: &str, opens_length: bool, closes_length: bool, strategy: bool) {
        use TokenKind::*;
        let after_operand = self.before.is_some_and(ends_operand) || self.after_length;
        let is_sign = matches!(kind, Minus | Star | Bang | Tilde);
        self.prefix = is_sign && !after_operand;
        match kind {
            ParenOpen | BracketOpen | BraceOpen => self.depth += 1,
            ParenClose | BracketClose | BraceClose => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        let type_ends = match kind {
            Assign | BraceOpen | Semicolon => true,
            Comma | ParenClose | BraceClose => {
                self.in_type.is_some_and(|depth| self.depth < depth + usize::from(kind == Comma))
            }
            _ => false,
        };
        if type_ends {
            self.in_type = None;
        }
        if matches!(kind, Colon | Arrow | Is) && !strategy {
            self.in_type = Some(self.depth);
        }
        self.in_alloc = match kind {
            Alloc => true,
            BraceOpen => false,
            _ => self.in_alloc,
        };
        if opens_length {
            self.in_length = Some(self.depth);
        }
        if closes_length {
            self.in_length = None;
        }
        self.after_length = closes_length;
        self.after_strategy = strategy;
        self.bounded = kind == Name && text == "string";
        self.in_union = kind == Name && Tag::from_name(text).is_some() || kind == Or && self.in_union;
        if kind == Semicolon {
            (self.before, self.second) = (Some(Semicolon), None);
        } else {
            (self.second, self.before) = (self.before, Some(kind));
        }
    }
}

/// Whether an operand may end with a token.
fn ends_operand(kind: TokenKind) -> bool {
    use TokenKind::*;
    kind.is_literal() || matches!(kind, Name | ParenClose | BracketClose | BraceClose)
}

/// Whether something has to follow a token that ends a line.
fn is_operator(kind: TokenKind) -> bool {
    use TokenKind::*;
    let is_sign = !kind.is_keyword() && !kind.is_literal() && kind.spelling().is_some();
    is_sign
        && !matches!(
            kind,
            ParenOpen | ParenClose | BracketOpen | BracketClose | BraceOpen | BraceClose | Comma | Semicolon
        )
}
