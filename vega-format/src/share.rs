//! [`Share`]: some functions of a module that are made apart from its [`Builder`], so that several threads can make some each.
//!
//! What they name are the builder's numbers. Only constants and types that the builder did not have when the share was begun have numbers
//! of the share, behind the builder's; they get others when the builder takes it.

use crate::builder::{Builder, ConstantValue, Constants, FunctionDraft};
use crate::container::{SlotKind, Value};
use crate::instruction::{Constant, Function, Index, Space, indexes};
use crate::kept::Kept;
use crate::stencil::{Stencil, StencilError, StencilTable, TypeRef};
use alloc::vec::Vec;

/// Some functions of a module that is being made.
#[derive(Debug)]
pub struct Share {
    /// How many constants the builder had.
    known_constants: u32,
    constants: Constants,
    /// How many types the builder had: they are the first ones here.
    known_types: u32,
    stencils: StencilTable,
    functions: Vec<(Function, Kept)>,
}

impl Share {
    /// The number of a constant; equal ones of this share have one.
    pub fn constant(&mut self, value: ConstantValue) -> Constant {
        Constant(self.known_constants + self.constants.insert_full(value).0 as u32)
    }

    /// The same, without taking the text of one that is known.
    pub fn constant_of(&mut self, value: Value<'_>) -> Constant {
        let known = match value {
            // It takes no more to put it there than to look for it.
            Value::Scalar(..) => None,
            Value::String(_) => self.constants.get_index_of(&value),
        };
        let index = known.unwrap_or_else(|| self.constants.insert_full(value.into()).0);
        Constant(self.known_constants + index as u32)
    }

    /// The type of a stencil; equal ones are one.
    ///
    /// # Errors
    /// It is malformed, or another struct has its name.
    pub fn stencil(&mut self, stencil: Stencil) -> Result<TypeRef, StencilError> {
        self.stencils.intern(stencil)
    }

    /// The types of the builder, and behind them those of the share.
    pub fn stencils(&self) -> &StencilTable {
        &self.stencils
    }

    /// Adds a function, by the number that the builder gave its name, with code in bytes: jumps and lines are by offset in it. The code of
    /// the draft itself is not looked at. Then the draft is empty, and has room for another function.
    pub fn define_encoded(&mut self, function: Function, draft: &mut FunctionDraft, code: &[u8]) {
        self.functions.push((function, Kept::encoded(draft, code, None)));
        draft.clear();
    }
}

impl Builder {
    /// Begins a share of the functions.
    pub fn share(&self) -> Share {
        Share {
            known_constants: self.constants.len() as u32,
            constants: Constants::default(),
            known_types: self.stencils.len() as u32,
            stencils: self.stencils.clone(),
            functions: Vec::new(),
        }
    }

    /// Takes the functions of a share that was begun by this builder. Where one is there already, that one stays.
    ///
    /// # Errors
    /// A struct of the share has the name of another one; nothing is taken then.
    pub fn take(&mut self, share: Share) -> Result<(), StencilError> {
        let Share { known_constants, constants, known_types, stencils, functions } = share;
        let mut types: Vec<TypeRef> = Vec::new();
        let type_ref = |types: &[TypeRef], of: TypeRef| match of {
            TypeRef::Stencil(index) if index >= known_types => {
                types.get((index - known_types) as usize).copied().unwrap_or(of)
            }
            _ => of,
        };
        for stencil in stencils.iter().skip(known_types as usize) {
            let stencil = self.stencils.intern(stencil.with_parts(|part| type_ref(&types, part)))?;
            types.push(stencil);
        }
        let types_are_same = (known_types..).zip(&types).all(|(own, type_ref)| *type_ref == TypeRef::Stencil(own));
        let mut constants = self.take_constants(known_constants, constants);
        self.functions.reserve(functions.len());
        for (function, mut kept) in functions {
            if !types_are_same {
                for slot in &mut kept.slots {
                    if let SlotKind::Stencil(of) = slot {
                        *of = type_ref(&types, *of);
                    }
                }
            }
            if let Some(constants) = &mut constants {
                constants.put(&mut kept.code);
            }
            self.functions.entry(function.0).or_insert(kept);
        }
        Ok(())
    }

    /// Takes constants that are numbered from `known` on. Nothing comes back where they keep these numbers.
    fn take_constants(&mut self, known: u32, constants: Constants) -> Option<Renumbering> {
        if self.constants.is_empty() {
            self.constants = constants;
            return None;
        }
        let numbers: Vec<u32> = constants.into_iter().map(|constant| self.constant(constant).0).collect();
        let are_same = (known..).zip(&numbers).all(|(own, number)| own == *number);
        (!are_same).then(|| Renumbering { known, numbers, found: Vec::new() })
    }
}

/// Gives the constants of each function that are numbered from `known` on other numbers.
struct Renumbering {
    known: u32,
    numbers: Vec<u32>,
    /// Room for what is found in one function.
    found: Vec<Index>,
}

impl Renumbering {
    fn put(&mut self, code: &mut [u8]) {
        let Renumbering { known, numbers, found } = self;
        found.clear();
        let constants = indexes(code).map_while(Result::ok).filter(|index| index.space == Space::Constants);
        found.extend(constants.filter(|index| index.value >= *known));
        for index in found {
            if let Some(number) = numbers.get((index.value - *known) as usize) {
                index.put(code, *number);
            }
        }
    }
}
