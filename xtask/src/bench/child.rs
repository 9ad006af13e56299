//! What this program does when it was started by itself, built in release: things that are measured and have no command.

use super::objects::{self, Shape};
use super::{measure, vega, wasm};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use vega_format::builder::{Builder, CustomSection, FunctionDraft};
use vega_format::container::{Kind, SectionId};
use vega_format::instruction::Instruction;
use vega_format::verify::{Options, verify_with};

/// How often a phase is repeated in one process; the shortest time counts.
const REPEATS: usize = 5;

/// The words after `child`.
pub(crate) fn main(words: &[&str]) -> Result<(), String> {
    match words {
        ["measure", program, words @ ..] => measure::one(program, words),
        ["ask", program, words @ ..] => measure::ask(program, words),
        ["generate", folder, functions] => generate(Path::new(folder), functions),
        ["large", file] => large(Path::new(file)),
        ["objects", folder, objects, each] => write_objects(Path::new(folder), objects, each),
        ["verify", file, threads] => verify(file, threads),
        ["read", file] => vega_format::read(file_of(file)?).map(forget).map_err(|error| error.to_string()),
        ["phases", file] => phases(file),
        ["nothing"] => Ok(()),
        _ => Err(format!("no such child: {}", words.join(" "))),
    }
}

/// Writes both modules into a folder and says what they are made of.
fn generate(folder: &Path, functions: &str) -> Result<(), String> {
    let functions = functions.parse().map_err(|_| format!("`{functions}` is no number of functions"))?;
    let (bytes, counts) = vega::module(functions)?;
    let (wasm, wasm_counts) = wasm::module(functions);
    for (name, bytes, counts) in [("bench.vgb", &bytes, counts), ("bench.wasm", &wasm, wasm_counts)] {
        fs::write(folder.join(name), bytes).map_err(|error| format!("`{name}` cannot be written: {error}"))?;
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} |",
            bytes.len(),
            counts.functions,
            counts.instructions,
            counts.variables,
            counts.calls,
            counts.constants
        );
    }
    Ok(())
}

/// Writes a module of which nearly all is a section that nobody knows.
fn large(file: &Path) -> Result<(), String> {
    let mut builder = Builder::new(Kind::Library);
    let section =
        CustomSection { number: SectionId::FIRST_CUSTOM, name: "large".to_owned(), bytes: vec![1; 100 << 20] };
    builder.custom.push(section);
    let draft = FunctionDraft { exported: true, code: vec![Instruction::Return {}], ..FunctionDraft::default() };
    builder.add_function("nothing()V", draft);
    let bytes = builder.write().map_err(|error| error.to_string())?;
    fs::write(file, bytes).map_err(|error| format!("`{}` cannot be written: {error}", file.display()))
}

/// Writes objects in all formats into a folder, for who wants to look at a linker alone.
fn write_objects(folder: &Path, objects: &str, each: &str) -> Result<(), String> {
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number"));
    let shape = Shape { objects: number(objects)?, each: number(each)? };
    shape.write(folder, "vgo", objects::vega)?;
    shape.write(folder, "o", objects::elf)?;
    shape.write(folder, "wasm", objects::wasm)
}

fn file_of(name: &str) -> Result<Vec<u8>, String> {
    fs::read(name).map_err(|error| format!("`{name}` cannot be read: {error}"))
}

/// Reads a module, verifies it and composes its proof.
fn verify(name: &str, threads: &str) -> Result<(), String> {
    let threads = threads.parse().map_err(|_| format!("`{threads}` is no number of threads"))?;
    let bytes = match threads {
        1 => file_of(name)?,
        _ => vega_report::command::read_input(Path::new(name)).map_err(|error| format!("`{name}`: {error}"))?,
    };
    let parsed = vega_format::read::read_on(bytes, threads).map_err(|error| error.to_string())?;
    let verified = verify_with(parsed, Options { threads, ..Options::default() }).map_err(|errors| {
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        words.join("\n")
    })?;
    forget(verified);
    Ok(())
}

/// A tool does not clean up before it exits.
fn forget<T>(value: T) {
    core::mem::forget(black_box(value));
}

/// The phases of the same work, each by itself, in nanoseconds.
fn phases(name: &str) -> Result<(), String> {
    let bytes = file_of(name)?;
    let mut best = [Duration::MAX; 4];
    for _ in 0..REPEATS {
        let owned = bytes.clone();
        let start = Instant::now();
        black_box(crc32fast::hash(&owned));
        let summed = start.elapsed();
        let start = Instant::now();
        let parsed = vega_format::read(owned).map_err(|error| error.to_string())?;
        let read = start.elapsed();
        let start = Instant::now();
        let verified = vega_format::verify(parsed).map_err(|_| "it is refused".to_owned())?;
        let judged = start.elapsed();
        let start = Instant::now();
        black_box(vega_format::proof::Proof::of(verified.summaries()));
        let proved = start.elapsed();
        for (best, now) in best.iter_mut().zip([summed, read, judged, proved]) {
            *best = now.min(*best);
        }
    }
    for (name, time) in ["crc", "read", "verify", "proof"].iter().zip(best) {
        println!("{name} {}", time.as_nanos());
    }
    Ok(())
}
