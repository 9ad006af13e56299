//! TABLE: the kinds of token, with the spelling of those that have only one.

/// Makes the enum, the look-up and the spelling out of one list. Signs that begin alike stand together, longer ones first.
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

            /// The keyword with these bytes.
            fn word(bytes: &[u8]) -> Option<TokenKind> {
                $(if bytes == $word_text.as_bytes() { return Some(TokenKind::$word); })*
                $(if bytes == $reserved_text.as_bytes() { return Some(TokenKind::$reserved); })*
                None
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
        ShiftRightZeroAssign ">>>=" ShiftRightAssign ">>=" ShiftRightZero ">>>" GreaterEqual ">=" ShiftRight ">>"
        Greater ">"
        ShiftLeftAssign "<<=" LessEqual "<=" ShiftLeft "<<" Less "<"
        Equal "==" Becomes "=>" Assign "=" NotEqual "!=" Bang "!"
        AndAnd "&&" AndAssign "&=" And "&" OrOr "||" OrAssign "|=" Or "|" XorAssign "^=" Xor "^"
        AddAssign "+=" Plus "+" SubAssign "-=" Arrow "->" Minus "-"
        MulAssign "*=" Star "*" DivAssign "/=" Slash "/" RemAssign "%=" Percent "%" DotDot ".." Dot "." Tilde "~"
        ParenOpen "(" ParenClose ")" BracketOpen "[" BracketClose "]" BraceOpen "{" BraceClose "}"
        Comma "," Colon ":" Semicolon ";"
    }
}

/// By an ASCII character, the number of the first sign that begins with it; that of all signs where there is none.
const FIRST_SIGN: [u8; 128] = {
    let mut first = [SIGNS.len() as u8; 128];
    let mut sign = SIGNS.len();
    while sign > 0 {
        sign -= 1;
        first[SIGNS[sign].0.as_bytes()[0] as usize] = sign as u8;
    }
    first
};

/// By an ASCII character, the sign that it is when nothing is behind it with which a longer one goes on.
const ALONE: [Option<TokenKind>; 128] = {
    let mut alone = [None; 128];
    let mut sign = 0;
    while sign < SIGNS.len() {
        if SIGNS[sign].0.len() == 1 {
            alone[SIGNS[sign].0.as_bytes()[0] as usize] = Some(SIGNS[sign].1);
        }
        sign += 1;
    }
    alone
};

/// By a length, the letters with which keywords of that length begin: a bit each, `a` the lowest.
const WORD_STARTS: [u32; 16] = {
    let mut starts = [0; 16];
    let mut word = 0;
    while word < WORDS.len() {
        let spelling = WORDS[word].0.as_bytes();
        starts[spelling.len()] |= 1 << (spelling[0] - b'a');
        word += 1;
    }
    starts
};

impl TokenKind {
    /// The keyword that a word is.
    pub(crate) fn keyword(word: &[u8]) -> Option<TokenKind> {
        let first = word.first()?.checked_sub(b'a').filter(|letter| *letter < 26)?;
        if WORD_STARTS.get(word.len())? & (1 << first) == 0 { None } else { TokenKind::word(word) }
    }

    /// The longest sign at the start of a text, and its length.
    pub(crate) fn sign(text: &[u8]) -> Option<(TokenKind, usize)> {
        let (first, second) = (text.first()?, text.get(1));
        if !matches!(second, Some(b'=' | b'<' | b'>' | b'&' | b'|' | b'.')) {
            return Some((ALONE.get(usize::from(*first)).copied().flatten()?, 1));
        }
        let from = FIRST_SIGN.get(usize::from(*first))?;
        let alike =
            SIGNS.get(usize::from(*from)..)?.iter().take_while(|(spelling, _)| spelling.as_bytes()[0] == *first);
        let found = alike.into_iter().find(|(spelling, _)| text.starts_with(spelling.as_bytes()));
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
    fn longer_signs_come_first_and_all_are_found() {
        for (at, (sign, kind)) in SIGNS.iter().enumerate() {
            assert_eq!(TokenKind::sign(sign.as_bytes()), Some((*kind, sign.len())), "{sign}");
            assert!(SIGNS[..at].iter().all(|(before, _)| !sign.starts_with(before)), "{sign}");
            assert!(sign[1..].is_empty() || sign[1..2].contains(['=', '<', '>', '&', '|', '.']), "{sign}");
        }
        for (word, kind) in WORDS {
            assert_eq!(TokenKind::keyword(word.as_bytes()), Some(*kind), "{word}");
        }
    }
}
