//! What can be wrong with the bytes of a file: kind and place as data, words at the top.

use crate::container::{ContentId, SectionId};
use crate::mangle::NameError;
use crate::text::{counted, escaped};
use alloc::string::String;
use core::fmt;
use thiserror::Error;

/// Why bytes are no well-formed `.vgb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// What is wrong.
    pub kind: FormatErrorKind,
    /// The offset in the file.
    pub offset: u64,
    /// The section in which it lies, if it lies in one.
    pub section: Option<SectionId>,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for FormatError {}

impl FormatError {
    /// The place as tools print it: `0x1f2 in constants`.
    pub fn place(&self) -> String {
        match self.section {
            Some(section) => format!("0x{:x} in {section}", self.offset),
            None => format!("0x{:x}", self.offset),
        }
    }
}

impl FormatErrorKind {
    /// What can be done about it, where the words do not say so themselves.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            FormatErrorKind::Magic { .. } | FormatErrorKind::TextMode(_) | FormatErrorKind::UnknownSection { .. } => {
                None
            }
            // What it needs is less of it, and no other copy.
            FormatErrorKind::Long { .. } | FormatErrorKind::Limit { .. } => None,
            FormatErrorKind::Version { found, known } if found > known => {
                Some("take tools as new as those that wrote it, or compile its source again with these")
            }
            FormatErrorKind::Version { .. } => Some("compile its source again with these tools"),
            _ => Some("the file is damaged; copy it again, or compile its source again"),
        }
    }
}

/// The ways in which bytes can be malformed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormatErrorKind {
    /// The first bytes are not the magic.
    #[error("not a .vgb file: it starts with {found}, not with {wanted}{hint}")]
    Magic {
        /// The first bytes, in hex.
        found: String,
        /// The magic, in hex.
        wanted: String,
        /// What the file seems to be instead, or empty.
        hint: String,
    },
    /// The magic shows that line ends or high bits were changed on the way.
    #[error("the file was copied in text mode: {0}; copy it again in binary mode")]
    TextMode(&'static str),
    /// The bytes end too early.
    #[error("the file ends too early: {what} needs {}, and has {have}", counted(*.need, "byte"))]
    Truncated {
        /// What was to be read.
        what: &'static str,
        /// Bytes needed.
        need: u64,
        /// Bytes left.
        have: u64,
    },
    /// The version is none that this reader knows.
    #[error("found version {found} of the container, which is {} than this reader; it reads version {known}",
        if found > known { "newer" } else { "older" })]
    Version {
        /// The version in the file.
        found: u16,
        /// The version that is read.
        known: u16,
    },
    /// A number that must be one of a few is none of them.
    #[error("{what} is {found}; it must be {wanted}")]
    Value {
        /// Which field.
        what: &'static str,
        /// The number found.
        found: u64,
        /// What may stand there.
        wanted: String,
    },
    /// The checksum over a section, or over header and table, is wrong.
    #[error("the checksum of the {what} is {stored:08x} in the file and {computed:08x} over its bytes")]
    Checksum {
        /// What it is over.
        what: String,
        /// The checksum in the file.
        stored: u32,
        /// The checksum of the bytes.
        computed: u32,
    },
    /// A section that must be understood is not known.
    #[error("unknown critical section {number} `{}`; a newer Vega may know it", escaped(.name))]
    UnknownSection {
        /// Its number.
        number: u16,
        /// Its name.
        name: String,
    },
    /// A section stands twice or out of order.
    #[error("section {found} stands behind section {before}; sections stand once each, in order of their numbers")]
    SectionOrder {
        /// The section found.
        found: u16,
        /// The section before it.
        before: u16,
    },
    /// A section that every file has is not there.
    #[error("the section `{0}` is missing")]
    MissingSection(SectionId),
    /// A section is there and has nothing in it.
    #[error("the section `{0}` is empty; it must be left out")]
    EmptySection(SectionId),
    /// Bytes follow where nothing may.
    #[error("{} too many", counted(*.0, "byte"))]
    Extra(u64),
    /// A count is greater than the bytes that follow can hold.
    #[error("{what} should have {count} entries of at least {}, and there are {}", counted(*.size, "byte"), counted(*.have, "byte"))]
    Count {
        /// What is counted.
        what: &'static str,
        /// The count.
        count: u64,
        /// The least bytes of an entry.
        size: u64,
        /// Bytes left.
        have: u64,
    },
    /// Text is not UTF-8.
    #[error("{what} is not UTF-8 from its byte {at}")]
    Utf8 {
        /// Which text.
        what: &'static str,
        /// The first byte that is wrong.
        at: usize,
    },
    /// A mangled name is malformed.
    #[error("mangled name `{}`: {error}", escaped(.name))]
    Name {
        /// The name, cut.
        name: String,
        /// What is wrong with it.
        error: NameError,
    },
    /// Entries are not in order, or one stands twice.
    #[error("{what} {index} is not behind the one before it; they stand in order, once each")]
    Order {
        /// Which entries.
        what: &'static str,
        /// The entry that is out of place.
        index: u32,
    },
    /// An index or a range points outside what it points into.
    #[error("{what} is {found}, there are {length}")]
    Range {
        /// Which index.
        what: &'static str,
        /// The index found.
        found: u64,
        /// The number of entries or bytes.
        length: u64,
    },
    /// The bytes could be written in another way, and that is the one that is accepted.
    #[error("not in canonical form: {0}")]
    Canonical(String),
    /// A stencil is malformed.
    #[error("type {index}: {problem}")]
    Stencil {
        /// Which entry of the types section.
        index: u32,
        /// What is wrong with it.
        problem: String,
    },
    /// A content id is not that of the content.
    #[error("the content id of the {what} is {stored} in the file and {computed} over its bytes")]
    ContentId {
        /// What it is over: `meaning` or `whole file`.
        what: &'static str,
        /// The id in the file.
        stored: ContentId,
        /// The id of the content.
        computed: ContentId,
    },
    /// A relocation does not say where a call of another module stands.
    #[error("relocation {index} {problem}")]
    Relocation {
        /// Which entry of the section.
        index: u32,
        /// What is wrong with it.
        problem: String,
    },
    /// A text that is longer than the format allows.
    #[error("{what} has {found} bytes; the limit is {limit}")]
    Long {
        /// The text.
        what: &'static str,
        /// Its bytes.
        found: u64,
        /// The most.
        limit: u64,
    },
    /// More of something than the format has room for.
    #[error("{what} is {found}; the limit is {limit}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The value.
        found: u64,
        /// The greatest value.
        limit: u64,
    },
}

impl FormatErrorKind {
    /// The code that `--explain` takes.
    pub fn code(&self) -> &'static str {
        match self {
            FormatErrorKind::Magic { .. } => "F001",
            FormatErrorKind::TextMode(_) => "F002",
            FormatErrorKind::Truncated { .. } => "F003",
            FormatErrorKind::Version { .. } => "F004",
            FormatErrorKind::Value { .. } => "F005",
            FormatErrorKind::Checksum { .. } => "F006",
            FormatErrorKind::UnknownSection { .. } => "F007",
            FormatErrorKind::SectionOrder { .. } => "F008",
            FormatErrorKind::MissingSection(_) => "F009",
            FormatErrorKind::EmptySection(_) => "F010",
            FormatErrorKind::Extra(_) => "F011",
            FormatErrorKind::Count { .. } => "F012",
            FormatErrorKind::Utf8 { .. } => "F013",
            FormatErrorKind::Name { error, .. } if error.is_limit() => "L002",
            FormatErrorKind::Name { .. } => "F014",
            FormatErrorKind::Order { .. } => "F015",
            FormatErrorKind::Range { .. } => "F016",
            FormatErrorKind::Canonical(_) => "F017",
            FormatErrorKind::Stencil { .. } => "F018",
            FormatErrorKind::ContentId { .. } => "F019",
            FormatErrorKind::Relocation { .. } => "F020",
            FormatErrorKind::Long { .. } | FormatErrorKind::Limit { .. } => "L001",
        }
    }
}

pub use crate::verify::refusal::{RULES, Rule, RuleRow, VerifyError};

/// Shorthand of this crate.
pub(crate) type Result<T, E = FormatError> = core::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;

    #[test]
    fn names_out_of_files_end_no_line() {
        let kind = FormatErrorKind::UnknownSection { number: 40_000, name: "a\u{1b}[31m\nb".to_owned() };
        let words = "unknown critical section 40000 `a\\u{1b}[31m\\nb`; a newer Vega may know it";
        assert_eq!(kind.to_string(), words);
    }
}
