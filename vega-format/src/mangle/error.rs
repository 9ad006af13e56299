//! Why a text is not a mangled name: the place, what was found there and what was wanted; limits apart from mistakes.

use alloc::string::String;
use core::fmt;

use super::MOST_ELEMENTS;
use crate::text::counted;
use crate::types::Tag;

/// Why a text is not a mangled name, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at byte {position}")]
pub struct NameError {
    /// Byte offset inside the name; its length where something is missing at the end.
    pub position: usize,
    /// What is wrong there.
    pub kind: NameErrorKind,
}

impl NameError {
    /// Whether a limit was reached, as opposed to a malformed name.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        matches!(self.kind, NameErrorKind::Limit { .. })
    }
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameErrorKind {
    /// Something else was due here.
    #[error("found {}, wanted {wanted}", DisplayFound(*found))]
    Unexpected {
        /// The character that stands here, none at the end.
        found: Option<char>,
        /// What may stand here.
        wanted: Wanted,
    },
    /// A type stands where its sort does not belong.
    #[error("found {found} as {place}, wanted {}", place.permitted())]
    Misplaced {
        /// The sort of type that was found.
        found: Sort,
        /// Where it stands.
        place: Place,
    },
    /// A number is 0 or starts with 0.
    #[error("found a number that starts with 0, wanted 1 or more without leading zeroes")]
    LeadingZero,
    /// An array or text is longer than any can be.
    #[error("found {found}, wanted at most {MOST_ELEMENTS}")]
    TooManyElements {
        /// The number that stands there; the greatest 64-bit number stands for all beyond it.
        found: u64,
    },
    /// A struct's name is said to be longer than what is left.
    #[error("found {}, wanted the {claimed} that the length before a struct's name says", counted(*.left, "byte"))]
    NameTooShort {
        /// The length that stands there; the greatest 64-bit number stands for all beyond it.
        claimed: u64,
        /// Bytes after the length.
        left: usize,
    },
    /// A struct's length ends in the middle of a character.
    #[error("found a length of {claimed} that ends inside a character, wanted one that ends after a character")]
    SplitCharacter {
        /// The length that stands there.
        claimed: u64,
    },
    /// An identifier is not in Unicode's normal form C.
    #[error("found an identifier that is not in normal form C, wanted the composed spelling")]
    NotNormal,
    /// A union's members are out of order or repeated.
    #[error("found `{}` after `{}`, wanted the members of a union in tag order, each once", found.letter(), after.letter())]
    UnionOrder {
        /// The member that stands here.
        found: Tag,
        /// The member before it.
        after: Tag,
    },
    /// A union has a single member.
    #[error("found a union of one type, wanted two or more")]
    UnionOfOne,
    /// The name is well-formed so far and exceeds a limit.
    #[error("found {}, wanted at most {maximum}", limit.phrase(*value))]
    Limit {
        /// Which limit.
        limit: NameLimit,
        /// What the name has; for nesting, the level at which reading stopped.
        value: usize,
        /// What it may have.
        maximum: usize,
    },
}

/// The limits of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameLimit {
    /// Bytes of the whole mangled name: [`MOST_LENGTH`](super::MOST_LENGTH).
    Length,
    /// Parameters of one function: [`MOST_PARAMETERS`](super::MOST_PARAMETERS).
    Parameters,
    /// Views, arrays and tuples around one type: [`MOST_NESTING`](super::MOST_NESTING).
    Nesting,
}

impl NameLimit {
    fn phrase(self, value: usize) -> String {
        match self {
            NameLimit::Length => format!("a mangled name of {}", counted(value, "byte")),
            NameLimit::Parameters => counted(value, "parameter"),
            NameLimit::Nesting => format!("a type nested {} deep", counted(value, "level")),
        }
    }
}

impl fmt::Display for NameLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            NameLimit::Length => "length of a mangled name",
            NameLimit::Parameters => "parameters",
            NameLimit::Nesting => "nesting of a type",
        })
    }
}

/// What may stand at a place in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// This character.
    Character(char),
    /// The start of an identifier.
    Identifier,
    /// A type.
    Type,
    /// A type or the end of a list of types.
    TypeOrClose,
    /// A type or `V`.
    TypeOrNothing,
    /// A number.
    Number,
    /// A letter of one of the eight scalars.
    Scalar,
    /// A letter of one of the eight scalars or `>`.
    ScalarOrClose,
    /// More of a struct's name, or its end.
    NameEnd,
    /// Nothing more.
    End,
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Wanted::Character(character) => return write!(formatter, "`{character}`"),
            Wanted::Identifier => "an identifier",
            Wanted::Type => "a type",
            Wanted::TypeOrClose => "a type or `)`",
            Wanted::TypeOrNothing => "a type or `V`",
            Wanted::Number => "a number",
            Wanted::Scalar => "the letter of a scalar type",
            Wanted::ScalarOrClose => "the letter of a scalar type or `>`",
            Wanted::NameEnd => "a letter, digit or `_` of the struct's name, or as many bytes as its length says",
            Wanted::End => "the end of the name",
        })
    }
}

/// The sorts of types, one for each form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// `I` and its like.
    Scalar,
    /// `s`.
    String,
    /// `[]I`.
    View,
    /// `[4]I`.
    Array,
    /// `s{16}`.
    Text,
    /// `5point`.
    Struct,
    /// `(IZ)`.
    Tuple,
    /// `<IZ>`.
    Union,
}

impl fmt::Display for Sort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Sort::Scalar => "a scalar",
            Sort::String => "a string",
            Sort::View => "a view",
            Sort::Array => "an array",
            Sort::Text => "bounded text",
            Sort::Struct => "a struct",
            Sort::Tuple => "a tuple",
            Sort::Union => "a union",
        })
    }
}

/// Where a type stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// On its own, outside a signature.
    Alone,
    /// As a parameter.
    Parameter,
    /// As a result.
    Result,
    /// Inside a view.
    ViewElement,
    /// Inside an array.
    ArrayElement,
    /// Inside a tuple.
    TupleElement,
}

impl Place {
    /// Whether types of this sort belong here: the one table of what may contain what.
    #[must_use]
    pub const fn permits(self, sort: Sort) -> bool {
        match sort {
            Sort::Scalar | Sort::Struct | Sort::Tuple => true,
            Sort::String | Sort::Union => {
                matches!(self, Place::Alone | Place::Parameter | Place::Result)
            }
            Sort::View => matches!(self, Place::Alone | Place::Parameter),
            Sort::Array | Sort::Text => !matches!(self, Place::Parameter | Place::Result),
        }
    }

    /// What may begin here, for a message about something that begins no type.
    pub(super) const fn wanted(self) -> Wanted {
        match self {
            Place::Parameter => Wanted::TypeOrClose,
            Place::Result => Wanted::TypeOrNothing,
            Place::Alone | Place::ViewElement | Place::ArrayElement | Place::TupleElement => Wanted::Type,
        }
    }

    /// What belongs here, for a message.
    const fn permitted(self) -> &'static str {
        match self {
            Place::Alone => "a type",
            Place::Parameter => "a scalar, string, view, struct, tuple or union",
            Place::Result => "a scalar, string, struct, tuple or union",
            Place::ViewElement | Place::ArrayElement | Place::TupleElement => {
                "a scalar, array, bounded text, struct or tuple"
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Place::Alone => "a type on its own",
            Place::Parameter => "a parameter",
            Place::Result => "a result",
            Place::ViewElement => "the element of a view",
            Place::ArrayElement => "the element of an array",
            Place::TupleElement => "the element of a tuple",
        })
    }
}

/// A character in backticks, or the end.
struct DisplayFound(Option<char>);

impl fmt::Display for DisplayFound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(character) => write!(formatter, "`{}`", character.escape_debug()),
            None => formatter.write_str("the end of the name"),
        }
    }
}
