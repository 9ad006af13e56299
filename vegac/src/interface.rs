//! What an object offers to those who import its module, and how it gets into the object.
//!
//! Functions are in the function table: their names say what they take and give. Structs are not there unless a function
//! has to do with them, and constants never are, so the compiler writes all of them into a section of its own,
//! [`SECTION`], a line each:
//!
//! ```text
//! struct pub 3 geometry.point x:d y:d
//! struct - 9 geometry.secret n:I
//! const pub 12 geometry.SIZE whole:64
//! promise 96 shapes.area(d)d
//! ```
//!
//! `pub` or `-`, the line of the source, the absolute name, and the fields with their mangled types, or the value. Structs
//! of other modules that they are made of are there, too. A promise is of a function of another module that the object does not
//! call: what it may need at most; the linker holds it to that. The section is a set of lines: the linker puts those of several
//! objects together, whatever their order, and the reader brings structs into the one that importers need ([`order`]). An
//! importer needs nothing but the object. Whoever made the section: it is read with the suspicion that any input deserves.

mod constant;
mod order;

pub use constant::{ConstantShape, Value};

use ecow::{EcoString, eco_format};
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
    /// Its constants.
    pub constants: Vec<ConstantShape>,
    /// Whether there is no more: of a module that is not there, or in which something is wrong, not all may be known.
    pub complete: bool,
}

/// A function of a module.
#[derive(Debug, Clone)]
pub struct FunctionShape {
    /// Its absolute name and its types.
    pub signature: Signature,
    /// The names of its parameters; their numbers where these are not known.
    pub parameters: Vec<EcoString>,
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
    /// The section with structs and constants is malformed: the first line that is.
    pub fn of(module: &str, parsed: &Parsed<'_>) -> Result<Interface, String> {
        let functions = parsed.functions().map(|function| {
            let debug = parsed.debug(function.index);
            let place = debug.as_ref().and_then(|debug| {
                let source = parsed.sources().nth(debug.source as usize)?;
                Some(format!("{source}:{}", debug.line))
            });
            let parameters = match debug {
                Some(debug) => debug.parameters,
                None => (1..=function.signature.parameters.len()).map(|number| eco_format!("{number}")).collect(),
            };
            FunctionShape {
                signature: function.signature.to_owned(),
                parameters,
                public: function.exported,
                place: place.unwrap_or_default(),
            }
        });
        let (structs, constants) = shapes(parsed)?;
        let source = parsed.sources().next().unwrap_or_default().to_owned();
        let (module, functions) = (module.to_owned(), functions.collect());
        Ok(Interface { module, source, functions, structs, constants, complete: true })
    }

    /// The interface of a module of which nothing is known.
    pub fn unknown(module: &str) -> Interface {
        Interface { module: module.to_owned(), ..Interface::default() }
    }

    /// Where a line of its source is, in words; empty if that is not known.
    pub fn place(&self, line: u32) -> String {
        if self.source.is_empty() || line == 0 { String::new() } else { format!("{}:{line}", self.source) }
    }
}

/// Whether an object has structs or constants that a module declares, and not only what others are made of.
pub fn declares(parsed: &Parsed<'_>, module: &str) -> bool {
    let Ok((structs, constants)) = shapes(parsed) else { return false };
    let structs = structs.iter().map(|one| (&one.name, one.line));
    let mut declared = structs.chain(constants.iter().map(|one| (&one.name, one.line))).filter(|(_, line)| *line > 0);
    declared.any(|(name, _)| name.rsplit_once('.').is_some_and(|(of, _)| of == module))
}

/// What the section says.
type Shapes = (Vec<StructShape>, Vec<ConstantShape>);

fn shapes(parsed: &Parsed<'_>) -> Result<Shapes, String> {
    let is_ours = |custom: &Custom<'_>| custom.number == NUMBER && custom.name == SECTION;
    parsed.custom_sections().find(is_ours).map_or_else(|| Ok(Shapes::default()), |section| read(section.bytes))
}

/// The section for these structs, constants and promises; `None` if there are none. A promise is the most bytes that a function
/// may need, and its mangled name.
pub fn section(
    structs: &[StructShape],
    constants: &[ConstantShape],
    promises: &[(u64, &str)],
) -> Option<CustomSection> {
    let promises = promises.iter().map(|(bytes, mangled)| format!("promise {bytes} {mangled}\n"));
    let lines: String =
        structs.iter().map(write_struct).chain(constants.iter().map(constant::write)).chain(promises).collect();
    let section = CustomSection { number: NUMBER, name: SECTION.to_owned(), bytes: lines.into_bytes() };
    (!section.bytes.is_empty()).then_some(section)
}

fn write_struct(shape: &StructShape) -> String {
    let public = if shape.public { "pub" } else { "-" };
    let field = |(name, type_): &(String, Type)| format!(" {name}:{}", mangle::mangle_type(type_));
    let fields: String = shape.fields.iter().map(field).collect();
    format!("struct {public} {} {}{fields}\n", shape.line, shape.name)
}

fn read(bytes: &[u8]) -> Result<Shapes, String> {
    let text = str::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
    let mut shapes = Shapes::default();
    for (number, line) in (1..).zip(text.lines()) {
        read_line(line, &mut shapes).ok_or_else(|| format!("line {number} is malformed"))?;
    }
    let (structs, constants) = shapes;
    Ok((order::order(structs)?, constants))
}

fn read_line(line: &str, (structs, constants): &mut Shapes) -> Option<()> {
    let mut words = line.split(' ');
    let kind = words.next()?;
    if kind == "promise" {
        // Importers have nothing to do with what it relies on.
        words.next()?.parse::<u64>().ok()?;
        mangle::parse(words.next()?).ok()?;
        return words.next().is_none().then_some(());
    }
    let public = match words.next()? {
        "pub" => true,
        "-" => false,
        _ => return None,
    };
    let line = words.next()?.parse().ok()?;
    let name = words.next().filter(|name| mangle::is_name(name))?.to_owned();
    match kind {
        "struct" => {
            structs.push(StructShape { name, fields: words.map(read_field).collect::<Option<_>>()?, public, line })
        }
        "const" => {
            let value = Value::read(words.next()?)?;
            words.next().is_none().then(|| constants.push(ConstantShape { name, value, public, line }))?;
        }
        _ => return None,
    }
    Some(())
}

fn read_field(word: &str) -> Option<(String, Type)> {
    let (name, type_) = word.split_once(':').filter(|(name, _)| mangle::is_identifier(name))?;
    Some((name.to_owned(), mangle::parse_type(type_).ok()?))
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
        let text = "struct pub 3 geometry.point x:d y:d\nstruct - 9 geometry.path points:[4]14geometry.point name:s{8}\n\
            const pub 1 geometry.SIZE whole:-64\nconst - 2 geometry.RATE number:3fd0000000000000:3e800000\n\
            const pub 3 geometry.MOST B:ff\nconst pub 4 geometry.NAME text:c3a90a\nconst - 5 geometry.NONE text:\n";
        let (structs, constants) = read(text.as_bytes()).expect("all lines are well-formed");
        assert_eq!(constants.get(3).map(|one| &one.value), Some(&Value::Text("é\n".into())));
        let section = section(&structs, &constants, &[(96, "geometry.norm(I)I")]).expect("there are some");
        let promise = "promise 96 geometry.norm(I)I\n";
        assert_eq!(String::from_utf8_lossy(&section.bytes), format!("{text}{promise}"));
        assert!(read(promise.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let cases = [
            "struct",
            "struct pub x geometry.p",
            "struct pub 1 2p x:d",
            "struct pub 1 p x",
            "struct pub 1 p x:Q",
            "promise 96",
            "promise x f()V",
            "promise 96 f",
            "promise 96 f()V f()V",
            "s",
            "const pub 1 a",
            "const pub 1 a 7",
            "const pub 1 a whole:x",
            "const pub 1 a whole:9223372036854775808",
            "const pub 1 a number:0",
            "const pub 1 a number:0:100000000",
            "const pub 1 a B:100",
            "const pub 1 a c:d800",
            "const pub 1 a s:0",
            "const pub 1 a text:4",
            "const pub 1 a text:ff",
            "const pub 1 a text:+1",
            "const pub 1 a whole:1 whole:2",
        ];
        for case in cases {
            let refused = read(format!("struct - 1 a x:d\n{case}\n").as_bytes());
            assert_eq!(refused.err(), Some("line 2 is malformed".to_owned()), "{case}");
        }
    }
}
