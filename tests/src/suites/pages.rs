//! What the pages of `spec/` say about bytes and rules is compared with the bytes and the rules.

use crate::case::{Check, root, trial};
use crate::module;
use crate::suites::{fences, verify};
use libtest_mimic::Trial;
use std::fs;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::container::{EntryResult, FunctionDebug, Kind, Line, SlotKind};
use vega_format::instruction::{Capacity, Instruction, Size, Slot};
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;

/// A test a page.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("spec/container.md: the sample is what the builder writes", check_sample),
        trial("spec/verification.md: every rule with its sentence and its files", check_rules),
    ]
}

fn page(name: &str) -> Result<String, String> {
    fs::read_to_string(root().join("spec").join(name)).map_err(|error| format!("spec/{name}: {error}"))
}

/// A small program with every section.
fn sample() -> Result<Vec<u8>, String> {
    let mut builder = Builder::new(Kind::Program);
    builder.producer = "a tool".to_owned();
    builder.sources = vec!["a.vg".to_owned()];
    builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
    let array = builder.stencil(Stencil::Array(TypeRef::Scalar(Tag::Int), 2)).map_err(|error| error.to_string())?;
    let hi = builder.constant(ConstantValue::String("hi".to_owned()));
    let code = vec![
        Instruction::StackAlloc { capacity: Capacity(8) },
        Instruction::StencilAlloc { slot: Slot(0), size: Size(8) },
        Instruction::LoadConst { index: hi },
        Instruction::CallNat { import: builder.import("io.put(s)V") },
        Instruction::StackFree {},
        Instruction::Return {},
    ];
    let lines = vec![Line { offset: 0, line: 1 }, Line { offset: 2, line: 3 }];
    let debug = FunctionDebug { source: 0, line: 1, lines, parameters: Vec::new(), slots: vec!["xs".into()] };
    let draft = FunctionDraft { slots: vec![SlotKind::Stencil(array)], code, debug: Some(debug), ..Default::default() };
    builder.add_function("main()V", draft);
    builder.write().map_err(|error| error.to_string())
}

/// The `hex` fence has lines `OFFSET BYTE … | remark`; the bytes of all lines are the sample.
fn check_sample() -> Check {
    let written = sample()?;
    module::judge(&written).map_err(|refusals| format!("the sample is refused: {refusals:?}"))?;
    let fences = fences::read("spec/container.md", &page("container.md")?);
    let fence = fences.iter().find(|fence| fence.info == "hex").ok_or("the page has no `hex` fence")?;
    let mut shown = Vec::new();
    for line in fence.text.lines() {
        let (bytes, _) = line.split_once('|').ok_or_else(|| format!("no remark: {line}"))?;
        let mut words = bytes.split_whitespace();
        let offset = words.next().and_then(|word| usize::from_str_radix(word, 16).ok());
        if offset != Some(shown.len()) {
            return Err(format!("this line stands at {:04x}: {line}", shown.len()));
        }
        for word in words {
            shown.push(u8::from_str_radix(word, 16).map_err(|_| format!("`{word}` is no byte: {line}"))?);
        }
    }
    if shown == written {
        return Ok(());
    }
    let place = shown.iter().zip(&written).position(|(a, b)| a != b).unwrap_or(shown.len().min(written.len()));
    let hex: Vec<String> = written.iter().map(|byte| format!("{byte:02x}")).collect();
    Err(format!("the page differs from byte {place:#x} on; the sample is\n{}", hex.join(" ")))
}

fn check_rules() -> Check {
    let text = page("verification.md")?;
    let mut missing = Vec::new();
    for rule in verify::rules() {
        let (accepted, refused) = verify::files_of(rule.code)?;
        let file = |cases: &[crate::Case]| cases.first().map(|case| case.name.clone()).unwrap_or_default();
        let row = format!("| {} | {} | `{}` | `{}` |", rule.code, rule.sentence, file(&accepted), file(&refused));
        if !text.contains(&row) {
            missing.push(row);
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("these rows are missing or stale:\n{}", missing.join("\n"))) }
}
