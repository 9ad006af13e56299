//! A file as one page to look at in a browser: source beside bytecode beside the arenas, the budget, and every byte.
//!
//! The page is whole in itself: it loads nothing, and its policy forbids it to. What comes from the file stands in it as
//! data only, which the script puts on the page as text. What a page can hold is limited; it says what it leaves out.

mod budget;
mod bytes;
mod code;
mod data;
mod page;

use crate::objdump::Subject;
use vega_format::error::FormatError;

/// A page that shows a file.
pub fn page(subject: &Subject<'_>) -> String {
    page::of(subject.name, &data::of(subject))
}

/// A page that shows a file in which not even a section table is found: its bytes, and what is wrong with them.
pub fn page_of_bytes(name: &str, bytes: &[u8], faults: &[FormatError]) -> String {
    page::of(name, &data::of_bytes(name, bytes, faults))
}
