//! The section `types`: the stencils, each behind those that it is made of.
//!
//! Body: count `u32`; for each its form `u8` and then: struct (1) name as text, count `u32` of fields, each name as text
//! and type `u32`; tuple (2) count `u32`, types `u32`; array (3) type `u32`, elements `u32`; text (4) bytes `u32`.
//! A type is a tag (1 to 8) or 16 plus the index of an entry.

use super::cursor::{Cursor, write_text};
use crate::error::{FormatErrorKind, Result};
use crate::stencil::{Field, Stencil, StencilTable, TypeRef};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ops::Range;

const STRUCT: u8 = 1;
const TUPLE: u8 = 2;
const ARRAY: u8 = 3;
const TEXT: u8 = 4;

pub(crate) fn read(file: &[u8], mut cursor: Cursor<'_>) -> Result<StencilTable> {
    let text = |range: Range<usize>| String::from_utf8_lossy(file.get(range).unwrap_or_default()).into_owned();
    let mut table = StencilTable::default();
    let count = cursor.count("the types", 5)? as u32;
    for index in 0..count {
        let at = cursor.offset();
        let stencil = match cursor.u8("a type's form")? {
            STRUCT => {
                let name = text(cursor.text("a struct's name")?);
                let count = cursor.count("the fields", 8)?;
                let mut fields = Vec::with_capacity(count);
                for _ in 0..count {
                    let name = text(cursor.text("a field's name")?);
                    fields.push(Field { name, type_ref: read_type(&mut cursor)? });
                }
                Stencil::Struct { name, fields }
            }
            TUPLE => {
                let count = cursor.count("the elements", 4)?;
                Stencil::Tuple((0..count).map(|_| read_type(&mut cursor)).collect::<Result<_>>()?)
            }
            ARRAY => Stencil::Array(read_type(&mut cursor)?, cursor.u32("an array's length")?),
            TEXT => Stencil::Text(cursor.u32("the bytes of a text")?),
            found => {
                let wanted = "1 (struct), 2 (tuple), 3 (array) or 4 (text)".to_owned();
                let kind = FormatErrorKind::Value { what: "a type's form", found: found.into(), wanted };
                return Err(cursor.error_at(at, kind));
            }
        };
        table
            .push(stencil)
            .map_err(|error| cursor.error_at(at, FormatErrorKind::Stencil { index, problem: error.to_string() }))?;
    }
    cursor.finish()?;
    Ok(table)
}

pub(super) fn read_type(cursor: &mut Cursor<'_>) -> Result<TypeRef> {
    let at = cursor.offset();
    let number = cursor.u32("a type")?;
    TypeRef::from_number(number).ok_or_else(|| {
        let wanted = "a tag from 1 to 8, or 16 plus the index of an entry".to_owned();
        cursor.error_at(at, FormatErrorKind::Value { what: "a type", found: number.into(), wanted })
    })
}

pub(crate) fn write(out: &mut Vec<u8>, table: &StencilTable) {
    let number = |out: &mut Vec<u8>, number: u32| out.extend_from_slice(&number.to_le_bytes());
    number(out, table.len() as u32);
    for stencil in table.iter() {
        match stencil {
            Stencil::Struct { name, fields } => {
                out.push(STRUCT);
                write_text(out, name);
                number(out, fields.len() as u32);
                for field in fields {
                    write_text(out, &field.name);
                    number(out, field.type_ref.number());
                }
            }
            Stencil::Tuple(elements) => {
                out.push(TUPLE);
                number(out, elements.len() as u32);
                elements.iter().for_each(|element| number(out, element.number()));
            }
            Stencil::Array(element, count) => {
                out.push(ARRAY);
                number(out, element.number());
                number(out, *count);
            }
            Stencil::Text(bytes) => {
                out.push(TEXT);
                number(out, *bytes);
            }
        }
    }
}
