//! Types as a listing spells them, without blanks: `int`, `int[10]`, `string<16>`, `geometry.point`, `(int,bool)`.
//!
//! As in the source language; a struct that is named as a built-in type is written with its length in front, `3int`.

use std::fmt::Write as _;
use vega_format::mangle::{self, MOST_ELEMENTS, MOST_NESTING};
use vega_format::types::{Tag, Type};

/// What is wrong with a type: the byte in the word, and what was found and wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadType {
    /// The first byte that is wrong.
    pub at: usize,
    /// What was found and what was wanted.
    pub words: String,
}

const STRING: &str = "string";

/// Reads a type that has bytes in an arena.
///
/// # Errors
/// It is none.
pub fn parse(word: &str) -> Result<Type, BadType> {
    let mut reader = Reader { word, at: 0, depth: 0 };
    let type_ = reader.type_()?;
    match reader.rest() {
        "" => Ok(type_),
        _ => reader.wanting("the end of the type"),
    }
}

struct Reader<'w> {
    word: &'w str,
    at: usize,
    depth: usize,
}

impl<'w> Reader<'w> {
    fn rest(&self) -> &'w str {
        self.word.get(self.at..).unwrap_or_default()
    }

    /// The length of the name or number that stands here.
    fn word_length(&self) -> usize {
        self.rest().find(['[', ']', '<', '>', '(', ')', ',']).unwrap_or(self.rest().len())
    }

    fn wanting<T>(&self, wanted: &str) -> Result<T, BadType> {
        let found = match (self.word_length(), self.rest().chars().next()) {
            (_, None) => "the end".to_owned(),
            (0, Some(sign)) => format!("`{}`", vega_report::quote(&sign.to_string())),
            (length, _) => format!("`{}`", vega_report::quote(self.rest().get(..length).unwrap_or_default())),
        };
        Err(BadType { at: self.at, words: format!("found {found}, wanted {wanted}") })
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len_utf8() } else { 0 };
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), BadType> {
        if self.take(sign) { Ok(()) } else { self.wanting(&format!("`{sign}`")) }
    }

    /// `base { "[" number "]" }`
    fn type_(&mut self) -> Result<Type, BadType> {
        let depth = self.depth;
        self.enter()?;
        let mut type_ = self.base()?;
        while self.take('[') {
            self.enter()?;
            type_ = Type::array(type_, self.number()?);
            self.expect(']')?;
        }
        self.depth = depth;
        Ok(type_)
    }

    fn enter(&mut self) -> Result<(), BadType> {
        self.depth += 1;
        match self.depth > MOST_NESTING + 1 {
            true => self.wanting(&format!("at most {MOST_NESTING} levels of nesting")),
            false => Ok(()),
        }
    }

    fn base(&mut self) -> Result<Type, BadType> {
        if self.take('(') {
            return self.elements();
        }
        let length = self.word_length();
        let name = self.rest().get(..length).unwrap_or_default();
        if let Some(tag) = Tag::from_name(name) {
            self.at += length;
            return Ok(Type::Scalar(tag));
        }
        if name == STRING {
            self.at += length;
            self.expect('<')?;
            let bytes = self.number()?;
            self.expect('>')?;
            return Ok(Type::Text(bytes));
        }
        let found = match name.starts_with(|letter: char| letter.is_ascii_digit()) {
            true => mangle::parse_type(name).ok(),
            false => mangle::is_name(name).then(|| Type::Struct(name.to_owned())),
        };
        match found {
            Some(type_) => {
                self.at += length;
                Ok(type_)
            }
            None => self.wanting("a type such as `int`, `int[10]`, `string<16>`, `(int,bool)` or a struct's name"),
        }
    }

    /// `type { "," type } [ "," ] ")"`
    fn elements(&mut self) -> Result<Type, BadType> {
        let mut elements = vec![self.type_()?];
        while self.take(',') && !self.rest().starts_with(')') {
            elements.push(self.type_()?);
        }
        self.expect(')')?;
        Ok(Type::Tuple(elements))
    }

    fn number(&mut self) -> Result<u32, BadType> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest().get(..digits).and_then(|digits| digits.parse().ok());
        match number.filter(|number| (1..=MOST_ELEMENTS).contains(number)) {
            Some(number) => {
                self.at += digits;
                Ok(number)
            }
            None => self.wanting(&format!("a number from 1 to {MOST_ELEMENTS}")),
        }
    }
}

/// A type as text that [`parse`] reads as the same type.
pub fn spell(type_: &Type) -> String {
    let mut text = String::new();
    write(&mut text, type_);
    text
}

fn write(out: &mut String, type_: &Type) {
    // A `String` takes all that is written to it, so there is no error to hand on.
    match type_ {
        Type::Array(element, length) => {
            write(out, element);
            let _ = write!(out, "[{length}]");
        }
        Type::Tuple(elements) => {
            for (place, element) in elements.iter().enumerate() {
                out.push(if place == 0 { '(' } else { ',' });
                write(out, element);
            }
            out.push(')');
        }
        Type::Struct(name) if Tag::from_name(name).is_some() || name == STRING => {
            let _ = write!(out, "{}{name}", name.len());
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_written() {
        for word in [
            "int",
            "int[10]",
            "int[3][4]",
            "string<16>",
            "geometry.point",
            "(int,bool)",
            "(int)",
            "((int,3int)[2],6string)[3]",
        ] {
            assert_eq!(parse(word).map(|type_| spell(&type_)).as_deref(), Ok(word));
        }
        assert_eq!(parse("(int,)"), Ok(Type::Tuple(vec![Type::Scalar(Tag::Int)])));
        assert_eq!(parse("3int"), Ok(Type::Struct("int".to_owned())));
    }

    #[test]
    fn anything_else_is_refused() {
        let deep = format!("{}int{}", "(".repeat(100_000), ")".repeat(100_000));
        let wide = format!("int{}", "[1]".repeat(100_000));
        let cases = [
            ("", 0),
            ("int[0]", 4),
            ("int[x]", 4),
            ("int[2147483648]", 4),
            ("int[1", 5),
            ("int]", 3),
            ("string", 6),
            ("string<0>", 7),
            ("()", 1),
            ("(int", 4),
            ("1x.", 0),
            ("a-b", 0),
            (&deep, 65),
            (&wide, 3 + 3 * 64 + 1),
        ];
        for (word, at) in cases {
            assert_eq!(parse(word).map_err(|error| error.at), Err(at), "{}", vega_report::quote(word));
        }
    }
}
