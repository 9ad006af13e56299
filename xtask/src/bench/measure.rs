//! Times whole processes: processor time, wall time and peak memory, in turns, and the median of each.
//!
//! Each one is started by a process of its own that does nothing else, whose account of its children is then that of
//! the one measured. (Peak memory includes what the starter had at that moment, about 2 MiB.)

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use vega_format::text::counted;

/// What a process used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Usage {
    /// Processor time, user and system.
    pub(super) cpu: Duration,
    pub(super) wall: Duration,
    /// Bytes.
    pub(super) peak: u64,
}

/// A command that is measured.
#[derive(Debug, Clone)]
pub(super) struct Contestant {
    pub(super) name: String,
    program: PathBuf,
    words: Vec<OsString>,
    /// For those that ask the environment how many threads to use.
    threads: usize,
    /// What it must print last, in every run.
    answer: Option<String>,
}

impl Contestant {
    pub(super) fn new(name: &str, program: impl Into<PathBuf>, words: &[&dyn AsRef<OsStr>]) -> Contestant {
        let words = words.iter().map(|word| (**word).as_ref().to_owned()).collect();
        Contestant { name: name.to_owned(), program: program.into(), words, threads: 1, answer: None }
    }

    /// The same on so many threads.
    pub(super) fn threads(self, threads: usize) -> Contestant {
        Contestant { name: format!("{}, {}", self.name, counted(threads, "thread")), threads, ..self }
    }

    /// The same, whose last word must be this one.
    pub(super) fn answering(self, answer: String) -> Contestant {
        Contestant { answer: Some(answer), ..self }
    }

    fn run(&self, starter: &Path) -> Result<Usage, String> {
        let failed = |problem: &str| format!("`{}` failed: {}", self.name, problem.trim());
        let mut command = Command::new(starter);
        command
            .args(["child", if self.answer.is_some() { "ask" } else { "measure" }])
            .arg(&self.program)
            .args(&self.words)
            .stdin(Stdio::null());
        command.env("RAYON_NUM_THREADS", self.threads.to_string());
        let output = command.output().map_err(|error| failed(&error.to_string()))?;
        if !output.status.success() {
            return Err(failed(&String::from_utf8_lossy(&output.stderr)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        if let (Some(wanted), found) = (&self.answer, text.lines().next().unwrap_or_default())
            && found != wanted
        {
            return Err(failed(&format!("found `{found}` as its last word, wanted `{wanted}`")));
        }
        let numbers: Vec<u64> =
            text.lines().last().unwrap_or_default().split(' ').flat_map(|word| word.parse()).collect();
        match numbers.as_slice() {
            [cpu, wall, peak] => {
                Ok(Usage { cpu: Duration::from_nanos(*cpu), wall: Duration::from_nanos(*wall), peak: *peak })
            }
            _ => Err(failed(&text)),
        }
    }
}

/// The medians of several in turns, after one round that does not count.
pub(super) fn race(starter: &Path, contestants: &[Contestant], rounds: usize) -> Result<Vec<Usage>, String> {
    let mut all: Vec<Vec<Usage>> = vec![Vec::new(); contestants.len()];
    for round in 0..=rounds {
        for (contestant, usages) in contestants.iter().zip(&mut all) {
            let usage = contestant.run(starter)?;
            if round > 0 {
                usages.push(usage);
            }
        }
    }
    Ok(all.iter().map(|usages| median(usages)).collect())
}

fn median(usages: &[Usage]) -> Usage {
    fn middle<T: Ord + Copy + Default>(mut values: Vec<T>) -> T {
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    }
    Usage {
        cpu: middle(usages.iter().map(|usage| usage.cpu).collect()),
        wall: middle(usages.iter().map(|usage| usage.wall).collect()),
        peak: middle(usages.iter().map(|usage| usage.peak).collect()),
    }
}

/// Runs one command and prints what it used, in nanoseconds and bytes.
pub(super) fn one(program: &str, words: &[&str]) -> Result<(), String> {
    let (_, used) = account(Command::new(program).args(words).stdout(Stdio::null()))?;
    println!("{used}");
    Ok(())
}

/// The same, after a line with the last word that the command printed, to standard error if to nothing else.
pub(super) fn ask(program: &str, words: &[&str]) -> Result<(), String> {
    let (output, used) = account(Command::new(program).args(words).stdout(Stdio::piped()))?;
    let last = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().last().map(str::to_owned);
    println!("{}\n{used}", last(&output.stdout).or_else(|| last(&output.stderr)).unwrap_or_default());
    Ok(())
}

/// What a command left, and what it used.
fn account(command: &mut Command) -> Result<(Output, String), String> {
    let start = Instant::now();
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let output = command.spawn().and_then(|child| child.wait_with_output()).map_err(|error| error.to_string())?;
    let wall = start.elapsed();
    if !output.status.success() {
        return Err(format!("{}, {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let (cpu, peak) = used_by_children()?;
    Ok((output, format!("{} {} {peak}", cpu.as_nanos(), wall.as_nanos())))
}

/// Processor time of all children so far, and the most memory that one of them had.
#[cfg(unix)]
pub(super) fn used_by_children() -> Result<(Duration, u64), String> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts kibibytes, others bytes.
    let unit = if cfg!(target_os = "linux") { 1024 } else { 1 };
    Ok((Duration::from_micros(micros.unsigned_abs()), usage.max_rss().unsigned_abs() * unit))
}

#[cfg(not(unix))]
pub(super) fn used_by_children() -> Result<(Duration, u64), String> {
    Err("processor time is measured on Unix only".to_owned())
}
