//! `--fix`: makes the changes of a source that hints propose and that are certain to be meant.

use super::SearchOptions;
use crate::project::Modules;
use crate::{Compiled, Options, compile_project};
use std::path::Path;
use vega_format::text::counted;
use vega_report::command::{Outputs, Reporter, Status, shown};
use vega_report::{Diagnostic, Sources, fix};

/// One change can make way for the next; after so many rounds it is enough.
const ROUNDS: usize = 10;

/// The source with all that is certain changed, and how many complaints that settled.
pub fn fixed(name: &str, bytes: &[u8], options: Options, modules: &mut dyn Modules) -> (Vec<u8>, usize) {
    let (mut text, mut settled) = (bytes.to_vec(), 0);
    for _ in 0..ROUNDS {
        let mut sources = Sources::new();
        let Compiled { diagnostics, .. } = compile_project(name, &text, &mut sources, options, modules);
        let edits = diagnostics.iter().flat_map(|diagnostic| &diagnostic.edits);
        let mut changed = edits.map(|edit| edit.source).filter(|source| sources.name(*source) == name);
        let Some(source) = changed.next() else { break };
        let (fixed, heard) = fix(source, sources.text(source), &diagnostics);
        if heard == 0 {
            break;
        }
        (text, settled) = (fixed.into_bytes(), settled + heard);
    }
    (text, settled)
}

/// Changes a file as [`fixed`] says, whole or not at all, and says how much; gives its bytes. Nothing is changed if one of
/// these outputs would write over a module that is imported.
///
/// # Errors
/// It would, or the file cannot be written; that was told.
pub fn fix_file(
    path: &Path,
    bytes: Vec<u8>,
    options: Options,
    search: &SearchOptions,
    outputs: &Outputs,
    reporter: &mut Reporter,
) -> Result<Vec<u8>, Status> {
    let name = &shown(path);
    let mut modules = search.modules_of(path);
    let (fixed, settled) = fixed(name, &bytes, options, &mut modules);
    if settled == 0 {
        return Ok(bytes);
    }
    modules.spare(outputs, reporter)?;
    reporter.write(path, &fixed)?;
    let words = format!("settled {} by changes", counted(settled, "complaint"));
    reporter.report(&Diagnostic::remark("", words).at(name, ""), &Sources::new());
    Ok(fixed)
}
