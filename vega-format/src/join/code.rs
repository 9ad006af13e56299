//! The code of the picks, one after another, with the indexes that it has in the new file.
//!
//! Constants and static blocks are numbered as the code first names them, which is the order that they are written in;
//! imports are known by name, so their numbers are put in at the end.

use super::{Called, Definition, Join, JoinError, Pick, Relocation};
use crate::container::Kind;
use crate::container::functions::Place;
use crate::hash::{Entry, HashMap, HashTable};
use crate::instruction::{Index, Space, indexes};
use crate::parsed::Parsed;
use crate::rows::Rows;
use alloc::vec::Vec;
use core::hash::BuildHasher;
use foldhash::fast::RandomState;

/// A name, and the import that is called so: a file, and an index there.
pub(super) type Named<'j> = (&'j str, (u32, u32));

/// What the code comes to, and what it names.
#[derive(Debug, Default)]
pub(super) struct Code<'j> {
    pub(super) bytes: Vec<u8>,
    /// The constants in their order, each by a file and an index there.
    pub(super) constants: Vec<(u32, u32)>,
    /// The static blocks in their order, in the same way.
    pub(super) statics: Vec<(u32, u32)>,
    /// The functions of the host that are called, by name, each with a file and the index of an import there.
    pub(super) hosts: Vec<Named<'j>>,
    /// The functions of other modules, in the same way.
    pub(super) modules: Vec<Named<'j>>,
    pub(super) relocations: Vec<Relocation>,
}

/// How far one file is read: its functions are mostly taken over one behind another.
#[derive(Clone, Copy, Default)]
struct Reached {
    functions: Place,
    /// Relocations before this one are behind us.
    relocation: u32,
}

/// Names, by the order in which they are met.
#[derive(Default)]
struct Names<'j> {
    numbers: HashMap<&'j str, u32, RandomState>,
    /// Each with a file and the index of an import there.
    met: Vec<Named<'j>>,
}

impl<'j> Names<'j> {
    fn number(&mut self, name: &'j str, place: (u32, u32)) -> u32 {
        let next = self.met.len() as u32;
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.met.push((name, place));
        }
        number
    }

    /// The names by rising name, and for each number that was given the place there.
    fn sorted(self) -> (Vec<Named<'j>>, Vec<u32>) {
        let mut order: Vec<u32> = (0..self.met.len() as u32).collect();
        order.sort_unstable_by_key(|number| self.met.get(*number as usize).map(|(name, _)| *name));
        let mut places = vec![0; order.len()];
        for (place, number) in (0..).zip(&order) {
            places.iter_mut().skip(*number as usize).take(1).for_each(|found| *found = place);
        }
        let sorted = order.iter().filter_map(|number| self.met.get(*number as usize).copied()).collect();
        (sorted, places)
    }
}

/// The constants in their order, each by a file and an index there.
#[derive(Default)]
struct Constants {
    places: Vec<(u32, u32)>,
    /// Their numbers, to be found by what they are.
    numbers: HashTable<u32>,
    state: RandomState,
}

impl Constants {
    /// The number of a constant, which is the next if it is not known yet.
    fn number(&mut self, join: &Join<'_>, place: (u32, u32)) -> Option<u32> {
        let Constants { places, numbers, state } = self;
        let key = |(file, index): (u32, u32)| join.file(file)?.constant_key(index);
        let known = |number: &u32| places.get(*number as usize).and_then(|place| key(*place));
        let wanted = Some(key(place)?);
        let next = places.len() as u32;
        match numbers.entry(
            state.hash_one(wanted),
            |number| known(number) == wanted,
            |number| state.hash_one(known(number)),
        ) {
            Entry::Occupied(number) => Some(*number.get()),
            Entry::Vacant(room) => {
                room.insert(next);
                places.push(place);
                Some(next)
            }
        }
    }
}

/// Goes through the code.
struct Coder<'j, 'p> {
    join: &'p Join<'j>,
    code: Code<'j>,
    reached: Vec<Reached>,
    /// The numbers of what each file has, as far as they are known; [`Join::NONE`] if not yet.
    known_constants: Rows<u32>,
    known_statics: Rows<u32>,
    known_imports: Rows<u32>,
    constants: Constants,
    hosts: Names<'j>,
    modules: Names<'j>,
    /// Operands that wait for the number of an import of the host: where their function starts, which operand, and which import.
    host_calls: Vec<(usize, Index, u32)>,
}

impl<'j> Code<'j> {
    /// Copies and renumbers.
    pub(super) fn of(join: &Join<'j>) -> Result<Code<'j>, JoinError> {
        let known = |count: fn(&Parsed<'j>) -> u32| Rows::filled(join.files.iter().map(|file| count(file)), Join::NONE);
        let mut coder = Coder {
            join,
            code: Code::default(),
            reached: vec![Reached::default(); join.files.len()],
            known_constants: known(Parsed::constant_count),
            known_statics: known(Parsed::static_count),
            known_imports: known(Parsed::import_count),
            constants: Constants::default(),
            hosts: Names::default(),
            modules: Names::default(),
            host_calls: Vec::new(),
        };
        // The code becomes the file, which is hardly longer than all that it is made of. Untouched memory costs nothing, and a
        // buffer that grows is copied.
        let most: usize = join.files.iter().map(|file| file.bytes().len()).sum();
        coder.code.bytes.reserve(most);
        let picks = join.picks.iter().copied().map(Pick::definition);
        let malformed: Vec<Definition> = picks.filter(|one| coder.add(*one).is_none()).collect();
        match malformed.is_empty() {
            true => Ok(coder.finish()),
            false => Err(JoinError::Malformed(malformed)),
        }
    }
}

impl<'j> Coder<'j, '_> {
    /// Adds the code of a function. `None` if it is malformed.
    fn add(&mut self, Definition { file, function }: Definition) -> Option<()> {
        let join = self.join;
        let from = join.file(file)?;
        let reached = self.reached.get_mut(file as usize)?;
        let (code_start, code) = from.code_from(&mut reached.functions, function)?;
        let start = self.code.bytes.len();
        self.code.bytes.extend_from_slice(code);
        for index in indexes(code) {
            let index = index.ok()?;
            let place = (file, index.value);
            let number = match index.space {
                Space::Constants => {
                    let known = self.known_constants.get_mut(file, index.value)?;
                    if *known == Join::NONE {
                        *known = self.constants.number(join, place)?;
                    }
                    *known
                }
                Space::Statics => {
                    let known = self.known_statics.get_mut(file, index.value)?;
                    if *known == Join::NONE {
                        *known = self.code.statics.len() as u32;
                        self.code.statics.push(place);
                    }
                    *known
                }
                Space::Imports => {
                    let known = self.known_imports.get_mut(file, index.value)?;
                    if *known == Join::NONE {
                        *known = self.hosts.number(from.import(index.value)?.name, place);
                    }
                    self.host_calls.push((start, index, *known));
                    continue;
                }
                _ => match reached.import_called(from, code_start + index.at) {
                    None => join.place(Definition { file, function: index.value })?,
                    Some(import) => match join.imports.get(file, import)? {
                        Called::Function(function) => join.place(*function)?,
                        Called::Elsewhere(name) if join.kind == Kind::Object => {
                            let name = join.elsewhere.get(*name as usize)?;
                            let import = self.modules.number(name, (file, import));
                            let offset = (start + index.at as usize) as u32;
                            self.code.relocations.push(Relocation { offset, import });
                            0
                        }
                        Called::Host | Called::Elsewhere(_) => return None,
                    },
                },
            };
            // More static blocks than there is room for are told when all are counted.
            index.put(self.code.bytes.get_mut(start..)?, number);
        }
        Some(())
    }

    /// Puts in the numbers of imports, which are known now.
    fn finish(self) -> Code<'j> {
        let Coder { mut code, constants, hosts, modules, host_calls, .. } = self;
        let (hosts, host_numbers) = hosts.sorted();
        let (modules, module_numbers) = modules.sorted();
        for (start, index, import) in host_calls {
            let number = host_numbers.get(import as usize).copied().unwrap_or_default();
            index.put(code.bytes.get_mut(start..).unwrap_or_default(), number);
        }
        for relocation in &mut code.relocations {
            let number = module_numbers.get(relocation.import as usize).copied().unwrap_or_default();
            relocation.import = hosts.len() as u32 + number;
        }
        Code { constants: constants.places, hosts, modules, ..code }
    }
}

impl Reached {
    /// The import that the operand at this offset of the file's code stands for. Offsets rise from one call to the next.
    fn import_called(&mut self, file: &Parsed<'_>, offset: u32) -> Option<u32> {
        let relocations = file.relocations();
        loop {
            let next = relocations.get(self.relocation).filter(|next| next.offset <= offset)?;
            if next.offset == offset {
                return Some(next.import);
            }
            self.relocation += 1;
        }
    }
}
