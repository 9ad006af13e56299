//! The container: header, section table, and one file a section with its record, how it is read and how it is written.

pub(crate) mod checksum;
pub mod constants;
pub mod content_id;
pub mod cursor;
pub mod custom;
pub mod debug;
pub mod functions;
pub mod head;
pub mod header;
pub mod imports;
pub mod magic;
pub mod metadata;
pub mod relocations;
pub(crate) mod signatures;
pub mod statics;
pub mod types;

pub use constants::{Constants, Value};
pub use content_id::{ContentId, ContentIds};
pub use custom::Custom;
pub use debug::{Debug, FunctionDebug, Line};
pub use functions::{Function, Functions, Outlined, SlotKind};
pub use head::Head;
#[cfg(feature = "std")]
pub use head::HeadError;
pub use header::{Header, Kind, MAGIC, SectionId, SectionRecord, VERSION};
pub use imports::{Import, ImportKind, Imports};
pub use metadata::{Entry, EntryResult, Metadata, ProofRecord, RecordedProof};
pub use relocations::{Relocation, Relocations};
pub use statics::{StaticBlock, Statics};
