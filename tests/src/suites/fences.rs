//! The fenced programs of `spec/`, the README and the other pages: what a page shows is so.
//!
//! - `vega` compiles, and does what its `# expect:` lines say if it has any; `vasm` assembles and verifies
//! - `vega,CODE` is refused with this code first; `vasm,CODE` with this code among others, for a listing that shows one
//!   fault need not be whole otherwise; or it is accepted, and ends with this code when it is run
//! - `bytes,CODE` is Vega source with `\xNN` for bytes; `repeat,CODE` has lines `N × text` for N copies of the text
//!
//! Others, such as `sh`, are not looked at.

use crate::case::{Check, below, files, root, trial};
use crate::header::{Header, unescape};
use crate::module::{self, Made};
use crate::suites::run;
use libtest_mimic::Trial;
use std::fs;
use std::path::PathBuf;

/// A fenced block of a page.
#[derive(Debug, Clone)]
pub struct Fence {
    /// The page and the line, `spec/errors.md:12`.
    pub place: String,
    /// What stands behind the opening backticks.
    pub info: String,
    /// What is inside.
    pub text: String,
}

/// A test a fence that holds a program.
pub fn trials() -> Vec<Trial> {
    let fences = pages().into_iter().flat_map(|page| {
        let text = fs::read_to_string(&page).unwrap_or_default();
        read(&below(root(), &page), &text)
    });
    let programs = fences.filter(|fence| is_program(&fence.info));
    programs.map(|fence| trial(format!("{} {}", fence.place, fence.info), move || check(&fence))).collect()
}

/// The pages of the project.
fn pages() -> Vec<PathBuf> {
    let top = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    top.into_iter().filter(|page| page.exists()).chain(files(&root().join("spec"), &["md"])).collect()
}

/// The fenced blocks of a page, in order.
pub fn read(page: &str, text: &str) -> Vec<Fence> {
    let mut fences: Vec<Fence> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        match (open, line.strip_prefix("```"), fences.last_mut()) {
            (false, Some(info), _) => {
                open = true;
                fences.push(Fence {
                    place: format!("{page}:{number}"),
                    info: info.trim().to_owned(),
                    text: String::new(),
                });
            }
            (true, Some(_), _) => open = false,
            (true, None, Some(fence)) => {
                fence.text.push_str(line);
                fence.text.push('\n');
            }
            _ => {}
        }
    }
    fences
}

fn is_program(info: &str) -> bool {
    matches!(info.split(',').next(), Some("vega" | "vasm" | "bytes" | "repeat"))
}

fn check(fence: &Fence) -> Check {
    let (language, code) = fence.info.split_once(',').map_or((fence.info.as_str(), None), |(l, c)| (l, Some(c)));
    let header = Header::read(&fence.text, run::DIRECTIVES)?;
    let made = make(language, &fence.text, &header)?;
    match (code, &made.bytes) {
        (Some(code), None) => check_code(language, code, &made),
        (Some(code), Some(bytes)) => run::check_code(bytes, &header, code),
        (None, None) => Err(made.drawn),
        (None, Some(bytes)) if header.is_empty() => module::check_round_trip(bytes),
        (None, Some(bytes)) => run::check_program(bytes, &header, None),
    }
}

fn make(language: &str, text: &str, header: &Header) -> Result<Made, String> {
    let bytes = match language {
        "vasm" => return Ok(module::assemble("fence.vasm", text, true)),
        "bytes" => unescape(text.trim_end_matches('\n'))?,
        "repeat" => repeat(text)?,
        _ => text.as_bytes().to_vec(),
    };
    Ok(module::compile_with("fence.vg", &bytes, run::compile_options(header)?))
}

/// Lines `N × text` as N copies of the text, and others as they are.
fn repeat(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        match line.split_once(" × ") {
            Some((count, text)) => {
                let count: usize = count.trim().parse().map_err(|_| format!("`{count}` is no number"))?;
                bytes.extend(text.as_bytes().repeat(count));
            }
            None => bytes.extend_from_slice(line.as_bytes()),
        }
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn check_code(language: &str, code: &str, made: &Made) -> Check {
    let looked_at = if language == "vasm" { made.complaints.len() } else { 1 };
    match made.complaints.iter().take(looked_at).any(|complaint| complaint.code == code) {
        true => Ok(()),
        false => Err(format!("wanted {code}:\n{}", made.drawn)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_found() {
        let fences = read("p.md", "# A\n```vega,E0101\nx\n\n```\ntext\n```sh\nls\n```\n");
        let found: Vec<_> = fences.iter().map(|f| (f.place.as_str(), f.info.as_str(), f.text.as_str())).collect();
        assert_eq!(found, [("p.md:2", "vega,E0101", "x\n\n"), ("p.md:7", "sh", "ls\n")]);
        assert_eq!(repeat("3 × ab\nc\n"), Ok(b"ababab\nc\n".to_vec()));
    }
}
