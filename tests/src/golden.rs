//! Expected text in files of its own: compared, or with `BLESS=1` rewritten.

use crate::Check;
use std::fs;
use std::path::Path;

fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// Demands that a file holds just this; a file that is not there holds nothing.
///
/// # Errors
/// It does not; the message shows the first line that differs.
pub fn check_file(path: &Path, found: &[u8]) -> Check {
    if is_blessing() {
        let done = match found {
            [] if path.exists() => fs::remove_file(path),
            [] => Ok(()),
            _ => fs::write(path, found),
        };
        return done.map_err(|error| format!("`{}` cannot be rewritten: {error}", path.display()));
    }
    let expected = fs::read(path).unwrap_or_default();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    check(&name, &expected, found).map_err(|problem| format!("{problem}\nBLESS=1 rewrites {name}"))
}

/// Demands that two outputs are the same.
///
/// # Errors
/// They are not; the message shows the first line that differs.
pub fn check(what: &str, expected: &[u8], found: &[u8]) -> Check {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(found));
    let lines = |text: &'_ str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, got) = (lines(&expected), lines(&found));
    let place = wanted.iter().zip(&got).position(|(wanted, got)| wanted != got).unwrap_or(wanted.len().min(got.len()));
    let line = |lines: &[String]| lines.get(place).map_or("(the end)".to_owned(), Clone::clone);
    Err(format!(
        "{what}, line {}:\n  found  {}\n  wanted {}\nall that was found:\n{found}",
        place + 1,
        line(&got),
        line(&wanted)
    ))
}
