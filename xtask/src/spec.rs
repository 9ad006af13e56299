//! The page `spec/instruction-set.md`, made from the instruction table so that it cannot disagree with it.

mod source;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use vega_format::instruction::{Effect, Flow, OperandKind, ROWS, Row, Space, Spelling, Steps};
use vega_format::trap::TrapKind;

const PAGE: &str = "spec/instruction-set.md";

/// The first number of each section of the page, its heading, and what holds for all its rows.
const SECTIONS: &[(u8, &str, &str)] = &[
    (
        0x00,
        "Arenas and variables",
        "A slot belongs to the frame, its bytes to the arena that was innermost when it was allocated.",
    ),
    (0x10, "Calls and jumps", "The offset of a jump counts from the start of the function's code."),
    (
        0x18,
        "Arrays, views and strings",
        "An index may be of any integer type. Offsets are those of a scalar inside one element.",
    ),
    (0x28, "Truth values and characters", ""),
    (0x38, "Arithmetic on bytes", "Unsigned, modulo 2^8."),
    (
        0x50,
        "Arithmetic on shorts",
        "Two's complement, modulo 2^16. The smallest short divided by −1 is itself, with remainder 0.",
    ),
    (
        0x68,
        "Arithmetic on ints",
        "Two's complement, modulo 2^32. The smallest int divided by −1 is itself, with remainder 0.",
    ),
    (
        0x80,
        "Arithmetic on longs",
        "Two's complement, modulo 2^64. The smallest long divided by −1 is itself, with remainder 0.",
    ),
    (
        0x98,
        "Arithmetic on floats",
        "IEEE 754 binary32, rounding to nearest, ties to even. A NaN that is computed is 0x7fc00000.",
    ),
    (
        0xac,
        "Arithmetic on decimals",
        "IEEE 754 binary64, rounding to nearest, ties to even. A NaN that is computed is 0x7ff8000000000000.",
    ),
    (
        0xc0,
        "Conversions",
        "Integers keep their lowest bits when narrowed. From float and decimal the fraction is dropped, \
what is out of range gives the nearest bound, and NaN gives 0.",
    ),
];

const HEAD: &str = "\
# Instruction set

<!-- Generated from vega-format/src/instruction/table.rs by `cargo xtask spec`; edit the table, not this page. -->

An instruction is one byte, its number, and then its operands, each of fixed width and little-endian. In a listing each
operand stands behind its key: `VAR_ALLOC slot=0 mask=00000010`. Numbers that no row has are refused by the verifier
(V101).

The column *stack* shows what an instruction takes from the expression stack and what it leaves there, as
`taken => left`; the last one named is the top. Where it speaks of `value`, `constant` or `result`, the type follows from
the operands, and a union is two cells, its value below its tag. The verifier holds every instruction to it (V201, V202).

The column *arena* shows what it does to the arena that is innermost, or to a slot in one that is open; most do nothing.

The column *steps* says what an instruction costs: `1`, or `bulk` for 1 and another for every 64 bytes that it touches. A
basic block is charged whole on entry. Every instruction is also subject to the limits of the run.

The column *source* shows a line that the compiler makes it of, in the place of `HERE` in this program:

";

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

fn path() -> PathBuf {
    root().join(PAGE)
}

/// Writes the page.
pub(crate) fn write() -> Result<(), String> {
    fs::write(path(), page()).map_err(|error| format!("`{PAGE}` cannot be written: {error}"))?;
    println!("wrote {PAGE}");
    Ok(())
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let _ = writeln!(page, "```text\n{}```\n", source::CONTEXT);
    operands(&mut page);
    for (place, (first, title, prose)) in SECTIONS.iter().enumerate() {
        let next = SECTIONS.get(place + 1).map(|(first, ..)| *first);
        let rows = ROWS.iter().filter(|row| row.number >= *first && next.is_none_or(|next| row.number < next));
        section(&mut page, title, prose, rows);
    }
    page
}

/// A table of the kinds of operands that the rows use.
fn operands(page: &mut String) {
    let kinds: BTreeMap<&str, &OperandKind> =
        ROWS.iter().flat_map(|row| row.operands).map(|(_, kind)| (kind.name, kind)).collect();
    page.push_str("## Operands\n\n| kind | bytes | written as | is |\n|---|---|---|---|\n");
    for kind in kinds.values() {
        let spelling = match kind.spelling {
            Spelling::Number => "a decimal number",
            Spelling::Binary => "eight binary digits",
            Spelling::TagName => "the name of a scalar type",
            Spelling::Label => "a label, or an offset in hexadecimal",
        };
        let _ = writeln!(page, "| {} | {} | {spelling} | {} |", kind.name, kind.width, meaning(kind));
    }
    page.push('\n');
}

fn meaning(kind: &OperandKind) -> &'static str {
    match (kind.space, kind.spelling) {
        (Space::Constants, _) => "an index of the module's constants (V104)",
        (Space::Imports, _) => "an index of the module's imports (V104)",
        (Space::Functions, _) => "an index of the module's functions (V104)",
        (Space::Statics, _) => "an index of the module's static blocks (V104)",
        (Space::Slots, _) => "an index of the function's slots (V104)",
        (Space::Cells, _) => {
            "a cell of the frame: parameters from 0 on, then the expression stack from its bottom (V104)"
        }
        (Space::Code, _) => "the offset of an instruction of the same function (V103)",
        (Space::Plain, Spelling::Binary) => "a set of scalar types",
        (Space::Plain, Spelling::TagName) => "a scalar type",
        (Space::Plain, _) => match kind.name {
            "Depth" => "a number of types around a part",
            "Count" => "a number of cells",
            _ => "a number of bytes",
        },
    }
}

fn section<'r>(page: &mut String, title: &str, prose: &str, rows: impl Iterator<Item = &'r Row>) {
    let _ = writeln!(page, "## {title}\n");
    if !prose.is_empty() {
        let _ = writeln!(page, "{prose}\n");
    }
    page.push_str(
        "| number | instruction | operands | stack | arena | then | steps | traps | source | |\n\
|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let operands = row.operands.iter().map(|(key, kind)| format!("{key}: {} ({})", kind.name, kind.width));
        let operands = operands.collect::<Vec<_>>().join(", ");
        let steps = match row.steps {
            Steps::One => "1",
            Steps::Bulk => "bulk",
        };
        let traps = row.traps.iter().map(|trap| trap_name(*trap)).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            page,
            "| {:#04x} | `{}` | {operands} | `{}` | {} | {} | {steps} | {traps} | {} | {} |",
            row.number,
            row.mnemonic,
            effect(row.effect),
            row.arena,
            flow(row.flow),
            // A bar would end the cell.
            source::line(row).map_or(String::new(), |line| format!("`{}`", line.replace('|', "\\|"))),
            row.prose,
        );
    }
    page.push('\n');
}

fn trap_name(trap: TrapKind) -> String {
    format!("{} {}", trap.code(), trap.row().name)
}

fn effect(effect: Effect) -> String {
    match effect {
        Effect::By(_, shown) => shown.to_owned(),
        Effect::Fixed { pops, pushes } => {
            let words = |types: &[vega_format::instruction::Pattern]| {
                types.iter().map(|type_| format!("{type_:?}").to_lowercase()).collect::<Vec<_>>().join(" ")
            };
            format!("{} => {}", words(pops), words(pushes)).trim().to_owned()
        }
    }
}

fn flow(flow: Flow) -> &'static str {
    match flow {
        Flow::next => "next",
        Flow::calls => "call, then next",
        Flow::branches => "target or next",
        Flow::jumps => "target",
        Flow::ends => "ends",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_fresh() {
        let written = fs::read_to_string(path()).unwrap_or_default();
        assert!(written == page(), "{PAGE} is stale; run `cargo xtask spec`");
    }

    #[test]
    fn every_instruction_has_a_line_of_source() {
        let without: Vec<&str> =
            ROWS.iter().filter(|row| source::line(row).is_none()).map(|row| row.mnemonic).collect();
        assert!(without.is_empty(), "say in xtask/src/spec/source.rs what yields {}", without.join(", "));
    }

    #[test]
    fn every_section_begins_with_a_row_and_every_row_has_a_section() {
        assert_eq!(SECTIONS.first().map(|(first, ..)| *first), Some(0));
        assert!(SECTIONS.is_sorted_by_key(|(first, ..)| *first));
        for (first, title, _) in SECTIONS {
            assert!(ROWS.iter().any(|row| row.number == *first), "{title}");
        }
    }
}
