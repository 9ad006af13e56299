//! What can stand in the way of linking, as data. The words are in [`report`](super::report).

use super::why::Link;
use super::{Definition, Input, symbols};
use vega_format::budget::FunctionBudget;
use vega_format::container::Kind;
use vega_format::error::VerifyError;
use vega_format::types::Signature;
use vega_format::write::FinishError;
use vega_report::Diagnostic;

/// So many problems are told where nothing else is said: to find out about one may take as long as the calls of all that there
/// are.
pub const MOST: usize = 100;

/// What stands in the way, as it is found.
#[derive(Debug)]
pub(super) struct Problems {
    pub(super) told: Vec<Problem>,
    /// How many more there are.
    pub(super) untold: usize,
    most: usize,
}

impl Problems {
    /// None yet. So many will be told.
    pub(super) fn new(most: usize) -> Problems {
        Problems { told: Vec::new(), untold: 0, most }
    }

    /// Adds one.
    pub(super) fn push(&mut self, problem: Problem) {
        self.add(|| Some(problem));
    }

    /// Adds one about which more has to be found out, if it is told.
    pub(super) fn add(&mut self, found: impl FnOnce() -> Option<Problem>) {
        match self.told.len() < self.most {
            true => self.told.extend(found()),
            false => self.untold += 1,
        }
    }
}

/// A function and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The file of the input.
    pub file: String,
    /// What it takes and gives.
    pub signature: Signature,
    /// The source and the line on which it is declared, or where what is told of happens in it, if the file says so.
    pub line: Option<(String, u32)>,
}

/// A struct as one of the inputs has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The file of the input.
    pub file: String,
    /// The fields, in order.
    pub fields: Vec<LayoutField>,
    /// Bytes of the whole, if they are known.
    pub size: Option<u32>,
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutField {
    /// Its name.
    pub name: String,
    /// Its type as source spells it.
    pub type_name: String,
    /// Where it starts, if that is known.
    pub offset: Option<u32>,
}

/// Something that is wanted and cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is wanted.
    pub wanted: Signature,
    /// The name that stands for it in calls, if there is one.
    pub written: Option<String>,
    /// Who calls it: each function with its first such call.
    pub callers: Vec<Site>,
}

/// How much of two functions of one name is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twins {
    /// The name.
    Names,
    /// Their code, too; what they call in their own files is another matter.
    Code,
    /// What they do, too.
    Bodies,
    /// The whole files.
    Files,
}

/// What is odd about inputs or options.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// An option names a function that is not there.
    Nothing {
        /// The option.
        option: &'static str,
        /// What was named.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// A name is to stand for a function, and nothing calls it.
    Uncalled {
        /// The option.
        option: &'static str,
        /// The name.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// A section of an input is not taken over.
    Section {
        /// The file of the input.
        file: String,
        /// The name of the section.
        section: String,
    },
}

/// An input that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub file: String,
    /// What who tried to read it says.
    pub told: Diagnostic,
}

/// Why inputs cannot be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// An input cannot be read.
    Unread(Box<Unread>),
    /// An input is no object.
    NoObject {
        /// The file.
        file: String,
        /// What it is.
        found: Kind,
    },
    /// Two inputs define one function.
    Duplicate {
        /// Where.
        first: Site,
        /// Where else.
        second: Site,
        /// How much of the two is the same.
        twins: Twins,
    },
    /// No input defines it.
    Undefined {
        /// What, and who wants it.
        missing: Missing,
        /// Functions of the same name that take something else.
        overloads: Vec<Site>,
        /// The name that may have been meant.
        near: Option<String>,
        /// The file that has other functions of its module.
        module_file: Option<String>,
        /// The same function without a module in its name: that of a source with `main`.
        alone: Option<Site>,
    },
    /// It is there, and not exported.
    Private {
        /// What, and who wants it.
        missing: Missing,
        /// Where it is.
        found: Site,
    },
    /// It is there, and takes or gives something else.
    Mismatch {
        /// What, and who wants it.
        missing: Missing,
        /// Where it is.
        found: Site,
    },
    /// Two inputs mean different structs by one name.
    Layouts {
        /// The name.
        name: String,
        /// One of them.
        first: Layout,
        /// The other.
        second: Layout,
    },
    /// Two inputs want different results of one function of the host.
    Hosts {
        /// What one wants, and who calls it.
        first: Missing,
        /// What another does.
        second: Missing,
    },
    /// A library would have no functions: no input exports one.
    Empty,
    /// No input says where the program starts.
    NoEntry {
        /// Functions named `main`, which could be the entry.
        mains: Vec<Site>,
    },
    /// More than one says so.
    Entries(Vec<Site>),
    /// The function that was named as the entry is not called as every entry is.
    NotMain(Site),
    /// The name of the entry is that of several functions.
    Ambiguous {
        /// What was named.
        name: String,
        /// What it may mean.
        sites: Vec<Site>,
    },
    /// A name that is to stand for another function is that of one already.
    Taken {
        /// The name.
        name: String,
        /// The function that has it.
        found: Site,
    },
    /// A name is to stand for two functions.
    TwoMeanings {
        /// The name.
        name: String,
        /// What it is to stand for.
        first: String,
        /// What else.
        second: String,
    },
    /// The function that was named as the entry is not there.
    UnknownEntry {
        /// What was named.
        name: String,
        /// The mangled name that may have been meant.
        near: Option<String>,
    },
    /// A function needs more memory than was promised to one of its importers.
    Outgrown {
        /// The bytes that were promised.
        promised: u64,
        /// The object with the promise.
        by: String,
        /// The function.
        found: Site,
        /// What it needs.
        budget: Box<FunctionBudget>,
        /// How it is reached.
        chain: Vec<Link>,
    },
    /// The code of a function is malformed.
    Malformed(Site),
    /// The whole cannot be written.
    Unwritable(FinishError),
    /// The verifier refuses what was linked.
    Refused {
        /// The file from which the function came.
        file: Option<String>,
        /// What it says.
        error: VerifyError,
    },
}

impl Site {
    /// Where a function is declared.
    pub(super) fn of(inputs: &[&Input<'_>], definition: Definition) -> Site {
        let declared = |input: &&Input<'_>| {
            let debug = input.module.debug(definition.function).filter(|debug| debug.line > 0)?;
            let source = input.module.sources().nth(debug.source as usize)?;
            Some((source.to_owned(), debug.line))
        };
        let signature = symbols::function(inputs, definition).map(|function| function.signature.to_owned());
        let nothing = Signature { name: String::new(), parameters: Vec::new(), result: None };
        let input = inputs.get(definition.file as usize);
        Site {
            file: input.map(|input| input.name.to_string()).unwrap_or_default(),
            signature: signature.unwrap_or(nothing),
            line: input.and_then(declared),
        }
    }
}
