//! Files of the corpus and the tests that they are.

use libtest_mimic::{Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};

/// What a test comes to: nothing, or what went wrong.
pub type Check = Result<(), String>;

/// A file of the corpus.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its path below `tests/`, which is the name of the test.
    pub name: String,
    /// Its path.
    pub path: PathBuf,
}

impl Case {
    /// The whole file.
    ///
    /// # Errors
    /// It cannot be read, or is no UTF-8.
    pub fn text(&self) -> Result<String, String> {
        fs::read_to_string(&self.path).map_err(|error| format!("`{}` cannot be read: {error}", self.name))
    }

    /// The file of the same stem with another extension.
    pub fn beside(&self, extension: &str) -> PathBuf {
        self.path.with_extension(extension)
    }

    /// Whether the file has this extension.
    pub fn is(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|found| found == extension)
    }

    /// The name without folders.
    pub fn file_name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// A test of this file.
    pub fn trial(self, check: fn(&Case) -> Check) -> Trial {
        trial(self.name.clone(), move || check(&self))
    }
}

/// A named test.
pub fn trial(name: impl Into<String>, check: impl FnOnce() -> Check + Send + 'static) -> Trial {
    Trial::test(name, move || check().map_err(Failed::from))
}

/// The root of the project.
pub fn root() -> &'static Path {
    corpus().parent().unwrap_or(Path::new("."))
}

/// The folder `tests/`.
pub fn corpus() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder of `tests/` that have one of these extensions, by name.
pub fn cases(folder: &str, extensions: &[&str]) -> Vec<Case> {
    files(&corpus().join(folder), extensions)
        .into_iter()
        .map(|path| Case { name: below(corpus(), &path), path })
        .collect()
}

/// The files below a folder that have one of these extensions, by path. A folder that is not there has none.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path relative to a folder, with `/` on every system.
pub fn below(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
