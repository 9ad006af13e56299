//! The binaries of the workspace: built when first wanted, and run with a guard against hangs.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A run that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// What a run of a tool left.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The exit status.
    pub status: i32,
}

/// What a run of a tool has of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own<'p> {
    /// A stack of so many KiB.
    pub stack: Option<u32>,
    /// Memory of so many KiB at most, by address.
    pub memory: Option<u32>,
    /// A file as its standard output.
    pub stdout: Option<&'p Path>,
}

/// Runs a tool in a folder.
///
/// # Errors
/// It is not there, ends by a signal, or runs too long.
pub fn run(
    tool: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    folder: &Path,
    input: &[u8],
) -> Result<Ran, String> {
    run_with(Own::default(), tool, arguments, folder, input)
}

/// The same with something of its own.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    own: Own<'_>,
    tool: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    folder: &Path,
    input: &[u8],
) -> Result<Ran, String> {
    let failed = |error: std::io::Error| format!("`{tool}` cannot be run: {error}");
    let limits = [("-s", own.stack), ("-v", own.memory)];
    let limits =
        limits.map(|(flag, most)| most.map_or(String::new(), |most| format!("ulimit {flag} {most}; "))).concat();
    let mut command = match limits.as_str() {
        "" => Command::new(path(tool)?),
        _ => {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!(r#"{limits}exec "$0" "$@""#)]).arg(path(tool)?);
            shell
        }
    };
    let (stdout, stderr) = (tempfile::tempfile().map_err(failed)?, tempfile::tempfile().map_err(failed)?);
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
    command.stdin(stdin(input).map_err(failed)?);
    command.stdout(own.stdout.map_or_else(|| stdout.try_clone(), File::create).map_err(failed)?);
    command.stderr(stderr.try_clone().map_err(failed)?);
    let mut child = command.spawn().map_err(failed)?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if start.elapsed() > LONGEST {
            child.kill().and_then(|()| child.wait()).map_err(failed)?;
            return Err(format!("`{tool}` still runs after {} s", LONGEST.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let (stdout, stderr) = (contents(stdout).map_err(failed)?, contents(stderr).map_err(failed)?);
    let words = String::from_utf8_lossy(&stderr);
    match status.code() {
        // The panics of Rust end with 101; an abort ends by a signal.
        None | Some(101) => Err(format!("`{tool}` ended with {status}\n{words}")),
        Some(_) if words.contains("panicked at") => Err(format!("`{tool}` panicked\n{words}")),
        Some(status) => Ok(Ran { stdout, stderr, status }),
    }
}

/// Where a tool is, for tests that talk with it.
///
/// # Errors
/// It cannot be built.
pub fn path(tool: &str) -> Result<PathBuf, String> {
    Ok(binaries()?.join(format!("{tool}{}", std::env::consts::EXE_SUFFIX)))
}

fn stdin(input: &[u8]) -> std::io::Result<Stdio> {
    if input.is_empty() {
        return Ok(Stdio::null());
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(input)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file.into())
}

fn contents(mut file: File) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes)?;
    Ok(bytes)
}

/// Where the binaries lie. They are built first, so that they are there on a fresh clone and never stale.
fn binaries() -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BUILT.get_or_init(build).as_deref().map_err(Clone::clone)
}

fn build() -> Result<PathBuf, String> {
    // This test lies in target/PROFILE/deps.
    let test = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = test.parent().and_then(Path::parent).ok_or("the test lies in no target folder")?;
    let profile = match folder.file_name().and_then(OsStr::to_str) {
        None | Some("debug") => "dev",
        Some(profile) => profile,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--workspace", "--bins", "--profile", profile]);
    let output = command.current_dir(crate::case::root()).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cargo cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("the binaries cannot be built:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    fs::canonicalize(folder).map_err(|error| error.to_string())
}
