//! TABLE: what people write who know another language, and how it is written in Vega.

use super::Parser;
use crate::lexer::TokenKind;

pub(super) const CALL: &str = "functions are called by their names, there are no methods: `f(x)`";
pub(super) const INNER_DECLARATION: &str = "move it out of the block; structs may be declared inside, without `pub`";

/// Words that begin something elsewhere and are followed by a name or a bracket.
const BEGINNINGS: &[(&[&str], &str)] = &[
    (&["let", "var", "const", "mut", "auto"], "a variable needs no keyword: `x = 5`, or with a type `x: int = 5`"),
    (&["function", "func", "fun", "def", "proc", "sub"], "a function is declared with `fn`"),
    (&["class", "record", "type", "interface", "enum", "union"], "a record is declared with `struct`"),
    (&["elif", "elseif", "elsif"], "write `else if`"),
    (&["loop", "do", "repeat", "until", "foreach"], "loops are `while c { … }` and `for i in a..b { … }`"),
    (&["switch", "case", "select"], "a choice is `if c { … } else if d { … } else { … }`"),
    (&["print", "println", "echo", "printf"], "printing is a call: `print(x)`"),
    (&["delete", "dealloc"], "memory is given back by `free(x)`"),
    (
        &["int", "long", "short", "byte", "float", "decimal", "bool", "char", "string"],
        "the type follows the name: `x: int = 5`",
    ),
    (&["not"], "write `!`"),
];

/// Words that stand between or after operands elsewhere.
const CONTINUATIONS: &[(&[&str], &str)] = &[
    (&["and"], "write `&&`"),
    (&["or"], "write `||`"),
    (&["mod"], "the rest of a division is `%`"),
    (&["then", "do", "begin"], "the block stands between `{` and `}`"),
    (&["as"], "a value is converted by a call: `long(x)`"),
];

/// The hint for a token that does not fit where it stands.
pub(super) fn for_unexpected(parser: &Parser<'_>) -> Option<&'static str> {
    if parser.line_ended() {
        return None;
    }
    let before = parser.previous();
    let adjacent = before.is_some_and(|token| token.span().end == parser.span().start);
    match (before.map(|token| token.kind), parser.peek()) {
        (Some(TokenKind::Plus), TokenKind::Plus) if adjacent => Some("to count up, write `x += 1`"),
        (Some(TokenKind::Star), TokenKind::Star) if adjacent => Some("there is no operator for powers"),
        (Some(TokenKind::Colon), TokenKind::Assign) => Some("a new variable is `x = 5`, or with a type `x: int = 5`"),
        (Some(TokenKind::Equal | TokenKind::NotEqual), TokenKind::Assign) if adjacent => {
            Some("comparisons are `==` and `!=`")
        }
        (_, TokenKind::Assign) => Some("`=` assigns and is a statement of its own; `==` compares"),
        (_, TokenKind::DotDot) => Some("a range stands only in `for i in a..b` and inside `a[i..j]`"),
        (_, TokenKind::Arrow) => Some("`->` stands only before the result type of a function"),
        (Some(TokenKind::Name), TokenKind::Name | TokenKind::BraceOpen) => {
            word_hint(BEGINNINGS, before?.text(parser.text)).or_else(|| word_hint(CONTINUATIONS, parser.token_text()))
        }
        (_, TokenKind::Name) => word_hint(CONTINUATIONS, parser.token_text()),
        (Some(TokenKind::Name), kind) if kind.is_literal() => word_hint(BEGINNINGS, before?.text(parser.text)),
        _ => None,
    }
}

fn word_hint(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|&(_, hint)| hint)
}
