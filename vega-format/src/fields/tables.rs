//! The sections that are tables of small entries: constants, types, imports, relocations, statics; and those that are not
//! known.

use super::walker::text;
use super::{Field, Walker};
use crate::cell;
use crate::container::constants::STRING_TAG;
use crate::mangle;
use crate::stencil::TypeRef;
use crate::text::counted;
use crate::text::write_value;
use crate::types::Tag;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;

macro_rules! walkers {
    ($( $(#[$doc:meta])* fn $name:ident($walker:ident) $body:block )*) => { $(
        $(#[$doc])*
        pub(super) fn $name<E>($walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>) {
            // Where the part has ended early, that was told.
            let _ = (|| -> Option<()> { $body })();
        }
    )* };
}

walkers! {
    fn constants(walker) {
        let count = walker.plain(4, "count")? as usize;
        let start = walker.at();
        let mut shown = 0;
        for constant in 0..count {
            let tag = walker.number(1, format!("constant {constant}: tag"), tag_name)?;
            let field = |name: &str| format!("constant {constant}: {name}");
            match u8::try_from(tag).ok().and_then(Tag::from_number) {
                Some(tag) => _ = walker.number(8, field("value"), |bits| scalar(tag, bits))?,
                None if tag == u64::from(STRING_TAG) => {
                    walker.plain(4, field("start among the strings"))?;
                    walker.number(4, field("length"), |length| counted(length, "byte"))?;
                }
                None => _ = walker.bytes(8, field("value"), "")?,
            }
            shown += 1;
        }
        let records = walker.bytes_of(start..walker.at());
        for (constant, record) in records.chunks_exact(9).take(shown).enumerate() {
            let length = record.get(5..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes));
            if record.first() == Some(&STRING_TAG) && length > 0 {
                let value = text(walker.peek(length as usize));
                walker.bytes(length as usize, format!("text of constant {constant}"), value)?;
            }
        }
        Some(())
    }

    fn types(walker) {
        let count = walker.plain(4, "count")?;
        for number in 0..count {
            let field = |name: &str| format!("type {}: {name}", TypeRef::Stencil(number as u32).number());
            let form = walker.number(1, field("form"), |form| match form {
                1 => "struct",
                2 => "tuple",
                3 => "array",
                4 => "bounded text",
                _ => "none that is known",
            })?;
            match form {
                1 => {
                    walker.text(field("name"))?;
                    let fields = walker.plain(4, field("fields"))?;
                    for part in 0..fields {
                        walker.text(field(&format!("field {part}")))?;
                        walker.number(4, field(&format!("type of field {part}")), type_name)?;
                    }
                }
                2 => {
                    let elements = walker.plain(4, field("elements"))?;
                    for element in 0..elements {
                        walker.number(4, field(&format!("element {element}")), type_name)?;
                    }
                }
                3 => {
                    walker.number(4, field("type of an element"), type_name)?;
                    walker.plain(4, field("elements"))?;
                }
                4 => _ = walker.number(4, field("most bytes"), |bytes| bytes.to_string())?,
                _ => return None,
            }
        }
        Some(())
    }

    fn imports(walker) {
        let count = walker.plain(4, "count")?;
        for import in 0..count {
            let kind = walker.number(1, format!("import {import}: kind"), |kind| match kind {
                1 => "the host provides it",
                2 => "another module does",
                3 => "the host provides it, with a bound",
                4 => "another module does, with a bound",
                _ => "none that is known",
            })?;
            walker.text(format!("import {import}: name"))?;
            if matches!(kind, 3 | 4) {
                walker.number(8, format!("import {import}: bound"), |bound| counted(bound, "byte"))?;
            }
        }
        Some(())
    }

    fn relocations(walker) {
        let count = walker.plain(4, "count")?;
        for entry in 0..count {
            walker.number(4, format!("entry {entry}: offset"), |offset| format!("0x{offset:x} in the section code"))?;
            walker.plain(4, format!("entry {entry}: import"))?;
        }
        Some(())
    }

    fn statics(walker) {
        walker.text("name")?;
        let count = walker.plain(4, "count")?;
        for block in 0..count {
            let field = |name: &str| format!("block {block}: {name}");
            walker.plain(4, field("bytes"))?;
            let variables = walker.plain(4, field("variables"))?;
            for variable in 0..variables {
                walker.number(4, field(&format!("type of variable {variable}")), type_name)?;
            }
            let length = walker.number(4, field("length"), |length| counted(length, "byte"))? as usize;
            if length > 0 {
                walker.bytes(length, field("values"), "")?;
            }
        }
        Some(())
    }

    fn custom(walker) {
        walker.text("name")?;
        walker.rest("bytes", "");
        Some(())
    }
}

pub(super) fn tag_name(number: u64) -> String {
    match u8::try_from(number).ok().and_then(Tag::from_number) {
        Some(tag) => tag.name().to_owned(),
        None if number == u64::from(STRING_TAG) => "string".to_owned(),
        None => format!("{number}, which is none"),
    }
}

/// What a type is: a scalar, or an entry of the types.
pub(super) fn type_name(number: u64) -> String {
    match u32::try_from(number).ok().and_then(TypeRef::from_number) {
        Some(TypeRef::Scalar(tag)) => tag.name().to_owned(),
        Some(type_ref) => format!("type {}", type_ref.number()),
        None => format!("{number}, which is none"),
    }
}

fn scalar(tag: Tag, bits: u64) -> String {
    let mut value = String::new();
    write_value(tag, cell::decode(tag, &bits.to_le_bytes()), &mut value);
    if tag == Tag::Char { text(value.as_bytes()) } else { value }
}

/// What a mangled name says to people, if it is one.
pub(super) fn readable(name: &[u8]) -> String {
    let signature = core::str::from_utf8(name).ok().and_then(|name| mangle::parse(name).ok());
    signature.map(|signature| signature.to_string()).unwrap_or_default()
}
