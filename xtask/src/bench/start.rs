//! `cargo xtask bench start`: what a release build weighs, how long it takes, and how long the smallest program does.

use super::measure::{Contestant, race, used_by_children};
use super::page::{self, mib, ms, times};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{fs, io};

const BINARIES: [&str; 5] = ["vegac", "vega-asm", "vega-objdump", "vegavm", "vega"];
const ROUNDS: usize = 41;
const HELLO: &str = "println(\"hello\")\n";

pub(crate) fn run() -> Result<(), String> {
    page::publish_measured("start", measure)
}

fn measure(folder: &Path) -> Result<String, String> {
    println!("building everything in release, from nothing …");
    let (start, (before, _)) = (Instant::now(), used_by_children()?);
    super::build(folder)?;
    let (wall, (after, _)) = (start.elapsed(), used_by_children()?);
    let release = folder.join("release");
    let sizes: Vec<_> = BINARIES
        .iter()
        .map(|name| {
            let size = fs::metadata(release.join(name)).map(|data| data.len()).unwrap_or_default();
            vec![(*name).to_owned(), mib(size)]
        })
        .collect();

    let (source, hello) = (folder.join("hello.vg"), folder.join("hello.vgb"));
    fs::write(&source, HELLO).map_err(|error| error.to_string())?;
    let installed = install(&release, &folder.join("bin")).map_err(|error| error.to_string())?;
    let mut compile = Command::new(installed.join("vegac"));
    let compiled = compile.arg(&source).arg("-o").arg(&hello).stdin(Stdio::null()).status();
    if !compiled.map_err(|error| error.to_string())?.success() {
        return Err("hello.vg was not compiled".to_owned());
    }
    let starter = installed.join("xtask");
    let mut contestants = vec![
        Contestant::new("vegavm hello.vgb", installed.join("vegavm"), &[&hello]),
        Contestant::new("vegavm hello.vgb, as the linker left it", release.join("vegavm"), &[&hello]),
        Contestant::new("vega run hello.vg", installed.join("vega"), &[&"run", &source]),
        Contestant::new("vegac hello.vg", installed.join("vegac"), &[&source, &"-o", &hello]),
    ];
    let lua = super::find("lua5.4");
    let versions = lua.as_deref().map_or("lua5.4: not installed".to_owned(), |lua| super::first_line(lua, &["-v"]));
    contestants.extend(lua.map(|lua| Contestant::new("lua5.4 -e ''", lua, &[&"-e", &""])));
    contestants.push(Contestant::new("a process that does nothing", &starter, &[&"child", &"nothing"]));
    let usages = race(&starter, &contestants, ROUNDS)?;
    let first = usages.first().copied().unwrap_or_default();
    let rows: Vec<_> = contestants
        .iter()
        .zip(usages)
        .map(|(contestant, usage)| {
            let ratio = times(first.wall.as_secs_f64() / usage.wall.as_secs_f64());
            vec![contestant.name.clone(), ms(usage.wall), ratio, ms(usage.cpu), mib(usage.peak)]
        })
        .collect();
    Ok(format!(
        "Machine: {}\nPeers: {versions}.\n\nEverything in release, from nothing: {} s of processor \
         time, {} s by the clock.\n\n{}\n{}",
        page::machine(),
        (after - before).as_secs(),
        wall.as_secs(),
        page::table(&["binary", "size"], &sizes),
        page::table(&["", "wall", "vegavm / it", "processor time", "peak memory"], &rows),
    ))
}

/// Copies the binaries, as whoever installs them does. What was written in one go stands in memory in larger pieces than what
/// a linker wrote here and there, so that fewer pages are asked for at a start.
fn install(release: &Path, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for name in BINARIES.iter().chain(&["xtask"]) {
        fs::copy(release.join(name), folder.join(name))?;
    }
    Ok(folder.to_owned())
}
