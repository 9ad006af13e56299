//! The container: header, section table, and one file a section with its record, how it is read and how it is written.

pub mod constants;
pub mod cursor;
pub mod debug;
pub mod functions;
pub mod header;
pub mod imports;
pub mod metadata;
pub mod types;

pub use constants::{Constants, Value};
pub use debug::{Debug, FunctionDebug, Line};
pub use functions::{Function, Functions, SlotKind};
pub use header::{Header, Kind, MAGIC, SectionId, SectionRecord, VERSION};
pub use imports::{Import, ImportKind, Imports};
pub use metadata::{Entry, EntryResult, Metadata};
