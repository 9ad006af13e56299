//! `cargo xtask bench verify`: reading, verifying and proving one large module, beside what others do with the same
//! program in WebAssembly.

use super::measure::{Contestant, Usage, race};
use super::page::{self, mib, ms, times};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FUNCTIONS: &str = "100000";
const ROUNDS: usize = 11;
/// Short commands need more.
const SHORT_ROUNDS: usize = 41;

pub(crate) fn run() -> Result<(), String> {
    let release = super::release()?;
    let starter = release.join("xtask");
    page::publish_measured("verify", |folder| measure(&release, &starter, folder))
}

fn measure(release: &Path, starter: &Path, folder: &Path) -> Result<String, String> {
    let made = super::output(starter, &["child", "generate", &folder.display().to_string(), FUNCTIONS])?;
    let (vgb, wasm) = (folder.join("bench.vgb"), folder.join("bench.wasm"));
    let size = |path: &Path| fs::metadata(path).map(|data| data.len()).unwrap_or_default();
    let mut peers = Vec::new();
    let mut peer = |name: &str| {
        let found = super::find(name);
        peers.push(match &found {
            Some(path) => format!("{name}: {}", super::first_line(path, &["--version"])),
            None => format!("{name}: not installed"),
        });
        found
    };
    let (wasm_tools, wasmi, wasm3, readelf) = (peer("wasm-tools"), peer("wasmi"), peer("wasm3"), peer("readelf"));

    println!("verifying …");
    let ours =
        |threads: &str| Contestant::new("vega: read, verify, prove", starter, &[&"child", &"verify", &vgb, &threads]);
    let validate = |program: &PathBuf| Contestant::new("wasm-tools validate", program, &[&"validate", &wasm]);
    let mut contestants = vec![ours("1")];
    contestants.extend(wasm_tools.iter().map(validate));
    let verifying = Race::new(starter, contestants, ROUNDS)?;
    let mut contestants = vec![ours("2").threads(2)];
    contestants.extend(wasm_tools.iter().map(|program| validate(program).threads(2)));
    let sharing = Race::new(starter, contestants, ROUNDS)?;

    println!("running …");
    let vegavm = Contestant::new("vegavm (everything verified first)", release.join("vegavm"), &[&vgb]);
    let modes = [("wasmi (all validated first)", "lazy-translation"), ("wasmi, lazy", "lazy")];
    let wasmi = wasmi.iter().flat_map(|program| {
        modes.map(|(name, mode)| {
            Contestant::new(name, program, &[&"run", &"--compilation-mode", &mode, &"--invoke", &"main", &wasm])
        })
    });
    let mut contestants = vec![vegavm];
    contestants.extend(wasmi);
    contestants.extend(wasm3.map(|program| Contestant::new("wasm3 (lazy)", program, &[&"--func", &"main", &wasm])));
    let running = Race::new(starter, contestants, ROUNDS)?;

    println!("reading headers …");
    let objdump = Contestant::new("vega-objdump -h", release.join("vega-objdump"), &[&"-h", &vgb]);
    let mut contestants = vec![objdump];
    contestants.extend(readelf.map(|program| Contestant::new("readelf -h", program, &[&"-h", &starter])));
    contestants.push(Contestant::new("a process that does nothing", starter, &[&"child", &"nothing"]));
    let headers = Race::new(starter, contestants, SHORT_ROUNDS)?;

    let phases = super::output(starter, &["child", "phases", &vgb.display().to_string()])?;
    let phase = |name: &str| {
        let line = phases.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        Duration::from_nanos(line.trim().parse().unwrap_or_default())
    };
    let all = phase("read") + phase("verify");
    let share = |time: Duration| format!("{:.1} %", time.as_secs_f64() / all.as_secs_f64() * 100.0);
    let rows = [
        ("CRC-32 of the whole file", phase("crc")),
        ("read (checksums among it)", phase("read")),
        ("verify (the proof among it)", phase("verify")),
        ("proof", phase("proof")),
    ]
    .map(|(name, time)| vec![name.to_owned(), ms(time), share(time)]);

    Ok(format!(
        "Machine: {}\nPeers: {}.\n\n| module | bytes | functions | instructions | variables | calls | constants |\n\
         |---|---|---|---|---|---|---|\n{made}\n### Verify\n\n{}\n{}\n### Start a program of that size, whose main calls one \
         function\n\n{}\n### Read the header\n\n{}\n### Where the time goes (inside one process, best of several)\n\n{}",
        page::machine(),
        peers.join("; "),
        verifying.table(Some(size(&vgb)), Some(size(&wasm))),
        sharing.table(Some(size(&vgb)), Some(size(&wasm))),
        running.table(Some(size(&vgb)), Some(size(&wasm))),
        headers.table(None, None),
        page::table(&["phase", "time", "share"], &rows),
    ))
}

/// A race that was run; the first is ours.
struct Race(Vec<(Contestant, Usage)>);

impl Race {
    fn new(starter: &Path, contestants: Vec<Contestant>, rounds: usize) -> Result<Race, String> {
        let usages = race(starter, &contestants, rounds)?;
        Ok(Race(contestants.into_iter().zip(usages).collect()))
    }

    /// Ours, and how it compares with each of the others; with the sizes of the files, if they matter.
    fn table(&self, ours: Option<u64>, theirs: Option<u64>) -> String {
        let first = self.0.first().map(|(_, usage)| *usage).unwrap_or_default();
        let ratio = |ours: Duration, other: Duration| times(ours.as_secs_f64() / other.as_secs_f64());
        let row = |(place, (contestant, usage)): (usize, &(Contestant, Usage))| {
            let file = if place == 0 { ours } else { theirs };
            let memory = match file {
                Some(file) => format!("{} ({} file)", mib(usage.peak), times(usage.peak as f64 / file as f64)),
                None => mib(usage.peak),
            };
            let (cpu, wall) = match place {
                0 => ("1".to_owned(), "1".to_owned()),
                _ => (ratio(first.cpu, usage.cpu), ratio(first.wall, usage.wall)),
            };
            vec![contestant.name.clone(), ms(usage.cpu), cpu, ms(usage.wall), wall, memory]
        };
        let rows: Vec<_> = self.0.iter().enumerate().map(row).collect();
        page::table(&["", "processor time", "ours / it", "wall", "ours / it", "peak memory"], &rows)
    }
}
