//! [`Draft`]: what comes of a plan, written and not judged yet. It has nothing of the inputs, so these can be given back
//! before the memory is needed that judging takes.

use super::problem::Problem;
use super::{Plan, join};
use vega_format::Verified;
use vega_format::join::{Pick, Written};

/// A module that is not judged yet.
#[derive(Debug)]
pub struct Draft {
    written: Written,
    threads: usize,
    origins: Origins,
}

/// From which files the functions came.
#[derive(Debug)]
struct Origins {
    functions: Vec<Pick>,
    files: Vec<String>,
}

impl Draft {
    /// Writes it.
    pub(super) fn of(plan: &Plan<'_>) -> Result<Draft, Vec<Problem>> {
        let written = join::write(plan, plan.kind(), plan.options.strip_debug)?;
        let files = plan.inputs.iter().map(|input| input.name.to_string()).collect();
        let functions = join::kept(plan).into_owned();
        Ok(Draft { written, threads: plan.options.threads, origins: Origins { functions, files } })
    }

    /// Judges it.
    ///
    /// # Errors
    /// The verifier refuses it.
    pub fn judge(self) -> Result<Verified, Vec<Problem>> {
        let Draft { written, threads, origins } = self;
        let file_of = |function: u32| {
            let pick = origins.functions.get(function as usize)?;
            origins.files.get(pick.definition().file as usize).cloned()
        };
        written.judge(threads).map_err(|error| join::refused(error, file_of))
    }
}
