//! `cargo xtask bench link`: how fast objects become a program, and in how much memory, beside linkers of other formats on
//! objects of the same shape.

use super::measure::{Contestant, Usage, race};
use super::objects::{self, Shape};
use super::page::{self, mib, ms, times};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Few large objects and many small ones, and below them halves of the former.
const SHAPES: [Shape; 4] = [
    Shape { objects: 25, each: 1_000 },
    Shape { objects: 50, each: 1_000 },
    Shape { objects: 100, each: 1_000 },
    Shape { objects: 10_000, each: 10 },
];
const ROUNDS: usize = 7;

pub(crate) fn run() -> Result<(), String> {
    let release = super::release()?;
    page::publish_measured("link", |folder| measure(&release, folder))
}

/// What is timed, on what.
struct Row {
    shape: Shape,
    /// Bytes of the objects and of the output.
    bytes: u64,
}

fn measure(release: &Path, folder: &Path) -> Result<String, String> {
    let linker = release.join("vega-ld");
    let peers = ["mold", "ld.lld", "wild", "wasm-ld"].map(|name| (name, super::find(name)));
    let (mut rows, mut contestants) = (Vec::new(), Vec::new());
    for shape in SHAPES {
        let place = folder.join(format!("{}x{}", shape.objects, shape.each));
        shape.write(&place, "vgo", objects::vega)?;
        let out = place.join("out.vgb");
        let words = at(&place.join("vgo.words"));
        for threads in [1, 2] {
            let number = threads.to_string();
            let command: [&dyn AsRef<OsStr>; 5] = [&words, &"-o", &out, &"--threads", &number];
            let contestant = Contestant::new("vega-ld", &linker, &command).threads(threads);
            rows.push(Row { shape, bytes: 0 });
            contestants.push(contestant);
        }
        if shape.objects < 100 {
            continue;
        }
        shape.write(&place, "o", objects::elf)?;
        shape.write(&place, "wasm", objects::wasm)?;
        for (name, peer) in peers.iter().filter_map(|(name, peer)| Some((*name, peer.as_ref()?))) {
            let out = place.join(name);
            let extension = if name == "wasm-ld" { "wasm" } else { "o" };
            let words = at(&place.join(format!("{extension}.words")));
            let entry = if name == "wasm-ld" { "main" } else { "_start" };
            let most: &[usize] = if name == "wasm-ld" { &[1] } else { &[1, 2] };
            for threads in most {
                let option = if name == "mold" { "--thread-count" } else { "--threads" };
                let option = format!("{option}={threads}");
                let mut command: Vec<&dyn AsRef<OsStr>> = vec![&words, &"-o", &out, &"-e", &entry, &option];
                // Or what it takes is that of a process that nobody waits for.
                command.extend((name == "mold").then_some(&"--no-fork" as &dyn AsRef<OsStr>));
                let contestant = Contestant::new(name, peer, &command).threads(*threads);
                rows.push(Row { shape, bytes: 0 });
                contestants.push(contestant);
            }
        }
        let words = ["-c".to_owned(), format!("xargs cat < {}", place.join("vgo.words").display())];
        let words: Vec<&dyn AsRef<OsStr>> = words.iter().map(|word| word as &dyn AsRef<OsStr>).collect();
        rows.push(Row { shape, bytes: 0 });
        contestants.push(Contestant::new("cat", "/bin/sh", &words));
    }
    println!("linking …");
    let usages = race(&release.join("xtask"), &contestants, ROUNDS)?;
    for (row, contestant) in rows.iter_mut().zip(&contestants) {
        let place = folder.join(format!("{}x{}", row.shape.objects, row.shape.each));
        row.bytes = if contestant.name.starts_with("vega") { bytes(&place)? } else { 0 };
    }
    let version = |(name, peer): &(&str, Option<PathBuf>)| match peer {
        Some(peer) => format!("{name}: {}", super::first_line(peer, &["--version"])),
        None => format!("{name}: not installed"),
    };
    let versions: Vec<String> = peers.iter().map(version).collect();
    let mut text = format!("Machine: {}\nPeers: {}.\n", page::machine(), versions.join("; "));
    for shape in SHAPES.into_iter().filter(|shape| shape.objects >= 100) {
        text.push_str(&format!("\n### {} objects of {} functions\n\n", shape.objects, shape.each));
        text.push_str(&table(&rows, &contestants, &usages, |row| row.shape == shape));
    }
    text.push_str("\n### A doubling\n\n");
    let is_ours = |row: &Row| row.shape.each == 1_000 && row.bytes > 0;
    text.push_str(&table(&rows, &contestants, &usages, is_ours));
    Ok(text)
}

/// A word that stands for those in a file.
fn at(file: &Path) -> String {
    format!("@{}", file.display())
}

/// Bytes of the objects, and of what came of them.
fn bytes(folder: &Path) -> Result<u64, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    let is_ours = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "vgo" || extension == "vgb");
    let paths = entries.flatten().map(|entry| entry.path()).filter(is_ours);
    Ok(paths.map(|path| fs::metadata(path).map_or(0, |metadata| metadata.len())).sum())
}

fn table(rows: &[Row], contestants: &[Contestant], usages: &[Usage], is_shown: impl Fn(&Row) -> bool) -> String {
    let shown: Vec<_> = rows.iter().zip(contestants).zip(usages).filter(|((row, _), _)| is_shown(row)).collect();
    let ours = shown.first().map_or(1.0, |(_, usage)| usage.wall.as_secs_f64());
    let line = |((row, contestant), usage): &((&Row, &Contestant), &Usage)| {
        let peak = match row.bytes {
            0 => String::new(),
            bytes => format!(" ({} × input and output)", (usage.peak as f64 / bytes as f64 * 100.0).round() / 100.0),
        };
        vec![
            contestant.name.clone(),
            row.shape.functions().to_string(),
            ms(usage.wall),
            ms(usage.cpu),
            format!("{:.2} M", f64::from(row.shape.functions()) / usage.wall.as_secs_f64() / 1e6),
            times(usage.wall.as_secs_f64() / ours),
            mib(usage.peak) + &peak,
        ]
    };
    let lines: Vec<Vec<String>> = shown.iter().map(line).collect();
    page::table(&["", "functions", "wall", "processor time", "functions/s", "it / the first", "peak memory"], &lines)
}
