//! `cargo xtask bench assemble`: how fast listings become modules and modules become listings, and in how much memory,
//! beside `wasm-tools parse` and `wasm-tools print` on a program of the same shape.

use super::measure::{Contestant, Usage, race};
use super::page::{self, mib, ms, times};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The sizes, each twice the one before; peers take the last.
const SIZES: [u32; 3] = [25_000, 50_000, 100_000];
const ROUNDS: usize = 5;
/// Short commands need more.
const SHORT_ROUNDS: usize = 41;
const HELLO: &str = "\
.entry main()V print
.import io.print(s)V
.function main()V
    LOAD_CONST index=\"hello\\n\"
    CALL_NAT import=io.print(s)V
    RETURN
.end
";

pub(crate) fn run() -> Result<(), String> {
    let release = super::release()?;
    page::publish_measured("assemble", |folder| measure(&release, folder))
}

/// What is timed, on how many functions, with how long an input.
struct Row {
    functions: u32,
    bytes: u64,
    /// Which of the two directions.
    group: &'static str,
}

fn measure(release: &Path, folder: &Path) -> Result<String, String> {
    let (assembler, dumper) = (release.join("vega-asm"), release.join("vega-objdump"));
    let peer = super::find("wasm-tools");
    let (mut rows, mut contestants) = (Vec::new(), Vec::new());
    let mut add = |group, functions, input: &Path, contestant| {
        let bytes = fs::metadata(input).map_or(0, |metadata| metadata.len());
        rows.push(Row { functions, bytes, group });
        contestants.push(contestant);
    };
    for functions in SIZES {
        let place = folder.join(functions.to_string());
        fs::create_dir_all(&place).map_err(|error| format!("`{}`: {error}", place.display()))?;
        finish(Command::new(release.join("xtask")).args(["child", "generate"]).arg(&place).arg(functions.to_string()))?;
        let [module, listing, out] = ["bench.vgb", "bench.vasm", "out"].map(|name| place.join(name));
        let file = File::create(&listing).map_err(|error| format!("`{}`: {error}", listing.display()))?;
        finish(Command::new(&dumper).arg("--vasm").arg(&module).stdout(file))?;
        for threads in [1, 2] {
            let number = threads.to_string();
            let words: [&dyn AsRef<OsStr>; 5] = [&listing, &"-o", &out, &"--threads", &number];
            add("assemble", functions, &listing, Contestant::new("vega-asm", &assembler, &words).threads(threads));
            let words: [&dyn AsRef<OsStr>; 4] = [&"--vasm", &module, &"--threads", &number];
            let contestant = Contestant::new("vega-objdump --vasm", &dumper, &words).threads(threads);
            add("disassemble", functions, &module, contestant);
        }
        let Some(peer) = peer.as_ref().filter(|_| functions == SIZES[SIZES.len() - 1]) else { continue };
        let [module, text] = ["bench.wasm", "bench.wat"].map(|name| place.join(name));
        finish(Command::new(peer).arg("print").arg(&module).arg("-o").arg(&text))?;
        let words: [&dyn AsRef<OsStr>; 4] = [&"parse", &text, &"-o", &out];
        add("assemble", functions, &text, Contestant::new("wasm-tools parse", peer, &words));
        // To a file, also if that is no file: to its standard output it writes four times as slowly.
        let words: [&dyn AsRef<OsStr>; 4] = [&"print", &module, &"-o", &"/dev/null"];
        add("disassemble", functions, &module, Contestant::new("wasm-tools print", peer, &words));
    }
    println!("assembling and disassembling …");
    let starter = release.join("xtask");
    let usages = race(&starter, &contestants, ROUNDS)?;
    let version = peer.map_or_else(|| "not installed".to_owned(), |peer| super::first_line(&peer, &["--version"]));
    let mut text = format!("Machine: {}\nPeers: wasm-tools: {version}.\n", page::machine());
    for group in ["assemble", "disassemble"] {
        text.push_str(&format!("\n### {}{}\n\n", group[..1].to_uppercase(), &group[1..]));
        text.push_str(&table(group, &rows, &contestants, &usages));
    }
    println!("looking at short and at large files …");
    text.push_str(&format!("\n### Look at little\n\n{}", glances(release, &starter, folder)?));
    Ok(text)
}

/// What takes as long as a process does: the smallest listing and file, and the headers of large files.
fn glances(release: &Path, starter: &Path, folder: &Path) -> Result<String, String> {
    let [listing, hello, large, elf] =
        ["hello.vasm", "hello.vgb", "large.vgb", "large.elf"].map(|name| folder.join(name));
    let problem = |error: std::io::Error| error.to_string();
    fs::write(&listing, HELLO).map_err(problem)?;
    finish(Command::new(starter).args(["child", "large"]).arg(&large))?;
    fs::copy(starter, &elf).map_err(problem)?;
    let length = fs::metadata(&large).map_err(problem)?.len();
    File::options().write(true).open(&elf).and_then(|file| file.set_len(length)).map_err(problem)?;
    let (assembler, dumper) = (release.join("vega-asm"), release.join("vega-objdump"));
    let mut contestants = vec![
        Contestant::new("vega-asm hello.vasm", &assembler, &[&listing, &"-o", &hello]),
        Contestant::new("vega-objdump hello.vgb", &dumper, &[&hello]),
        Contestant::new("vega-objdump -h, of 100 MiB", &dumper, &[&"-h", &large]),
    ];
    let peer = super::find("readelf");
    contestants.extend(peer.map(|peer| Contestant::new("readelf -S, of 100 MiB", peer, &[&"-S", &elf])));
    contestants.push(Contestant::new("a process that does nothing", starter, &[&"child", &"nothing"]));
    finish(Command::new(&assembler).arg(&listing).arg("-o").arg(&hello))?;
    let usages = race(starter, &contestants, SHORT_ROUNDS)?;
    let row = |(contestant, usage): (&Contestant, &Usage)| {
        vec![contestant.name.clone(), ms(usage.cpu), ms(usage.wall), mib(usage.peak)]
    };
    let rows: Vec<_> = contestants.iter().zip(&usages).map(row).collect();
    Ok(page::table(&["", "processor time", "wall", "peak memory"], &rows))
}

/// The last of ours is compared with each, and each of ours with half the input.
fn table(group: &str, rows: &[Row], contestants: &[Contestant], usages: &[Usage]) -> String {
    let all = || rows.iter().zip(contestants).zip(usages).filter(|((row, _), _)| row.group == group);
    let is_ours = |contestant: &Contestant| contestant.name.starts_with("vega");
    let per_function = |row: &Row, time: Duration| time.as_secs_f64() / f64::from(row.functions);
    let Some(((our_row, _), ours)) = all().rfind(|((_, contestant), _)| is_ours(contestant)) else {
        return String::new();
    };
    let mut lines = Vec::new();
    for ((row, contestant), usage) in all() {
        let half =
            all().find(|((other, half), _)| 2 * other.functions == row.functions && half.name == contestant.name);
        let doubling = half.map(|(_, half)| times(usage.cpu.as_secs_f64() / half.cpu.as_secs_f64()));
        let ratio = |ours: Duration, time: Duration| times(per_function(our_row, ours) / per_function(row, time));
        lines.push(vec![
            contestant.name.clone(),
            row.functions.to_string(),
            mib(row.bytes),
            ms(usage.cpu),
            doubling.unwrap_or_default(),
            ratio(ours.cpu, usage.cpu),
            ms(usage.wall),
            ratio(ours.wall, usage.wall),
            format!("{:.0} k", f64::from(row.functions) / usage.wall.as_secs_f64() / 1000.0),
            mib(usage.peak),
            times(ours.peak as f64 / usage.peak as f64),
        ]);
    }
    let head = [
        "",
        "functions",
        "input",
        "processor time",
        "a doubling",
        "ours / it",
        "wall",
        "ours / it",
        "functions/s",
        "peak memory",
        "ours / it",
    ];
    page::table(&head, &lines)
}

/// Runs a command to its end.
fn finish(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let status = command.stdin(Stdio::null()).stderr(Stdio::inherit()).status();
    match status.map_err(|error| format!("{shown}: {error}"))? {
        status if status.success() => Ok(()),
        status => Err(format!("{shown}: {status}")),
    }
}
