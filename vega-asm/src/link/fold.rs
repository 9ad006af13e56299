//! Functions that are the same but for their names become one: `--icf`.
//!
//! Two are the same if they take and give the same, have the same slots and the same stack, and do the same by the same
//! constants, with calls of functions that are the same. Which they are is found from the callees up, so that each is looked
//! at once; of functions that call each other in a circle, each is one of its own. So is one with a limit, whose
//! activations are counted, and one that hosts see keeps its name and its code; others may become it.

use super::reach::calls;
use super::resolve::Resolved;
use super::{Definition, Input, symbols};
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};
use vega_format::container::{SlotKind, Value};
use vega_format::instruction::{Space, indexes};
use vega_format::join::{Called, Pick};
use vega_format::parsed::CallTarget;

/// Which functions have become others.
#[derive(Debug, Default)]
pub(super) struct Folds {
    by_function: HashMap<Definition, Definition, RandomState>,
}

impl Folds {
    /// Whether none has.
    pub(super) fn is_empty(&self) -> bool {
        self.by_function.is_empty()
    }

    /// What a function has become.
    pub(super) fn of(&self, one: Definition) -> Option<Definition> {
        match self.is_empty() {
            true => None,
            false => self.by_function.get(&one).copied(),
        }
    }
}

/// Finds them. `live` is in the order of names, `keep` are those that must stay.
pub(super) fn fold(inputs: &[&Input<'_>], resolved: &Resolved<'_>, live: &[Pick], keep: &[Definition]) -> Folds {
    let live: Vec<Definition> = live.iter().copied().map(Pick::definition).collect();
    let keep: HashSet<Definition, RandomState> = keep.iter().copied().collect();
    let classes =
        Classes { inputs, resolved, of: HashMap::default(), numbers: HashMap::default(), next: 0 }.find(&live);
    let class = |one: &Definition| classes.get(one).copied();
    // Of a class, the first that must stay, or else the first.
    let mut chosen: HashMap<u32, Definition, RandomState> = HashMap::default();
    let (stay, go): (Vec<Definition>, Vec<Definition>) = live.iter().copied().partition(|one| keep.contains(one));
    for one in stay.iter().chain(&go) {
        if let Some(class) = class(one) {
            chosen.entry(class).or_insert(*one);
        }
    }
    let folded = go.iter().filter_map(|one| {
        let other = class(one).and_then(|class| chosen.get(&class).copied())?;
        (other != *one).then_some((*one, other))
    });
    Folds { by_function: folded.collect() }
}

struct Classes<'p, 'i> {
    inputs: &'p [&'i Input<'i>],
    resolved: &'p Resolved<'i>,
    /// The class of each function that was looked at; `None` while its callees are.
    of: HashMap<Definition, Option<u32>, RandomState>,
    numbers: HashMap<Vec<u8>, u32, RandomState>,
    next: u32,
}

impl Classes<'_, '_> {
    fn find(mut self, live: &[Definition]) -> HashMap<Definition, u32, RandomState> {
        for root in live {
            // Functions whose callees are looked at, each with those that are left.
            let mut open: Vec<(Definition, Vec<Definition>)> = Vec::new();
            self.open(*root, &mut open);
            while let Some((function, left)) = open.last_mut() {
                match left.pop() {
                    Some(callee) => self.open(callee, &mut open),
                    None => {
                        let function = *function;
                        open.pop();
                        self.close(function);
                    }
                }
            }
        }
        self.of.into_iter().filter_map(|(function, class)| Some((function, class?))).collect()
    }

    fn open(&mut self, function: Definition, open: &mut Vec<(Definition, Vec<Definition>)>) {
        if self.of.contains_key(&function) {
            return;
        }
        self.of.insert(function, None);
        let callees = calls(self.inputs, self.resolved, function).into_iter().map(|(_, callee)| callee).collect();
        open.push((function, callees));
    }

    /// Gives a function its class: that of all with the same key.
    fn close(&mut self, function: Definition) {
        let next = self.next;
        let class = match self.key(function) {
            Some(key) => *self.numbers.entry(key).or_insert(next),
            None => next,
        };
        self.next += u32::from(class == next);
        self.of.insert(function, Some(class));
    }

    /// All that makes a function what it is; `None` if it is like no other.
    fn key(&self, one: Definition) -> Option<Vec<u8>> {
        let module = &self.inputs.get(one.file as usize)?.module;
        let function = symbols::function(self.inputs, one)?;
        if function.limit.is_some() {
            return None;
        }
        let types = function.name.get(symbols::path(function.name).len()..)?;
        let mut key = Vec::new();
        let add = |key: &mut Vec<u8>, bytes: &[u8]| {
            key.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            key.extend_from_slice(bytes);
        };
        add(&mut key, types.as_bytes());
        key.extend_from_slice(&function.max_stack.to_le_bytes());
        key.extend_from_slice(&(function.slots.len() as u32).to_le_bytes());
        for slot in function.slots {
            match slot {
                SlotKind::Variable(mask) => key.extend([1, mask.bits()]),
                SlotKind::Alias(tag) => key.extend([2, tag.number()]),
                // A struct is known by its name: all mean the same by it.
                SlotKind::Stencil(_) => {
                    key.push(3);
                    add(&mut key, slot.type_name(module.stencils()).as_bytes());
                }
            }
        }
        // The code tells what the rest of the key speaks of, so it stands before that.
        let mut code = function.code.to_vec();
        for index in indexes(function.code) {
            index.ok()?.put(&mut code, 0);
        }
        add(&mut key, &code);
        for index in indexes(function.code).map_while(Result::ok) {
            match index.space {
                Space::Constants => match module.constant(index.value)? {
                    Value::Scalar(tag, cell) => {
                        key.push(tag.number());
                        key.extend_from_slice(&cell.to_le_bytes());
                    }
                    Value::String(text) => {
                        key.push(0);
                        add(&mut key, text.as_bytes());
                    }
                },
                // No two objects share one.
                Space::Statics => {
                    key.extend_from_slice(&one.file.to_le_bytes());
                    key.extend_from_slice(&index.value.to_le_bytes());
                }
                Space::Imports => add(&mut key, module.import(index.value)?.name.as_bytes()),
                _ => {
                    let callee = match module.call_target(one.function, index.offset, index.value) {
                        CallTarget::Function(function) => Definition { file: one.file, function },
                        CallTarget::Import(import) => match self.resolved.target(one.file, import)? {
                            Called::Function(function) => *function,
                            Called::Host | Called::Elsewhere(_) => return None,
                        },
                    };
                    // A call of itself is the same in all that are the same; one of a function that waits for this one
                    // closes a circle.
                    match callee == one {
                        true => key.extend_from_slice(&u32::MAX.to_le_bytes()),
                        false => key.extend_from_slice(&self.of.get(&callee).copied()??.to_le_bytes()),
                    }
                }
            }
        }
        Some(key)
    }
}
