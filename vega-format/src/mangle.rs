//! Signatures and types, to and from the names that files carry: `geometry.norm(14geometry.point)d`.
//!
//! A bijection between signatures and the names that [`parse`] accepts (`spec/mangling.md` has the grammar). Limits are
//! checked before the work they bound, and a length inside a name is used only once that many bytes are there.
//! Whether a struct exists, and whether a result fits on the stack, is for those who know layouts.

mod error;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use nom::bytes::complete::take_while;
use nom::character::complete::{char, digit1, satisfy};
use nom::combinator::{all_consuming, cut, recognize};
use nom::error::{ErrorKind, ParseError};
use nom::multi::many0_count;
use nom::sequence::preceded;
use nom::{IResult, Offset as _, Parser as _};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

pub use self::error::{NameError, NameErrorKind, NameLimit, Place, Sort, Wanted};
use crate::types::{Mask, Signature, Tag, Type};

/// The most bytes of a mangled name.
pub const MOST_LENGTH: usize = 4_096;
/// The most parameters of a function.
pub const MOST_PARAMETERS: usize = 255;
/// The most views, arrays and tuples around a type.
pub const MOST_NESTING: usize = 64;
/// The greatest length of an array or of bounded text.
pub const MOST_ELEMENTS: u32 = 0x7FFF_FFFF;

/// The mangled name of a function.
///
/// A signature that breaks the rules of `spec/mangling.md` (an empty tuple, a view as a result) gives a text that
/// [`parse`] refuses.
#[must_use]
pub fn mangle(signature: &Signature) -> String {
    let mut name = String::with_capacity(signature.name.len() + signature.parameters.len() + 3);
    name.push_str(&signature.name);
    name.push('(');
    for parameter in &signature.parameters {
        write_type(&mut name, parameter);
    }
    name.push(')');
    match &signature.result {
        Some(result) => write_type(&mut name, result),
        None => name.push('V'),
    }
    name
}

/// The mangled form of one type.
#[must_use]
pub fn mangle_type(one: &Type) -> String {
    let mut name = String::new();
    write_type(&mut name, one);
    name
}

fn write_type(name: &mut String, one: &Type) {
    match one {
        Type::Scalar(tag) => name.push(tag.letter()),
        Type::String => name.push('s'),
        Type::View(element) => {
            name.push_str("[]");
            write_type(name, element);
        }
        Type::Array(element, length) => {
            write_infallibly(name, format_args!("[{length}]"));
            write_type(name, element);
        }
        Type::Text(length) => write_infallibly(name, format_args!("s{{{length}}}")),
        Type::Struct(path) => write_infallibly(name, format_args!("{}{path}", path.len())),
        Type::Tuple(elements) => {
            name.push('(');
            for element in elements {
                write_type(name, element);
            }
            name.push(')');
        }
        Type::Union(mask) => {
            name.push('<');
            name.extend(mask.tags().map(Tag::letter));
            name.push('>');
        }
    }
}

/// A `String` takes all that is written to it, so there is no error to hand on.
fn write_infallibly(name: &mut String, arguments: fmt::Arguments<'_>) {
    let _ = name.write_fmt(arguments);
}

/// The signature that a mangled name says.
///
/// # Errors
///
/// The first place where `name` is not a mangled name, or the limit that it exceeds.
pub fn parse(name: &str) -> Result<Signature, NameError> {
    run(name, signature)
}

/// The type that a mangled form says: any type, also one that stands only inside others, such as `[4]I`.
///
/// # Errors
///
/// The first place where `name` is not the form of a type, or the limit that it exceeds.
pub fn parse_type(name: &str) -> Result<Type, NameError> {
    run(name, |input| type_in(input, Context { place: Place::Alone, depth: 0 }))
}

// The grammar. A function bears the name of its production, takes the rest of the name and gives back what it read and
// what is left.

/// A complaint about the place where `at` begins.
#[derive(Debug)]
struct Failure<'a> {
    at: &'a str,
    kind: NameErrorKind,
}

type Step<'a, T> = IResult<&'a str, T, Failure<'a>>;

fn fail<T>(at: &str, kind: NameErrorKind) -> Step<'_, T> {
    Err(nom::Err::Error(Failure { at, kind }))
}

fn fail_wanting<T>(at: &str, wanted: Wanted) -> Step<'_, T> {
    Err(nom::Err::Error(Failure::wanting(at, wanted)))
}

impl<'a> Failure<'a> {
    fn wanting(at: &'a str, wanted: Wanted) -> Failure<'a> {
        Failure { at, kind: NameErrorKind::Unexpected { found: at.chars().next(), wanted } }
    }
}

/// The words for what nom's own parsers miss: those below are all that the grammar uses.
impl<'a> ParseError<&'a str> for Failure<'a> {
    fn from_error_kind(at: &'a str, kind: ErrorKind) -> Failure<'a> {
        Failure::wanting(
            at,
            match kind {
                ErrorKind::Satisfy => Wanted::Identifier,
                ErrorKind::Digit => Wanted::Number,
                ErrorKind::Eof => Wanted::End,
                _ => Wanted::Type,
            },
        )
    }

    fn from_char(at: &'a str, character: char) -> Failure<'a> {
        Failure::wanting(at, Wanted::Character(character))
    }

    fn append(_: &'a str, _: ErrorKind, inner: Failure<'a>) -> Failure<'a> {
        inner
    }
}

/// Runs a production over all of `name`, the length being bounded first.
fn run<'a, T>(name: &'a str, production: impl Fn(&'a str) -> Step<'a, T>) -> Result<T, NameError> {
    if name.len() > MOST_LENGTH {
        let kind = NameErrorKind::Limit { limit: NameLimit::Length, value: name.len(), maximum: MOST_LENGTH };
        return Err(NameError { position: MOST_LENGTH, kind });
    }
    match all_consuming(production).parse(name) {
        Ok((_, value)) => Ok(value),
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => Err(placed(name, failure)),
        // Parsers of complete input never ask for more; what they would miss is at the end.
        Err(nom::Err::Incomplete(_)) => {
            let kind = NameErrorKind::Unexpected { found: None, wanted: Wanted::Type };
            Err(NameError { position: name.len(), kind })
        }
    }
}

/// The failure with its offset; what was found is looked up in the whole name, for `at` may be the end of a part.
fn placed(name: &str, failure: Failure<'_>) -> NameError {
    let position = name.offset(failure.at);
    let kind = match failure.kind {
        NameErrorKind::Unexpected { wanted, .. } => {
            let found = name.get(position..).and_then(|rest| rest.chars().next());
            NameErrorKind::Unexpected { found, wanted }
        }
        kind => kind,
    };
    NameError { position, kind }
}

/// `path "(" type* ")" ( type | "V" )`
fn signature(input: &str) -> Step<'_, Signature> {
    let (input, name) = path(input)?;
    let (input, _) = char('(')(input)?;
    let (input, parameters) = parameters(input)?;
    let (input, result) = match input.strip_prefix('V') {
        Some(rest) => (rest, None),
        None => {
            let (rest, result) = type_in(input, Context { place: Place::Result, depth: 0 })?;
            (rest, Some(result))
        }
    };
    Ok((input, Signature { name: name.to_owned(), parameters, result }))
}

/// `type* ")"`: all are read even beyond the limit, so that the message can say how many there are.
fn parameters(mut input: &str) -> Step<'_, Vec<Type>> {
    let mut parameters = Vec::new();
    let mut beyond = None;
    loop {
        if let Some(rest) = input.strip_prefix(')') {
            let (limit, value, maximum) = (NameLimit::Parameters, parameters.len(), MOST_PARAMETERS);
            return match beyond {
                Some(at) => fail(at, NameErrorKind::Limit { limit, value, maximum }),
                None => Ok((rest, parameters)),
            };
        }
        if parameters.len() == MOST_PARAMETERS {
            beyond = Some(input);
        }
        let (rest, parameter) = type_in(input, Context { place: Place::Parameter, depth: 0 })?;
        parameters.push(parameter);
        input = rest;
    }
}

/// The bytes of the name in a mangled name that is well-formed up to its types, of which nothing is said; `None` where
/// only the whole grammar can tell.
pub(crate) fn name_length(mangled: &[u8]) -> Option<usize> {
    let length = ascii_path(mangled).filter(|_| mangled.len() <= MOST_LENGTH)?;
    (mangled.get(length) == Some(&b'(')).then_some(length)
}

/// The types in a mangled name, with the parentheses: names that share these share what they speak of. `None` where only the
/// whole grammar can tell.
pub fn types(mangled: &str) -> Option<&str> {
    name_length(mangled.as_bytes()).and_then(|length| mangled.get(length..))
}

/// Whether the whole text is one identifier in normal form C.
pub fn is_identifier(text: &str) -> bool {
    !text.contains('.') && is_name(text)
}

/// Whether the whole text is an absolute name: identifiers joined by dots, in normal form C.
pub fn is_name(text: &str) -> bool {
    matches!(path(text), Ok(("", _)))
}

/// `identifier ( "." identifier )*` in normal form C.
fn path(input: &str) -> Step<'_, &str> {
    if let Some((name, rest)) = ascii_path(input.as_bytes()).and_then(|length| input.split_at_checked(length)) {
        return Ok((rest, name));
    }
    general_path(input)
}

/// The same in any script.
fn general_path(input: &str) -> Step<'_, &str> {
    let (rest, name) = recognize((identifier, many0_count(preceded(char('.'), cut(identifier))))).parse(input)?;
    if !is_nfc(name) {
        return fail(first_difference(name), NameErrorKind::NotNormal);
    }
    Ok((rest, name))
}

/// The bytes of a path that is ASCII as far as it goes, and so in normal form C: what nearly every name is. What has
/// other characters, or is no path, is left to the grammar.
fn ascii_path(input: &[u8]) -> Option<usize> {
    const NONE: u8 = 0;
    const LETTER: u8 = 1;
    const DIGIT: u8 = 2;
    const DOT: u8 = 3;
    #[allow(clippy::indexing_slicing, reason = "run by the compiler")]
    static CLASSES: [u8; 256] = {
        let mut classes = [NONE; 256];
        let mut byte = 0u8;
        while byte < 128 {
            classes[byte as usize] = match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => LETTER,
                b'0'..=b'9' => DIGIT,
                b'.' => DOT,
                _ => NONE,
            };
            byte += 1;
        }
        classes
    };
    let mut starts = true;
    for (length, byte) in input.iter().enumerate() {
        match CLASSES.get(usize::from(*byte)).copied() {
            Some(LETTER) => starts = false,
            Some(DIGIT) if !starts => {}
            Some(DOT) if !starts => starts = true,
            _ => return (!starts && byte.is_ascii()).then_some(length),
        }
    }
    (!starts).then_some(input.len())
}

/// `( XID_Start | "_" ) XID_Continue*`
fn identifier(input: &str) -> Step<'_, &str> {
    recognize((
        satisfy(|character| character == '_' || unicode_ident::is_xid_start(character)),
        take_while(unicode_ident::is_xid_continue),
    ))
    .parse(input)
}

/// What follows the longest start that normal form C would keep.
fn first_difference(name: &str) -> &str {
    let kept: usize =
        name.chars().zip(name.nfc()).take_while(|(left, right)| left == right).map(|(left, _)| left.len_utf8()).sum();
    name.get(kept..).unwrap_or(name)
}

/// Where a type stands and how much may still nest.
#[derive(Clone, Copy)]
struct Context {
    place: Place,
    depth: usize,
}

impl Context {
    /// Checks that this sort may begin at `at`.
    fn permit(self, at: &str, found: Sort) -> Step<'_, ()> {
        if self.place.permits(found) {
            Ok((at, ()))
        } else {
            fail(at, NameErrorKind::Misplaced { found, place: self.place })
        }
    }

    /// The context of what is inside a type that begins at `at`. The recursion of the grammar ends here.
    fn inside(self, at: &str, place: Place) -> Step<'_, Context> {
        let (value, maximum) = (self.depth + 1, MOST_NESTING);
        if value > maximum {
            return fail(at, NameErrorKind::Limit { limit: NameLimit::Nesting, value, maximum });
        }
        Ok((at, Context { place, depth: value }))
    }
}

/// Any type; the first character decides which.
fn type_in(input: &str, context: Context) -> Step<'_, Type> {
    match input.chars().next() {
        Some('[') if input.starts_with("[]") => view(input, context),
        Some('[') => array(input, context),
        Some('(') => tuple(input, context),
        Some('<') => union(input, context),
        Some('s') if input.starts_with("s{") => text(input, context),
        Some('s') => {
            context.permit(input, Sort::String)?;
            Ok((input.get(1..).unwrap_or_default(), Type::String))
        }
        Some('0'..='9') => structure(input, context),
        Some(letter) => match Tag::from_letter(letter) {
            Some(tag) => Ok((input.get(1..).unwrap_or_default(), Type::Scalar(tag))),
            None => fail_wanting(input, context.place.wanted()),
        },
        None => fail_wanting(input, context.place.wanted()),
    }
}

/// `"[]" type`
fn view(input: &str, context: Context) -> Step<'_, Type> {
    context.permit(input, Sort::View)?;
    let (_, inside) = context.inside(input, Place::ViewElement)?;
    let (input, _) = (char('['), char(']')).parse(input)?;
    let (input, element) = type_in(input, inside)?;
    Ok((input, Type::view(element)))
}

/// `"[" number "]" type`
fn array(input: &str, context: Context) -> Step<'_, Type> {
    context.permit(input, Sort::Array)?;
    let (_, inside) = context.inside(input, Place::ArrayElement)?;
    let (input, _) = char('[')(input)?;
    let (input, length) = elements(input)?;
    let (input, _) = char(']')(input)?;
    let (input, element) = type_in(input, inside)?;
    Ok((input, Type::array(element, length)))
}

/// `"s{" number "}"`
fn text(input: &str, context: Context) -> Step<'_, Type> {
    context.permit(input, Sort::Text)?;
    let (input, _) = (char('s'), char('{')).parse(input)?;
    let (input, length) = elements(input)?;
    let (input, _) = char('}')(input)?;
    Ok((input, Type::Text(length)))
}

/// `"(" type+ ")"`
fn tuple(input: &str, context: Context) -> Step<'_, Type> {
    context.permit(input, Sort::Tuple)?;
    let (_, inside) = context.inside(input, Place::TupleElement)?;
    let (input, _) = char('(')(input)?;
    let (mut input, first) = type_in(input, inside)?;
    let mut elements = vec![first];
    loop {
        if let Some(rest) = input.strip_prefix(')') {
            return Ok((rest, Type::Tuple(elements)));
        }
        if input.is_empty() {
            return fail_wanting(input, Wanted::TypeOrClose);
        }
        let (rest, element) = type_in(input, inside)?;
        elements.push(element);
        input = rest;
    }
}

/// `"<"` two or more letters in tag order `">"`
fn union(input: &str, context: Context) -> Step<'_, Type> {
    context.permit(input, Sort::Union)?;
    let (mut input, _) = char('<')(input)?;
    let mut mask = Mask::EMPTY;
    let mut last: Option<Tag> = None;
    loop {
        let mut rest = input.chars();
        let found = match rest.next() {
            Some('>') if mask.count() == 1 => return fail(input, NameErrorKind::UnionOfOne),
            Some('>') if mask.count() > 1 => return Ok((rest.as_str(), Type::Union(mask))),
            Some(letter) => Tag::from_letter(letter),
            None => None,
        };
        let Some(found) = found else {
            return fail_wanting(input, if mask.is_empty() { Wanted::Scalar } else { Wanted::ScalarOrClose });
        };
        if let Some(after) = last.filter(|after| *after >= found) {
            return fail(input, NameErrorKind::UnionOrder { found, after });
        }
        mask = mask.union(found.mask());
        last = Some(found);
        input = rest.as_str();
    }
}

/// `number path`, the number being the bytes of the path.
fn structure(input: &str, context: Context) -> Step<'_, Type> {
    context.permit(input, Sort::Struct)?;
    let (rest, claimed) = number(input)?;
    let length = usize::try_from(claimed).ok().filter(|length| *length <= rest.len());
    let Some(length) = length else {
        return fail(input, NameErrorKind::NameTooShort { claimed, left: rest.len() });
    };
    let Some((name, rest)) = rest.split_at_checked(length) else {
        return fail(input, NameErrorKind::SplitCharacter { claimed });
    };
    let (left, name) = path(name)?;
    if !left.is_empty() {
        return fail_wanting(left, Wanted::NameEnd);
    }
    Ok((rest, Type::Struct(name.to_owned())))
}

/// The length of an array or text.
fn elements(input: &str) -> Step<'_, u32> {
    let (rest, found) = number(input)?;
    match u32::try_from(found) {
        Ok(length) if length <= MOST_ELEMENTS => Ok((rest, length)),
        _ => fail(input, NameErrorKind::TooManyElements { found }),
    }
}

/// Decimal digits, the first not 0. What does not fit in 64 bits gives the greatest number, which no caller accepts.
fn number(input: &str) -> Step<'_, u64> {
    let (rest, digits) = digit1(input)?;
    if digits.starts_with('0') {
        return fail(input, NameErrorKind::LeadingZero);
    }
    Ok((rest, digits.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests;
