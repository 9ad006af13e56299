//! What was seen of a run and goes to files when it is over: its profile, its coverage, and what stood where at a bad end.

use super::options::ProfileForm;
use super::postmortem::Postmortem;
use super::{Options, Target, firefox};
use crate::coverage::Coverage;
use crate::observe::{Done, Observer, Snapshot};
use crate::outcome::Outcome;
use crate::profile::Profiler;
use crate::program::Program;
use std::path::Path;
use vega_report::command::{Reporter, SourceTexts, Status};

/// What is wanted of it.
#[derive(Debug)]
pub(super) struct Seen {
    profiler: Option<Profiler>,
    coverage: Option<Coverage>,
    postmortem: Option<Postmortem>,
}

impl Seen {
    pub(super) fn new(options: &Options) -> Seen {
        let profiler = options.profile.is_some().then(Profiler::new);
        let coverage = options.coverage.is_some().then(Coverage::new);
        Seen { profiler, coverage, postmortem: options.dump_on_trap.is_some().then(Postmortem::default) }
    }

    /// Writes what was seen, also of a run that did not end well.
    pub(super) fn write(
        &self,
        program: &Program,
        outcome: &Outcome,
        target: &Target,
        options: &Options,
        reporter: &mut Reporter,
    ) -> Result<(), Status> {
        let module = program.module();
        if let (Some(profiler), Some(path)) = (&self.profiler, &options.profile) {
            let text = match options.profile_format {
                ProfileForm::Folded => profiler.folded(module),
                ProfileForm::Firefox => firefox::document(profiler, module, &target.file),
            };
            reporter.write(path, text.as_bytes())?;
        }
        if let (Some(postmortem), Some(path)) = (&self.postmortem, &options.dump_on_trap)
            && let Some(text) = postmortem.document(program, target, outcome)
        {
            reporter.write(path, text.as_bytes())?;
        }
        match (&self.coverage, &options.coverage) {
            (Some(coverage), Some(path)) => {
                // Tools that read it look for the sources, and those of the library lie nowhere.
                let sources = SourceTexts::beside(Path::new(&target.file));
                let lies_somewhere =
                    |source: &str| !SourceTexts::is_of_library(source) || sources.path(source).is_some();
                reporter.write(path, coverage.lcov(module, lies_somewhere).as_bytes())
            }
            _ => Ok(()),
        }
    }
}

impl Observer for Seen {
    fn watches(&self) -> bool {
        self.profiler.is_some() || self.coverage.is_some() || self.postmortem.is_some()
    }

    fn before_instruction(&mut self, coming: &Done<'_>, state: &Snapshot<'_>) {
        self.profiler.before_instruction(coming, state);
        self.coverage.before_instruction(coming, state);
        self.postmortem.before_instruction(coming, state);
    }

    fn after_instruction(&mut self, done: &Done<'_>, state: &Snapshot<'_>) {
        self.profiler.after_instruction(done, state);
    }

    fn at_end(&mut self, state: &Snapshot<'_>) {
        self.profiler.at_end(state);
        self.postmortem.at_end(state);
    }
}
