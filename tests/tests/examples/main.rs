//! The programs in `examples/` against the tools that people know, on the files of this repository, and against published
//! answers.
//!
//! This file has what they share. Where a tool is not installed, the test says so and what it could not compare.

mod codes;
mod lines;
mod machines;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vega_format::budget::Budget;
use vega_format::verify::Verified;
use vega_report::{Format, Sources, draw};
use vega_tests::output::Shared;
use vegac::command::SearchOptions;
use vegavm::{Console, End, Imports, Limits, arguments, load};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The module of an example, which compiles without a word.
fn compile(name: &str) -> Verified {
    let path = root().join("examples").join(name);
    let source = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut sources = Sources::new();
    let mut modules = SearchOptions::default().modules_of(&path);
    let compiled = vegac::compile_project(name, &source, &mut sources, vegac::Options::default(), &mut modules);
    let complaints: String =
        compiled.diagnostics.iter().map(|diagnostic| draw(diagnostic, &sources, Format::Human, false)).collect();
    let module = compiled.module.unwrap_or_else(|| panic!("{complaints}"));
    assert_eq!(complaints, "", "{name} compiles without a word");
    module
}

/// Runs an example; gives its output and its result as text, empty if it has none.
fn run(name: &str, words: &[&str], input: &[u8]) -> (Vec<u8>, String) {
    let module = compile(name);
    let output = Shared::default();
    let mut imports = Imports::console(Console::new(output.clone(), input));
    let limits = Limits::trusted();
    let program = load(module.module().bytes().to_vec(), &imports, &limits, &mut |_: &_| {}).expect("it loads");
    let values = arguments::parse(&program, words).expect("its arguments fit");
    let outcome = program.run(&values, &mut imports, &limits, &mut ()).expect("it starts");
    drop(imports);
    let output = output.take();
    match outcome.end {
        End::Result(value) => (output, value.map(|value| value.to_string()).unwrap_or_default()),
        other => panic!("{name}: {other:?}\n{}", String::from_utf8_lossy(&output)),
    }
}

/// What a tool writes for an input; `None` if it is not installed.
fn tool(name: &str, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let child = Command::new(name)
        .args(arguments)
        .env("LC_ALL", if name == "wc" { "C.UTF-8" } else { "C" })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: `{name}` is not installed");
        return None;
    };
    let mut stdin = child.stdin.take().expect("it is piped");
    let writer = std::thread::scope(|scope| {
        let writer = scope.spawn(move || stdin.write_all(input));
        let output = child.wait_with_output().expect("it ends");
        // A tool that stops reading early has seen enough.
        let _ = writer.join();
        output
    });
    Some(writer.stdout)
}

/// Files of this repository: its pages, its examples, and some of its code.
fn files() -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    for folder in [".", "spec", "examples", "vega-format/src", "vegac/src/check"] {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else { continue };
        paths.extend(entries.flatten().map(|entry| entry.path()));
    }
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "md" || extension == "vg" || extension == "rs")
    });
    paths.sort();
    assert!(paths.len() > 20, "the files of the repository are found");
    paths.into_iter().map(|path| (path.clone(), std::fs::read(&path).expect("it can be read"))).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All but the tour, which shows a recursion without a limit, and so has no worst case.
#[test]
fn what_examples_need_is_known_beforehand() {
    let entries = std::fs::read_dir(root().join("examples")).expect("the folder is there").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".vg")).collect();
    names.push("statistics/main.vg".to_owned());
    assert!(names.len() >= 25, "the examples are found");
    for name in names {
        let budget = Budget::of(compile(&name));
        let entry = budget.entry().expect("it has an entry");
        assert_eq!(entry.bytes.is_some(), name != "tour.vg", "{name} has a worst case");
        assert_eq!(entry.never_out_of_memory, Some(true), "{name} never runs out of memory");
    }
}
