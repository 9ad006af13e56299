//! [`Join`]: functions of several files, in one file: what the linker writes.
//!
//! Which functions there are, and what each call calls, is said by whoever asks. Their code is taken over as it stands, and
//! only the indexes in it change; so it has no other form on the way. What comes out has the one canonical form, the same
//! that a [`Builder`](crate::Builder) would be written in, and is judged like any other file before it is given back.
//!
//! [`code`] copies and renumbers the code, [`types`] finds the types that are needed, [`debug`] takes over lines and names.

mod code;
mod debug;
mod types;

use crate::builder::CustomSection;
use crate::container::functions::{MOST_FUNCTIONS, Place};
use crate::container::{
    self, Entry, ImportKind, Kind, ProofRecord, RecordedProof, Relocation, SectionId, SlotKind, Value,
};
use crate::hash::HashMap;
use crate::parsed::Parsed;
use crate::proof::Worst;
use crate::read::Outline;
use crate::rows::Rows;
use crate::verify::{self, Verified};
use crate::write::{BuildError, FinishError, Sections, check_limit, judge};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use code::Code;
use types::Types;

/// What an import of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// A function of the host, which it stays.
    Host,
    /// This function; if none is called in its stead, no function that is picked calls it.
    Function(Definition),
    /// In an object, a function of a module that is still to come, by the number of its name. In others no function that is
    /// picked calls it.
    Elsewhere(u32),
}

/// A function of one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Definition {
    /// The place of its file.
    pub file: u32,
    /// Its index there.
    pub function: u32,
}

/// A function, and whether it is exported. There may be many, so it takes few bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pick {
    file: u32,
    function_and_exported: u32,
}

impl Pick {
    /// A function that hosts and importers see, or do not.
    pub fn new(Definition { file, function }: Definition, is_exported: bool) -> Pick {
        Pick { file, function_and_exported: function << 1 | u32::from(is_exported) }
    }

    /// Which function it is.
    pub fn definition(self) -> Definition {
        Definition { file: self.file, function: self.function_and_exported >> 1 }
    }

    /// Whether hosts and importers see it.
    pub fn is_exported(self) -> bool {
        self.function_and_exported & 1 == 1
    }
}

/// What is joined, and how.
#[derive(Debug)]
pub struct Join<'j> {
    /// What the file is for.
    pub kind: Kind,
    /// What makes it, for the metadata.
    pub producer: String,
    /// The files.
    pub files: Vec<&'j Parsed<'j>>,
    /// For each file, for each of its functions the place among the picks of what is called in its stead, mostly of itself;
    /// [`Join::NONE`] if nothing is.
    pub functions: Rows<u32>,
    /// For each file, what each of its imports is.
    pub imports: &'j Rows<Called>,
    /// The mangled names of functions of modules that are still to come.
    pub elsewhere: Vec<&'j str>,
    /// The functions that are taken over, by rising mangled name, each name once; those that are exported will be.
    pub picks: Cow<'j, [Pick]>,
    /// Where the program starts: the place of a pick.
    pub entry: Option<Entry>,
    /// Whether lines and names are left out.
    pub strip_debug: bool,
    /// Sections that this version does not know, one a number.
    pub custom: Vec<CustomSection>,
}

/// What comes out, before it is judged. It has nothing of the files that were joined.
#[derive(Debug)]
pub struct Written(Outline<'static>);

impl Written {
    /// Judges it, on so many threads; nothing depends on how many. Then its proof is put in, and its ids and checksums.
    ///
    /// # Errors
    /// The verifier refuses it.
    pub fn judge(self, threads: usize) -> Result<Verified, FinishError> {
        judge(self.0, verify::Options { threads, ..verify::Options::default() })
    }
}

/// Why functions cannot be joined.
#[derive(Debug)]
pub enum JoinError {
    /// The code of these is malformed, or names what is not there.
    Malformed(Vec<Definition>),
    /// What comes out cannot be written.
    Build(BuildError),
}

impl From<BuildError> for JoinError {
    fn from(error: BuildError) -> JoinError {
        JoinError::Build(error)
    }
}

impl<'j> Join<'j> {
    /// No function.
    pub const NONE: u32 = u32::MAX;

    /// Writes the file.
    ///
    /// # Errors
    /// Code is malformed, or something does not fit into a file.
    pub fn write(mut self) -> Result<Written, JoinError> {
        check_limit("the number of functions", self.picks.len(), MOST_FUNCTIONS)?;
        let code = Code::of(&self)?;
        // What calls call stands in the code now.
        self.functions = Rows::default();
        let types = Types::of(&self, &code)?;
        self.outline(code, &types).map(Written)
    }

    /// The place among the picks of what is called instead of a function of a file.
    fn place(&self, one: Definition) -> Option<u32> {
        self.functions.get(one.file, one.function).copied().filter(|place| *place != Join::NONE)
    }

    fn file(&self, file: u32) -> Option<&'j Parsed<'j>> {
        self.files.get(file as usize).copied()
    }

    fn outline(&self, code: Code<'j>, types: &Types) -> Result<Outline<'static>, JoinError> {
        let named = code.constants;
        let constants = || named.iter().filter_map(|one| self.constant(*one));
        check_limit("the number of constants", named.len(), container::constants::MOST_CONSTANTS)?;
        check_limit("the number of static blocks", code.statics.len(), container::statics::MOST_BLOCKS)?;
        let sources = debug::sources(self);
        let proof = self.unproved(constants());
        let table = &types.table;
        let has_debug = !self.strip_debug && !sources.is_empty();
        let Code { bytes, hosts, modules, relocations, statics, .. } = code;
        let bounds = self.bounds();
        let import = |kind, name| (kind, name, bounds.get(&(kind, name)).copied());
        let hosts = hosts.iter().map(|(name, _)| import(ImportKind::Host, *name));
        let modules = modules.iter().map(|(name, _)| import(ImportKind::Module, *name));
        let imports: Vec<_> = hosts.chain(modules).collect();
        let blocks: Vec<_> = statics
            .iter()
            .filter_map(|(file, index)| {
                let block = self.file(*file)?.static_block(*index)?;
                let variables = block.variables.iter().map(|(_, type_ref)| types.renumber(*file, *type_ref)).collect();
                Some(container::statics::Draft { capacity: block.capacity, variables, image: block.image })
            })
            .collect();
        let mut sections = Sections::default();
        sections.add(SectionId::Metadata, true, |out| {
            container::metadata::write(out, self.entry, &proof, &self.producer, &sources);
        });
        sections.add(SectionId::Constants, !named.is_empty(), |out| {
            container::constants::write(out, named.len(), constants());
        });
        sections.add(SectionId::Types, !table.is_empty(), |out| container::types::write(out, table));
        sections.add(SectionId::Imports, !imports.is_empty(), |out| container::imports::write(out, &imports));
        sections.add(SectionId::Functions, true, |out| self.write_functions(types, out));
        sections.add_made(SectionId::Code, bytes);
        sections.add(SectionId::Relocations, !relocations.is_empty(), |out| {
            container::relocations::write(out, &relocations);
        });
        sections.add(SectionId::Debug, has_debug, |out| debug::write(self, &sources, out));
        sections.add(SectionId::Statics, !blocks.is_empty(), |out| container::statics::write(out, &blocks));
        sections.add_custom(&self.custom)?;
        Ok(sections.assemble(self.kind, 0)?)
    }

    /// What calls of imports take at most: the most that is said of one of the host, the least that is promised of another.
    fn bounds(&self) -> HashMap<(ImportKind, &str), u64> {
        let mut bounds = HashMap::default();
        for (place, file) in (0..).zip(&self.files) {
            let bounded = file.bounded_imports();
            for (import, called) in
                bounded.filter_map(|index| Some((file.import(index)?, self.imports.get(place, index)?)))
            {
                let Some(bytes) = import.bound else { continue };
                let (key, least) = match called {
                    Called::Host => ((ImportKind::Host, import.name), false),
                    Called::Elsewhere(name) => match self.elsewhere.get(*name as usize) {
                        Some(name) => ((ImportKind::Module, *name), true),
                        None => continue,
                    },
                    Called::Function(_) => continue,
                };
                let known = bounds.entry(key).or_insert(bytes);
                *known = if least { bytes.min(*known) } else { bytes.max(*known) };
            }
        }
        bounds
    }

    fn write_functions(&self, types: &Types, out: &mut Vec<u8>) {
        container::functions::write_count(out, self.picks.len());
        let mut places = vec![Place::default(); self.files.len()];
        for pick in self.picks.iter() {
            let Definition { file, function } = pick.definition();
            let from = self.file(file).zip(places.get_mut(file as usize));
            let Some(draft) = from.and_then(|(from, place)| from.draft_from(place, function)) else { continue };
            let slot = |slot: &SlotKind| match slot {
                SlotKind::Stencil(type_ref) => SlotKind::Stencil(types.renumber(file, *type_ref)),
                other => *other,
            };
            let slots = draft.slots.iter().map(slot);
            container::functions::Draft { exported: pick.is_exported(), ..draft.with_slots(slots) }.write(out);
        }
    }

    fn constant(&self, (file, index): (u32, u32)) -> Option<Value<'j>> {
        self.file(file)?.constant(index)
    }

    /// Records of the functions of which something has to be proved, before it is.
    fn unproved<'c>(&self, constants: impl Iterator<Item = Value<'c>>) -> RecordedProof {
        let strings = constants.map(|constant| match constant {
            Value::Scalar(..) => 0,
            Value::String(text) => text.len() as u64,
        });
        let is_proved = |function: u32, pick: &Pick| {
            let is_entry = self.entry.is_some_and(|entry| entry.function == function);
            self.kind != Kind::Object && (pick.is_exported() || is_entry)
        };
        let proved = (0..).zip(self.picks.iter()).filter(|(function, pick)| is_proved(*function, pick));
        let record = |(function, _)| ProofRecord { function, worst: Worst::Unbounded, never_out_of_memory: false };
        RecordedProof { strings: strings.sum(), functions: proved.map(record).collect() }
    }
}
