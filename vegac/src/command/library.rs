//! `--write-library`: the modules of the library as objects, for who links by hand.

use crate::Options;
use crate::library;
use std::path::Path;
use vega_report::Sources;
use vega_report::command::{Reporter, Status};

/// Writes an object a module into a folder.
pub(super) fn write(folder: &Path, options: Options, reporter: &mut Reporter) -> Result<(), Status> {
    for module in library::MODULES {
        let mut sources = Sources::new();
        let compiled = library::compile(*module, &mut sources, options);
        reporter.report_all(&compiled.diagnostics, &sources);
        let Some(object) = compiled.module else { return Err(reporter.status()) };
        reporter.write(&folder.join(format!("{}.vgo", module.name)), object.module().bytes())?;
    }
    Ok(())
}
