//! The types of Vega: eight scalars with their tags, sets of them, and everything a signature can spell.
//!
//! A tag's number, size, name and letter stand in one table here and nowhere else. What a type may contain is
//! checked where types are read from text (`mangle`), not by these constructors. Layouts of structs live with the
//! container's types section.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// One of the eight scalar types, numbered as in slots, operands and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tag {
    /// `short`, a signed 16-bit integer.
    Short = 1,
    /// `int`, a signed 32-bit integer.
    Int = 2,
    /// `long`, a signed 64-bit integer.
    Long = 3,
    /// `float`, an IEEE 754 single.
    Float = 4,
    /// `decimal`, an IEEE 754 double.
    Decimal = 5,
    /// `bool`, one byte; every byte but 0 reads as true.
    Bool = 6,
    /// `byte`, an unsigned 8-bit integer.
    Byte = 7,
    /// `char`, a Unicode scalar value in four bytes.
    Char = 8,
}

impl Tag {
    /// Every tag, in the order of their numbers.
    pub const ALL: [Tag; 8] =
        [Tag::Short, Tag::Int, Tag::Long, Tag::Float, Tag::Decimal, Tag::Bool, Tag::Byte, Tag::Char];

    /// The table: bytes, name in source, letter in a mangled name.
    const fn row(self) -> (u32, &'static str, char) {
        match self {
            Tag::Short => (2, "short", 'i'),
            Tag::Int => (4, "int", 'I'),
            Tag::Long => (8, "long", 'L'),
            Tag::Float => (4, "float", 'f'),
            Tag::Decimal => (8, "decimal", 'd'),
            Tag::Bool => (1, "bool", 'Z'),
            Tag::Byte => (1, "byte", 'B'),
            Tag::Char => (4, "char", 'c'),
        }
    }

    /// The tag of this number; 0 and everything above 8 is none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Tag> {
        // The numbers are the places in the list, from 1 on.
        Tag::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The tag's number, 1 to 8.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// How many bytes a value takes in an arena.
    #[must_use]
    pub const fn size(self) -> u32 {
        self.row().0
    }

    /// The name in source text, such as `int`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    /// The tag of this name in source text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Tag> {
        Tag::ALL.into_iter().find(|tag| tag.name() == name)
    }

    /// The letter in a mangled name, such as `I`.
    #[must_use]
    pub const fn letter(self) -> char {
        self.row().2
    }

    /// The tag of this letter in a mangled name.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Tag> {
        Tag::ALL.into_iter().find(|tag| tag.letter() == letter)
    }

    /// The set that holds just this tag.
    #[must_use]
    pub const fn mask(self) -> Mask {
        Mask(1 << (self.number() - 1))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A set of tags: what a slot may hold. The bit of a tag is its number less one.
///
/// The empty set can be represented; the verifier refuses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mask(u8);

impl Mask {
    /// The set without members.
    pub const EMPTY: Mask = Mask(0);

    /// The set with these bits. Every byte is a set.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Mask {
        Mask(bits)
    }

    /// The bits, as files and operands carry them.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether `tag` is a member.
    #[must_use]
    pub const fn contains(self, tag: Tag) -> bool {
        self.0 & tag.mask().0 != 0
    }

    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many members there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The only member, or none where there are no or several members.
    #[must_use]
    #[inline]
    pub fn is_single(self) -> Option<Tag> {
        if self.count() == 1 { Tag::from_number(self.bits().trailing_zeros() as u8 + 1) } else { None }
    }

    /// Bytes of the widest member: what a slot of this mask takes. 0 for the empty set.
    #[must_use]
    pub fn size(self) -> u32 {
        self.tags().map(Tag::size).max().unwrap_or(0)
    }

    /// The members in the order of their numbers.
    pub fn tags(self) -> impl Iterator<Item = Tag> {
        Tag::ALL.into_iter().filter(move |&tag| self.contains(tag))
    }

    /// The members of both.
    #[must_use]
    pub const fn intersection(self, other: Mask) -> Mask {
        Mask(self.0 & other.0)
    }

    /// The members of the first that are not members of the other.
    #[must_use]
    pub const fn without(self, other: Mask) -> Mask {
        Mask(self.0 & !other.0)
    }

    /// The members of either.
    #[must_use]
    pub const fn union(self, other: Mask) -> Mask {
        Mask(self.0 | other.0)
    }

    /// The bits as listings write them: eight binary digits, `00100010`.
    #[must_use]
    pub fn binary(self) -> String {
        format!("{:08b}", self.0)
    }
}

impl From<Tag> for Mask {
    fn from(tag: Tag) -> Mask {
        tag.mask()
    }
}

impl FromIterator<Tag> for Mask {
    fn from_iter<I: IntoIterator<Item = Tag>>(tags: I) -> Mask {
        tags.into_iter().fold(Mask::EMPTY, |mask, tag| mask.union(tag.mask()))
    }
}

/// The members as source spells a union, `int|bool`; the empty set is `nothing`.
impl fmt::Display for Mask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("nothing");
        }
        for (position, tag) in self.tags().enumerate() {
            if position > 0 {
                formatter.write_str("|")?;
            }
            formatter.write_str(tag.name())?;
        }
        Ok(())
    }
}

/// A type as a signature spells it.
///
/// Printing, comparing, mangling and dropping a type follow its nesting; whatever `mangle` reads nests at most
/// [`MOST_NESTING`](crate::mangle::MOST_NESTING) levels, and whoever builds types by hand bounds them likewise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// A scalar.
    Scalar(Tag),
    /// `string`: borrowed UTF-8.
    String,
    /// `[]T`: borrowed elements.
    View(Box<Type>),
    /// `T[N]`: so many elements side by side. `int[3][4]` is four elements of `int[3]`.
    Array(Box<Type>, u32),
    /// `string<N>`: text in so many bytes.
    Text(u32),
    /// A struct by its absolute name, such as `geometry.point`.
    Struct(String),
    /// `(A, B)`: values side by side.
    Tuple(Vec<Type>),
    /// `int|bool`: two or more scalars, of which one is there at a time.
    Union(Mask),
}

impl Type {
    /// A view of elements of this type.
    #[must_use]
    pub fn view(element: Type) -> Type {
        Type::View(Box::new(element))
    }

    /// An array of `length` elements of this type.
    #[must_use]
    pub fn array(element: Type, length: u32) -> Type {
        Type::Array(Box::new(element), length)
    }
}

impl From<Tag> for Type {
    fn from(tag: Tag) -> Type {
        Type::Scalar(tag)
    }
}

/// The source's spelling: `int`, `string`, `[]int`, `int[10]`, `string<16>`, `geometry.point`, `(int, bool)`, `(int,)`,
/// `int|bool`.
impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Scalar(tag) => formatter.write_str(tag.name()),
            Type::String => formatter.write_str("string"),
            Type::View(element) => write!(formatter, "[]{element}"),
            Type::Array(element, length) => write!(formatter, "{element}[{length}]"),
            Type::Text(length) => write!(formatter, "string<{length}>"),
            Type::Struct(name) => formatter.write_str(name),
            Type::Tuple(elements) => {
                formatter.write_str("(")?;
                write_list(formatter, elements)?;
                formatter.write_str(if elements.len() == 1 { ",)" } else { ")" })
            }
            Type::Union(mask) => write!(formatter, "{mask}"),
        }
    }
}

/// A function's name and types: what its mangled name says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    /// The absolute name, identifiers joined by dots: `helloworld`, `geometry.norm`.
    pub name: String,
    /// The types of the parameters in order.
    pub parameters: Vec<Type>,
    /// The type of the result, if there is one.
    pub result: Option<Type>,
}

impl Signature {
    /// The same, borrowed.
    pub fn as_ref(&self) -> SignatureRef<'_> {
        SignatureRef { name: &self.name, parameters: &self.parameters, result: self.result.as_ref() }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(formatter)
    }
}

/// A [`Signature`] that is borrowed in parts: functions of a file share what stands behind their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureRef<'a> {
    /// The absolute name, identifiers joined by dots.
    pub name: &'a str,
    /// The types of the parameters in order.
    pub parameters: &'a [Type],
    /// The type of the result, if there is one.
    pub result: Option<&'a Type>,
}

impl SignatureRef<'_> {
    /// The same with parts of its own.
    pub fn to_owned(self) -> Signature {
        Signature { name: self.name.to_owned(), parameters: self.parameters.to_vec(), result: self.result.cloned() }
    }
}

/// The form for people: `geometry.norm(geometry.point) -> decimal`, `main()`.
impl fmt::Display for SignatureRef<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}(", self.name)?;
        write_list(formatter, self.parameters)?;
        formatter.write_str(")")?;
        match self.result {
            Some(result) => write!(formatter, " -> {result}"),
            None => Ok(()),
        }
    }
}

/// Types separated by commas.
fn write_list(formatter: &mut fmt::Formatter<'_>, types: &[Type]) -> fmt::Result {
    for (position, element) in types.iter().enumerate() {
        if position > 0 {
            formatter.write_str(", ")?;
        }
        write!(formatter, "{element}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_seed_table() {
        let rows: Vec<_> = Tag::ALL
            .into_iter()
            .map(|tag| (tag.number(), tag.name(), tag.size(), tag.letter(), tag.mask().binary()))
            .collect();
        let expected = [
            (1, "short", 2, 'i', "00000001"),
            (2, "int", 4, 'I', "00000010"),
            (3, "long", 8, 'L', "00000100"),
            (4, "float", 4, 'f', "00001000"),
            (5, "decimal", 8, 'd', "00010000"),
            (6, "bool", 1, 'Z', "00100000"),
            (7, "byte", 1, 'B', "01000000"),
            (8, "char", 4, 'c', "10000000"),
        ];
        assert_eq!(rows, expected.map(|(n, name, size, letter, bits)| (n, name, size, letter, bits.to_string())));
    }

    #[test]
    fn tags_are_found_by_number_name_and_letter() {
        for tag in Tag::ALL {
            assert_eq!(Tag::from_number(tag.number()), Some(tag));
            assert_eq!(Tag::from_name(tag.name()), Some(tag));
            assert_eq!(Tag::from_letter(tag.letter()), Some(tag));
        }
        assert_eq!((0..=255).filter_map(Tag::from_number).count(), 8);
        for name in ["boolean", "integer", "string", "Int", ""] {
            assert_eq!(Tag::from_name(name), None);
        }
    }

    #[test]
    fn a_mask_is_a_set() {
        let mask = Mask::from_bits(0b0010_0010);
        assert_eq!(mask.to_string(), "int|bool");
        assert_eq!(mask.binary(), "00100010");
        assert_eq!(mask.size(), 4);
        assert_eq!(mask.is_single(), None);
        assert_eq!(mask.tags().collect::<Vec<_>>(), [Tag::Int, Tag::Bool]);
        assert_eq!([Tag::Bool, Tag::Int, Tag::Bool].into_iter().collect::<Mask>(), mask);
        assert!(mask.contains(Tag::Bool) && !mask.contains(Tag::Byte));
        assert_eq!(Tag::Char.mask().is_single(), Some(Tag::Char));
        assert_eq!(Mask::EMPTY.size(), 0);
        assert_eq!(Mask::EMPTY.is_single(), None);
        assert_eq!(Mask::EMPTY.to_string(), "nothing");
        assert_eq!(Mask::from_bits(255).count(), 8);
    }

    #[test]
    fn types_print_as_source_spells_them() {
        let int = || Type::from(Tag::Int);
        let cases = [
            (int(), "int"),
            (Type::String, "string"),
            (Type::view(int()), "[]int"),
            (Type::array(int(), 10), "int[10]"),
            (Type::array(Type::array(int(), 3), 4), "int[3][4]"),
            (Type::view(Type::array(int(), 3)), "[]int[3]"),
            (Type::Text(16), "string<16>"),
            (Type::Struct("geometry.point".into()), "geometry.point"),
            (Type::Tuple(vec![int(), Tag::Bool.into()]), "(int, bool)"),
            (Type::Tuple(vec![int()]), "(int,)"),
            (Type::Union([Tag::Bool, Tag::Int].into_iter().collect()), "int|bool"),
        ];
        for (found, expected) in cases {
            assert_eq!(found.to_string(), expected);
        }
    }

    #[test]
    fn signatures_print_for_people() {
        let norm = Signature {
            name: "geometry.norm".into(),
            parameters: vec![Type::Struct("geometry.point".into())],
            result: Some(Tag::Decimal.into()),
        };
        assert_eq!(norm.to_string(), "geometry.norm(geometry.point) -> decimal");
        let main = Signature { name: "main".into(), parameters: vec![], result: None };
        assert_eq!(main.to_string(), "main()");
    }
}
