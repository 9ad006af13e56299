//! What the proof is held against: `--max-memory` and `--budget-lock`.

use super::LinkCommand;
use crate::link::{budget, report};
use std::fmt::Write;
use std::path::Path;
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_report::Sources;
use vega_report::command::{Reporter, Status, shown, write_whole};

/// Says what is not as it should be; gives a table of what is needed, if it is wanted.
pub(super) fn check(command: &LinkCommand, module: &Verified, reporter: &mut Reporter) -> String {
    if let Some(limit) = command.max_memory {
        let over = budget::over(module, limit);
        reporter.report_all(&over.iter().map(report::over_budget).collect::<Vec<_>>(), &Sources::new());
    }
    if let Some(lock) = lock_to_compare(command)
        && let Ok(bytes) = reporter.read(lock)
    {
        let changes = budget::changes(&String::from_utf8_lossy(&bytes), module);
        let changes = changes.iter().map(|change| report::budget_change(change, &shown(lock)));
        reporter.report_all(&changes.collect::<Vec<_>>(), &Sources::new());
    }
    match command.max_memory.is_some() || command.print_memory_usage {
        true => table(module, command.max_memory),
        false => String::new(),
    }
}

fn lock_to_compare(command: &LinkCommand) -> Option<&Path> {
    command.budget_lock.as_deref().filter(|lock| !command.update_budget && lock.exists())
}

/// What each function needs at which calls begin, on which path, and how much of the limit that is.
fn table(module: &Verified, limit: Option<u64>) -> String {
    let budget = Budget::of(module);
    let mut text = budget.to_string();
    if let Some(limit) = limit.filter(|limit| *limit > 0) {
        for function in budget.functions {
            let Some(bytes) = function.bytes else { continue };
            let share = bytes as f64 * 100.0 / limit as f64;
            let _ = writeln!(text, "{}: {bytes} of {limit} bytes, {share:.1} %", function.function);
        }
    }
    text
}

/// Writes the lock, if there is none or it is to be written anew.
pub(super) fn write_lock(command: &LinkCommand, module: &Verified, reporter: &mut Reporter) -> Status {
    match &command.budget_lock {
        Some(lock) if lock_to_compare(command).is_none() => {
            reporter.written(write_whole(lock, budget::lock(module).as_bytes()), lock)
        }
        _ => Status::Fine,
    }
}
