//! `cargo xtask bench run`: how fast the programs in `bench/kernels` run, beside the same in C and in Lua.
//!
//! Every run of every engine must print the right checksum, or nothing is published. Ratios are those of processor time
//! to `gcc -O2` on the same amount of work: engines that are slow do less of it, which a star marks.

use super::chart::{self, Bar};
use super::measure::{Contestant, Usage, race};
use super::page;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ROUNDS: usize = 5;
const FOLDER: &str = "bench/kernels";
const CHART: &str = "bench/kernels.svg";
/// Machine code without a limit of steps and with the limits for programs of others, and the interpreter.
const OURS: [&str; 3] = ["vegavm", "vegavm --untrusted", "vegavm --engine interpreter"];
const PEER: &str = "wasmi";

/// What a program is told, and what it must say.
type Work = (i32, i64);

/// A program that exists in each language.
struct Kernel {
    name: &'static str,
    full: Work,
    small: Work,
}

const fn kernel(name: &'static str, full: Work, small: Work) -> Kernel {
    Kernel { name, full, small }
}

const KERNELS: [Kernel; 8] = [
    kernel("fib", (40, 102_334_155), (35, 9_227_465)),
    kernel("sieve", (20, 73_187_730), (2, 1_045_539)),
    kernel("matmul", (24, 478_080), (2, 92_640)),
    kernel("nbody", (2_000_000, -112_117_119_811), (200_000, -112_116_712_808)),
    kernel("qsort", (3, 327_340), (1, 248_229)),
    kernel("crc32", (96, 1_872_492_510), (8, 697_937_417)),
    kernel("particles", (100_000, 8_312_591_471), (10_000, 831_401_478)),
    kernel("collatz", (1_000_000, 572_278_746), (100_000, 37_891_592)),
];

/// What an engine is given of a kernel.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Binary,
    Vega,
    WebAssembly,
    Lua,
    /// Where it differs from Lua.
    LuaJit,
}

/// What runs kernels.
struct Engine {
    name: &'static str,
    /// How it goes about it.
    kind: &'static str,
    form: Form,
    small: bool,
    /// The command, of which `FILE`, `N` and `HOST` are replaced; the file itself is the program of a binary.
    command: &'static str,
    /// The option that asks for its version.
    version: &'static str,
}

/// What all others are compared with, and how much slower engines are compared with it.
const BASE: Engine = Engine {
    name: "gcc -O2",
    kind: "native",
    form: Form::Binary,
    small: false,
    command: "FILE N",
    version: "--version",
};
const SMALL_BASE: Engine = Engine { small: true, ..BASE };

/// In the order of the table, without what all are compared with.
const ENGINES: [Engine; 10] = [
    engine("wasmtime", "compiler", Form::WebAssembly, "wasmtime run --invoke kernel FILE N"),
    engine(OURS[0], "compiler", Form::Vega, "vegavm FILE N"),
    // More steps and time than the preset has: it would stop the larger ones.
    engine(OURS[1], "compiler", Form::Vega, "vegavm --untrusted --steps 1000000000000 --timeout 60s FILE N"),
    // Else it would stay with code made in haste: all happens in one call.
    engine("node --no-liftoff", "compiler", Form::WebAssembly, "node --no-liftoff HOST FILE N"),
    Engine { version: "-v", ..engine("luajit", "compiler", Form::LuaJit, "luajit FILE N") },
    engine(OURS[2], "interpreter", Form::Vega, "vegavm --engine interpreter FILE N"),
    engine(PEER, "interpreter", Form::WebAssembly, "wasmi run --invoke kernel FILE N"),
    engine("wasm3", "interpreter", Form::WebAssembly, "wasm3 --func kernel FILE N"),
    Engine { version: "-v", small: true, ..engine("luajit -joff", "interpreter", Form::LuaJit, "luajit -joff FILE N") },
    Engine { version: "-v", small: true, ..engine("lua5.4", "interpreter", Form::Lua, "lua5.4 FILE N") },
];

const fn engine(name: &'static str, kind: &'static str, form: Form, command: &'static str) -> Engine {
    Engine { name, kind, form, small: false, command, version: "--version" }
}

impl Engine {
    /// The first word of its command.
    fn program(&self) -> &'static str {
        self.command.split(' ').next().unwrap_or_default()
    }

    fn work(&self, kernel: &Kernel) -> Work {
        if self.small { kernel.small } else { kernel.full }
    }

    /// What runs a kernel that was built in a folder.
    fn contestant(&self, program: Option<&Path>, kernel: &Kernel, folder: &Path) -> Contestant {
        let ((n, answer), sources) = (self.work(kernel), crate::spec::root().join(FOLDER));
        let replaced = |word: &str| match word {
            "FILE" => self.form.file(kernel, folder, &sources),
            "HOST" => sources.join("host.mjs"),
            "N" => PathBuf::from(n.to_string()),
            _ => PathBuf::from(word),
        };
        let words: Vec<PathBuf> = self.command.split(' ').map(replaced).collect();
        let words: Vec<&dyn AsRef<OsStr>> = words.iter().map(|word| word as &dyn AsRef<OsStr>).collect();
        let file = self.form.file(kernel, folder, &sources);
        let name = format!("{}, {}", self.name, kernel.name);
        Contestant::new(&name, program.unwrap_or(&file), words.get(1..).unwrap_or_default())
            .answering(answer.to_string())
    }
}

impl Form {
    fn file(self, kernel: &Kernel, folder: &Path, sources: &Path) -> PathBuf {
        let name = kernel.name;
        let lua = format!("{name}.lua");
        match self {
            Form::Binary => folder.join(name),
            Form::Vega => folder.join(format!("{name}.vgb")),
            Form::WebAssembly => folder.join(format!("{name}.wasm")),
            Form::LuaJit if sources.join("luajit").join(&lua).exists() => sources.join("luajit").join(&lua),
            Form::Lua | Form::LuaJit => sources.join("lua").join(lua),
        }
    }
}

pub(crate) fn run() -> Result<(), String> {
    let release = super::release()?;
    page::publish_measured("run", |folder| measure(&release, folder))
}

fn measure(release: &Path, folder: &Path) -> Result<String, String> {
    let gcc = super::find("gcc").ok_or("`gcc` is not on `PATH`: without it there is nothing to compare with")?;
    let clang = super::find("clang").filter(|_| super::find("wasm-ld").is_some());
    println!("building the kernels …");
    build(release, &gcc, clang.as_deref(), folder)?;

    let mut versions = vec![super::first_line(&gcc, &[BASE.version])];
    let version = |clang: &Path| super::first_line(clang, &["--version"]);
    versions.push(clang.as_deref().map_or("clang with wasm-ld: not installed".to_owned(), version));
    let mut engines: Vec<(&Engine, Option<PathBuf>)> = vec![(&BASE, None), (&SMALL_BASE, None)];
    for engine in &ENGINES {
        let program = match engine.name {
            name if OURS.contains(&name) => Some(release.join(engine.program())),
            _ => super::find(engine.program()),
        };
        let Some(program) = program else {
            versions.push(format!("{}: not installed", engine.name));
            continue;
        };
        if engine.form == Form::WebAssembly && clang.is_none() {
            continue;
        }
        let version = format!("{}: {}", engine.program(), super::first_line(&program, &[engine.version]));
        if !OURS.contains(&engine.name) && !versions.contains(&version) {
            versions.push(version);
        }
        engines.push((engine, Some(program)));
    }

    let turns: Vec<Contestant> = KERNELS
        .iter()
        .flat_map(|kernel| {
            engines.iter().map(move |(engine, program)| engine.contestant(program.as_deref(), kernel, folder))
        })
        .collect();
    println!("running {} programs, {} times …", turns.len(), ROUNDS + 1);
    let usages = race(&release.join("xtask"), &turns, ROUNDS)?;
    // By engine, then by kernel.
    let columns: Vec<Vec<&Usage>> =
        (0..engines.len()).map(|engine| usages.iter().skip(engine).step_by(engines.len()).collect()).collect();
    let engines: Vec<&Engine> = engines.into_iter().map(|(engine, _)| engine).collect();
    publish(&versions, &engines, &columns)
}

/// Each kernel as a binary, as a module of Vega, and as WebAssembly where there is a compiler for it.
fn build(release: &Path, gcc: &Path, clang: Option<&Path>, folder: &Path) -> Result<(), String> {
    let sources = crate::spec::root().join(FOLDER);
    for kernel in &KERNELS {
        let c = sources.join("c").join(kernel.name).with_extension("c");
        let file = |form: Form| form.file(kernel, folder, &sources);
        finish(Command::new(gcc).arg("-O2").arg("-o").arg(file(Form::Binary)).arg(&c).arg("-lm"))?;
        let source = sources.join(kernel.name).with_extension("vg");
        finish(Command::new(release.join("vegac")).arg(source).arg("-o").arg(file(Form::Vega)))?;
        let Some(clang) = clang else { continue };
        let words = "--target=wasm32 -O2 -fno-math-errno -mbulk-memory -nostdlib -Wl,--no-entry -Wl,--export=kernel -o";
        finish(Command::new(clang).args(words.split(' ')).arg(file(Form::WebAssembly)).arg(&c))?;
    }
    Ok(())
}

/// Runs a command to its end.
fn finish(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let status = command.stdin(Stdio::null()).status();
    match status.map_err(|error| format!("{shown}: {error}"))? {
        status if status.success() => Ok(()),
        status => Err(format!("{shown}: {status}")),
    }
}

/// The table, the sentence below it, and the chart, from the usages of each engine; the first two are what the others
/// are compared with.
fn publish(versions: &[String], engines: &[&Engine], usages: &[Vec<&Usage>]) -> Result<String, String> {
    let [base, small_base, ..] = usages else { return Err("nothing was measured".to_owned()) };
    let seconds = |usage: &&Usage| usage.cpu.as_secs_f64();
    let ratios_of = |engine: &Engine, own: &[&Usage]| -> Vec<f64> {
        let base = if engine.small { small_base } else { base };
        own.iter().zip(base).map(|(own, base)| seconds(own) / seconds(base)).collect()
    };
    let mut head = vec!["", ""];
    head.extend(KERNELS.iter().map(|kernel| kernel.name));
    head.push("geometric mean");
    let mut first = vec![BASE.name.to_owned(), BASE.kind.to_owned()];
    first.extend(base.iter().map(|usage| format!("{:.3} s", seconds(usage))));
    first.push("1".to_owned());
    let mut rows = vec![first];
    let mut bars = Vec::new();
    for (engine, own) in engines.iter().zip(usages).skip(2) {
        let ratios = ratios_of(engine, own);
        let star = if engine.small { "\\*" } else { "" };
        let mut row = vec![engine.name.to_owned(), engine.kind.to_owned()];
        row.extend(ratios.iter().map(|ratio| format!("{}{star}", digits(*ratio))));
        let mean = geometric_mean(&ratios);
        row.push(format!("{}{star}", digits(mean)));
        rows.push(row);
        bars.push(Bar { name: engine.name, kind: engine.kind, mean, ratios, ours: OURS.contains(&engine.name) });
    }
    let chart = chart::draw("Processor time as a multiple of gcc -O2", &bars);
    fs::write(crate::spec::root().join(CHART), chart).map_err(|error| format!("`{CHART}`: {error}"))?;
    let mean_of = |name| bars.iter().find(|bar| bar.name == name).map(|bar| bar.mean);
    let interpreter = OURS[2];
    let beside = mean_of(interpreter).zip(mean_of(PEER)).map_or(String::new(), |(ours, peer)| {
        format!("\nBy the geometric mean, `{interpreter}` takes {:.2} × the time of `{PEER}`.\n", ours / peer)
    });
    Ok(format!(
        "Machine: {}\nPeers: {}.\n\n{}{beside}\n![Processor time as a multiple of gcc -O2, by engine](kernels.svg)\n",
        page::machine(),
        versions.join("; "),
        page::table(&head, &rows),
    ))
}

fn geometric_mean(ratios: &[f64]) -> f64 {
    (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp()
}

/// Three digits that count, at most two behind the point.
fn digits(ratio: f64) -> String {
    match ratio {
        ..10.0 => format!("{ratio:.2}"),
        10.0..100.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_has_its_ports() {
        let sources = crate::spec::root().join(FOLDER);
        for kernel in &KERNELS {
            for file in
                [format!("{}.vg", kernel.name), format!("c/{}.c", kernel.name), format!("lua/{}.lua", kernel.name)]
            {
                assert!(sources.join(&file).exists(), "{file}");
            }
        }
    }

    #[test]
    fn the_geometric_mean_is_that() {
        assert!((geometric_mean(&[2.0, 8.0]) - 4.0).abs() < 1e-12);
        assert_eq!([0.5, 9.999, 12.34, 123.4].map(digits), ["0.50", "10.00", "12.3", "123"]);
    }
}
