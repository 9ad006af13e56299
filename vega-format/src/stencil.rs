//! Packed layouts of structs, tuples, arrays and bounded text: what stands at which byte.
//!
//! Entries refer only to entries before them, so no layout holds itself and nothing here recurses without end. An entry
//! takes as much memory as what it says itself: a type is spelled out only when somebody asks for it, and is then no
//! longer than a name may be.

mod parts;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
pub use parts::MOST_CELLS;

use crate::container::cursor::MOST_TEXT;
use crate::error::FormatErrorKind;
use crate::hash::{HashMap, HashSet};
use crate::mangle;
use crate::text::escaped;
use crate::types::{Tag, Type};
use core::fmt;

/// A type that has bytes in an arena: a scalar, or an entry of the stencil table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TypeRef {
    /// One of the eight scalars.
    Scalar(Tag),
    /// An entry of the table.
    Stencil(u32),
}

impl TypeRef {
    /// Entries are numbered from here in the file; smaller numbers are tags.
    pub const FIRST_STENCIL: u32 = 16;

    /// The number in the file.
    pub fn number(self) -> u32 {
        match self {
            TypeRef::Scalar(tag) => tag.number().into(),
            TypeRef::Stencil(index) => TypeRef::FIRST_STENCIL + index,
        }
    }

    /// The type with this number in the file.
    pub fn from_number(number: u32) -> Option<TypeRef> {
        match number.checked_sub(TypeRef::FIRST_STENCIL) {
            Some(index) => Some(TypeRef::Stencil(index)),
            None => u8::try_from(number).ok().and_then(Tag::from_number).map(TypeRef::Scalar),
        }
    }

    /// What is wrong with it if it is no type of a table.
    pub(crate) fn missing_in(self, table: &StencilTable) -> Option<FormatErrorKind> {
        let TypeRef::Stencil(index) = self else { return None };
        let (what, found, length) = ("the index of a type", index.into(), table.len() as u64);
        (!table.has(self)).then_some(FormatErrorKind::Range { what, found, length })
    }
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_ref: TypeRef,
}

/// A layout.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Stencil {
    /// Fields one after another, in declared order.
    Struct {
        /// The absolute name.
        name: String,
        /// The fields.
        fields: Vec<Field>,
    },
    /// Elements of their own types, one after another.
    Tuple(Vec<TypeRef>),
    /// Elements of one type.
    Array(TypeRef, u32),
    /// Bounded text of so many bytes.
    Text(u32),
}

impl Stencil {
    /// The same layout made of other parts.
    #[must_use]
    pub(crate) fn with_parts(&self, other: impl Fn(TypeRef) -> TypeRef) -> Stencil {
        match self {
            Stencil::Struct { name, fields } => {
                let field = |field: &Field| Field { name: field.name.clone(), type_ref: other(field.type_ref) };
                Stencil::Struct { name: name.clone(), fields: fields.iter().map(field).collect() }
            }
            Stencil::Tuple(elements) => Stencil::Tuple(elements.iter().map(|part| other(*part)).collect()),
            Stencil::Array(element, count) => Stencil::Array(other(*element), *count),
            Stencil::Text(bytes) => Stencil::Text(*bytes),
        }
    }
}

/// Why an entry cannot be added to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StencilError {
    /// It refers to an entry that does not stand before it.
    Forward(TypeRef),
    /// It has no fields, elements or bytes.
    Empty,
    /// Two fields have one name.
    DuplicateField(String),
    /// It has more bytes than an arena can have.
    TooLarge,
    /// It is nested deeper than types may be.
    TooDeep,
    /// Spelled out as in a mangled name, it is longer than such a name may be; or the name of a field is.
    TooLong,
    /// The same entry stands in the table already, or another struct of this name.
    Duplicate,
    /// A name is none.
    Name(String),
}

impl fmt::Display for StencilError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StencilError::Forward(type_ref) => {
                write!(f, "refers to type number {}, which does not stand before it", type_ref.number())
            }
            StencilError::Empty => f.write_str("has no bytes"),
            StencilError::DuplicateField(name) => write!(f, "has two fields named `{name}`"),
            StencilError::TooLarge => write!(f, "is larger than {} bytes", StencilTable::MOST_BYTES),
            StencilError::TooDeep => write!(f, "is nested deeper than {} levels", StencilTable::MOST_DEPTH),
            StencilError::TooLong => {
                write!(f, "is longer than {} bytes when it is spelled out", mangle::MOST_LENGTH)
            }
            StencilError::Duplicate => f.write_str("stands in the table already"),
            StencilError::Name(name) => write!(f, "`{}` is no name", escaped(name)),
        }
    }
}

/// All layouts of a module with their sizes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StencilTable {
    entries: Vec<Entry>,
    by_form: HashMap<Form, u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    stencil: Stencil,
    size: u32,
    depth: u32,
    /// Whether it has neither arrays nor text in it.
    is_flat: bool,
    /// Bytes of the type as mangled names spell it.
    spelled: usize,
    /// Offset of each field or element; empty for arrays and text.
    offsets: Vec<u32>,
}

/// What tells one type from another: the name of a struct, what others are made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    Struct(String),
    Tuple(Vec<TypeRef>),
    Array(TypeRef, u32),
    Text(u32),
}

impl Form {
    fn of(stencil: &Stencil) -> Form {
        match stencil {
            Stencil::Struct { name, .. } => Form::Struct(name.clone()),
            Stencil::Tuple(elements) => Form::Tuple(elements.clone()),
            Stencil::Array(element, count) => Form::Array(*element, *count),
            Stencil::Text(bytes) => Form::Text(*bytes),
        }
    }
}

impl StencilTable {
    /// The most bytes of a type: the most that an arena can have.
    pub const MOST_BYTES: u32 = i32::MAX as u32;
    /// How deep types may be nested.
    pub const MOST_DEPTH: u32 = 64;

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = &Stencil> {
        self.entries.iter().map(|entry| &entry.stencil)
    }

    /// The entry with this index.
    pub fn get(&self, index: u32) -> Option<&Stencil> {
        self.entries.get(index as usize).map(|entry| &entry.stencil)
    }

    /// Adds an entry, or finds the equal one that is there.
    ///
    /// # Errors
    /// It is malformed, or a struct of this name with other fields is there.
    pub fn intern(&mut self, stencil: Stencil) -> Result<TypeRef, StencilError> {
        if let Some(&index) = self.by_form.get(&Form::of(&stencil)) {
            let same = self.get(index) == Some(&stencil);
            return if same { Ok(TypeRef::Stencil(index)) } else { Err(StencilError::Duplicate) };
        }
        self.push(stencil)
    }

    /// Adds an entry that must be new.
    ///
    /// # Errors
    /// It is malformed or there already.
    pub fn push(&mut self, stencil: Stencil) -> Result<TypeRef, StencilError> {
        let parts: Vec<TypeRef> = match &stencil {
            Stencil::Struct { fields, .. } => fields.iter().map(|field| field.type_ref).collect(),
            Stencil::Tuple(elements) => elements.clone(),
            Stencil::Array(element, _) => vec![*element],
            Stencil::Text(_) => Vec::new(),
        };
        if let Some(forward) = parts.iter().find(|part| !self.has(**part)) {
            return Err(StencilError::Forward(*forward));
        }
        if let Stencil::Struct { name, fields } = &stencil {
            check_names(name, fields)?;
        }
        let depth = 1 + parts.iter().map(|part| self.depth(*part)).max().unwrap_or(0);
        if depth > StencilTable::MOST_DEPTH {
            return Err(StencilError::TooDeep);
        }
        let is_flat = matches!(stencil, Stencil::Struct { .. } | Stencil::Tuple(_))
            && parts.iter().all(|part| self.entry(*part).is_none_or(|entry| entry.is_flat));
        let spelled = self.spelled_length(&stencil);
        if spelled > mangle::MOST_LENGTH {
            return Err(StencilError::TooLong);
        }
        let mut offsets = Vec::new();
        let mut size = 0u32;
        match &stencil {
            Stencil::Array(element, count) => {
                size = self.size(*element).checked_mul(*count).ok_or(StencilError::TooLarge)?
            }
            Stencil::Text(bytes) => size = *bytes,
            Stencil::Struct { .. } | Stencil::Tuple(_) => {
                for part in &parts {
                    offsets.push(size);
                    size = size.checked_add(self.size(*part)).ok_or(StencilError::TooLarge)?;
                }
            }
        }
        if size == 0 {
            return Err(StencilError::Empty);
        }
        if size > StencilTable::MOST_BYTES {
            return Err(StencilError::TooLarge);
        }
        let index = self.entries.len() as u32;
        let form = Form::of(&stencil);
        if self.by_form.contains_key(&form) {
            return Err(StencilError::Duplicate);
        }
        self.by_form.insert(form, index);
        self.entries.push(Entry { stencil, size, depth, is_flat, spelled, offsets });
        Ok(TypeRef::Stencil(index))
    }

    /// Bytes of a type as mangled names spell it, if all that it is made of is there.
    fn spelled_length(&self, stencil: &Stencil) -> usize {
        let digits = |number: usize| number.checked_ilog10().map_or(1, |log| log as usize + 1);
        let part = |part: &TypeRef| self.entry(*part).map_or(1, |entry| entry.spelled);
        match stencil {
            Stencil::Struct { name, .. } => digits(name.len()) + name.len(),
            Stencil::Tuple(elements) => 2 + elements.iter().map(part).sum::<usize>(),
            Stencil::Array(element, count) => 2 + digits(*count as usize) + part(element),
            Stencil::Text(bytes) => 3 + digits(*bytes as usize),
        }
    }

    /// Whether there is such a type.
    pub fn has(&self, type_ref: TypeRef) -> bool {
        match type_ref {
            TypeRef::Scalar(_) => true,
            TypeRef::Stencil(index) => (index as usize) < self.entries.len(),
        }
    }

    fn entry(&self, type_ref: TypeRef) -> Option<&Entry> {
        match type_ref {
            TypeRef::Scalar(_) => None,
            TypeRef::Stencil(index) => self.entries.get(index as usize),
        }
    }

    fn depth(&self, type_ref: TypeRef) -> u32 {
        self.entry(type_ref).map_or(0, |entry| entry.depth)
    }

    /// The bytes of a type; 0 for an entry that is not there.
    pub fn size(&self, type_ref: TypeRef) -> u32 {
        match type_ref {
            TypeRef::Scalar(tag) => tag.size(),
            TypeRef::Stencil(_) => self.entry(type_ref).map_or(0, |entry| entry.size),
        }
    }

    /// The type as signatures spell it. Recursion is bounded by [`StencilTable::MOST_DEPTH`], and what comes out by the
    /// length of a mangled name.
    pub fn type_of(&self, type_ref: TypeRef) -> Option<Type> {
        if let TypeRef::Scalar(tag) = type_ref {
            return Some(Type::Scalar(tag));
        }
        Some(match &self.entry(type_ref)?.stencil {
            Stencil::Struct { name, .. } => Type::Struct(name.clone()),
            Stencil::Tuple(elements) => {
                Type::Tuple(elements.iter().map(|element| self.type_of(*element)).collect::<Option<_>>()?)
            }
            Stencil::Array(element, count) => Type::Array(Box::new(self.type_of(*element)?), *count),
            Stencil::Text(bytes) => Type::Text(*bytes),
        })
    }

    /// The bytes' type of a type as signatures spell it, if the table has it. Types that were read nest at most
    /// [`StencilTable::MOST_DEPTH`] levels.
    pub fn find(&self, type_: &Type) -> Option<TypeRef> {
        let form = match type_ {
            Type::Scalar(tag) => return Some(TypeRef::Scalar(*tag)),
            Type::Struct(name) => Form::Struct(name.clone()),
            Type::Tuple(elements) => {
                Form::Tuple(elements.iter().map(|element| self.find(element)).collect::<Option<_>>()?)
            }
            Type::Array(element, count) => Form::Array(self.find(element)?, *count),
            Type::Text(bytes) => Form::Text(*bytes),
            Type::String | Type::View(_) | Type::Union(_) => return None,
        };
        self.by_form.get(&form).map(|index| TypeRef::Stencil(*index))
    }

    /// The entries that `roots` reach, each behind those that it is made of, in the order of first use.
    pub fn order_of_use(&self, roots: impl IntoIterator<Item = TypeRef>) -> Vec<u32> {
        let mut seen = vec![false; self.entries.len()];
        let mut order = Vec::new();
        for root in roots {
            self.visit(root, &mut seen, &mut order);
        }
        order
    }

    /// Recursion is bounded by [`StencilTable::MOST_DEPTH`].
    fn visit(&self, type_ref: TypeRef, seen: &mut [bool], order: &mut Vec<u32>) {
        let TypeRef::Stencil(index) = type_ref else { return };
        let Some(seen_here) = seen.get_mut(index as usize) else { return };
        if core::mem::replace(seen_here, true) {
            return;
        }
        match self.get(index) {
            Some(Stencil::Array(element, _)) => self.visit(*element, seen, order),
            Some(Stencil::Struct { fields, .. }) => {
                fields.iter().for_each(|field| self.visit(field.type_ref, seen, order))
            }
            Some(Stencil::Tuple(elements)) => elements.iter().for_each(|element| self.visit(*element, seen, order)),
            Some(Stencil::Text(_)) | None => {}
        }
        order.push(index);
    }
}

fn check_names(name: &str, fields: &[Field]) -> Result<(), StencilError> {
    if !mangle::is_name(name) {
        return Err(StencilError::Name(name.to_owned()));
    }
    let mut names: HashSet<_> = HashSet::default();
    for field in fields {
        if !mangle::is_identifier(&field.name) {
            return Err(StencilError::Name(field.name.clone()));
        }
        if field.name.len() > MOST_TEXT {
            return Err(StencilError::TooLong);
        }
        if !names.insert(&field.name) {
            return Err(StencilError::DuplicateField(field.name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> (StencilTable, TypeRef, TypeRef) {
        let mut table = StencilTable::default();
        let field = |name: &str, tag| Field { name: name.to_owned(), type_ref: TypeRef::Scalar(tag) };
        let fields = vec![field("x", Tag::Decimal), field("kind", Tag::Byte), field("hits", Tag::Int)];
        let point = table.intern(Stencil::Struct { name: "point".to_owned(), fields }).unwrap();
        let points = table.intern(Stencil::Array(point, 3)).unwrap();
        (table, point, points)
    }

    #[test]
    fn layouts_are_packed() {
        let (table, point, points) = table();
        assert_eq!(table.size(point), 13);
        assert_eq!(table.size(points), 39);
        assert_eq!(table.leaf(points, 13 + 8), Some(Tag::Byte));
        assert_eq!(table.leaf(points, 13 + 9), Some(Tag::Int));
        assert_eq!(table.leaf(points, 13 + 10), None);
        assert_eq!(table.leaf(points, 39), None);
    }

    #[test]
    fn parts_are_told_apart_by_what_is_around_them() {
        let (table, point, points) = table();
        assert_eq!(table.part_at(points, 0, 0), Some(points));
        assert_eq!(table.part_at(points, 0, 1), Some(point));
        assert_eq!(table.part_at(points, 0, 2), Some(TypeRef::Scalar(Tag::Decimal)));
        assert_eq!(table.part_at(points, 0, 3), None);
        assert_eq!(table.part_at(points, 13, 0), Some(point));
        assert_eq!(table.part_at(points, 13 + 8, 0), Some(TypeRef::Scalar(Tag::Byte)));
        assert_eq!(table.part_at(points, 13 + 10, 0), None);
        assert_eq!(table.part_at(points, 39, 0), None);
        assert_eq!((table.viewed(points), table.viewed(point)), ((point, 3), (point, 1)));
    }

    #[test]
    fn equal_entries_are_one() {
        let (mut table, point, points) = table();
        assert_eq!(table.intern(Stencil::Array(point, 3)), Ok(points));
        assert_eq!(table.push(Stencil::Array(point, 3)), Err(StencilError::Duplicate));
        assert_eq!(table.push(Stencil::Array(TypeRef::Stencil(9), 3)), Err(StencilError::Forward(TypeRef::Stencil(9))));
        assert_eq!(table.push(Stencil::Array(point, u32::MAX)), Err(StencilError::TooLarge));
        assert_eq!(table.push(Stencil::Array(point, 0)), Err(StencilError::Empty));
    }

    #[test]
    fn types_are_found_by_what_they_are() {
        let (table, point, points) = table();
        for type_ref in [point, points, TypeRef::Scalar(Tag::Int)] {
            let type_ = table.type_of(type_ref).expect("it is there");
            assert_eq!(table.find(&type_), Some(type_ref), "{type_}");
        }
        assert_eq!(table.find(&Type::Array(Box::new(Type::Scalar(Tag::Int)), 3)), None);
    }

    #[test]
    fn a_type_is_no_longer_than_a_name() {
        let mut table = StencilTable::default();
        let mut tuple = TypeRef::Scalar(Tag::Byte);
        let mut length = 1;
        while 2 + 2 * length <= mangle::MOST_LENGTH {
            tuple = table.intern(Stencil::Tuple(vec![tuple, tuple])).expect("it is short enough");
            length = 2 + 2 * length;
            let type_ = table.type_of(tuple).expect("it is there");
            let signature = crate::types::Signature { name: "f".to_owned(), parameters: vec![type_], result: None };
            assert_eq!(mangle::mangle(&signature).len(), "f()V".len() + length);
        }
        assert_eq!(table.intern(Stencil::Tuple(vec![tuple, tuple])), Err(StencilError::TooLong));
        for (stencil, length) in [(Stencil::Array(TypeRef::Scalar(Tag::Int), 10), 5), (Stencil::Text(16), 5)] {
            let type_ref = table.intern(stencil).expect("well-formed");
            assert_eq!(table.entry(type_ref).map(|entry| entry.spelled), Some(length));
        }
    }
}
