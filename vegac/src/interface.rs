//! What an object offers to those who import its module, and how it gets into the object.
//!
//! Functions are in the function table: their names say what they take and give. Structs are not there unless a function
//! has to do with them, so the compiler writes all of them into a section of its own, [`SECTION`], a line each:
//!
//! ```text
//! struct pub 3 geometry.point x:d y:d
//! struct - 9 geometry.secret n:I
//! ```
//!
//! `pub` or `-`, the line of the source, the absolute name, and the fields with their mangled types. Those of other
//! modules that they are made of stand before them. An importer needs nothing but the object. Whoever made the section:
//! it is read with the suspicion that any input deserves.

use vega_format::builder::CustomSection;
use vega_format::container::Custom;
use vega_format::mangle;
use vega_format::types::{Signature, Type};
use vega_format::{Parsed, stencil};

/// The number of the section; it belongs to whoever makes it, and its name says who that is.
const NUMBER: u16 = 0x8000;
/// Its name.
pub const SECTION: &str = "vegac.interface";

/// What is known of a module that is imported.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// Its name.
    pub module: String,
    /// The name of its source; empty if that is not known.
    pub source: String,
    /// Its functions.
    pub functions: Vec<FunctionShape>,
    /// Its structs, and those of other modules that they are made of, each behind what it is made of.
    pub structs: Vec<StructShape>,
}

/// A function of a module.
#[derive(Debug, Clone)]
pub struct FunctionShape {
    /// Its absolute name and its types.
    pub signature: Signature,
    /// The names of its parameters; their numbers where these are not known.
    pub parameters: Vec<String>,
    /// Whether importers see it.
    pub public: bool,
    /// Where it is declared: `geometry.vg:12`; empty if that is not known.
    pub place: String,
}

/// A struct of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructShape {
    /// Its absolute name.
    pub name: String,
    /// Its fields.
    pub fields: Vec<(String, Type)>,
    /// Whether importers see it.
    pub public: bool,
    /// The line on which it is declared; 0 if that is not known.
    pub line: u32,
}

impl Interface {
    /// The interface of an object.
    ///
    /// # Errors
    /// The section with the structs is malformed: the first line that is.
    pub fn of(module: &str, parsed: &Parsed<'_>) -> Result<Interface, String> {
        let functions = parsed.functions().map(|function| {
            let debug = parsed.debug(function.index);
            let place = debug.as_ref().and_then(|debug| {
                let source = parsed.sources().nth(debug.source as usize)?;
                Some(format!("{source}:{}", debug.line))
            });
            let parameters = match debug {
                Some(debug) => debug.parameters,
                None => (1..=function.signature.parameters.len()).map(|number| number.to_string()).collect(),
            };
            FunctionShape {
                signature: function.signature.to_owned(),
                parameters,
                public: function.exported,
                place: place.unwrap_or_default(),
            }
        });
        let is_ours = |custom: &Custom<'_>| custom.number == NUMBER && custom.name == SECTION;
        let structs = match parsed.custom_sections().find(is_ours) {
            Some(section) => read(section.bytes)?,
            None => Vec::new(),
        };
        let source = parsed.sources().next().unwrap_or_default().to_owned();
        Ok(Interface { module: module.to_owned(), source, functions: functions.collect(), structs })
    }

    /// Where a line of its source is, in words; empty if that is not known.
    pub fn place(&self, line: u32) -> String {
        if self.source.is_empty() || line == 0 { String::new() } else { format!("{}:{line}", self.source) }
    }
}

/// The section for these structs; `None` if there are none.
pub fn section(structs: &[StructShape]) -> Option<CustomSection> {
    let lines: String = structs.iter().map(write_struct).collect();
    let section = CustomSection { number: NUMBER, name: SECTION.to_owned(), bytes: lines.into_bytes() };
    (!structs.is_empty()).then_some(section)
}

fn write_struct(shape: &StructShape) -> String {
    let public = if shape.public { "pub" } else { "-" };
    let field = |(name, type_): &(String, Type)| format!(" {name}:{}", mangle::mangle_type(type_));
    let fields: String = shape.fields.iter().map(field).collect();
    format!("struct {public} {} {}{fields}\n", shape.line, shape.name)
}

fn read(bytes: &[u8]) -> Result<Vec<StructShape>, String> {
    let text = str::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
    let line = |(number, line): (usize, &str)| read_struct(line).ok_or_else(|| format!("line {number} is malformed"));
    (1..).zip(text.lines()).map(line).collect()
}

fn read_struct(line: &str) -> Option<StructShape> {
    let mut words = line.split(' ');
    let (Some("struct"), Some(public @ ("pub" | "-"))) = (words.next(), words.next()) else { return None };
    let number = words.next()?.parse().ok()?;
    let name = words.next().filter(|name| mangle::is_name(name))?.to_owned();
    let field = |word: &str| {
        let (name, type_) = word.split_once(':').filter(|(name, _)| mangle::is_identifier(name))?;
        Some((name.to_owned(), mangle::parse_type(type_).ok()?))
    };
    let fields: Vec<(String, Type)> = words.map(field).collect::<Option<_>>()?;
    Some(StructShape { name, fields, public: public == "pub", line: number })
}

/// The structs of a table, each behind what it is made of.
pub fn structs(table: &stencil::StencilTable, mut declared: impl FnMut(&str) -> (bool, u32)) -> Vec<StructShape> {
    let shape = |one: &stencil::Stencil| {
        let stencil::Stencil::Struct { name, fields } = one else { return None };
        let field = |field: &stencil::Field| Some((field.name.clone(), table.type_of(field.type_ref)?));
        let (public, line) = declared(name);
        Some(StructShape { name: name.clone(), fields: fields.iter().map(field).collect::<Option<_>>()?, public, line })
    };
    table.iter().filter_map(shape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text =
            "struct pub 3 geometry.point x:d y:d\nstruct - 9 geometry.path points:[4]14geometry.point name:s{8}\n";
        let shapes = read(text.as_bytes()).expect("both lines are well-formed");
        let section = section(&shapes).expect("there are structs");
        assert_eq!(String::from_utf8_lossy(&section.bytes), text);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let cases =
            ["struct", "struct pub x geometry.p", "struct pub 1 2p x:d", "struct pub 1 p x", "struct pub 1 p x:Q", "s"];
        for case in cases {
            assert_eq!(read(format!("struct - 1 a x:d\n{case}\n").as_bytes()), Err("line 2 is malformed".to_owned()));
        }
    }
}
