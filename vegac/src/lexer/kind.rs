//! TABLE: the kinds of token, with the spelling of those that have only one.

/// Makes the enum, the look-up and the spelling out of one list. Longer signs stand before those that begin them.
macro_rules! kinds {
    (
        words { $($word:ident $word_text:literal)* }
        reserved { $($reserved:ident $reserved_text:literal)* }
        signs { $($sign:ident $sign_text:literal)* }
    ) => {
        /// What a token is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum TokenKind {
            /// A name.
            Name,
            /// Decimal digits, with or without a suffix.
            Integer,
            /// `0x` and digits.
            Hex,
            /// Digits with a point.
            Decimal,
            /// `'A'`.
            Char,
            /// `"text"`.
            String,
            /// What begins nothing, or the place where something is missing; the lexer has complained of it.
            Unknown,
            /// The end of the file.
            End,
            $(#[doc = concat!("`", $word_text, "`.")] $word,)*
            $(#[doc = concat!("`", $reserved_text, "`, which a later version will use.")] $reserved,)*
            $(#[doc = concat!("`", $sign_text, "`.")] $sign,)*
        }

        const WORDS: &[(&str, TokenKind)] =
            &[$(($word_text, TokenKind::$word),)* $(($reserved_text, TokenKind::$reserved),)*];
        const SIGNS: &[(&str, TokenKind)] = &[$(($sign_text, TokenKind::$sign),)*];

        impl TokenKind {
            /// The spelling of a keyword or a sign.
            pub fn spelling(self) -> Option<&'static str> {
                match self {
                    $(TokenKind::$word => Some($word_text),)*
                    $(TokenKind::$reserved => Some($reserved_text),)*
                    $(TokenKind::$sign => Some($sign_text),)*
                    _ => None,
                }
            }

            /// Whether this is a keyword that means nothing yet.
            pub fn is_reserved(self) -> bool {
                matches!(self, $(TokenKind::$reserved)|*)
            }
        }
    };
}

kinds! {
    words {
        True "true" False "false" If "if" Else "else" For "for" While "while" In "in" Fn "fn" Return "return"
        Break "break" Continue "continue" Alloc "alloc" Free "free" Struct "struct" Pub "pub" Import "import"
        Extern "extern" Static "static" Const "const" Match "match" Is "is"
    }
    reserved {
        Nil "nil"
    }
    signs {
        ShiftRightZeroAssign ">>>="
        ShiftLeftAssign "<<=" ShiftRightAssign ">>=" ShiftRightZero ">>>"
        Equal "==" NotEqual "!=" LessEqual "<=" GreaterEqual ">=" AndAnd "&&" OrOr "||"
        AddAssign "+=" SubAssign "-=" MulAssign "*=" DivAssign "/=" RemAssign "%="
        AndAssign "&=" OrAssign "|=" XorAssign "^="
        ShiftLeft "<<" ShiftRight ">>" Arrow "->" DotDot ".."
        Plus "+" Minus "-" Star "*" Slash "/" Percent "%" And "&" Or "|" Xor "^" Tilde "~" Bang "!"
        Becomes "=>" Assign "=" Less "<" Greater ">"
        ParenOpen "(" ParenClose ")" BracketOpen "[" BracketClose "]" BraceOpen "{" BraceClose "}"
        Comma "," Colon ":" Semicolon ";" Dot "."
    }
}

impl TokenKind {
    /// The keyword that a word is.
    pub(crate) fn keyword(word: &str) -> Option<TokenKind> {
        WORDS.iter().find(|(spelling, _)| *spelling == word).map(|&(_, kind)| kind)
    }

    /// The longest sign at the start of a text, and its length.
    pub(crate) fn sign(text: &str) -> Option<(TokenKind, usize)> {
        let first = text.as_bytes().first()?;
        let mut candidates = SIGNS.iter().filter(|(spelling, _)| spelling.as_bytes().first() == Some(first));
        let found = candidates.find(|(spelling, _)| text.starts_with(spelling));
        found.map(|&(spelling, kind)| (kind, spelling.len()))
    }

    /// Whether this is a word that the language keeps for itself.
    pub fn is_keyword(self) -> bool {
        WORDS.iter().any(|&(_, kind)| kind == self)
    }

    /// Whether this is a literal. `true` and `false` are.
    pub fn is_literal(self) -> bool {
        use TokenKind::*;
        matches!(self, Integer | Hex | Decimal | Char | String | True | False)
    }

    /// Whether an operand may end with it, so that a `.` after it reads a field.
    pub(crate) fn ends_operand(self) -> bool {
        use TokenKind::*;
        matches!(self, Name | Integer | ParenClose | BracketClose | BraceClose)
    }

    /// The word for the kind in `--emit tokens`.
    pub(crate) fn label(self) -> &'static str {
        match self {
            TokenKind::Name => "name",
            TokenKind::Integer => "integer",
            TokenKind::Hex => "hex",
            TokenKind::Decimal => "decimal",
            TokenKind::Char => "char",
            TokenKind::String => "string",
            TokenKind::Unknown => "unknown",
            TokenKind::End => "end",
            _ if self.is_keyword() => "keyword",
            _ => "sign",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_signs_come_first() {
        for (at, (sign, kind)) in SIGNS.iter().enumerate() {
            assert_eq!(TokenKind::sign(sign), Some((*kind, sign.len())), "{sign}");
            assert!(SIGNS[..at].iter().all(|(before, _)| !sign.starts_with(before)), "{sign}");
        }
    }
}
