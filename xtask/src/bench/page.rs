//! The page `bench/RESULTS.md`: each measurement rewrites its own part, and leaves what was written by hand.

use std::fs;
use std::path::Path;
use std::time::Duration;

const PAGE: &str = "bench/RESULTS.md";

/// Measures in a folder that goes when that is over, and puts on the page what came of it.
pub(super) fn publish_measured(
    part: &str,
    measure: impl FnOnce(&Path) -> Result<String, String>,
) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("vega-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    let text = measure(&folder);
    let _ = fs::remove_dir_all(&folder);
    publish(part, &text?)
}

/// Prints a part and puts it on the page.
fn publish(part: &str, text: &str) -> Result<(), String> {
    println!("\n{text}");
    let path = crate::spec::root().join(PAGE);
    let (begin, end) = (format!("<!-- {part}: begin -->"), format!("<!-- {part}: end -->"));
    let page = fs::read_to_string(&path).unwrap_or_default();
    let block = format!("{begin}\n{}\n{end}", text.trim());
    let page = match (page.split_once(&begin), page.split_once(&end)) {
        (Some((before, _)), Some((_, after))) => format!("{before}{block}{after}"),
        _ => format!("{}\n\n{block}\n", page.trim_end()),
    };
    fs::write(&path, page).map_err(|error| format!("`{PAGE}` cannot be written: {error}"))?;
    println!("wrote {PAGE}");
    Ok(())
}

/// A table of Markdown.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    text += &line(&vec!["---".to_owned(); head.len()]).replace(' ', "");
    rows.iter().for_each(|row| text += &line(row));
    text
}

/// Milliseconds.
pub(super) fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 10.0 { format!("{ms:.2} ms") } else { format!("{ms:.1} ms") }
}

/// Mebibytes.
pub(super) fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

pub(super) fn times(ratio: f64) -> String {
    format!("{ratio:.2} ×")
}

/// The kind of machine, and the compiler.
pub(super) fn machine() -> String {
    let read = |path: &str| fs::read_to_string(Path::new(path)).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let processor = field(&read("/proc/cpuinfo"), "model name");
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = super::find("rustc").map(|rustc| super::first_line(&rustc, &["--version"])).unwrap_or_default();
    format!("{cores} processors ({processor}), {memory} of memory, {}; {rustc}.", std::env::consts::OS)
}
