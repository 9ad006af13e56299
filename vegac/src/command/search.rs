//! Modules in files: beside the program, and in the folders that `-I` names.

use crate::project::{Found, Modules};
use clap::Args;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use vega_report::command::{Outputs, Reporter, Status, is_standard_stream, read_input, shown, unreadable};

/// Where modules are looked for.
#[derive(Debug, Clone, Default, Args)]
pub struct SearchOptions {
    /// Look for imported modules in this folder, too, after that of the source
    #[arg(short = 'I', long, value_name = "FOLDER")]
    pub import_path: Vec<PathBuf>,
}

impl SearchOptions {
    /// The modules that a source can import.
    pub fn modules_of(&self, source: &Path) -> Search {
        let beside = source.parent().filter(|_| !is_standard_stream(source)).unwrap_or(Path::new(""));
        let folders = [beside.to_owned()].into_iter().chain(self.import_path.iter().cloned());
        Search { folders: folders.collect(), found: Vec::new() }
    }
}

/// Folders with modules, in the order in which they are looked through, and the files that were found there.
#[derive(Debug, Clone, Default)]
pub struct Search {
    folders: Vec<PathBuf>,
    found: Vec<PathBuf>,
}

impl Search {
    /// The files that were read, in the order in which they were wanted.
    pub fn found(&self) -> &[PathBuf] {
        &self.found
    }

    /// Refuses outputs that would write over one of these files.
    ///
    /// # Errors
    /// One would; that was told.
    pub fn spare(&self, outputs: &Outputs, reporter: &mut Reporter) -> Result<(), Status> {
        self.found.iter().try_for_each(|module| outputs.spare("an imported module", module, reporter))
    }

    /// The files and folders that lie in a folder, by name: a name is compared letter by letter, even where the file
    /// system takes capital and small letters for one.
    fn names(folder: &Path) -> BTreeSet<String> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

impl Modules for Search {
    /// Of a folder that has both, the source: it cannot be older than the object.
    fn find(&mut self, module: &str) -> Found {
        let mut there = Vec::new();
        for folder in &self.folders {
            let names = Search::names(folder);
            for ending in ["vg", "vgo"] {
                let name = format!("{module}.{ending}");
                if !names.contains(&name) {
                    continue;
                }
                let path = folder.join(&name);
                let is_source = ending == "vg";
                if !self.found.contains(&path) {
                    self.found.push(path.clone());
                }
                return match read_input(&path) {
                    Ok(bytes) if is_source => Found::Source(shown(&path), bytes),
                    Ok(bytes) => Found::Object(shown(&path), bytes),
                    Err(error) => Found::Unreadable(Box::new(unreadable(&path, &error))),
                };
            }
            let modules = names.iter().filter_map(|name| name.strip_suffix(".vg").or(name.strip_suffix(".vgo")));
            there.extend(modules.map(str::to_owned));
        }
        let searched = self.folders.iter().map(|folder| match folder.as_os_str().is_empty() {
            true => ".".to_owned(),
            false => shown(folder),
        });
        Found::Nothing { searched: searched.collect(), there }
    }
}
