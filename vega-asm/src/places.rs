//! The way back from code to text: which line an instruction was assembled from.

use crate::syntax::Span;
use std::collections::HashMap;

/// Where each function and each of its instructions stands in the text.
#[derive(Debug, Default)]
pub struct Places {
    functions: HashMap<String, FunctionPlaces>,
    entry: Span,
}

/// The places of one function.
#[derive(Debug, Default)]
pub struct FunctionPlaces {
    /// The function's name behind `.function`.
    pub name: Span,
    /// Offset in the code, and instruction in the text, in order.
    pub code: Vec<(u32, Span)>,
}

impl Places {
    pub(crate) fn add(&mut self, function: &str, places: FunctionPlaces) {
        self.functions.insert(function.to_owned(), places);
    }

    pub(crate) fn set_entry(&mut self, entry: Span) {
        self.entry = entry;
    }

    /// What a complaint about the module as a whole points at: `.entry` or `.library`.
    pub fn entry(&self) -> Span {
        self.entry
    }

    /// The name of a function.
    pub fn function(&self, name: &str) -> Option<Span> {
        self.functions.get(name).map(|places| places.name)
    }

    /// The instruction at an offset of a function's code; the function's name if there is none.
    pub fn instruction(&self, function: &str, offset: u32) -> Option<Span> {
        let places = self.functions.get(function)?;
        let found = places.code.binary_search_by_key(&offset, |(offset, _)| *offset).ok();
        Some(found.and_then(|index| places.code.get(index)).map_or(places.name, |(_, span)| *span))
    }
}
