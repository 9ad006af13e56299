//! The code of the picks, one after another, with the indexes that it has in the new file.
//!
//! Constants and static blocks are numbered as the code first names them, which is the order that they are written in;
//! imports are known by name, so their numbers are put in at the end.

use super::{Called, Join, JoinError, Part, Pick, Relocation};
use crate::container::functions::Rising;
use crate::hash::HashMap;
use crate::instruction::{Index, Space, indexes};
use alloc::vec::Vec;
use foldhash::fast::RandomState;

/// A name, and the import that is called so: a part, and an index there.
pub(super) type Named<'j> = (&'j str, (u32, u32));

/// What the code comes to, and what it names.
#[derive(Debug, Default)]
pub(super) struct Code<'j> {
    pub(super) bytes: Vec<u8>,
    /// The constants in their order, each by a part and an index there.
    pub(super) constants: Vec<(u32, u32)>,
    /// The static blocks in their order, in the same way.
    pub(super) statics: Vec<(u32, u32)>,
    /// The functions of the host that are called, by name, each with a part and the index of an import there.
    pub(super) hosts: Vec<Named<'j>>,
    /// The functions of other modules, in the same way.
    pub(super) modules: Vec<Named<'j>>,
    pub(super) relocations: Vec<Relocation>,
}

/// The numbers of what one part has, as far as they are known; [`Part::NONE`] if not yet.
struct Numbers<'j> {
    functions: Rising<'j>,
    constants: Vec<u32>,
    statics: Vec<u32>,
    imports: Vec<u32>,
    /// Relocations before this one are behind us.
    relocation: usize,
}

/// Names, by the order in which they are met.
#[derive(Default)]
struct Names<'j> {
    numbers: HashMap<&'j str, u32, RandomState>,
    /// Each with a part and the index of an import there.
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

/// Goes through the code.
struct Coder<'j, 'p> {
    join: &'p Join<'j>,
    code: Code<'j>,
    numbers: Vec<Option<Numbers<'j>>>,
    constants: HashMap<(u8, &'j [u8]), u32, RandomState>,
    hosts: Names<'j>,
    modules: Names<'j>,
    /// Operands that wait for the number of an import of the host: where their function starts, which operand, and which import.
    host_calls: Vec<(usize, Index, u32)>,
}

impl<'j> Code<'j> {
    /// Copies and renumbers.
    pub(super) fn of(join: &Join<'j>) -> Result<Code<'j>, JoinError> {
        let mut coder = Coder {
            join,
            code: Code::default(),
            numbers: join.parts.iter().map(|_| None).collect(),
            constants: HashMap::default(),
            hosts: Names::default(),
            modules: Names::default(),
            host_calls: Vec::new(),
        };
        // The code becomes the file, which is hardly longer than all that it is made of. Untouched memory costs nothing, and a
        // buffer that grows is copied.
        let most: usize = join.parts.iter().map(|part| part.file.bytes().len()).sum();
        coder.code.bytes.reserve(most);
        let malformed: Vec<Pick> = join.picks.iter().copied().filter(|pick| coder.add(*pick).is_none()).collect();
        match malformed.is_empty() {
            true => Ok(coder.finish()),
            false => Err(malformed.into()),
        }
    }
}

impl<'j> Coder<'j, '_> {
    /// Adds the code of a function. `None` if it is malformed.
    fn add(&mut self, pick: Pick) -> Option<()> {
        let join = self.join;
        let part = join.parts.get(pick.part as usize)?;
        let numbers = self.numbers.get_mut(pick.part as usize)?.get_or_insert_with(|| Numbers::of(part));
        let (code_start, code) = numbers.functions.code(pick.function)?;
        let start = self.code.bytes.len();
        self.code.bytes.extend_from_slice(code);
        for index in indexes(code) {
            let index = index.ok()?;
            let (place, old) = ((pick.part, index.value), index.value as usize);
            let number = match index.space {
                Space::Constants => {
                    let known = numbers.constants.get_mut(old)?;
                    if *known == Part::NONE {
                        let next = self.code.constants.len() as u32;
                        *known = *self.constants.entry(part.file.constant_key(index.value)?).or_insert(next);
                        if *known == next {
                            self.code.constants.push(place);
                        }
                    }
                    *known
                }
                Space::Statics => {
                    let known = numbers.statics.get_mut(old)?;
                    if *known == Part::NONE {
                        *known = self.code.statics.len() as u32;
                        self.code.statics.push(place);
                    }
                    *known
                }
                Space::Imports => {
                    let known = numbers.imports.get_mut(old)?;
                    if *known == Part::NONE {
                        *known = self.hosts.number(part.file.import(index.value)?.name, place);
                    }
                    self.host_calls.push((start, index, *known));
                    continue;
                }
                _ => match numbers.import_called(part, code_start + index.at) {
                    None => part.functions.get(old).copied().filter(|function| *function != Part::NONE)?,
                    Some(import) => match part.imports.get(import as usize)? {
                        Called::Function(function) => *function,
                        Called::Elsewhere(name) => {
                            let name = join.elsewhere.get(*name as usize)?;
                            let import = self.modules.number(name, (pick.part, import));
                            let offset = (start + index.at as usize) as u32;
                            self.code.relocations.push(Relocation { offset, import });
                            0
                        }
                        Called::Host | Called::Nothing => return None,
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
        let Coder { mut code, hosts, modules, host_calls, .. } = self;
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
        Code { hosts, modules, ..code }
    }
}

impl<'j> Numbers<'j> {
    fn of(part: &Part<'j>) -> Numbers<'j> {
        let none = |count: u32| vec![Part::NONE; count as usize];
        let file = part.file;
        Numbers {
            functions: file.rising_functions(),
            constants: none(file.constant_count()),
            statics: none(file.static_count()),
            imports: none(file.import_count()),
            relocation: 0,
        }
    }

    /// The import that the operand at this offset of the part's code stands for. Offsets rise from one call to the next.
    fn import_called(&mut self, part: &Part<'_>, offset: u32) -> Option<u32> {
        let rest = part.file.relocations().get(self.relocation..)?;
        self.relocation += rest.iter().take_while(|relocation| relocation.offset < offset).count();
        let next = part.file.relocations().get(self.relocation)?;
        (next.offset == offset).then_some(next.import)
    }
}
