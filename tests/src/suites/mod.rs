//! One module a suite, each with its `trials`.

pub mod broken;
pub mod cli;
pub mod codes;
pub mod container;
pub mod damaged_sources;
pub mod examples;
pub mod fences;
pub mod fix;
pub mod format;
pub mod golden_files;
pub mod grammar;
pub mod inspect;
pub mod link;
pub mod link_rows;
pub mod mutations;
pub mod pages;
pub mod reject;
pub mod rows;
pub mod run;
pub mod source_lines;
pub mod verify;
