//! What stands behind the names in mangled names: parameters and result, each combination once, since most functions of a
//! file share theirs with others; so do those of many files that are read one after another.

use super::cursor::Cursor;
use crate::error::{FormatErrorKind, Result};
use crate::hash::HashMap;
use crate::mangle;
use crate::stencil::StencilTable;
use crate::types::{Signature, SignatureRef, Type};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use foldhash::fast::RandomState;

/// Parameters and result. There may be many files, of which each has few, so nothing takes more room than it needs.
type Types = (Box<[Type]>, Option<Type>);

/// The types of mangled names, numbered in the order of their first use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signatures {
    types: Box<[Arc<Types>]>,
}

impl Signatures {
    /// How many combinations there are.
    pub(crate) fn len(&self) -> usize {
        self.types.len()
    }

    /// The signature that a mangled name says, whose types have this number.
    pub(crate) fn get<'a>(&'a self, number: u32, mangled: &'a str) -> Option<SignatureRef<'a>> {
        let (parameters, result) = &**self.types.get(number as usize)?;
        let end = mangled.bytes().position(|byte| byte == b'(').unwrap_or(mangled.len());
        let name = mangled.get(..end)?;
        Some(SignatureRef { name, parameters, result: result.as_ref() })
    }

    /// The parameters and the result with this number.
    pub(crate) fn types(&self, number: u32) -> Option<(&[Type], Option<&Type>)> {
        let (parameters, result) = &**self.types.get(number as usize)?;
        Some((parameters, result.as_ref()))
    }
}

/// Types that were read before, by their text, also those of other files.
#[derive(Debug, Default)]
pub(crate) struct KnownTypes {
    by_text: HashMap<Box<[u8]>, Arc<Types>, RandomState>,
    /// The layouts of all files that have none.
    no_stencils: Arc<StencilTable>,
}

impl KnownTypes {
    /// More than these are not kept, nor longer ones, so that no file makes it large.
    const MOST: usize = 256;
    const LONGEST: usize = 64;

    pub(crate) fn no_stencils(&self) -> Arc<StencilTable> {
        Arc::clone(&self.no_stencils)
    }

    fn keep(&mut self, text: &[u8], types: &Arc<Types>) {
        if self.by_text.len() < KnownTypes::MOST && text.len() <= KnownTypes::LONGEST {
            self.by_text.insert(text.into(), Arc::clone(types));
        }
    }
}

/// Reads mangled names, and parses types that it has seen before only once.
pub(super) struct SignatureReader<'a, 'k> {
    known: &'k mut KnownTypes,
    types: Vec<Arc<Types>>,
    /// By the text of the types. The texts come out of a file, so the hash has a key that nobody knows.
    numbers: HashMap<&'a [u8], u32, RandomState>,
    last: (&'a [u8], u32),
}

impl<'a, 'k> SignatureReader<'a, 'k> {
    pub(super) fn new(known: &'k mut KnownTypes) -> SignatureReader<'a, 'k> {
        SignatureReader { known, types: Vec::new(), numbers: HashMap::default(), last: (&[], 0) }
    }

    /// What was read.
    pub(super) fn finish(self) -> Signatures {
        Signatures { types: self.types.into() }
    }

    /// The number of the types of the mangled name that stands in this range of the file.
    ///
    /// # Errors
    /// It is no mangled name.
    pub(super) fn read(&mut self, cursor: &Cursor<'a>, range: Range<usize>) -> Result<u32> {
        let mangled = cursor.bytes_of(range.clone());
        let types = mangle::name_length(mangled).and_then(|length| mangled.get(length..));
        if let Some(types) = types {
            if self.last.0 == types {
                return Ok(self.last.1);
            }
            if let Some(number) = self.numbers.get(types) {
                self.last = (types, *number);
                return Ok(*number);
            }
        }
        let number = self.types.len() as u32;
        if let Some(known) = types.and_then(|types| self.known.by_text.get(types)) {
            self.types.push(Arc::clone(known));
        } else {
            let name = cursor.check_text("a function's name", range.clone())?;
            let Signature { parameters, result, .. } = read_signature(cursor, range.start, name)?;
            let read = Arc::new((parameters.into(), result));
            types.iter().for_each(|types| self.known.keep(types, &read));
            self.types.push(read);
        }
        if let Some(types) = types {
            self.numbers.insert(types, number);
            self.last = (types, number);
        }
        Ok(number)
    }
}

/// Parses the mangled name that stands at `at` in the file.
pub(super) fn read_signature(cursor: &Cursor<'_>, at: usize, name: &str) -> Result<Signature> {
    mangle::parse(name).map_err(|error| {
        let offset = at + error.position;
        let shown = name.chars().take(100).collect();
        cursor.error_at(offset, FormatErrorKind::Name { name: shown, error })
    })
}
