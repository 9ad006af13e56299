//! The complaints about one file, of which a person wants to see so many and no more.

use vega_report::Diagnostic;

/// The most complaints that are kept.
pub(crate) const MOST: usize = 100;

/// Complaints in the order in which they came up.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    kept: Vec<Diagnostic>,
}

impl Complaints {
    /// Keeps a complaint if there is room; the last one for which there is says so.
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        if self.kept.len() + 1 == MOST {
            self.kept.push(diagnostic.note(format!("these were {MOST} errors: what follows is not shown")));
        } else if !self.is_full() {
            self.kept.push(diagnostic);
        }
    }

    /// Whether there is no room for more.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= MOST
    }

    /// All that were kept.
    pub(crate) fn into_vec(self) -> Vec<Diagnostic> {
        self.kept
    }
}
