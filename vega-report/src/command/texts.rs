//! The texts of sources that a module names, where they can be found: in the current folder, in that of the module, and in
//! folders that are named.
//!
//! A module comes from anywhere, so only files at or beneath these folders are looked at.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Sources by the names that a module has for them; each is read when first wanted.
#[derive(Debug, Default)]
pub struct SourceTexts {
    folders: Vec<PathBuf>,
    known: HashMap<String, Option<Vec<String>>>,
}

impl SourceTexts {
    /// Those of a module in this file.
    pub fn beside(module: &Path) -> SourceTexts {
        let beside = module.parent().map(Path::to_path_buf);
        SourceTexts { folders: [PathBuf::new()].into_iter().chain(beside).collect(), known: HashMap::new() }
    }

    /// They may lie in these folders, too.
    #[must_use]
    pub fn or_in(mut self, folders: &[PathBuf]) -> SourceTexts {
        self.folders.extend_from_slice(folders);
        self
    }

    /// Whether a source is one of those that come with the compiler, which lie in no folder.
    pub fn is_of_library(source: &str) -> bool {
        source.starts_with("std/")
    }

    /// Where a source is. One that lay above the folder of its compiler is looked for beneath these: `../src/a.vg` as `src/a.vg`.
    pub fn path(&self, source: &str) -> Option<PathBuf> {
        let parts = Path::new(source).components().skip_while(|part| *part == Component::ParentDir);
        let named =
            parts.map(|part| matches!(part, Component::Normal(_)).then_some(part)).collect::<Option<PathBuf>>()?;
        let mut paths = self.folders.iter().map(|folder| folder.join(&named));
        paths.find(|path| path.is_file())
    }

    /// All of a source, unless it is longer than any is.
    pub fn text(&self, source: &str) -> Option<String> {
        const MOST_BYTES: u64 = 256 << 20;
        let path = self.path(source).filter(|path| fs::metadata(path).is_ok_and(|file| file.len() <= MOST_BYTES));
        fs::read_to_string(path?).ok()
    }

    /// A line, counted from 1.
    pub fn line(&mut self, source: &str, line: u32) -> Option<&str> {
        if !self.known.contains_key(source) {
            let lines = self.text(source).map(|text| text.lines().map(str::to_owned).collect());
            self.known.insert(source.to_owned(), lines);
        }
        let lines = self.known.get(source)?.as_ref()?;
        lines.get((line as usize).checked_sub(1)?).map(String::as_str)
    }
}
