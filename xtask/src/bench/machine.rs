//! `cargo xtask bench machine`: making machine code of a module, beside what node does with the same program in WebAssembly,
//! and wasmtime, which has the same compiler.

use super::measure::{Contestant, race};
use super::page::{self, mib, ms};
use std::fs;
use std::path::Path;

/// Nearly as many as a module may have that is compiled.
const FUNCTIONS: &str = "4000";
const ROUNDS: usize = 5;
/// Compiles a module; with these flags all of it, on one thread.
const NODE: &str = "new WebAssembly.Module(require('fs').readFileSync(process.argv[1]))";
const ALL_AT_ONCE: [&str; 3] = ["--no-wasm-tier-up", "--no-wasm-lazy-compilation", "--wasm-num-compilation-tasks=0"];

pub(crate) fn run() -> Result<(), String> {
    let release = super::release()?;
    page::publish_measured("machine", |folder| measure(&release, folder))
}

/// A compiler: what it does before it compiles is measured by another contestant.
struct Compiler {
    contestant: Contestant,
    /// The place of that contestant.
    base: usize,
    /// Bytes that it compiles, and what it makes of them.
    bytes: u64,
    made: Option<u64>,
}

fn measure(release: &Path, folder: &Path) -> Result<String, String> {
    let (starter, vegavm) = (&release.join("xtask"), release.join("vegavm"));
    let made = super::output(starter, &["child", "generate", &folder.display().to_string(), FUNCTIONS])?;
    let (vgb, wasm) = (folder.join("bench.vgb"), folder.join("bench.wasm"));
    let file = vgb.display().to_string();
    // Bytes of bytecode, and of the machine code that becomes of it: the last line.
    let sizes = |more: &[&str]| {
        let text = super::output(&vegavm, &[&["--print", "sizes"], more, &[&file]].concat())?;
        let numbers: Vec<u64> = text.split_whitespace().rev().skip(2).take(2).flat_map(str::parse).collect();
        <[u64; 2]>::try_from(numbers).map_err(|_| format!("two numbers were wanted, found `{text}`"))
    };
    let [apart, without] = [["--disable-pass", "inline"], ["--disable-pass", "all"]];
    let ([whole, bytecode], [single, _], [plain, _]) = (sizes(&[])?, sizes(&apart)?, sizes(&without)?);
    let mut bases = vec![Contestant::new("vega: reads and verifies", starter, &[&"child", &"verify", &file, &"1"])];
    let vega = |name: &str, passes: &[&str], made: u64| {
        let mut words: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"--print", &"sizes"];
        words.extend(passes.iter().map(|pass| pass as &dyn AsRef<std::ffi::OsStr>));
        words.push(&file);
        Compiler { contestant: Contestant::new(name, &vegavm, &words), base: 0, bytes: bytecode, made: Some(made) }
    };
    let mut compilers = vec![
        vega("vega: and compiles", &[], whole),
        vega("vega: and compiles, each function by itself", &apart, single),
        vega("vega: and compiles, without any pass", &without, plain),
    ];
    let mut versions = Vec::new();
    let bytes = fs::metadata(&wasm).map_err(|error| error.to_string())?.len();
    if let Some(node) = super::find("node") {
        versions.push(format!("node: {}", super::first_line(&node, &["--version"])));
        bases.push(Contestant::new("node: starts", &node, &[&"-e", &"0"]));
        for (name, flag) in [("TurboFan", "--no-liftoff"), ("Liftoff", "--liftoff")] {
            let [tier, lazy, tasks] = &ALL_AT_ONCE;
            let words: [&dyn AsRef<std::ffi::OsStr>; 7] = [&flag, tier, lazy, tasks, &"-e", &NODE, &wasm];
            let contestant = Contestant::new(&format!("node: and compiles, {name}"), &node, &words);
            compilers.push(Compiler { contestant, base: bases.len() - 1, bytes, made: None });
        }
    } else {
        versions.push("node: not installed".to_owned());
    }
    if let Some(wasmtime) = super::find("wasmtime") {
        versions.push(super::first_line(&wasmtime, &["--version"]));
        bases.push(Contestant::new("wasmtime: starts", &wasmtime, &[&"--version"]));
        let output = folder.join("bench.cwasm");
        for (name, level) in [("optimised", "opt-level=2"), ("not optimised", "opt-level=0")] {
            let words: [&dyn AsRef<std::ffi::OsStr>; 8] =
                [&"compile", &"-C", &"parallel-compilation=n", &"-O", &level, &"-o", &output, &wasm];
            let contestant = Contestant::new(&format!("wasmtime: and compiles, {name}"), &wasmtime, &words);
            compilers.push(Compiler { contestant, base: bases.len() - 1, bytes, made: None });
        }
    } else {
        versions.push("wasmtime: not installed".to_owned());
    }
    let contestants = bases.iter().chain(compilers.iter().map(|compiler| &compiler.contestant));
    let usages = race(starter, &contestants.cloned().collect::<Vec<_>>(), ROUNDS)?;
    let mut rows: Vec<_> = bases
        .iter()
        .zip(&usages)
        .map(|(base, usage)| {
            vec![base.name.clone(), ms(usage.cpu), String::new(), String::new(), String::new(), mib(usage.peak)]
        })
        .collect();
    for (compiler, usage) in compilers.iter().zip(usages.iter().skip(bases.len())) {
        let base = usages.get(compiler.base).map(|usage| usage.cpu).unwrap_or_default();
        let time = usage.cpu.saturating_sub(base);
        let speed = compiler.bytes as f64 / 1e6 / time.as_secs_f64();
        rows.push(vec![
            compiler.contestant.name.clone(),
            ms(usage.cpu),
            ms(time),
            format!("{speed:.2} MB/s"),
            compiler.made.map(|made| format!("{:.1} ×", made as f64 / compiler.bytes as f64)).unwrap_or_default(),
            mib(usage.peak),
        ]);
    }
    Ok(format!(
        "Machine: {}\nPeers: {}.\n\n| module | bytes | functions | instructions | variables | calls | constants |\n\
         |---|---|---|---|---|---|---|\n{made}\nOf `bench.vgb` {bytecode} bytes are bytecode.\n\n{}",
        page::machine(),
        versions.join("; "),
        page::table(
            &["", "processor time", "of that compiling", "bytecode", "machine code / bytecode", "peak memory"],
            &rows
        ),
    ))
}
