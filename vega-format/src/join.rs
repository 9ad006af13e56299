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
use crate::container::functions::MOST_FUNCTIONS;
use crate::container::{
    self, Entry, ImportKind, Kind, ProofRecord, RecordedProof, Relocation, SectionId, SlotKind, Value,
};
use crate::hash::HashMap;
use crate::parsed::Parsed;
use crate::proof::Worst;
use crate::read::Outline;
use crate::verify::{self, Verified};
use crate::write::{BuildError, FinishError, Sections, check_limit, judge};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use code::Code;
use types::Types;

/// A file, and what the calls in it call now.
#[derive(Debug)]
pub struct Part<'j> {
    /// The file.
    pub file: &'j Parsed<'j>,
    /// For each of its functions the place among the picks of what is called in its stead, mostly of itself;
    /// [`Part::NONE`] if nothing is.
    pub functions: Box<[u32]>,
    /// What each of its imports is.
    pub imports: Box<[Called]>,
}

impl Part<'_> {
    /// No function.
    pub const NONE: u32 = u32::MAX;
}

/// What an import of a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// A function of the host, which it stays.
    Host,
    /// The function that was picked at this place.
    Function(u32),
    /// In an object, a function of a module that is still to come, by the number of its name.
    Elsewhere(u32),
    /// Nothing; no function that is picked calls it.
    Nothing,
}

/// A function that is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick {
    /// The place of its file among the parts.
    pub part: u32,
    /// Its index there.
    pub function: u32,
    /// Whether hosts and importers see it.
    pub exported: bool,
}

/// What is joined, and how.
#[derive(Debug)]
pub struct Join<'j> {
    /// What the file is for.
    pub kind: Kind,
    /// What makes it, for the metadata.
    pub producer: String,
    /// The files.
    pub parts: Vec<Part<'j>>,
    /// The mangled names of functions of modules that are still to come.
    pub elsewhere: Vec<&'j str>,
    /// The functions, by rising mangled name, each name once.
    pub picks: Vec<Pick>,
    /// Where the program starts: the place of a pick.
    pub entry: Option<Entry>,
    /// Whether lines and names are left out.
    pub strip_debug: bool,
    /// Sections that this version does not know, one a number.
    pub custom: Vec<CustomSection>,
    /// How many threads may judge it; nothing depends on it.
    pub threads: usize,
}

/// Why functions cannot be joined.
#[derive(Debug)]
pub enum JoinError {
    /// The code of these picks is malformed, or names what is not there.
    Malformed(Vec<Pick>),
    /// What comes out cannot be written, or is refused.
    Finish(FinishError),
}

impl<E: Into<FinishError>> From<E> for JoinError {
    fn from(error: E) -> JoinError {
        JoinError::Finish(error.into())
    }
}

impl<'j> Join<'j> {
    /// The file, written and judged.
    ///
    /// # Errors
    /// Code is malformed, something does not fit into a file, or the verifier refuses it.
    pub fn finish(self) -> Result<Verified, JoinError> {
        check_limit("the number of functions", self.picks.len(), MOST_FUNCTIONS)?;
        let code = Code::of(&self)?;
        let types = Types::of(&self, &code)?;
        let outline = self.outline(code, &types)?;
        let options = verify::Options { threads: self.threads, ..verify::Options::default() };
        // From here on, what was written speaks for itself.
        drop((self, types));
        Ok(judge(outline, options)?)
    }

    fn part(&self, pick: Pick) -> Option<&Part<'j>> {
        self.parts.get(pick.part as usize)
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
            .filter_map(|(part, index)| {
                let block = self.parts.get(*part as usize)?.file.static_block(*index)?;
                let variables = block.variables.iter().map(|(_, type_ref)| types.renumber(*part, *type_ref)).collect();
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
        for part in &self.parts {
            let bounded = part.file.bounded_imports();
            for (import, called) in
                bounded.filter_map(|index| Some((part.file.import(index)?, part.imports.get(index as usize)?)))
            {
                let Some(bytes) = import.bound else { continue };
                let (key, least) = match called {
                    Called::Host => ((ImportKind::Host, import.name), false),
                    Called::Elsewhere(name) => match self.elsewhere.get(*name as usize) {
                        Some(name) => ((ImportKind::Module, *name), true),
                        None => continue,
                    },
                    Called::Function(_) | Called::Nothing => continue,
                };
                let known = bounds.entry(key).or_insert(bytes);
                *known = if least { bytes.min(*known) } else { bytes.max(*known) };
            }
        }
        bounds
    }

    fn write_functions(&self, types: &Types, out: &mut Vec<u8>) {
        container::functions::write_count(out, self.picks.len());
        let mut files: Vec<_> = self.parts.iter().map(|part| part.file.rising_functions()).collect();
        for pick in &self.picks {
            let file = files.get_mut(pick.part as usize);
            let Some(draft) = file.and_then(|file| file.draft(pick.function)) else { continue };
            let slot = |slot: &SlotKind| match slot {
                SlotKind::Stencil(type_ref) => SlotKind::Stencil(types.renumber(pick.part, *type_ref)),
                other => *other,
            };
            let slots = draft.slots.iter().map(slot);
            container::functions::Draft { exported: pick.exported, ..draft.with_slots(slots) }.write(out);
        }
    }

    fn constant(&self, (part, index): (u32, u32)) -> Option<Value<'j>> {
        self.parts.get(part as usize)?.file.constant(index)
    }

    /// Records of the functions of which something has to be proved, before it is.
    fn unproved<'c>(&self, constants: impl Iterator<Item = Value<'c>>) -> RecordedProof {
        let strings = constants.map(|constant| match constant {
            Value::Scalar(..) => 0,
            Value::String(text) => text.len() as u64,
        });
        let is_proved = |function: u32, pick: &Pick| {
            let is_entry = self.entry.is_some_and(|entry| entry.function == function);
            self.kind != Kind::Object && (pick.exported || is_entry)
        };
        let proved = (0..).zip(&self.picks).filter(|(function, pick)| is_proved(*function, pick));
        let record = |(function, _)| ProofRecord { function, worst: Worst::Unbounded, never_out_of_memory: false };
        RecordedProof { strings: strings.sum(), functions: proved.map(record).collect() }
    }
}

impl From<Vec<Pick>> for JoinError {
    fn from(picks: Vec<Pick>) -> JoinError {
        JoinError::Malformed(picks)
    }
}
