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
    let mut lines =
        (1..).zip(expected.split('\n').map(Some).chain([None]).zip(found.split('\n').map(Some).chain([None])));
    let difference = lines.find(|(_, (expected, found))| expected != found);
    let (line, expected, wanted) = match difference {
        Some((line, (expected, found))) => (line, found.unwrap_or("(the end)"), expected.unwrap_or("(the end)")),
        None => (0, "bytes that are no text", "others"),
    };
    Err(format!("{what}, line {line}:\n  found  {expected}\n  wanted {wanted}\nall that was found:\n{found}"))
}
