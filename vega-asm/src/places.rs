//! The way back from code to text: which line an instruction was assembled from.
//!
//! Nothing is written down for it while all is well: the lines of a function are read again.

use crate::directive::Directive;
use crate::listing::{Block, Listing, Sort};
use crate::problem::Problems;
use crate::syntax::{Argument, Span};
use foldhash::fast::RandomState;
use std::cell::OnceCell;
use std::collections::HashMap;
use vega_format::instruction::row_by_mnemonic;

/// Where each function and each of its instructions stands in the text.
#[derive(Debug)]
pub struct Places<'t> {
    listing: Listing<'t>,
    entry: Span,
    /// The functions by name, once one was asked for.
    functions: OnceCell<HashMap<&'t str, (usize, Span), RandomState>>,
}

/// The places of one function.
#[derive(Debug, Default)]
pub struct FunctionPlaces {
    /// The function's name behind `.function`.
    pub name: Span,
    /// Offset in the code, and instruction in the text, or the `.bytes` that stand for some, in order.
    pub code: Vec<(u32, Span)>,
}

impl<'t> Places<'t> {
    pub(crate) fn new(listing: Listing<'t>, entry: Span) -> Places<'t> {
        Places { listing, entry, functions: OnceCell::new() }
    }

    /// What a complaint about the module as a whole points at: `.entry` or `.library`.
    pub fn entry(&self) -> Span {
        self.entry
    }

    /// The name of a function.
    pub fn function(&self, name: &str) -> Option<Span> {
        self.block(name).map(|(_, span)| span)
    }

    fn block(&self, name: &str) -> Option<(&Block, Span)> {
        let named = |(place, block): (usize, &Block)| {
            let span = block.opening.arguments(&self.listing.arguments).first().map(Argument::span)?;
            Some((self.listing.word(span), (place, span)))
        };
        let all = || self.listing.functions.iter().enumerate().filter_map(named).collect();
        let (place, span) = *self.functions.get_or_init(all).get(name)?;
        Some((self.listing.functions.get(place)?, span))
    }

    /// The places of a function.
    pub fn of_function(&self, name: &str) -> FunctionPlaces {
        let Some((block, span)) = self.block(name) else { return FunctionPlaces::default() };
        let mut places = FunctionPlaces { name: span, code: Vec::new() };
        let (mut statements, mut arguments) = Default::default();
        self.listing.read_body(block, &mut statements, &mut arguments, &mut Problems::default());
        let mut offset = 0;
        for statement in &statements {
            let width = match statement.sort {
                Sort::Instruction => row_by_mnemonic(self.listing.word(statement.name)).map_or(0, |row| row.width()),
                Sort::Directive(Directive::Bytes) => {
                    let words = statement.arguments(&arguments).iter().map(|part| self.listing.word(part.value()));
                    let digits = |word: &str| word.bytes().filter(u8::is_ascii_hexdigit).count();
                    words.map(digits).sum::<usize>() / 2
                }
                _ => continue,
            };
            places.code.push((offset, statement.name));
            offset += width as u32;
        }
        places
    }
}

impl FunctionPlaces {
    /// The instruction at an offset of the function's code; the function's name if there is none.
    pub fn instruction(&self, offset: u32) -> Span {
        let behind = self.code.partition_point(|(start, _)| *start <= offset);
        let found = behind.checked_sub(1).and_then(|index| self.code.get(index));
        found.map_or(self.name, |(_, span)| *span)
    }
}
