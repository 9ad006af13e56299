//! `vega new`: makes a folder with a program to begin with, that runs, is tested and is in style.

use clap::Args;
use std::path::Path;
use vega_report::command::{ReportOptions, Status};
use vega_report::quote;

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The name of the program, and of the folder
    name: String,
}

impl New {
    pub(crate) fn execute(&self) -> Result<(), Status> {
        let mut reporter = ReportOptions::default().reporter();
        let name = &self.name;
        let is_plain = |found: char| found.is_ascii_alphanumeric() || matches!(found, '-' | '_');
        if name.is_empty() || name.starts_with('-') || !name.chars().all(is_plain) {
            let words = format!("`{}` is no name for a program", quote(name));
            return Err(reporter.misuse("U011", words, "take letters, digits, `-` and `_`"));
        }
        let folder = Path::new(name);
        if folder.exists() {
            return Err(reporter.misuse("U011", format!("`{name}` is there already"), "choose another name"));
        }
        reporter.written(std::fs::create_dir(folder), folder).ok()?;
        reporter.write(&folder.join("main.vg"), program(name).as_bytes())?;
        reporter.write(&folder.join(".gitignore"), b"*.vgb\n*.vgo\n")?;
        let words = format!("made {name}/main.vg\n\n  vega run {name}/main.vg\n  vega test {name}\n");
        reporter.write(Path::new("-"), words.as_bytes())
    }
}

fn program(name: &str) -> String {
    format!(
        "\
# {name}: say here what it is for.

# The sum of the numbers from 1 to n.
fn sum(n: int) -> int {{
    alloc 4 {{
        total = 0
        for i in 1..n + 1 {{ total += i }}
        total
    }}
}}

fn test_sum() -> bool {{ return sum(0) == 0 && sum(4) == 10 }}

fn main() {{
    println(\"{name}: the numbers from 1 to 100 add up to\", sum(100))
}}
"
    )
}
