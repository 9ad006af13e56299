//! `vega new`: makes a folder with a program to begin with, that runs, is tested and is in style.

use clap::Args;
use std::path::{Path, PathBuf};
use vega_report::command::{ReportOptions, Status, write_whole};
use vega_report::quote;

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The name of the program, and of the folder
    name: String,
}

impl New {
    pub(crate) fn execute(&self) -> Status {
        let mut reporter = ReportOptions::default().reporter();
        let name = &self.name;
        let is_plain = |found: char| found.is_ascii_alphanumeric() || matches!(found, '-' | '_');
        if name.is_empty() || name.starts_with('-') || !name.chars().all(is_plain) {
            let words = format!("`{}` is no name for a program", quote(name));
            return reporter.misuse("U011", words, "take letters, digits, `-` and `_`");
        }
        let folder = Path::new(name);
        if folder.exists() {
            return reporter.misuse("U011", format!("`{name}` is there already"), "choose another name");
        }
        if let Err(error) = std::fs::create_dir(folder) {
            return reporter.written(Err(error), folder);
        }
        let files: [(PathBuf, String); 2] =
            [(folder.join("main.vg"), program(name)), (folder.join(".gitignore"), "*.vgb\n*.vgo\n".to_owned())];
        for (path, text) in files {
            match reporter.written(write_whole(&path, text.as_bytes()), &path) {
                Status::Fine => {}
                status => return status,
            }
        }
        let words = format!("made {name}/main.vg\n\n  vega run {name}/main.vg\n  vega test {name}\n");
        reporter.written(write_whole(Path::new("-"), words.as_bytes()), Path::new("-"))
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
