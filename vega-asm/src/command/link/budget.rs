//! What the proof is held against: `--max-memory` and `--budget-lock`.

use super::LinkCommand;
use crate::link::{budget, report};
use std::fmt::Write;
use std::path::Path;
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_format::text::counted;
use vega_report::Sources;
use vega_report::command::{Reporter, Status, shown};

/// Says what is not as it should be.
pub(super) fn check(command: &LinkCommand, module: &Verified, reporter: &mut Reporter) -> Result<(), Status> {
    if let Some(limit) = command.max_memory {
        let over = budget::over(module, limit);
        reporter.report_all(&over.iter().map(report::over_budget).collect::<Vec<_>>(), &Sources::new());
    }
    let Some(lock) = lock_to_compare(command) else { return Ok(()) };
    let bytes = reporter.read(lock)?;
    let name = shown(lock);
    let told = match budget::changes(&String::from_utf8_lossy(&bytes), module) {
        Ok(changes) => changes.iter().map(|change| report::budget_change(change, &name)).collect(),
        Err(line) => vec![report::no_lock(&line, &name)],
    };
    reporter.report_all(&told, &Sources::new());
    Ok(())
}

fn lock_to_compare(command: &LinkCommand) -> Option<&Path> {
    command.budget_lock.as_deref().filter(|lock| !command.update_budget && lock.exists())
}

/// What each function needs at which calls begin, on which path, and how much of the limit that is.
pub(super) fn table(command: &LinkCommand, budget: &Budget<'_>) -> String {
    let mut text = budget.to_string();
    if let Some(limit) = command.max_memory.filter(|limit| *limit > 0) {
        for function in budget.functions() {
            let Some(bytes) = function.bytes else { continue };
            let share = bytes as f64 * 100.0 / limit as f64;
            let _ = writeln!(text, "{}: {bytes} of {}, {share:.1} %", function.function, counted(limit, "byte"));
        }
    }
    text
}

/// Writes the lock, if there is none or it is to be written anew.
pub(super) fn write_lock(command: &LinkCommand, module: &Verified, reporter: &mut Reporter) -> Result<(), Status> {
    match &command.budget_lock {
        Some(lock) if lock_to_compare(command).is_none() => reporter.write(lock, budget::lock(module).as_bytes()),
        _ => Ok(()),
    }
}
