//! TABLE: what people write who know another language, and how it is written in Vega.

use super::Parser;
use super::operators::{compound, operator};
use crate::ast::Span;
use crate::lexer::{Token, TokenKind};
use crate::library;
use vega_report::{Near, nearest};

pub(super) const CALL: &str = "functions are called by their names, there are no methods: `f(x)`";
const COUNT: &str = "to count up, write `x += 1`";
const COUNT_CHAR: &str = "a char is no number: the next one is `c = char(int(c) + 1)`";
pub(super) const INNER_DECLARATION: &str = "move it out of the block; structs may be declared inside, without `pub`";

/// Words that begin something elsewhere and are followed by a name or a bracket.
const BEGINNINGS: &[(&[&str], &str)] = &[
    (&["let", "var", "val", "mut", "auto"], "a variable needs no keyword: `x = 5`, or with a type `x: int = 5`"),
    (&["function", "func", "fun", "def", "proc", "sub"], "a function is declared with `fn`"),
    (&["class", "record", "type", "interface"], "a record is declared with `struct`"),
    (&["enum"], "a value that has a name is a constant, `const RED = 0`; one of several types is a union, `int|bool`"),
    (&["union"], "a variable for one of several types is declared `x: int|bool = 5`"),
    (&["impl", "trait"], "there are no methods: functions stand by themselves, `fn norm(p: point) -> decimal { … }`"),
    (&["use", "using", "include", "require", "from"], "a module is brought by `import math`"),
    (&["global"], "what lasts as long as the program stands in a block: `static 64 { x = 5 }`"),
    (&["public", "export"], "what importers see is declared with `pub`: `pub fn`, `pub struct`, `pub const`"),
    (&["private", "internal"], "what is declared without `pub` is private"),
    (&["typedef"], "a type has one name; a record is declared with `struct`"),
    (&["package", "module", "namespace"], "a file is a module, and has its name from the file"),
    (&["defer"], "the variables of a block end with it; what else is to be done stands at its end"),
    (&["unsafe"], "nothing is unsafe: its statements stand there without the word and the block"),
    (ELSE_IF, "write `else if`"),
    (LOOPS, "loops are `while c { … }`, `for i in a..b { … }` and `for x in a { … }`"),
    (&["switch", "case", "select"], "a choice is `if c { … } else if d { … } else { … }`"),
    (&["print", "println", "echo", "printf"], "printing is a call: `print(x)`"),
    (&["assert"], "asserting is a call: `assert(x == 1)`"),
    (&["delete", "dealloc", "del"], "memory is given back by `free(x)`"),
    (TYPES, "the type follows the name: `x: int = 5`"),
    (&["not"], "write `!`"),
    (&["final", "constexpr", "readonly"], "what never changes is a constant: `const B = 2`"),
    (&["unsigned", "signed"], "only a `byte` has no sign, all other integers have one: `x: int = 5`"),
    (&["new"], "a struct is written where it is wanted: `point { x = 1, y = 2 }`"),
    (&["lambda"], LAMBDA),
    (
        &["try", "catch", "throw", "raise"],
        "there are no exceptions: a trap ends the run, and what can be expected is a result",
    ),
];

/// The keywords with which statements and declarations begin.
const BEGIN: &[TokenKind] = {
    use TokenKind::*;
    &[If, Else, For, While, Match, Return, Break, Continue, Alloc, Free, Fn, Struct, Pub, Import, Extern, Static, Const]
};

/// The shortest word that is taken for a keyword.
const SHORTEST_MEANT: usize = 3;

/// The keywords with which declarations begin.
const DECLARE: &[TokenKind] = &[TokenKind::Fn, TokenKind::Struct, TokenKind::Static, TokenKind::Const];

/// Words that declare something elsewhere, whose name is known then.
const DECLARING: &[&str] = &[
    "function",
    "func",
    "fun",
    "def",
    "proc",
    "sub",
    "class",
    "record",
    "type",
    "interface",
    "enum",
    "union",
    "trait",
    "typedef",
];
/// Words that only stand in the way before a new variable.
pub(super) const SUPERFLUOUS: &[&str] = &["let", "var", "val", "auto"];
pub(super) const ELSE_IF: &[&str] = &["elif", "elseif", "elsif"];
const LOOPS: &[&str] = &["loop", "do", "repeat", "until", "foreach"];
const COUNT_DOWN: &str = "to count down, write `x -= 1`";
const FORMATTED: &str = "values are printed one after another, with commas between them: `println(\"x is\", x)`";
pub(super) const SLICE: &str = "a part is written with two points: `a[1..2]`";
const BLOCK: &str = "the block stands between `{` and `}`";

pub(super) const RESULT: &str = "the result stands behind `->`: `fn f(n: int) -> int { … }`";
const GLOBAL: &str = "functions see a constant, `const x = 5`; what changes stands in a block, `static 64 { x = 5 }`";
const GATHER: &str =
    "a loop is a statement and has no value: declare the array, and fill it, `for x in a { b[n] = x; n += 1 }`";
const LAMBDA: &str = "there are no functions without a name; declare one with `fn`";
const WORD: &str = "this word belongs to the language; choose another name";
pub(super) const ORDER: &str = "comparisons are `<=` and `>=`";
const NEXT_IN_WHILE: &str =
    "`=` assigns and is a statement of its own: it stands before the loop, and again as the last line in it";
const EQUALITY: &str = "comparisons are `==` and `!=`";
const PATH: &str = "what a module offers is named with a point: `math.sin(x)`";
const NO_NAMES: &str = "arguments stand in order and have no names";
const FUNCTION: &str = "a function is declared with `fn`: `fn f(n: int) -> int { … }`";
const OPERATOR: &str = "an operator stands at the end of the line before";
const NEXT_OPERATOR: &str = "move the operator that begins the next line to the end of this one";
const POWER: &str = "there is no operator for powers: multiply, or write a function";
const POINTER: &str =
    "there are no pointers: who is to change elements takes a view, `[]int`, and an alias is `y = *int(offset(x))`";
const ENDS: &str = "a statement ends with its line or at a `;`, not at a comma";
pub(super) const MAP: &str = "there are no maps: keep keys and values in two arrays, and find a key by a loop";
const TUPLE: &str = "several values together stand in parentheses, `(1, 2)`; only `return` and `a, b =` need none";

/// Types as they are called here and elsewhere.
const TYPES: &[&str] =
    &["int", "long", "short", "byte", "float", "decimal", "bool", "char", "string", "double", "void"];

/// Reserved words that people know from elsewhere.
const RESERVED: &[(&[&str], &str)] = &[(&["nil"], "there is no null: a variable begins with its first value")];

/// Words that stand between or after operands elsewhere.
const CONTINUATIONS: &[(&[&str], &str)] = &[
    (&["and"], "write `&&`"),
    (&["or"], "write `||`"),
    (&["mod"], "the rest of a division is `%`"),
    (&["instanceof"], "what a union holds is asked by `is`: `u is bool`"),
    (&["then"], "there is no `then`: the block stands between `{` and `}`"),
    (&["do"], "there is no `do`: the block stands between `{` and `}`"),
    (&["begin"], BLOCK),
    (&["as"], "a value is converted by a call: `long(x)`"),
    (&["step", "by"], "a loop counts by one: compute the value in it, `x = i * 2`, or count with `while`"),
];

/// The hint for a token that does not fit where it stands.
pub(super) fn for_unexpected(parser: &Parser<'_>) -> Option<&'static str> {
    let before = parser.previous();
    if counts_down(parser) {
        return Some(COUNT_DOWN);
    }
    if is_global(parser) {
        return Some(GLOBAL);
    }
    if parser.line_ended() || parser.peek() == TokenKind::BraceClose {
        // A `-` can begin a statement; the others only go on with what stands before them.
        let goes_on = operator(parser.peek()).is_some() && parser.peek() != TokenKind::Minus;
        return goes_on.then_some(NEXT_OPERATOR);
    }
    if behind_dashes(parser) {
        return Some("a comment begins with `#`");
    }
    let is_word =
        |tokens: usize| parser.tokens.get(parser.beginning + tokens).is_some_and(|token| token.kind.is_keyword());
    if (parser.at == parser.beginning && is_word(0) && parser.peek_after(1) == TokenKind::Assign)
        || (parser.at == parser.beginning + 1 && is_word(0) && parser.peek() == TokenKind::Assign)
    {
        return Some(WORD);
    }
    if parser.at == parser.beginning && operator(parser.peek()).is_some() {
        let is_assigned = |kind| kind == TokenKind::Assign || compound(kind).is_some();
        let through_pointer = parser.peek() == TokenKind::Star && is_assigned(parser.peek_after(2));
        if through_pointer {
            return Some("nothing is stored through a pointer: assign the variable, or an alias of it");
        }
        return Some(if parser.peek_after(1) == parser.peek() { COUNT } else { OPERATOR });
    }
    let adjacent = before.is_some_and(|token| token.span().end() == parser.span().start());
    let first = parser.tokens.get(parser.beginning).map(|token| token.kind);
    let in_head = matches!(first, Some(TokenKind::If | TokenKind::While));
    match (before.map(|token| token.kind), parser.peek()) {
        (Some(TokenKind::Plus), TokenKind::Plus) if adjacent && counts_char(parser) => Some(COUNT_CHAR),
        (Some(TokenKind::Plus), TokenKind::Plus) if adjacent => Some(COUNT),
        (Some(TokenKind::Assign), TokenKind::Plus) if adjacent => Some("write `x += 1`"),
        (Some(TokenKind::Less), TokenKind::Greater) if adjacent => Some(EQUALITY),
        (_, TokenKind::Assign) if parser.peek_after(1) == TokenKind::Less && in_head => Some(ORDER),
        (_, TokenKind::Assign) if parser.peek_after(1) == TokenKind::Bang && in_head => Some(EQUALITY),
        (Some(TokenKind::ParenClose), TokenKind::Becomes) if !in_head => {
            Some(if first == Some(TokenKind::Name) { LAMBDA } else { RESULT })
        }
        (Some(_), TokenKind::Tilde) if parser.peek_after(1) == TokenKind::Assign => Some(EQUALITY),
        (Some(_), TokenKind::Becomes) if in_head => Some(ORDER),
        (Some(TokenKind::Integer), TokenKind::Name) if matches!(parser.token_text(), "bump" | "pool") => {
            Some("how variables are placed stands behind a `:`: `alloc 64 :bump { … }`, `alloc 64 :pool(4) { … }`")
        }
        (Some(TokenKind::Name), TokenKind::Name)
            if parser.peek_after(1) == TokenKind::Colon && TYPES.contains(&before?.text(parser.text)) =>
        {
            Some("write `,` between them")
        }
        (Some(TokenKind::If | TokenKind::While), TokenKind::BraceOpen) => Some("a condition stands before the block"),
        (Some(TokenKind::Name), TokenKind::String) if adjacent => Some(FORMATTED),
        (Some(TokenKind::Name), TokenKind::Bang) if adjacent && parser.peek_after(1) == TokenKind::BracketOpen => {
            Some("an array is written `[1, 2]`, and has as many elements as it is written or declared with")
        }
        (Some(TokenKind::Name), TokenKind::Bang) if adjacent => Some("a function is called without `!`: `println(1)`"),
        (Some(TokenKind::Integer), TokenKind::Comma) if is_grouped(parser) => {
            Some("digits are grouped by `_`: `1_000`")
        }
        (Some(TokenKind::Star), TokenKind::Star | TokenKind::MulAssign) if adjacent => Some(POWER),
        (Some(TokenKind::OrOr), TokenKind::Assign) if adjacent => Some("write `x = x || y`"),
        (Some(TokenKind::AndAnd), TokenKind::Assign) if adjacent => Some("write `x = x && y`"),
        (Some(TokenKind::Colon | TokenKind::Arrow), TokenKind::Star) => Some(POINTER),
        (Some(TokenKind::DotDot), TokenKind::Assign) => Some("the end is excluded: instead of `0..=3` write `0..4`"),
        (Some(TokenKind::DotDot), TokenKind::Less) => Some("the end is always excluded: write `0..3`"),
        (Some(TokenKind::DotDot), TokenKind::Dot) => {
            Some("a range has two points, and its end is excluded: `0..4` with 3, `0..3` without")
        }
        (Some(TokenKind::Static), TokenKind::BraceOpen) => Some("give the block a size: `static 64 { … }`"),
        (Some(TokenKind::Alloc), TokenKind::BraceOpen) => Some("give the arena a size: `alloc 64 { … }`"),
        (Some(TokenKind::Assign), TokenKind::And) => {
            Some("`offset(x)` says where `x` stands; an alias is `y = *int(offset(x))`")
        }
        (Some(TokenKind::ParenClose), kind) if is_cast(parser) && (kind.is_literal() || kind == TokenKind::Name) => {
            Some("a value is converted by a call: `int(5.5)`")
        }
        (Some(TokenKind::BracketClose), TokenKind::Name) if is_map(parser, parser.at.saturating_sub(4)) => Some(MAP),
        (Some(TokenKind::BracketClose), TokenKind::Name) if begins_with_type(parser) => {
            Some("the type follows the name: `xs: int[10]`")
        }
        (Some(TokenKind::BraceClose), TokenKind::Name) if !is_print(parser) => {
            word_hint(BEGINNINGS, parser.token_text())
        }
        (Some(TokenKind::Name), TokenKind::Name)
            if parser.peek_after(1) == TokenKind::ParenOpen && TYPES.contains(&before?.text(parser.text)) =>
        {
            Some(FUNCTION)
        }
        (Some(TokenKind::Colon), TokenKind::Assign) if is_map(parser, parser.at + 1) => Some(MAP),
        (Some(TokenKind::Colon), TokenKind::Assign) => Some("a new variable is `x = 5`, or with a type `x: int = 5`"),
        (Some(TokenKind::Equal | TokenKind::NotEqual), TokenKind::Assign) if adjacent => Some(EQUALITY),
        (_, TokenKind::Assign) if is_declared(parser) => {
            Some("fields and parameters have no values of their own: give one wherever it is wanted")
        }
        (Some(TokenKind::For), TokenKind::BraceOpen | TokenKind::Semicolon) => {
            Some("what never ends is `while true { … }`")
        }
        (Some(TokenKind::Colon), TokenKind::Colon) if adjacent => Some(PATH),
        (Some(TokenKind::Name), TokenKind::Colon) if adjacent && parser.peek_after(1) == TokenKind::Colon => Some(PATH),
        (_, TokenKind::Colon) if !parser.lines_matter => Some(NO_NAMES),
        (_, TokenKind::Assign) if let Some(hint) = for_named_argument(parser) => Some(hint),
        (Some(TokenKind::ParenClose), TokenKind::BraceOpen) => word_hint(BEGINNINGS, first_word(parser)?),
        (Some(before), TokenKind::BraceOpen) if before == TokenKind::Assign || begins_fields(parser) => {
            Some("a struct is written with its name: `point { x = 1, y = 2 }`, an array `[1, 2]`")
        }
        (Some(TokenKind::BraceClose), TokenKind::If) => None,
        (Some(_), TokenKind::If) => Some("an `if` has no value: `if c { x = 1 } else { x = 2 }`"),
        (_, TokenKind::Colon) if !parser.struct_literals => Some(BLOCK),
        (_, TokenKind::Assign) if assigns_in_while(parser) => Some(NEXT_IN_WHILE),
        (_, TokenKind::Assign) => Some("`=` assigns and is a statement of its own; `==` compares"),
        (Some(_), TokenKind::For) if opened(parser).is_some() => Some(GATHER),
        (Some(_), TokenKind::In) if first != Some(TokenKind::For) => {
            Some("`in` stands only in `for x in a`: what an array holds is found by a loop")
        }
        (_, TokenKind::And) => {
            Some("there are no references: arrays and structs are lent as they are, and a view sees what it is lent")
        }
        (_, TokenKind::DotDot) => Some("a range stands only in `for i in a..b` and inside `a[i..j]`"),
        (_, TokenKind::Arrow) if is_field_of_pointer(parser) => Some("a field is named with a point: `p.x`"),
        (_, TokenKind::Arrow) => Some("`->` stands only before the result type of a function"),
        (Some(TokenKind::Name), TokenKind::Name | TokenKind::BraceOpen) if !is_asked(parser) => {
            word_hint(BEGINNINGS, before?.text(parser.text)).or_else(|| word_hint(CONTINUATIONS, parser.token_text()))
        }
        (_, TokenKind::Name) => word_hint(CONTINUATIONS, parser.token_text()),
        (Some(_), TokenKind::Comma) if parser.lines_matter => Some(if ends_statement(parser) { ENDS } else { TUPLE }),
        (Some(TokenKind::Name), kind) if kind.is_keyword() && TYPES.contains(&before?.text(parser.text)) => None,
        (Some(TokenKind::Name), kind) if kind.is_literal() || kind.is_keyword() => {
            word_hint(BEGINNINGS, before?.text(parser.text))
        }
        _ => None,
    }
}

/// The keyword that was meant by the word with which the statement begins, if it can be no name there: something that
/// cannot follow a name follows it, or a block its parentheses.
pub(super) fn keyword_meant<'k>(parser: &Parser<'_>) -> Option<(Span, Near<'k>)> {
    if parser.line_ended() {
        return None;
    }
    let word = first_word(parser)?;
    let follows = parser.at == parser.beginning + 1;
    let before_block = parser.peek() == TokenKind::BraceOpen
        && parser.previous().is_some_and(|token| token.kind == TokenKind::ParenClose);
    // A module of the library is meant as such.
    if !(follows || before_block) || word.len() < SHORTEST_MEANT || library::find(word).is_some() {
        return None;
    }
    let is_meant = |keyword: &&TokenKind| match keyword {
        // A `for` has an `in` behind its name.
        TokenKind::For => parser.peek_after(1) == TokenKind::In,
        TokenKind::Pub | TokenKind::Extern | TokenKind::Else => true,
        // No other stands before one that begins a statement.
        _ => parser.peek() != TokenKind::Import && !BEGIN.contains(&parser.peek()),
    };
    let near = nearest(word, BEGIN.iter().filter(is_meant).filter_map(|keyword| keyword.spelling()))?;
    Some((parser.tokens.get(parser.beginning)?.span(), near))
}

/// The keyword that is nearly this word, if it begins a statement or a declaration.
pub(super) fn near_beginning(word: &str) -> Option<&'static str> {
    let near = || nearest(word, BEGIN.iter().filter_map(|keyword| keyword.spelling()));
    (word.len() >= SHORTEST_MEANT).then(near).flatten().map(|near| near.name)
}

/// Whether a keyword begins a statement or a declaration.
pub(super) fn begins_statement(kind: TokenKind) -> bool {
    BEGIN.contains(&kind)
}

/// The name with which the statement begins.
fn first_word<'p>(parser: &Parser<'p>) -> Option<&'p str> {
    let first = parser.tokens.get(parser.beginning).filter(|first| first.kind == TokenKind::Name)?;
    Some(first.text(parser.text))
}

/// Whether a statement that prints begins here.
fn is_print(parser: &Parser<'_>) -> bool {
    matches!(parser.token_text(), "print" | "println") && parser.peek_after(1) == TokenKind::ParenOpen
}

/// Whether `map[string]` stands at a token.
pub(super) fn is_map(parser: &Parser<'_>, at: usize) -> bool {
    let kinds = [0, 1, 2, 3].map(|behind| parser.tokens.get(at + behind).map(|token| token.kind));
    let is_word = parser.tokens.get(at).is_some_and(|token| token.text(parser.text) == "map");
    let is_type =
        [TokenKind::BracketOpen, TokenKind::Name, TokenKind::BracketClose].map(Some) == [kinds[1], kinds[2], kinds[3]];
    is_word && is_type
}

/// Whether the name with which the statement begins was given a character, or the type of one.
pub(super) fn counts_char(parser: &Parser<'_>) -> bool {
    let Some(name) = first_word(parser) else { return false };
    let gives_char = |three: &[Token]| match three {
        [first, sign, value] if first.text(parser.text) == name => match sign.kind {
            TokenKind::Assign => value.kind == TokenKind::Char,
            TokenKind::Colon => value.text(parser.text) == "char",
            _ => false,
        },
        _ => false,
    };
    parser.tokens.get(..parser.beginning).is_some_and(|read| read.windows(3).any(gives_char))
}

/// Whether the token that is looked at is a `*` that stands for an operation, and not for a pointer form.
pub(super) fn is_operator(parser: &Parser<'_>) -> bool {
    let squared = parser.previous().is_some_and(|token| token.kind == TokenKind::Star);
    let pointer = parser.peek_after(1) == TokenKind::Name && parser.peek_after(2) == TokenKind::ParenOpen;
    squared || (parser.at == parser.beginning && !pointer)
}

/// The hint for what stands in the place of a field.
pub(super) fn for_field(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::Fn => {
            Some("there are no methods: functions stand by themselves, `fn norm(p: point) -> decimal { … }`")
        }
        TokenKind::Pub => Some("who sees a struct sees its fields; `pub` stands before `struct`"),
        _ => None,
    }
}

/// Whether what begins with a token, and could not be read, may have declared something: what stands beside `main` did, and
/// so did what begins with a word that declares something elsewhere, or that is nearly one that does so here.
pub(super) fn declares(parser: &Parser<'_>, token: usize) -> bool {
    if stands_beside_main(parser) {
        return true;
    }
    let Some(first) = parser.tokens.get(token).filter(|first| first.kind == TokenKind::Name) else { return false };
    let word = first.text(parser.text);
    let is_name = |behind: usize| parser.tokens.get(token + behind).is_some_and(|next| next.kind == TokenKind::Name);
    let declaring = DECLARE.iter().filter_map(|keyword| keyword.spelling());
    DECLARING.contains(&word) || parser.nesting == 0 && is_name(1) && nearest(word, declaring).is_some()
}

/// Whether the parser is at the top level of a file that has a `main`: only declarations stand there.
fn stands_beside_main(parser: &Parser<'_>) -> bool {
    let is_main = |pair: &[Token]| match pair {
        [word, name] => word.kind == TokenKind::Fn && name.text(parser.text) == "main",
        _ => false,
    };
    parser.nesting == 0 && parser.tokens.windows(2).any(is_main)
}

/// Whether a variable is begun beside `main`, in the way of another language.
pub(super) fn is_global(parser: &Parser<'_>) -> bool {
    let is_word = |word: &str| SUPERFLUOUS.contains(&word) || TYPES.contains(&word);
    parser.at == parser.beginning + 1
        && parser.peek() == TokenKind::Name
        && matches!(parser.peek_after(1), TokenKind::Assign | TokenKind::Colon)
        && first_word(parser).is_some_and(is_word)
        && stands_beside_main(parser)
}

/// Whether a word only stands in the way before what can change.
pub(super) fn is_superfluous(word: &str) -> bool {
    word == "mut" || SUPERFLUOUS.contains(&word)
}

/// The hint for a reserved word.
pub(super) fn for_reserved(word: &str) -> Option<&'static str> {
    word_hint(RESERVED, word)
}

/// Whether `name: type` stands before the token that is looked at, where no variable can be declared.
fn is_declared(parser: &Parser<'_>) -> bool {
    let before =
        |tokens: usize| parser.at.checked_sub(tokens).and_then(|at| parser.tokens.get(at)).map(|token| token.kind);
    let begins_line =
        parser.at.checked_sub(3).and_then(|at| parser.tokens.get(at)).is_some_and(|name| name.starts_line());
    let in_list =
        before(4).is_some_and(|kind| matches!(kind, TokenKind::ParenOpen | TokenKind::BraceOpen | TokenKind::Comma));
    (in_list || begins_line)
        && (before(3), before(2), before(1)) == (Some(TokenKind::Name), Some(TokenKind::Colon), Some(TokenKind::Name))
}

/// Whether the `=` that is looked at may be meant as one in the head of a `while`, the idiom of C which takes the next value
/// and asks whether there is one: what stands behind it can change.
pub(super) fn assigns_in_while(parser: &Parser<'_>) -> bool {
    let statement = parser.tokens.get(parser.beginning..).unwrap_or_default();
    let mut kinds = statement.iter().map(|token| token.kind);
    let first = kinds.find(|kind| !matches!(kind, TokenKind::Name | TokenKind::Colon));
    first == Some(TokenKind::While) && !parser.peek_after(1).is_literal()
}

/// For a `=` behind the name of an argument.
fn for_named_argument(parser: &Parser<'_>) -> Option<&'static str> {
    let open =
        opened(parser).filter(|open| parser.tokens.get(*open).map(|open| open.kind) == Some(TokenKind::ParenOpen))?;
    let called = parser.tokens.get(open.checked_sub(1)?).filter(|called| called.kind == TokenKind::Name)?;
    let before = parser.tokens.get(parser.at.checked_sub(2)?)?.kind;
    let name = parser.previous()?;
    if name.kind != TokenKind::Name || !matches!(before, TokenKind::ParenOpen | TokenKind::Comma) {
        return None;
    }
    match (called.text(parser.text), name.text(parser.text)) {
        ("assert", _) => None,
        ("print" | "println", "end") => Some("`println` ends the line and `print` does not: `print(x)`"),
        ("print" | "println", "sep") => {
            Some("a space stands between values; other signs are printed as text: `print(x, \",\")`")
        }
        // Of several it is one certainly; alone it may have been a comparison.
        _ if before == TokenKind::Comma || parser.peek_after(2) == TokenKind::Comma => Some(NO_NAMES),
        _ => Some("arguments stand in order and have no names; `==` compares"),
    }
}

/// The innermost bracket of this statement that is open where the parser is.
pub(super) fn opened(parser: &Parser<'_>) -> Option<usize> {
    let mut closed = 0_usize;
    for at in (parser.beginning..parser.at).rev() {
        match parser.tokens.get(at)?.kind {
            TokenKind::ParenClose | TokenKind::BracketClose | TokenKind::BraceClose => closed += 1,
            TokenKind::ParenOpen | TokenKind::BracketOpen | TokenKind::BraceOpen if closed == 0 => {
                return (parser.tokens.get(at)?.kind != TokenKind::BraceOpen).then_some(at);
            }
            TokenKind::ParenOpen | TokenKind::BracketOpen | TokenKind::BraceOpen => closed -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a word is the name of a type here or elsewhere.
pub(super) fn is_type(word: &str) -> bool {
    TYPES.contains(&word)
}

/// Whether `--` stands before the token that is looked at.
fn counts_down(parser: &Parser<'_>) -> bool {
    let before = |tokens: usize| parser.at.checked_sub(tokens).and_then(|at| parser.tokens.get(at));
    match (before(2), before(1)) {
        (Some(first), Some(second)) => {
            (first.kind, second.kind) == (TokenKind::Minus, TokenKind::Minus)
                && first.span().end() == second.span().start()
        }
        _ => false,
    }
}

/// Whether `--` stands before words of the line that is read, as a comment of other languages.
fn behind_dashes(parser: &Parser<'_>) -> bool {
    let is_comment = |three: &[Token]| match three {
        [first, second, word] => {
            (first.kind, second.kind, word.kind) == (TokenKind::Minus, TokenKind::Minus, TokenKind::Name)
                && first.span().end() == second.span().start()
                && second.span().end() < word.span().start()
        }
        _ => false,
    };
    let read = parser.tokens.get(parser.beginning..parser.at).unwrap_or_default();
    parser.peek() == TokenKind::Name && read.windows(3).any(is_comment)
}

/// Whether the `->` that is looked at stands between two names without blanks, and not in the head of a function.
pub(super) fn is_field_of_pointer(parser: &Parser<'_>) -> bool {
    let first = parser.tokens.get(parser.beginning).map(|first| first.kind);
    let is_head = matches!(first, Some(TokenKind::Fn | TokenKind::Pub | TokenKind::Extern));
    let is_name = |token: &Token| token.kind == TokenKind::Name;
    let before = parser.previous().filter(is_name).is_some_and(|name| name.span().end() == parser.span().start());
    let behind = parser.tokens.get(parser.at + 1).filter(|name| is_name(name));
    before && behind.is_some_and(|name| name.span().start() == parser.span().end()) && !is_head
}

/// Whether the `{` that is looked at is followed by `name =` or `name:`.
fn begins_fields(parser: &Parser<'_>) -> bool {
    parser.peek_after(1) == TokenKind::Name && matches!(parser.peek_after(2), TokenKind::Assign | TokenKind::Colon)
}

/// Whether a number, a comma and three digits stand here without blanks.
fn is_grouped(parser: &Parser<'_>) -> bool {
    let token = |place: usize| parser.tokens.get(place);
    let (Some(before), Some(after)) = (parser.previous(), token(parser.at + 1)) else { return false };
    let digits = after.kind == TokenKind::Integer && after.text(parser.text).len() == 3;
    digits && before.span().end() == parser.span().start() && after.span().start() == parser.span().end()
}

/// Whether the comma that is looked at is meant to end a statement: nothing follows it, or another assignment.
fn ends_statement(parser: &Parser<'_>) -> bool {
    let next = parser.tokens.get(parser.at + 1);
    let ends = next.is_none_or(|next| next.starts_line() || next.kind == TokenKind::BraceClose);
    let begins = matches!(parser.peek_after(2), TokenKind::Assign | TokenKind::Colon);
    ends || parser.peek_after(1) == TokenKind::Name && begins
}

/// The hint for a word that begins a block elsewhere, and looks like the name of a struct before its literal.
pub(super) fn for_block_word(word: &str) -> Option<&'static str> {
    word_hint(BEGINNINGS, word)
}

/// Whether the name of a type in parentheses stands before the token that is looked at.
fn is_cast(parser: &Parser<'_>) -> bool {
    let before = |tokens: usize| parser.at.checked_sub(tokens).and_then(|at| parser.tokens.get(at));
    let is_type = before(2).is_some_and(|token| TYPES.contains(&token.text(parser.text)));
    is_type && before(3).is_some_and(|token| token.kind == TokenKind::ParenOpen)
}

/// Whether the statement begins with the name of a type.
fn begins_with_type(parser: &Parser<'_>) -> bool {
    parser.tokens.get(parser.beginning).is_some_and(|token| TYPES.contains(&token.text(parser.text)))
}

/// Whether a type that is asked for by `is` stands before the token that is looked at: it begins nothing.
fn is_asked(parser: &Parser<'_>) -> bool {
    let read = parser.tokens.get(parser.beginning..parser.at).unwrap_or_default();
    let types = |token: &&Token| matches!(token.kind, TokenKind::Name | TokenKind::Or);
    read.iter().rev().find(|token| !types(token)).is_some_and(|token| token.kind == TokenKind::Is)
}

fn word_hint(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|&(_, hint)| hint)
}
