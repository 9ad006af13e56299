//! [`Builder`]: what compiler and assembler fill. It deduplicates; [`write`](crate::write) puts in order.
//!
//! Until it is written, everything is known by the number it was first given: constants and imports by that of the
//! builder, functions by a number for their mangled name (which may be added later), and in what is handed over the target
//! of a jump by the index of an instruction in its function. In an object, a function that is called and never added is one of another
//! module: the file imports it, and a relocation stands for each call.

use crate::container::{self, EntryResult, FunctionDebug, ImportKind, Kind, SlotKind, Value};
use crate::hash::HashMap;
use crate::instruction::{Constant, Function, Import, Instruction, Space, Static, indexes};
use crate::kept::{Kept, Room};
use crate::parsed::Parsed;
use crate::stencil::{Stencil, StencilError, StencilTable, TypeRef};
use crate::types::Tag;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use foldhash::fast::RandomState;
use indexmap::{Equivalent, IndexMap, IndexSet};

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
    /// The most activations of it that may be live at once, at least 1; `None` if any number may.
    pub limit: Option<u32>,
    /// Its code; targets of jumps are indexes into it.
    pub code: Vec<Instruction>,
    /// Lines and names; the offsets of its lines are indexes into the code. Written if every function has it.
    pub debug: Option<FunctionDebug>,
}

impl FunctionDraft {
    /// Forgets everything but its room.
    pub fn clear(&mut self) {
        let FunctionDraft { exported, slots, max_stack, limit, code, debug } = self;
        (*exported, *max_stack, *limit, *debug) = Default::default();
        slots.clear();
        code.clear();
    }
}

/// A block of variables that live as long as an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaticDraft {
    /// Its bytes.
    pub capacity: u32,
    /// The variables, one after another.
    pub variables: Vec<TypeRef>,
    /// The values with which it starts; all behind them is zero.
    pub image: Vec<u8>,
}

/// A section that this version does not know, with its own bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomSection {
    /// Its number, from [`SectionId::FIRST_CUSTOM`](container::SectionId::FIRST_CUSTOM) on unless it is of a later version.
    pub number: u16,
    /// What it is called: 1 to 255 bytes.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Constants by number.
pub(crate) type Constants = IndexSet<ConstantValue, RandomState>;

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
    /// Sections that this version does not know, one a number.
    pub custom: Vec<CustomSection>,
    /// The bytes of the section `certificate`; there is none if they are empty.
    pub certificate: Vec<u8>,
    /// The bytes of the section `signature`; there is none if they are empty.
    pub signature: Vec<u8>,
    pub(crate) constants: Constants,
    pub(crate) statics: Vec<StaticDraft>,
    pub(crate) imports: IndexSet<String, RandomState>,
    /// What calls of imports take at most, by who provides them and mangled name.
    pub(crate) bounds: HashMap<(ImportKind, String), u64, RandomState>,
    pub(crate) stencils: StencilTable,
    pub(crate) names: IndexSet<String, RandomState>,
    /// By the number of their name.
    pub(crate) functions: IndexMap<u32, Kept, RandomState>,
    room: Room,
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
            certificate: Vec::new(),
            signature: Vec::new(),
            constants: Constants::default(),
            statics: Vec::new(),
            imports: IndexSet::default(),
            bounds: HashMap::default(),
            stencils: StencilTable::default(),
            names: IndexSet::default(),
            functions: IndexMap::default(),
            room: Room::default(),
        }
    }

    /// The number of a constant; equal ones have one.
    pub fn constant(&mut self, value: ConstantValue) -> Constant {
        Constant(self.constants.insert_full(value).0 as u32)
    }

    /// The number of a static block; each is one of its own.
    pub fn static_block(&mut self, draft: StaticDraft) -> Static {
        self.statics.push(draft);
        Static(u16::try_from(self.statics.len() - 1).unwrap_or(u16::MAX))
    }

    /// The number of a function of the host, by mangled name.
    pub fn import(&mut self, mangled: &str) -> Import {
        match self.imports.get_index_of(mangled) {
            Some(index) => Import(index as u32),
            None => Import(self.imports.insert_full(mangled.to_owned()).0 as u32),
        }
    }

    /// Says what a call of an import takes at most; nothing comes of it if it is not called.
    pub fn bound(&mut self, kind: ImportKind, mangled: &str, bytes: u64) {
        self.bounds.insert((kind, mangled.to_owned()), bytes);
    }

    /// The number of a function, by mangled name; it may be added later, or in an object be left to another module.
    pub fn function(&mut self, mangled: &str) -> Function {
        match self.names.get_index_of(mangled) {
            Some(index) => Function(index as u32),
            None => Function(self.names.insert_full(mangled.to_owned()).0 as u32),
        }
    }

    /// The number that was given to a mangled name, if it was.
    pub fn find_function(&self, mangled: &str) -> Option<Function> {
        self.names.get_index_of(mangled).map(|index| Function(index as u32))
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
    pub fn add_function(&mut self, mangled: &str, mut draft: FunctionDraft) -> bool {
        let function = self.function(mangled);
        self.define(function, &mut draft)
    }

    /// The same for a name that has a number. Then the draft is empty, and has room for another function.
    pub fn define(&mut self, function: Function, draft: &mut FunctionDraft) -> bool {
        let kept = Kept::new(draft, &mut self.room);
        draft.clear();
        self.keep(function, kept)
    }

    /// The same with code in bytes: jumps and lines are by offset in it. The code of the draft itself is not looked at.
    pub fn define_encoded(&mut self, function: Function, draft: &mut FunctionDraft, code: &[u8]) -> bool {
        let kept = Kept::encoded(draft, code, None);
        draft.clear();
        self.keep(function, kept)
    }

    fn keep(&mut self, function: Function, kept: Kept) -> bool {
        match self.functions.entry(function.0) {
            indexmap::map::Entry::Occupied(_) => false,
            indexmap::map::Entry::Vacant(place) => {
                place.insert(kept);
                true
            }
        }
    }

    /// Makes room for so many functions more.
    pub fn reserve(&mut self, functions: usize) {
        self.names.reserve(functions);
        self.functions.reserve(functions);
    }

    /// Leaves out the functions to which no call leads from the entry and the exported ones. Gives whether there were any.
    pub fn leave_out_uncalled(&mut self) -> bool {
        let entry = self.entry.as_ref().and_then(|(name, _)| self.names.get_index_of(name));
        let is_root = |(name, kept): &(&u32, &Kept)| kept.exported || entry == Some(**name as usize);
        if self.functions.iter().all(|function| is_root(&function)) {
            return false;
        }
        let mut work: Vec<u32> = self.functions.iter().filter(is_root).map(|(name, _)| *name).collect();
        let mut reached = vec![false; self.names.len()];
        while let Some(function) = work.pop() {
            let Some(place) = reached.get_mut(function as usize).filter(|reached| !**reached) else { continue };
            *place = true;
            let kept = self.functions.get(&function);
            let calls = kept.into_iter().flat_map(|kept| indexes(&kept.code).map_while(Result::ok));
            work.extend(calls.filter(|index| index.space == Space::Functions).map(|index| index.value));
        }
        let before = self.functions.len();
        self.functions.retain(|name, _| reached.get(*name as usize) == Some(&true));
        self.functions.len() < before
    }

    /// Takes lines and names out of all functions, so that no debug section is written. The meaning stays the same.
    pub fn strip_debug(&mut self) {
        self.functions.values_mut().for_each(|kept| kept.debug = None);
    }

    /// The builder of a module that is there: written, it gives the same bytes if the verifier accepts them. Of a module
    /// that it refuses, what cannot be said here is left out.
    pub fn from_parsed(parsed: &Parsed<'_>) -> Builder {
        let mut builder = Builder::new(parsed.kind());
        builder.producer = parsed.producer().to_owned();
        builder.sources = parsed.sources().map(str::to_owned).collect();
        let name_of = |index| parsed.function(index).map(|function| function.name.to_owned());
        builder.entry = parsed.entry().and_then(|entry| Some((name_of(entry.function)?, entry.result)));
        builder.custom = parsed.custom_sections().map(CustomSection::from).collect();
        builder.certificate = parsed.body(container::SectionId::Certificate).to_vec();
        builder.signature = parsed.body(container::SectionId::Signature).to_vec();
        // The types of one file never disagree with one another.
        let Ok(adopted) = builder.adopt_tables(parsed) else { return builder };
        for function in parsed.functions() {
            builder.function(function.name);
        }
        for function in parsed.functions() {
            if let Some(draft) = builder.adopt(parsed, &function, &adopted) {
                builder.add_function(function.name, draft);
            }
        }
        builder
    }
}

/// Both are hashed in the same way: they have the same variants in the same order.
impl Equivalent<ConstantValue> for Value<'_> {
    fn equivalent(&self, other: &ConstantValue) -> bool {
        match (self, other) {
            (Value::Scalar(tag, cell), ConstantValue::Scalar(other_tag, other)) => tag == other_tag && cell == other,
            (Value::String(text), ConstantValue::String(other)) => text == other,
            _ => false,
        }
    }
}

impl From<Value<'_>> for ConstantValue {
    fn from(value: Value<'_>) -> ConstantValue {
        match value {
            Value::Scalar(tag, cell) => ConstantValue::Scalar(tag, cell),
            Value::String(text) => ConstantValue::String(text.to_owned()),
        }
    }
}

impl From<container::Custom<'_>> for CustomSection {
    fn from(section: container::Custom<'_>) -> CustomSection {
        let container::Custom { number, name, bytes } = section;
        CustomSection { number, name: name.to_owned(), bytes: bytes.to_vec() }
    }
}
