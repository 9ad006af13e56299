//! Values as hosts see them, and the typed cells of the expression stack.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use vega_format::stencil::{StencilTable, TypeRef};
use vega_format::text;
use vega_format::types::{Mask, Tag, Type};
use vega_format::verify::CellType;

/// A value that goes into a program or comes out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A scalar as a cell; a union's member is one too.
    Scalar(Tag, u64),
    /// Text.
    String(String),
    /// The elements that a view shows: scalars, or texts where they are bounded. Only goes in.
    View(Vec<Value>),
}

impl Value {
    /// Whether it can stand where this type is wanted.
    pub fn fits(&self, type_: &Type) -> bool {
        match (self, type_) {
            (Value::Scalar(tag, _), Type::Scalar(wanted)) => tag == wanted,
            (Value::Scalar(tag, _), Type::Union(mask)) => mask.contains(*tag),
            (Value::String(_), Type::String) => true,
            (Value::View(elements), Type::View(type_)) => elements.iter().all(|element| element.fits_element(type_)),
            _ => false,
        }
    }

    fn fits_element(&self, type_: &Type) -> bool {
        match (self, type_) {
            (Value::Scalar(tag, _), Type::Scalar(wanted)) => tag == wanted,
            (Value::String(text), Type::Text(most)) => text.len() as u64 <= u64::from(*most),
            _ => false,
        }
    }
}

/// As `print` shows it; a view as the list of its elements.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Scalar(tag, bits) => {
                let mut text = String::new();
                text::write_value(*tag, *bits, &mut text);
                f.write_str(&text)
            }
            Value::String(text) => f.write_str(text),
            Value::View(elements) => {
                f.write_str("[")?;
                for (index, element) in elements.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    element.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

/// What a cell of the expression stack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// A scalar.
    Scalar(Tag),
    /// Text: where it stands in linear memory and its length in bytes.
    String,
    /// Elements of this type: where they stand and how many there are.
    View(TypeRef),
    /// The value of a union; its tag stands above it.
    UnionValue(Mask),
    /// The tag of a union, as its number.
    UnionTag(Mask),
}

/// What a cell of a verified type holds.
impl From<CellType> for CellKind {
    fn from(cell: CellType) -> CellKind {
        match cell {
            CellType::Scalar(tag) => CellKind::Scalar(tag),
            CellType::String { .. } => CellKind::String,
            CellType::View { element, .. } => CellKind::View(element),
            CellType::UnionValue(mask) => CellKind::UnionValue(mask),
            CellType::UnionTag(mask) => CellKind::UnionTag(mask),
        }
    }
}

/// A cell: 64 bits that know what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// What it holds.
    pub kind: CellKind,
    /// The bits; of a string or view the offset in the low half and the length in the high half.
    pub bits: u64,
}

impl Cell {
    /// A scalar.
    pub const fn scalar(tag: Tag, bits: u64) -> Cell {
        Cell { kind: CellKind::Scalar(tag), bits }
    }

    /// A string or a view.
    pub const fn span(kind: CellKind, span: Span) -> Cell {
        Cell { kind, bits: span.offset as u64 | (span.length as u64) << 32 }
    }

    /// Where the string or view stands.
    pub const fn as_span(self) -> Span {
        Span { offset: self.bits as u32, length: (self.bits >> 32) as u32 }
    }
}

/// A part of linear memory, in elements or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub offset: u32,
    /// How many elements, or bytes of a string.
    pub length: u32,
}

/// The cells of a frame in words, lowest first: `42:int`, `true:int|bool`, `"text":string`, `3 at 64:[]int`.
pub fn describe_cells(cells: &[Cell], memory: &[u8], stencils: &StencilTable) -> String {
    let mut words = Vec::new();
    let mut cells = cells.iter().peekable();
    while let Some(cell) = cells.next() {
        words.push(match cell.kind {
            CellKind::Scalar(tag) => format!("{}:{tag}", shown(tag, cell.bits)),
            CellKind::UnionValue(mask) => {
                let tag = cells.next_if(|above| above.kind == CellKind::UnionTag(mask));
                let tag = tag.and_then(|tag| u8::try_from(tag.bits).ok()).and_then(Tag::from_number);
                format!("{}:{mask}", tag.map_or("?".to_owned(), |tag| shown(tag, cell.bits)))
            }
            CellKind::UnionTag(mask) => format!("tag {}:{mask}", cell.bits),
            CellKind::String => format!("{}:string", quoted(cell.as_span(), memory)),
            CellKind::View(element) => {
                let Span { offset, length } = cell.as_span();
                let element = stencils.type_of(element).map(|type_| type_.to_string()).unwrap_or_default();
                format!("{length} at {offset}:[]{element}")
            }
        });
    }
    words.join(" ")
}

/// A scalar for a trace: chars are quoted and escaped.
pub(crate) fn shown(tag: Tag, bits: u64) -> String {
    match tag {
        Tag::Char => format!("{:?}", vega_format::cell::char(bits)),
        _ => Value::Scalar(tag, bits).to_string(),
    }
}

fn quoted(span: Span, memory: &[u8]) -> String {
    const SHOWN: usize = 24;
    let start = span.offset as usize;
    let bytes = memory.get(start..start.saturating_add(span.length as usize)).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let cut = text.get(..text.floor_char_boundary(SHOWN)).unwrap_or_default();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}
