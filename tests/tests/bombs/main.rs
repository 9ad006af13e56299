//! Files that are made to be slow or large to judge, or to link: families of nasty code at N, 2N and 4N.
//!
//! Units of work grow by at most 2.3 with each doubling; memory stays within 64 MiB and 12 times the file, and for the
//! rows S41 to S45 of the list of bad inputs within 64 MiB. What tools tell of a file is held to the same. Nothing is timed. What is too much work
//! is refused as such.

mod alloc;
mod arenas;
mod calls;
mod code;
mod flat;
mod judge;
mod links;
mod listings;
mod paths;
mod tables;
mod views;

use alloc::Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;
