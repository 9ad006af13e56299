//! What other languages write in more than a word, written in Vega with the names and values that stand there.

use super::Parser;
use super::conversions;
use super::hints::{MAP, SLICE, counts_char, for_block_word, is_global, is_type, keyword_meant, opened};
use super::operators::operator;
use crate::ast::Span;
use crate::foreign;
use crate::lexer::{Token, TokenKind};
use vega_format::types::Tag;

/// The longest part of the text that a hint repeats.
const LONGEST: usize = 40;

/// A hint, with the change where it is certain.
pub(super) type Rewritten = (String, Option<(Span, String)>);

/// A hint for the token that is looked at, which does not fit; with the change where it is certain.
pub(super) fn for_unexpected(parser: &Parser<'_>) -> Option<Rewritten> {
    None.or_else(|| not(parser))
        .or_else(|| counting(parser))
        .or_else(|| compound_turned_round(parser))
        .or_else(|| assigned_in_head(parser))
        .or_else(|| range_in_parentheses(parser))
        .or_else(|| declared_as_in_c(parser).map(|hint| (hint, None)))
        .or_else(|| named_twice(parser))
        .or_else(|| import_behind(parser))
        .or_else(|| imported(parser))
        .or_else(|| slice(parser))
        .or_else(|| named_arena(parser))
        .or_else(|| conversions::cast(parser))
        .or_else(|| conversions::converted_behind(parser))
        .or_else(|| awaited(parser))
        .or_else(|| divided_in_comment(parser))
}

/// For the head of a loop `for (int i = 0; i < n; i++)`, of which the parenthesis is looked at.
pub(super) fn for_loop_of_c(parser: &Parser<'_>) -> Option<String> {
    let inside = parser.text.get(parser.span().end()..)?.lines().next()?;
    let mut parts = inside.split(';').map(str::trim);
    let (begin, condition, step) = (parts.next()?, parts.next()?, parts.next()?.split('{').next()?);
    let written = step.trim().strip_suffix(')').unwrap_or(step);
    let step = written.replace(' ', "");
    let (declared, start) = begin.split_once('=')?;
    let (name, start) = (declared.split_whitespace().last()?, start.trim());
    let bound = condition.strip_prefix(name)?.trim();
    let by_one = [format!("{name}++"), format!("++{name}"), format!("{name}+=1")].contains(&step);
    let is_one = |bound: &&str| !bound.contains("&&") && !bound.contains("||");
    if declared.contains(',') || start.contains(',') {
        return Some(
            "a loop counts one variable; others are assigned before it, and counted as its last lines".to_owned(),
        );
    }
    if let Some(end) = bound.strip_prefix('<').filter(|bound| by_one && is_one(bound)) {
        let end = match end.strip_prefix('=') {
            Some(last) => match last.trim().parse::<u32>() {
                Ok(last) => (u64::from(last) + 1).to_string(),
                Err(_) => format!("{} + 1", last.trim()),
            },
            None => end.trim().to_owned(),
        };
        return Some(format!("a loop counts over a range: `for {name} in {start}..{end} {{ … }}`"));
    }
    let count = match step.trim_start_matches(name).trim_end_matches(name) {
        "--" => format!("{name} -= 1"),
        "++" => format!("{name} += 1"),
        _ => written.to_owned(),
    };
    Some(format!(
        "a `for` counts up by one; else it is a `while`: `{name} = {start}; while {condition} {{ …; {count} }}`"
    ))
}

/// `char *s`, which is taken for a product.
pub(super) fn for_pointer(parser: &Parser<'_>) -> Option<String> {
    let [type_, star, name] = parser.tokens.get(parser.beginning..)?.first_chunk()?;
    let is_pointer = is_type(type_.text(parser.text))
        && star.kind == TokenKind::Star
        && name.kind == TokenKind::Name
        && parser.peek() == TokenKind::Assign;
    let (type_, name) = (type_.text(parser.text), name.text(parser.text));
    is_pointer.then(|| match (type_, parser.peek_after(1)) {
        ("char", TokenKind::String) => {
            let value = parser.tokens.get(parser.at + 1).map_or("", |value| value.text(parser.text));
            format!("there are no pointers; text is `{name}: string<64> = {}`", short(value))
        }
        _ => "there are no pointers: a variable holds its value, and an array all its elements".to_owned(),
    })
}

/// `not x == 1`, of which the operand is looked at.
fn not(parser: &Parser<'_>) -> Option<Rewritten> {
    let before = parser.previous().filter(|before| before.text(parser.text) == "not")?;
    let declares = |token: &Token| matches!(token.kind, TokenKind::Fn | TokenKind::Struct | TokenKind::Const);
    let is_declared = parser.at.checked_sub(2).and_then(|at| parser.tokens.get(at)).is_some_and(declares);
    let begins_operand = parser.peek() == TokenKind::Name || parser.peek().is_literal();
    if parser.line_ended() || is_declared || !begins_operand {
        return None;
    }
    let mut open = 0_usize;
    let mut ends = |token: &&Token| match token.kind {
        TokenKind::ParenOpen | TokenKind::BracketOpen => {
            open += 1;
            token.starts_line()
        }
        TokenKind::ParenClose | TokenKind::BracketClose if open > 0 => {
            open -= 1;
            token.starts_line()
        }
        TokenKind::BraceOpen | TokenKind::ParenClose | TokenKind::BracketClose => true,
        TokenKind::AndAnd | TokenKind::OrOr => open == 0 || token.starts_line(),
        _ => token.starts_line() || open == 0 && matches!(token.text(parser.text), "and" | "or"),
    };
    let operand: Vec<&Token> = parser.tokens.get(parser.at..)?.iter().take_while(|token| !ends(token)).collect();
    let span = operand.first()?.span().to(operand.last()?.span());
    let written = short(parser.text.get(span.range())?);
    Some(match operand.iter().any(|token| operator(token.kind).is_some()) {
        true => (format!("write `!({written})`"), None),
        false => (format!("write `!{written}`"), Some((before.span().to(span.before()), "!".to_owned()))),
    })
}

/// `i++`, `i--` and `++i`: the second sign is looked at, or what stands behind both, or the first of two.
fn counting(parser: &Parser<'_>) -> Option<Rewritten> {
    let are_signs = |kind: TokenKind, first: usize| match parser.tokens.get(first..).and_then(|two| two.first_chunk()) {
        Some([one, two]) => (one.kind, two.kind) == (kind, kind) && one.span().end() == two.span().start(),
        None => false,
    };
    let (at, before) = (parser.at, |tokens: usize| parser.at.checked_sub(tokens));
    let (first, end, behind, sign) = if let Some(signs) = before(1).filter(|signs| are_signs(TokenKind::Plus, *signs)) {
        (parser.operand_start(signs)?, signs, at + 1, '+')
    } else if let Some(signs) = before(2).filter(|signs| are_signs(TokenKind::Minus, *signs)) {
        (parser.operand_start(signs)?, signs, at, '-')
    } else if are_signs(TokenKind::Plus, at) && parser.peek_after(2) == TokenKind::Name {
        let end = parser.operand_end(at + 2)?;
        (at + 2, end, end, '+')
    } else {
        return None;
    };
    let place = parser.span_of(first, end)?;
    let written = parser.text.get(place.range()).filter(|written| !written.ends_with(')'))?;
    let ends = parser.tokens.get(behind).is_none_or(|next| {
        next.starts_line() || matches!(next.kind, TokenKind::BraceClose | TokenKind::Semicolon | TokenKind::End)
    });
    let is_alone = ends && (first == parser.beginning || at == parser.beginning);
    let count = format!("`{} {sign}= 1`", short(written));
    if !is_alone {
        return Some((format!("counting has no value and is a statement of its own: {count}"), None));
    }
    let whole = parser.span_of(parser.beginning, behind)?;
    let direction = if sign == '+' { "up" } else { "down" };
    let counts = (format!("to count {direction}, write {count}"), Some((whole, format!("{written} {sign}= 1"))));
    (!counts_char(parser)).then_some(counts)
}

/// `x =* 2`.
fn compound_turned_round(parser: &Parser<'_>) -> Option<Rewritten> {
    let [name, assign, star] = parser.tokens.get(parser.at.checked_sub(3)?..)?.first_chunk()?;
    let is_turned = (assign.kind, star.kind) == (TokenKind::Assign, TokenKind::Star)
        && name.kind == TokenKind::Name
        && assign.span().end() == star.span().start()
        && !parser.line_ended();
    let (signs, name) = (assign.span().to(star.span()), name.text(parser.text));
    is_turned.then(|| (format!("write `{name} *= {}`", short(parser.token_text())), Some((signs, "*=".to_owned()))))
}

/// `while (n := f()) > 0`, of which the colon is looked at.
fn assigned_in_head(parser: &Parser<'_>) -> Option<Rewritten> {
    let is_loop = match parser.tokens.get(parser.beginning)?.kind {
        TokenKind::While => true,
        TokenKind::If => false,
        _ => return None,
    };
    let assign = parser.tokens.get(parser.at + 1).filter(|next| next.kind == TokenKind::Assign)?;
    let name = parser.previous().filter(|name| name.kind == TokenKind::Name)?;
    if parser.peek() != TokenKind::Colon || assign.span().start() != parser.span().end() {
        return None;
    }
    let value = parser.text.get(assign.span().end()..)?.lines().next()?;
    let mut open = 0_i32;
    let end = value.find(|character| {
        open += i32::from(character == '(') - i32::from(character == ')');
        open < 0 || character == '{'
    });
    let value = short(value.get(..end?)?.trim());
    let place = if is_loop { "before the loop and as its last line" } else { "before the `if`" };
    Some((format!("an assignment has no value: `{} = {value}` {place}", name.text(parser.text)), None))
}

/// `for i in (0..3)` and `0..10..2`, of which the points are looked at.
fn range_in_parentheses(parser: &Parser<'_>) -> Option<Rewritten> {
    let head = parser.tokens.get(parser.beginning..parser.at)?;
    let [first, name, within, rest @ ..] = head else { return None };
    if (first.kind, within.kind, parser.peek()) != (TokenKind::For, TokenKind::In, TokenKind::DotDot) {
        return None;
    }
    if rest.iter().any(|token| token.kind == TokenKind::DotDot) {
        let hint = "a loop counts by one: compute the value in it, `x = i * 2`, or count with `while`";
        return Some((hint.to_owned(), None));
    }
    let open = rest.first().filter(|open| open.kind == TokenKind::ParenOpen)?;
    let behind = parser.tokens.get(parser.at..)?;
    let block = behind.iter().position(|token| token.kind == TokenKind::BraceOpen)?;
    let close = behind.get(block.checked_sub(1)?).filter(|close| close.kind == TokenKind::ParenClose)?;
    let inside = parser.text.get(open.span().end()..close.span().start())?;
    let hint =
        format!("a range stands without parentheses: `for {} in {} {{ … }}`", name.text(parser.text), short(inside));
    let is_plain = !inside.contains(['(', ')', '\n']);
    Some((hint, is_plain.then(|| (open.span().to(close.span()), inside.trim().to_owned()))))
}

/// `int a[10]` and `double d`, of which the name is looked at.
fn declared_as_in_c(parser: &Parser<'_>) -> Option<String> {
    let type_ = parser.previous().filter(|_| parser.at == parser.beginning + 1)?.text(parser.text);
    if parser.peek() != TokenKind::Name || parser.line_ended() || !is_type(type_) {
        return None;
    }
    let name = parser.token_text();
    let next = parser.tokens.get(parser.at + 1)?;
    let type_ = if type_ == "double" { "decimal" } else { type_ };
    let is_array = next.kind == TokenKind::BracketOpen && parser.peek_after(3) == TokenKind::BracketClose;
    let length = parser.tokens.get(parser.at + 2).map_or("", |length| length.text(parser.text));
    let meant = match (type_, next.kind) {
        ("void", _) => return None,
        (_, TokenKind::BracketOpen) if is_array => format!("{name}: {type_}[{length}]"),
        (_, kind) if !next.starts_line() && kind != TokenKind::Semicolon => return None,
        ("string", _) => format!("{name}: string<64>"),
        ("bool", _) => format!("{name}: bool = false"),
        ("char", _) => format!("{name}: char = ' '"),
        _ => format!("{name}: {type_} = 0"),
    };
    Some(format!("the type follows the name: `{meant}`"))
}

/// `item t = h`, `x int = 5` and `my t = 3`, of which the second name is looked at.
fn named_twice(parser: &Parser<'_>) -> Option<Rewritten> {
    let first = parser.previous().filter(|_| parser.at == parser.beginning + 1 && !parser.line_ended())?;
    if [first.kind, parser.peek(), parser.peek_after(1)] != [TokenKind::Name, TokenKind::Name, TokenKind::Assign] {
        return None;
    }
    let (word, name) = (first.text(parser.text), parser.token_text());
    // What the first word says by itself is told of it.
    let says_more = type_meant(parser, word).is_none() && for_block_word(word).is_some();
    if says_more || word == "void" || is_global(parser) || keyword_meant(parser).is_some() {
        return None;
    }
    let behind = parser.tokens.get(parser.at + 2..)?;
    let mut open = 0_i32;
    let mut ends = |token: &&Token| {
        open += i32::from(token.kind == TokenKind::BraceOpen) - i32::from(token.kind == TokenKind::BraceClose);
        open < 0 || token.starts_line() || matches!(token.kind, TokenKind::Semicolon | TokenKind::End)
    };
    let last = behind.iter().take_while(|token| !ends(token)).last();
    let value = last.and_then(|last| parser.text.get(behind.first()?.span().start()..last.span().end()));
    let goes_on = |value: &&str| value.ends_with(['(', '[', '{']);
    let value = value.filter(|value| !goes_on(value)).map_or("…", short);
    let both = first.span().to(parser.span());
    Some(match declared(parser, first.span()) {
        Some(Declared { hint, declaration, is_certain }) => {
            (format!("{hint}: `{declaration} = {value}`"), is_certain.then_some((both, declaration)))
        }
        None => (format!("a variable begins with its name: `{name} = {value}`"), None),
    })
}

/// `int n`, of which the name is looked at and the type stands before, in the place of a parameter or a field.
pub(super) fn for_parameter(parser: &Parser<'_>, first: Span) -> Option<Rewritten> {
    let Declared { hint, declaration, is_certain } = declared(parser, first)?;
    let both = first.to(parser.span());
    Some((format!("{hint}: `{declaration}`"), is_certain.then_some((both, declaration))))
}

/// What is declared by two names.
struct Declared {
    hint: &'static str,
    /// With the colon between name and type.
    declaration: String,
    is_certain: bool,
}

/// What the name that is looked at and the one before it declare together, if one of them is known to be a type.
fn declared(parser: &Parser<'_>, first: Span) -> Option<Declared> {
    let (word, name) = (parser.text.get(first.range()).unwrap_or_default(), parser.token_text());
    let (hint, name, (type_, is_certain)) = match (type_meant(parser, word), type_meant(parser, name)) {
        (None, Some(type_)) => ("a colon stands before the type", word, type_),
        (Some(type_), _) => ("the type follows the name", name, type_),
        (None, None) => return None,
    };
    Some(Declared { hint, declaration: format!("{name}: {type_}"), is_certain })
}

/// The type here that has this name, here or elsewhere, and whether nothing else can be meant.
fn type_meant<'p>(parser: &Parser<'_>, word: &'p str) -> Option<(&'p str, bool)> {
    let begins = parser.tokens.get(parser.beginning).map(|first| first.kind);
    let is_head = matches!(begins, Some(TokenKind::Fn | TokenKind::Pub | TokenKind::Extern));
    let in_lower_case = word.to_lowercase();
    if parser.declares_struct(word) {
        return Some((word, true));
    }
    Some(match Tag::from_name(word).map(Tag::name).or(foreign::scalar(word)) {
        Some(type_) => (type_, true),
        // A parameter is lent its text.
        None if word == "string" || foreign::TEXT.contains(&word) => {
            (if is_head { "string" } else { "string<64>" }, true)
        }
        None if is_type(word) => (word, false),
        None => (Tag::from_name(&in_lower_case)?.name(), false),
    })
}

/// `math import`, of which the second word is looked at.
fn import_behind(parser: &Parser<'_>) -> Option<Rewritten> {
    let module = parser.previous().filter(|_| parser.at == parser.beginning + 1 && !parser.line_ended())?;
    let ends = parser.tokens.get(parser.at + 1).is_none_or(|next| next.starts_line() || next.kind == TokenKind::End);
    if !ends || (module.kind, parser.peek()) != (TokenKind::Name, TokenKind::Import) {
        return None;
    }
    let meant = format!("import {}", module.text(parser.text));
    Some((format!("write `{meant}`"), Some((module.span().to(parser.span()), meant))))
}

/// `use io`, of which the name is looked at.
fn imported(parser: &Parser<'_>) -> Option<Rewritten> {
    let word = parser.previous().filter(|_| parser.at == parser.beginning + 1 && !parser.line_ended())?;
    let ends = parser
        .tokens
        .get(parser.at + 1)
        .is_none_or(|next| next.starts_line() || matches!(next.kind, TokenKind::Semicolon | TokenKind::End));
    let brings = ["use", "using", "include", "require"].contains(&word.text(parser.text));
    let meant = format!("import {}", parser.token_text());
    (brings && ends && parser.peek() == TokenKind::Name)
        .then(|| (format!("a module is brought by `{meant}`"), Some((word.span().to(parser.span()), meant))))
}

/// `a[0:2]`, of which the colon is looked at.
fn slice(parser: &Parser<'_>) -> Option<Rewritten> {
    let opening = opened(parser).filter(|_| parser.peek() == TokenKind::Colon)?;
    let token = |at: usize| parser.tokens.get(at);
    if token(opening)?.kind != TokenKind::BracketOpen {
        return None;
    }
    if !opening.checked_sub(1).and_then(token).is_some_and(|before| before.kind.ends_operand()) {
        return Some((MAP.to_owned(), None));
    }
    let behind = parser.tokens.get(parser.at..)?;
    let close = behind.iter().position(|token| token.kind == TokenKind::BracketClose || token.starts_line())?;
    let part = |first: usize, end: usize| match parser.span_of(first, end) {
        Some(span) if first < end => parser.text.get(span.range()).unwrap_or_default(),
        _ => "",
    };
    let whole = part(parser.operand_start(opening)?, opening);
    let (start, end) = (part(opening + 1, parser.at), part(parser.at + 1, parser.at + close));
    // A third number is a step.
    if end.contains(':') {
        return Some((SLICE.to_owned(), None));
    }
    let hint = format!("a part is written with two points: `{}`", short(&format!("{whole}[{start}..{end}]")));
    Some((hint, Some((parser.span(), "..".to_owned()))))
}

/// `alloc 8 as m {`, of which the `as` is looked at.
fn named_arena(parser: &Parser<'_>) -> Option<Rewritten> {
    let read = parser.tokens.get(parser.beginning..parser.at)?;
    let head = read.iter().rposition(|token| matches!(token.kind, TokenKind::Alloc | TokenKind::BraceOpen))?;
    if read.get(head)?.kind != TokenKind::Alloc || parser.token_text() != "as" || parser.line_ended() {
        return None;
    }
    let written = parser.text.get(read.get(head)?.span().to(read.last()?.span()).range())?;
    Some((format!("an arena has no name: `{} {{ … }}`", short(written)), None))
}

/// `await f()`, of which the `f` is looked at.
fn awaited(parser: &Parser<'_>) -> Option<Rewritten> {
    let word = parser.previous().filter(|word| word.text(parser.text) == "await" && !parser.line_ended())?;
    let operand = parser.span_of(parser.at, parser.operand_end(parser.at)?)?;
    let hint = format!("there is nothing to wait for: `{}`", short(parser.text.get(operand.range())?));
    Some((hint, Some((word.span().to(operand.before()), String::new()))))
}

/// `while a < b // c {`, of which all behind the `b` is a comment.
fn divided_in_comment(parser: &Parser<'_>) -> Option<Rewritten> {
    let behind = parser.text.get(parser.previous()?.span().end()..)?.lines().next()?;
    let comment = behind.trim_start().strip_prefix("//").filter(|_| parser.line_ended())?;
    let divisor = comment.trim_end().strip_suffix('{')?.trim();
    Some((format!("`//` begins a comment; `/` divides, and integers without a rest: `/ {}`", short(divisor)), None))
}

/// A part of the text, if it is short.
pub(super) fn short(written: &str) -> &str {
    if written.len() > LONGEST || written.contains(char::is_control) { "…" } else { written }
}
