//! What all binaries share: exit statuses, reading and writing files, the colour decision, and the [`Reporter`].
//!
//! An output file appears whole or not at all, and a reader of a pipe that has gone is no reason to panic.

mod dashes;
mod files;
mod guard;
mod json;
mod kinds;
mod loose;
mod options;
mod outputs;
mod reporter;
mod size;
mod spelled;
mod status;
mod talk;
mod texts;
mod words;

pub use files::{FileNumber, FileReader, is_standard_stream, read_input};
pub use guard::guard;
pub use json::json;
pub use kinds::{FileKind, refusals};
pub use options::{ReportOptions, SHARED_HELP, ThreadOptions, parse_words, refuse_words};
pub use outputs::Outputs;
pub use reporter::{Color, Reporter};
pub use size::{parse_size, parse_size_to};
pub use status::Status;
pub use talk::{shown, shown_output, unreadable};
pub use texts::SourceTexts;
pub use words::quoted_word;
