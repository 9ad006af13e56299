//! The code space: every code that a tool can print has a section in `spec/errors.md`, and every section a code.

use crate::case::{Check, below, files, root, trial};
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use vega_format::trap::TRAPS;
use vega_report::explain;

/// Both directions.
pub fn trials() -> Vec<Trial> {
    vec![
        trial("codes: every code has a section in spec/errors.md", check_sections),
        trial("codes: every section of spec/errors.md has a code", check_codes),
    ]
}

fn check_sections() -> Check {
    let missing: Vec<String> = used_codes()?
        .into_iter()
        .filter(|(code, _)| explain::explain(code).is_none())
        .map(|(code, file)| format!("{code} ({file})"))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no section: {}", missing.join(", "))) }
}

fn check_codes() -> Check {
    let used = used_codes()?;
    let unused: Vec<&str> = explain::codes().filter(|code| !used.contains_key(*code)).collect();
    if unused.is_empty() { Ok(()) } else { Err(format!("no tool prints: {}", unused.join(", "))) }
}

/// Every code, with a file that has it. Traps have theirs from the trap table, all others stand in the sources.
fn used_codes() -> Result<BTreeMap<String, String>, String> {
    let mut codes = BTreeMap::new();
    for name in ["vega-format", "vega-report", "vega-asm", "vegac", "vegavm", "vega"] {
        for path in files(&root().join(name).join("src"), &["rs"]) {
            let name = below(root(), &path);
            if name.ends_with("tests.rs") {
                continue;
            }
            let text = read(&path)?;
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                codes.extend(quoted_codes(line).map(|code| (code.to_owned(), name.clone())));
            }
        }
    }
    codes.extend(TRAPS.iter().map(|row| (row.kind.code().to_string(), "the trap table".to_owned())));
    Ok(codes)
}

/// The words in double quotes that are one or two capital letters and three or four digits.
fn quoted_codes(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2).filter(|word| {
        let digits = word.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        let letters = word.len() - digits.len();
        matches!(letters, 1 | 2) && matches!(digits.len(), 3 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_words() {
        let line = r#"("V101", "E0101", "L1", "CR LF", "E12345", "v101", "HTTP404", "T000")"#;
        assert_eq!(quoted_codes(line).collect::<Vec<_>>(), ["V101", "E0101", "T000"]);
    }
}
