//! The rows "container" and "constant pool" of the list of bad inputs, S01 to S22: a table of damage to one good file
//! that has every section. Those that are small files of their own stand in `tests/verify/container` and
//! `tests/verify/proof`; the rest of a row is here.

use crate::bytes::{patch, place, repair, repair_checksums, section, with_body, with_order, without};
use crate::case::{Check, corpus, trial};
use crate::module::{assemble, judge};
use libtest_mimic::Trial;
use std::fs;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::container::{Header, Kind, SectionId};
use vega_format::error::FormatErrorKind;
use vega_format::instruction::Instruction;
use vega_format::types::Tag;
use vegavm::{Console, Imports, Limits, LoadError, load};

/// One test a row of the table, and one for each row that is more than a refusal.
pub fn trials() -> Vec<Trial> {
    let rows = rows().into_iter().map(|row| trial(format!("container {}", row.name), move || row.check()));
    let others = [
        trial("container s02: every prefix ends where the bytes ran out", every_prefix),
        trial("container s05: only a program runs", other_kinds),
        trial("container s09: one bit in each section under a stale checksum", stale_checksums),
        trial("container s13: custom sections with any content are kept", custom_sections),
        trial("container s16: bodies shorter and longer than what is in them", bodies_of_other_lengths),
        trial("container s21: a string of the greatest length, and one byte more", longest_string),
        trial("container s22: 1,000,000 constants", a_million_constants),
    ];
    rows.chain(others).collect()
}

/// A damage to a good file, and how it must be refused.
pub struct Row {
    /// Its name, which begins with that of the row.
    pub name: &'static str,
    good: fn() -> Result<Vec<u8>, String>,
    damage: Damage,
    code: &'static str,
    /// `SECTION+0xOFFSET`, of the damaged file.
    at: &'static str,
    words: &'static str,
}

/// What is done to the good file.
enum Damage {
    /// Bytes are overwritten, as a directive of [`patch`] says; then checksums and content ids are made right.
    Patch(&'static str),
    /// Anything else.
    Other(Box<Change>),
}

type Change = dyn Fn(&[u8]) -> Vec<u8> + Send;

fn row(name: &'static str, damage: Damage, code: &'static str, at: &'static str, words: &'static str) -> Row {
    Row { name, good: program, damage, code, at, words }
}

fn object_row(name: &'static str, damage: Damage, code: &'static str, at: &'static str, words: &'static str) -> Row {
    Row { name, good: object, damage, code, at, words }
}

fn other(damage: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> Damage {
    Damage::Other(Box::new(damage))
}

/// A program with every section that one can have.
fn program() -> Result<Vec<u8>, String> {
    assembled("every-section.vasm")
}

/// An object with relocations.
fn object() -> Result<Vec<u8>, String> {
    assembled("object.vasm")
}

fn assembled(name: &str) -> Result<Vec<u8>, String> {
    let path = corpus().join("verify/container/accept").join(name);
    let text = fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    assemble(name, &text, true).accepted()
}

impl Row {
    /// The damaged file.
    ///
    /// # Errors
    /// The good file is not there, or the directive does not fit it.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = (self.good)()?;
        match &self.damage {
            Damage::Other(damage) => return Ok(damage(&bytes)),
            Damage::Patch(directive) => patch(&mut bytes, directive)?,
        }
        repair(&mut bytes);
        Ok(bytes)
    }

    fn check(&self) -> Check {
        let bytes = self.bytes()?;
        let at = place(&bytes, self.at)? as u64;
        match judge(&bytes).map_err(|found| found.into_iter().next()) {
            Err(Some((code, offset, words)))
                if (code.as_str(), offset) == (self.code, at) && words.contains(self.words) =>
            {
                Ok(())
            }
            found => Err(format!("found {found:?}, wanted {} at {at:#x}: {}", self.code, self.words)),
        }
    }
}

/// The first 32 bytes are the header, those up to 0x128 the table; the section 11 starts at 0x23f, the file ends at 0x266.
#[rustfmt::skip]
pub fn rows() -> Vec<Row> {
    use Damage::Patch;
    vec![
        row("s01: an empty file", other(|_| Vec::new()), "F003", "file+0x0", "the header needs 32 bytes, and has 0"),
        row("s01: one byte", other(|good| good[..1].to_vec()), "F003", "file+0x0", "needs 32 bytes, and has 1"),
        row("s01: the magic only", other(|good| good[..8].to_vec()), "F003", "file+0x0", "needs 32 bytes, and has 8"),
        row("s01: the header only", other(|good| good[..32].to_vec()), "F003", "file+0x20", "needs 614 bytes, and has 32"),

        row("s03: ELF", other(|_| b"\x7fELF\x02\x01\x01\0\0".to_vec()), "F001", "file+0x0", "looks like an ELF file"),
        row("s03: wasm", other(|_| b"\0asm\x01\0\0\0".to_vec()), "F001", "file+0x0", "looks like a WebAssembly module"),
        row("s03: zip", other(|_| b"PK\x03\x04\x14\0\0\0".to_vec()), "F001", "file+0x0", "looks like a zip archive"),
        row("s03: gzip", other(|_| b"\x1f\x8b\x08\0\0\0\0\0".to_vec()), "F001", "file+0x0", "looks like a gzip file"),
        row("s03: a source", other(|_| b"alloc 8 { x = 1 }\n".to_vec()), "F001", "file+0x0", "looks like Vega source"),
        row("s03: a listing", other(|_| b".entry main()V print".to_vec()), "F001", "file+0x0", "looks like assembly"),
        row("s03: noise", other(|_| vec![0xff; 100]), "F001", "file+0x0", "starts with ff ff ff ff ff ff ff ff, not with f6"),

        row("s04: CR LF became LF", other(|good| replaced(good, b"\r\n", b"\n")), "F002", "file+0x0", "CR LF became LF"),
        row("s04: LF became CR LF", other(|good| replaced(good, b"\n", b"\r\n")), "F002", "file+0x0", "LF became CR LF"),
        row("s04: seven bits", other(seven_bits), "F002", "file+0x0", "the eighth bit of each byte was cleared"),

        row("s06: version 0", Patch("file+0x8 00 00"), "F004", "file+0x8", "found version 0 of the container, which is older than this reader; it reads version 1"),
        row("s06: version 2", Patch("file+0x8 02 00"), "F004", "file+0x8", "found version 2 of the container, which is newer than this reader; it reads version 1"),
        row("s06: version 2 and no more", other(|good| [&good[..8], &[2, 0]].concat()), "F004", "file+0x8", "found version 2 of the container"),
        row("s06: version 65535", Patch("file+0x8 ff ff"), "F004", "file+0x8", "found version 65535"),

        row("s07: offset 2^32-1", Patch("file+0x28 ff ff ff ff 00 00 00 00"), "F005", "file+0x28", "is 4294967295; it must be 296"),
        row("s07: offset 2^64-1", Patch("file+0x28 ff ff ff ff ff ff ff ff"), "F005", "file+0x28", "is 18446744073709551615; it must be 296"),
        row("s07: length 2^32-1", Patch("file+0x30 ff ff ff ff 00 00 00 00"), "F016", "file+0x30", "is 4294967295, there are 318"),
        row("s07: length 2^64-1", Patch("file+0x30 ff ff ff ff ff ff ff ff"), "F016", "file+0x30", "is 18446744073709551615, there are 318"),
        row("s07: the sum wraps", Patch("file+0x30 00 ff ff ff ff ff ff ff"), "F016", "file+0x30", "the length of a section"),
        row("s07: a file of 2^64-1", Patch("file+0x10 ff ff ff ff ff ff ff ff"), "F003", "file+0x266", "the file needs 18446744073709551615 bytes"),

        row("s08: sections", Patch("file+0xc ff ff ff ff"), "F012", "file+0xc", "the section table should have 4294967295 entries"),
        row("s08: proofs", Patch("metadata+0x4d ff ff ff ff"), "F012", "metadata+0x4d", "the proof should have 4294967295 entries"),
        row("s08: the producer", Patch("metadata+0x66 ff ff ff ff"), "F003", "metadata+0x6a", "the producer needs 4294967295 bytes"),
        row("s08: sources", Patch("metadata+0x70 ff ff ff ff"), "F012", "metadata+0x70", "the list of sources should have 4294967295 entries"),
        row("s08: constants", Patch("constants+0x0 ff ff ff ff"), "F012", "constants+0x0", "the constant pool should have 4294967295 entries"),
        row("s08: types", Patch("types+0x0 ff ff ff ff"), "F012", "types+0x0", "the types should have 4294967295 entries"),
        row("s08: fields", other(types(1, b"\x01\x01\0\0\0p\xff\xff\xff\xff")), "F012", "types+0xa", "the fields should have 4294967295 entries"),
        row("s08: elements", other(types(1, b"\x02\xff\xff\xff\xff")), "F012", "types+0x5", "the elements should have 4294967295 entries"),
        row("s08: imports", Patch("imports+0x0 ff ff ff ff"), "F012", "imports+0x0", "the imports should have 4294967295 entries"),
        row("s08: functions", Patch("functions+0x0 ff ff ff ff"), "F012", "functions+0x0", "the functions should have 4294967295 entries"),
        row("s08: slots", Patch("functions+0x1a ff ff"), "F003", "functions+0x1c", "the list of slots needs 327675 bytes, and has 5"),
        row("s08: the code of a function", Patch("functions+0x16 ff ff ff ff"), "F016", "functions+0x16", "is 4294967295, there are 24"),
        row("s08: debug entries", Patch("debug+0x0 ff ff ff ff"), "F012", "debug+0x0", "the debug entries should have 4294967295 entries"),
        row("s08: line records", Patch("debug+0xc ff ff ff ff"), "F012", "debug+0xc", "the line records should have 4294967295 entries"),
        row("slot: kind", Patch("functions+0x1c 04"), "F005", "functions+0x1c", "a slot's kind is 4; it must be 1 with a mask"),
        row("slot: mask", Patch("functions+0x1c 01 00 01"), "F005", "functions+0x1d", "the mask of a slot is 256"),
        row("slot: tag", Patch("functions+0x1c 03 09"), "F005", "functions+0x1d", "the tag of a slot is 9"),
        row("slot: type", Patch("functions+0x1c 02 0a"), "F005", "functions+0x1d", "the type of a slot is 10"),
        row("s08: names of slots", Patch("debug+0x24 ff ff ff ff"), "F012", "debug+0x24", "the names should have 4294967295 entries"),
        object_row("s08: relocations", Patch("relocations+0x0 ff ff ff ff"), "F012", "relocations+0x0", "the relocations should have 4294967295 entries"),

        row("s11: a byte behind the end", other(|good| [good, &[0]].concat()), "F011", "file+0x266", "1 byte too many"),
        row("s11: a MiB behind the end", other(|good| [good, &[0; 1 << 20]].concat()), "F011", "file+0x266", "1048576 bytes too many"),

        row("s12: a section twice", other(|good| with_order(good, &[0, 0])), "F008", "file+0x38", "section 1 stands behind section 1"),
        row("s12: in the wrong order", other(|good| with_order(good, &[1, 0])), "F008", "file+0x38", "section 1 stands behind section 2"),
        row("s12: no metadata", other(|good| without(good, SectionId::Metadata)), "F009", "file+0x110", "the section `metadata` is missing"),
        row("s12: no functions", other(|good| without(good, SectionId::Functions)), "F009", "file+0x110", "the section `functions` is missing"),
        row("s12: no code", other(|good| without(good, SectionId::Code)), "F009", "file+0x110", "the section `code` is missing"),
        row("s12: no section at all", other(|good| with_order(good, &[])), "F009", "file+0x20", "the section `metadata` is missing"),

        row("s13: unknown and critical", Patch("file+0xfa 01"), "F007", "file+0xf8", "unknown critical section 11 `of a later version`"),
        row("s13: a section without a name", Patch("file+0x23f 00"), "F017", "file+0x23f", "a section without a name"),
        row("s13: a name past the end", Patch("file+0x23f f0"), "F003", "file+0x243", "the name of a section needs 240 bytes"),
        row("s13: a name far past the end", Patch("file+0x23f 00 00 00 01"), "F003", "file+0x243", "the name of a section needs 16777216 bytes, and has 21"),
        row("s13: a name of 256 bytes", other(long_section_name), "L001", "file+0x23f", "the name of a section has 256 bytes; the limit is 255"),
        row("s13: a name that is not UTF-8", Patch("file+0x244 ff"), "F013", "file+0x244", "not UTF-8 from its byte 1"),
        row("s13: a section numbered 0", Patch("file+0x20 00"), "F005", "file+0x20", "the number of a section is 0"),

        row("s14: a type in itself", Patch("types+0x5 10"), "F018", "types+0x4", "type 0: "),
        row("s14: an unknown form", Patch("types+0x4 05"), "F005", "types+0x4", "a type's form is 5"),
        row("s14: an unknown tag", Patch("types+0x5 09"), "F005", "types+0x5", "a type is 9"),
        row("s14: a type without bytes", other(types(1, b"\x04\0\0\0\0")), "F018", "types+0x4", "type 0: "),
        row("s14: a chain of 10,000 types", other(chain_of_types), "F018", "types+0x244", "type 64: "),

        row("s18: tag 0", Patch("constants+0x4 00"), "F005", "constants+0x4", "a constant's tag is 0"),
        row("s18: tag 10", Patch("constants+0x4 0a"), "F005", "constants+0x4", "a constant's tag is 10"),
        row("s18: tag 255", Patch("constants+0x4 ff"), "F005", "constants+0x4", "a constant's tag is 255"),
        row("s19: an int of eight bytes", other(constant(2, 1 << 32)), "F017", "constants+0x5", "constant 0 is no int"),
        row("s19: a byte of two bytes", other(constant(7, 0x100)), "F017", "constants+0x5", "constant 0 is no byte"),
        row("s19: a bool of eight bytes", other(constant(6, 1 << 63)), "F017", "constants+0x5", "constant 0 is no bool"),
        row("s20: bool 2", other(constant(6, 2)), "F017", "constants+0x5", "constant 0 is no bool"),
        row("s20: bool 255", other(constant(6, 255)), "F017", "constants+0x5", "constant 0 is no bool"),
        row("s20: char D800", other(constant(8, 0xd800)), "F017", "constants+0x5", "constant 0 is no char"),
        row("s20: char DFFF", other(constant(8, 0xdfff)), "F017", "constants+0x5", "constant 0 is no char"),
        row("s20: char 110000", other(constant(8, 0x11_0000)), "F017", "constants+0x5", "constant 0 is no char"),
        row("s20: char FFFFFFFF", other(constant(8, 0xffff_ffff)), "F017", "constants+0x5", "constant 0 is no char"),
        row("s21: not UTF-8", Patch("constants+0xe ff"), "F013", "constants+0xe", "a string constant is not UTF-8 from its byte 1"),
        row("s21: past the pool", Patch("constants+0x9 03"), "F016", "constants+0x5", "the end of a string constant is 3, there are 2"),

        row("limits: the name of a struct", other(long_name), "L001", "types+0x5", "a struct's name has 4097 bytes; the limit is 4096"),
        row("limits: the producer", other(long_producer), "L001", "metadata+0x66", "the producer has 4097 bytes; the limit is 4096"),

        row("ids: meaning", other(|good| resealed(good, "metadata+0x0 00")), "F019", "metadata+0x0", "the content id of the meaning is "),
        row("ids: whole file", other(|good| resealed(good, "metadata+0x20 00")), "F019", "metadata+0x20", "the content id of the whole file is "),
        row("ids: another producer", other(|good| resealed(good, "metadata+0x6a 41")), "F019", "metadata+0x20", "the content id of the whole file is "),
        row("ids: another stack", other(|good| resealed(good, "functions+0x10 02")), "F019", "metadata+0x0", "the content id of the meaning is "),
        row("ids: another certificate", other(|good| resealed(good, "certificate+0x0 00")), "F019", "metadata+0x20", "the content id of the whole file is "),

        row("proof: half a bound", Patch("metadata+0x56 ff ff ff ff ff ff ff ff"), "F017", "metadata+0x56", "one of arenas and stack is unbounded"),
        row("proof: flags", Patch("metadata+0x55 02"), "F005", "metadata+0x55", "the flags byte of a proof is 2"),
        row("proof: no such function", Patch("metadata+0x51 09"), "F016", "metadata+0x45", "the function of a proof is 9, there are 1"),

        object_row("relocation: at an opcode", Patch("relocations+0x4 06"), "F020", "relocations+0x4", "relocation 0 does not stand at the function"),
        object_row("relocation: at another operand", Patch("relocations+0x4 11"), "F020", "relocations+0x4", "relocation 0 does not stand at the function"),
        object_row("relocation: behind the code", Patch("relocations+0x4 ff"), "F020", "relocations+0x4", "relocation 0 stands behind the code"),
        object_row("relocation: at an operand that is not zero", Patch("code+0x7 01"), "F020", "relocations+0x4", "relocation 0 stands at an operand that is not zero"),
        object_row("relocation: of a host function", Patch("relocations+0x8 00"), "F020", "relocations+0x8", "relocation 0 names import 0"),
        object_row("relocation: of no import", Patch("relocations+0x8 02"), "F020", "relocations+0x8", "relocation 0 names import 2"),
        object_row("relocation: twice at one place", other(|good| with_body(good, SectionId::Relocations, b"\x02\0\0\0\x07\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0")), "F015", "relocations+0xc", "relocation 1 is not behind"),
        object_row("relocation: none for an import", other(|good| without(good, SectionId::Relocations)), "F017", "imports+0x0", "no relocation names import 1"),
        object_row("relocation: of a function of the file itself", other(import_of_itself), "F017", "imports+0x0", "import 1 is a function of the file itself"),
        object_row("relocation: in a program", Patch("file+0xa 01"), "F017", "file+0xb0", "relocations in a file of the kind program"),
        object_row("relocation: an import of a library", other(library_with_module_import), "F005", "imports+0x13", "an import's kind is 2"),
    ]
}

fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(old) {
            out.extend_from_slice(new);
            rest = behind;
        } else {
            out.push(*first);
            rest = behind;
        }
    }
    out
}

fn seven_bits(good: &[u8]) -> Vec<u8> {
    good.iter().map(|byte| byte & 0x7f).collect()
}

/// A patch under right checksums and the old content ids.
fn resealed(good: &[u8], directive: &str) -> Vec<u8> {
    let mut bytes = good.to_vec();
    match patch(&mut bytes, directive) {
        Ok(()) => repair_checksums(&mut bytes),
        Err(_) => bytes.clear(),
    }
    bytes
}

/// Other types, so many of them.
fn types(count: u32, entries: &'static [u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    move |good| with_body(good, SectionId::Types, &[&count.to_le_bytes(), entries].concat())
}

/// Each an array of the one before it.
fn chain_of_types(good: &[u8]) -> Vec<u8> {
    const LENGTH: u32 = 10_000;
    let mut body = LENGTH.to_le_bytes().to_vec();
    for index in 0..LENGTH {
        let element = if index == 0 { 7 } else { 16 + index - 1 };
        body.push(3);
        body.extend_from_slice(&element.to_le_bytes());
        body.extend_from_slice(&1u32.to_le_bytes());
    }
    with_body(good, SectionId::Types, &body)
}

/// One constant.
fn constant(tag: u8, bits: u64) -> impl Fn(&[u8]) -> Vec<u8> {
    move |good| {
        let body = [&1u32.to_le_bytes()[..], &[tag], &bits.to_le_bytes()].concat();
        with_body(good, SectionId::Constants, &body)
    }
}

/// A custom section whose name is a byte too long.
fn long_section_name(good: &[u8]) -> Vec<u8> {
    let Ok(parsed) = vega_format::read(good) else { return Vec::new() };
    let mut builder = Builder::from_parsed(&parsed);
    builder.custom.iter_mut().for_each(|section| section.name = "n".repeat(255));
    let bytes = builder.write().unwrap_or_default();
    let (old, new) = ([&255u32.to_le_bytes()[..], b"nn"].concat(), [&256u32.to_le_bytes()[..], b"nn"].concat());
    let mut bytes = replaced(&bytes, &old, &new);
    repair_checksums(&mut bytes);
    bytes
}

/// A struct whose name is a byte too long.
fn long_name(good: &[u8]) -> Vec<u8> {
    let name = [b'n'; 4097];
    let head = [&1u32.to_le_bytes()[..], &[1], &(name.len() as u32).to_le_bytes()].concat();
    with_body(good, SectionId::Types, &[&head[..], &name, &[0; 12]].concat())
}

/// A producer whose name is a byte too long.
fn long_producer(good: &[u8]) -> Vec<u8> {
    const PRODUCER: usize = 0x66;
    let body = section(good, SectionId::Metadata).and_then(|body| good.get(body)).unwrap_or_default();
    let name = [b'n'; 4097];
    let length = (name.len() as u32).to_le_bytes();
    with_body(good, SectionId::Metadata, &[body.get(..PRODUCER).unwrap_or_default(), &length, &name].concat())
}

/// The module import bears the name of the function that calls it.
fn import_of_itself(good: &[u8]) -> Vec<u8> {
    let name = b"length(14geometry.point)d";
    let host = b"\x02\0\0\0\x01\x0a\0\0\0io.put(s)V\x02";
    with_body(good, SectionId::Imports, &[&host[..], &(name.len() as u32).to_le_bytes(), name].concat())
}

fn library_with_module_import(good: &[u8]) -> Vec<u8> {
    let mut bytes = without(good, SectionId::Relocations);
    bytes[10] = Kind::Library as u8;
    repair(&mut bytes);
    bytes
}

fn every_prefix() -> Check {
    for good in [program()?, object()?] {
        for length in 0..good.len() {
            let wanted = if length < Header::SIZE { 0 } else { length as u64 };
            match vega_format::read(&good[..length]) {
                Err(error) if matches!(error.kind, FormatErrorKind::Truncated { .. }) && error.offset == wanted => {}
                other => return Err(format!("of {} bytes the first {length}: {other:?}", good.len())),
            }
        }
        judge(&good).map_err(|found| format!("{found:?}"))?;
    }
    Ok(())
}

fn other_kinds() -> Check {
    for (bytes, kind) in [(object()?, Kind::Object), (assembled("library.vasm")?, Kind::Library)] {
        let imports = Imports::console(Console::new(Vec::new(), &b""[..]));
        match load(bytes, &imports, &Limits::default(), &mut ()) {
            Err(LoadError::NotAProgram(found)) if found == kind => {}
            other => return Err(format!("an {kind} is loaded: {other:?}")),
        }
        let words = LoadError::NotAProgram(kind).to_string();
        if !(words.contains(&kind.to_string()) && words.contains("program")) {
            return Err(format!("the kind found and the kind wanted are not told: {words}"));
        }
    }
    Ok(())
}

fn stale_checksums() -> Check {
    let good = program()?;
    let head = vega_format::container::Head::read(&good).map_err(|error| error.to_string())?;
    for record in head.sections() {
        let mut bytes = good.clone();
        bytes[(record.offset + record.length) as usize - 1] ^= 1;
        let head = vega_format::container::Head::read(&bytes).map_err(|error| error.to_string())?;
        let computed = crc32fast::hash(&bytes[record.offset as usize..(record.offset + record.length) as usize]);
        let words = format!(
            "the checksum of the section `{}` is {:08x} in the file and {computed:08x} over its bytes",
            head.name(record),
            record.checksum
        );
        match judge(&bytes).map_err(|found| found.into_iter().next()) {
            Err(Some((code, at, found))) if (code.as_str(), at) == ("F006", record.offset) && found == words => {}
            other => return Err(format!("found {other:?}, wanted {words}")),
        }
    }
    Ok(())
}

fn custom_sections() -> Check {
    let good = vega_format::read(program()?).map_err(|error| error.to_string())?;
    for content in [Vec::new(), vec![0], good.bytes().to_vec(), vec![0xff; 100_000]] {
        let mut builder = Builder::from_parsed(&good);
        builder.custom.iter_mut().for_each(|section| section.bytes.clone_from(&content));
        let bytes = builder.write().map_err(|error| error.to_string())?;
        let parsed = vega_format::read(bytes.as_slice()).map_err(|error| error.to_string())?;
        let kept = parsed.custom_sections().filter(|section| section.bytes == content).count();
        if kept != 2 || parsed.ids().meaning != good.ids().meaning {
            return Err(format!("{kept} sections are kept"));
        }
        crate::module::check_round_trip(&bytes)?;
        let imports = Imports::console(Console::new(Vec::new(), &b""[..]));
        load(bytes, &imports, &Limits::default(), &mut ()).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn bodies_of_other_lengths() -> Check {
    for (good, id) in [(program()?, None), (object()?, Some(SectionId::Relocations))] {
        let ids = SectionId::ALL.into_iter().filter(|known| id.is_none_or(|id| id == *known));
        for id in ids {
            let Some(range) = section(&good, id) else { continue };
            let body = &good[range];
            let shorter = with_body(&good, id, &body[..body.len() - 1]);
            let longer = with_body(&good, id, &[body, &[0]].concat());
            for bytes in [shorter, longer] {
                let refused = match vega_format::read(bytes) {
                    Ok(_) => matches!(id, SectionId::Certificate | SectionId::Signature),
                    Err(error) => {
                        let is_length = matches!(error.kind.code(), "F003" | "F011" | "F012" | "F016");
                        let its_own = error.section == Some(id)
                            || (id, error.section) == (SectionId::Code, Some(SectionId::Functions));
                        is_length && its_own
                    }
                };
                if !refused {
                    return Err(format!("another length of `{id}` is not told as that"));
                }
            }
        }
    }
    Ok(())
}

fn longest_string() -> Check {
    let most = vega_format::container::constants::MOST_STRING;
    let with_string = |length: usize| {
        let code = |builder: &mut Builder| {
            let index = builder.constant(ConstantValue::String("x".repeat(length)));
            vec![Instruction::LoadConst { index }, Instruction::StackPop {}, Instruction::Return {}]
        };
        library(code)
    };
    judge(&with_string(most).write().map_err(|error| error.to_string())?).map_err(|found| format!("{found:?}"))?;
    let words = with_string(most + 1).write().map(drop).map_err(|error| error.to_string());
    if words != Err(format!("the length of a string constant is {}; the limit is {most}", most + 1)) {
        return Err(format!("a longer one can be written: {words:?}"));
    }
    let long = format!("a string constant has {} bytes; the limit is {most}", most + 1);
    let length = (most as u32 + 1).to_le_bytes();
    let body = [&[1, 0, 0, 0, 9, 0, 0, 0, 0][..], &length, &vec![b'x'; most + 1]].concat();
    match judge(&with_body(&program()?, SectionId::Constants, &body)) {
        Err(found) if matches!(found.as_slice(), [(code, _, words)] if code == "L001" && words.contains(&long)) => {
            Ok(())
        }
        other => Err(format!("a longer one is read: {other:?}")),
    }
}

/// Were it not linear, the test would take hours.
fn a_million_constants() -> Check {
    const COUNT: u64 = 1_000_000;
    let with_constants = |value: fn(u64) -> u64| {
        library(|builder| {
            let mut code = Vec::new();
            for number in 0..COUNT {
                let index = builder.constant(ConstantValue::Scalar(Tag::Int, value(number)));
                code.extend([Instruction::LoadConst { index }, Instruction::StackPop {}]);
            }
            code.push(Instruction::Return {});
            code
        })
    };
    let distinct: fn(u64) -> u64 = |number| number;
    let equal: fn(u64) -> u64 = |_| 7;
    for (value, wanted) in [(distinct, COUNT as u32), (equal, 1)] {
        let module = with_constants(value).finish().map_err(|error| error.to_string())?;
        let found = module.module().constant_count();
        if found != wanted {
            return Err(format!("{found} constants are written, wanted {wanted}"));
        }
    }
    Ok(())
}

/// A library of one function, whose code may need constants.
fn library(code: impl FnOnce(&mut Builder) -> Vec<Instruction>) -> Builder {
    let mut builder = Builder::new(Kind::Library);
    let code = code(&mut builder);
    builder.add_function("f()V", FunctionDraft { code, max_stack: Some(1), ..FunctionDraft::default() });
    builder
}
