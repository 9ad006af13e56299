//! [`Builder`]: what compiler, assembler and linker fill. It deduplicates; [`write`](crate::write) puts in order.
//!
//! Until it is written, everything is known by the number it was first given: constants and imports by that of the
//! builder, functions by a number for their mangled name (which may be added later), and the target of a jump by the
//! index of an instruction in its function.

use crate::container::{EntryResult, FunctionDebug, ImportKind, Kind, SlotKind};
use crate::instruction::{Constant, Function, Import, Instruction};
use crate::stencil::{Stencil, StencilError, StencilTable, TypeRef};
use crate::types::Tag;
use indexmap::{IndexMap, IndexSet};

/// A constant with its own text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConstantValue {
    /// A scalar as a cell.
    Scalar(Tag, u64),
    /// Text.
    String(String),
}

/// A function as it is handed to the builder.
#[derive(Debug, Clone, Default)]
pub struct FunctionDraft {
    /// Whether hosts and importers see it.
    pub exported: bool,
    /// What its slots are.
    pub slots: Vec<SlotKind>,
    /// The most cells of its expression stack; `None` to have it measured.
    pub max_stack: Option<u16>,
    /// Its code; targets of jumps are indexes into it.
    pub code: Vec<Instruction>,
    /// Lines and names; the offsets of its lines are indexes into the code. Written if every function has it.
    pub debug: Option<FunctionDebug>,
}

/// A module that is being made.
#[derive(Debug, Clone)]
pub struct Builder {
    /// What the file is for.
    pub kind: Kind,
    /// What makes it, for the metadata.
    pub producer: String,
    /// Sources, relative to the root of the project.
    pub sources: Vec<String>,
    /// Mangled name of the entry and what happens to its result.
    pub entry: Option<(String, EntryResult)>,
    /// Sections that this version does not know, by rising number.
    pub custom: Vec<(u16, Vec<u8>)>,
    pub(crate) constants: IndexSet<ConstantValue>,
    pub(crate) imports: IndexSet<(String, ImportKind)>,
    pub(crate) stencils: StencilTable,
    pub(crate) names: IndexSet<String>,
    pub(crate) functions: IndexMap<String, FunctionDraft>,
}

impl Builder {
    /// An empty module.
    pub fn new(kind: Kind) -> Builder {
        Builder {
            kind,
            producer: String::new(),
            sources: Vec::new(),
            entry: None,
            custom: Vec::new(),
            constants: IndexSet::new(),
            imports: IndexSet::new(),
            stencils: StencilTable::default(),
            names: IndexSet::new(),
            functions: IndexMap::new(),
        }
    }

    /// The number of a constant; equal ones have one.
    pub fn constant(&mut self, value: ConstantValue) -> Constant {
        Constant(self.constants.insert_full(value).0 as u32)
    }

    /// The number of an import, by mangled name.
    pub fn import(&mut self, kind: ImportKind, mangled: &str) -> Import {
        Import(self.imports.insert_full((mangled.to_owned(), kind)).0 as u32)
    }

    /// The number of a function, by mangled name; it may be added later.
    pub fn function(&mut self, mangled: &str) -> Function {
        match self.names.get_index_of(mangled) {
            Some(index) => Function(index as u32),
            None => Function(self.names.insert_full(mangled.to_owned()).0 as u32),
        }
    }

    /// The type of a stencil; equal ones are one.
    ///
    /// # Errors
    /// It is malformed, or another struct has its name.
    pub fn stencil(&mut self, stencil: Stencil) -> Result<TypeRef, StencilError> {
        self.stencils.intern(stencil)
    }

    /// The stencils so far.
    pub fn stencils(&self) -> &StencilTable {
        &self.stencils
    }

    /// Adds a function; `false` if one with this mangled name is there already, which then stays.
    pub fn add_function(&mut self, mangled: &str, draft: FunctionDraft) -> bool {
        self.function(mangled);
        match self.functions.entry(mangled.to_owned()) {
            indexmap::map::Entry::Occupied(_) => false,
            indexmap::map::Entry::Vacant(place) => {
                place.insert(draft);
                true
            }
        }
    }
}
