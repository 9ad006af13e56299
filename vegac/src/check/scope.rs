//! Names and their lives: scopes and slots.

mod paths;

use crate::ast::{Name, Span};
use crate::checked::{Exit, Expression, Type};
use ecow::EcoString;
use foldhash::HashMap;
use paths::{Gone, Loop};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::rc::Rc;
use vega_format::allocator::Strategy;
use vega_format::container::SlotKind;
use vega_format::stencil::TypeRef;
use vega_format::types::Tag;

/// The number of a variable within its function.
pub(super) type VariableId = usize;

/// A variable or an alias.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub(super) slot: u16,
    pub(super) type_: Type,
    pub(super) alias: bool,
    /// Where its type was first given.
    pub(super) span: Span,
    /// Where it was first named.
    pub(super) named_at: Span,
    /// Whether it began as one of the places of `a, b = f()`.
    pub(super) of_several: bool,
    /// How many scopes are around its own.
    depth: usize,
    read: Cell<bool>,
}

impl Variable {
    /// Whether somebody looks at what it holds.
    pub(super) fn is_read(&self) -> bool {
        self.read.get()
    }

    /// Whether its block is that of a variable which was made later, or around that.
    pub(super) fn is_around(&self, later: &Variable) -> bool {
        self.depth <= later.depth
    }

    /// Somebody does, or does not after all.
    pub(super) fn set_read(&self, read: bool) {
        self.read.set(read);
    }
}

/// What a name means.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// A variable.
    Variable(VariableId),
    /// A read-only cell of the frame.
    Cell { binding: u32, type_: Type, what: &'static str, span: Span },
    /// A constant, or something else that can only be read: the name stands for this expression.
    Stands { expression: Rc<Expression>, what: &'static str, span: Span },
}

/// Why a scope was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ScopeKind {
    /// What the whole file knows.
    File,
    /// Parameters and the body of a function.
    Function,
    /// An arena whose block is a statement or a last line.
    Arena(Strategy),
    /// An arena whose block, which stands here, is part of a larger expression or statement.
    Operand(Strategy, Span),
    /// The block of an `if`.
    Branch,
    /// An arm of a `match`.
    Arm,
    /// The body of a loop.
    Loop,
}

impl ScopeKind {
    fn is_arena(&self) -> bool {
        self.strategy().is_some()
    }

    /// How the arena places variables, if it is one.
    fn strategy(&self) -> Option<Strategy> {
        match self {
            ScopeKind::Arena(strategy) | ScopeKind::Operand(strategy, _) => Some(*strategy),
            ScopeKind::File | ScopeKind::Function | ScopeKind::Branch | ScopeKind::Arm | ScopeKind::Loop => None,
        }
    }

    /// What a block of this kind belongs to.
    fn words(&self) -> &'static str {
        match self {
            ScopeKind::File => "file",
            ScopeKind::Function => "function",
            ScopeKind::Arena(_) | ScopeKind::Operand(..) => "`alloc` block",
            ScopeKind::Branch => "`if`",
            ScopeKind::Arm => "`match`",
            ScopeKind::Loop => "loop",
        }
    }
}

/// A variable that ended with its block.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// Where it was first assigned.
    pub(super) span: Span,
    /// What the block belongs to.
    pub(super) block: &'static str,
    /// Whether it was that block which made it: the variable of a loop, the name in an arm.
    pub(super) is_of_head: bool,
}

#[derive(Debug)]
struct Scope {
    kind: ScopeKind,
    /// How many names were bound when it was opened.
    bound: usize,
    variables: Vec<VariableId>,
}

/// A name with what it means in a scope.
#[derive(Debug)]
struct Bound {
    /// Its number.
    name: usize,
    meaning: Meaning,
    /// Where it is bound that is around the scope.
    hidden: Option<usize>,
}

/// The names of one function.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// The first is that of the file, which all functions see.
    scopes: Vec<Scope>,
    /// The names of the open scopes, from outside to inside.
    bound: Vec<Bound>,
    /// The number of each name that was bound so far, also in another function.
    numbers: HashMap<EcoString, usize>,
    /// By number, the name and where it is bound innermost.
    innermost: Vec<(EcoString, Option<usize>)>,
    variables: Vec<Variable>,
    /// Kinds and names of the slots.
    pub(super) slots: Vec<(SlotKind, EcoString)>,
    gone: FxHashMap<VariableId, Gone>,
    log: Vec<(VariableId, Option<Gone>)>,
    /// The places in the log that tell of variables from outside the loop around them.
    outside: Vec<usize>,
    loops: Vec<Loop>,
    /// The numbers of the names of blocks that have ended: where their variables were assigned first.
    ended: Vec<(usize, Ended)>,
    /// Empty lists of scopes that were closed, for those that will be opened.
    spare: Vec<Vec<VariableId>>,
    bindings: u32,
    /// Whether it was told that there are no more slots.
    told_full: bool,
    /// Whether execution cannot come here.
    pub(super) diverged: bool,
    /// Whether a statement of the function could not be read.
    pub(super) lost: bool,
}

impl Scopes {
    /// Forgets all but the names of the file, which the next function sees. What was made is used again.
    pub(super) fn begin_function(&mut self) {
        while self.scopes.len() > 1 {
            self.close();
        }
        self.variables.clear();
        self.slots = Vec::new();
        self.gone.clear();
        self.log.clear();
        self.outside.clear();
        self.loops.clear();
        self.ended.clear();
        self.bindings = 0;
        self.told_full = false;
        self.diverged = false;
        self.lost = false;
    }

    pub(super) fn open(&mut self, kind: ScopeKind) {
        let variables = self.spare.pop().unwrap_or_default();
        self.scopes.push(Scope { kind, bound: self.bound.len(), variables });
    }

    /// Gives a name a meaning in the innermost scope.
    fn bind(&mut self, name: &str, meaning: Meaning) {
        let Some(scope) = self.scopes.last() else { return };
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None => {
                self.numbers.insert(name.into(), self.innermost.len());
                self.innermost.push((name.into(), None));
                self.innermost.len() - 1
            }
        };
        let Some((_, innermost)) = self.innermost.get_mut(number) else { return };
        match innermost.filter(|place| *place >= scope.bound).and_then(|place| self.bound.get_mut(place)) {
            Some(bound) => bound.meaning = meaning,
            None => {
                let hidden = innermost.replace(self.bound.len());
                self.bound.push(Bound { name: number, meaning, hidden });
            }
        }
    }

    /// Where a name is bound innermost.
    fn place_of(&self, name: &str) -> Option<usize> {
        self.innermost.get(*self.numbers.get(name)?)?.1
    }

    /// Closes the innermost scope; gives what ends with it.
    pub(super) fn close(&mut self) -> Vec<Exit> {
        let Some(mut scope) = self.scopes.pop() else { return Vec::new() };
        let exits = self.exits_of(&scope);
        for Bound { name, meaning, hidden } in self.bound.drain(scope.bound..) {
            if let Some((_, innermost)) = self.innermost.get_mut(name) {
                *innermost = hidden;
            }
            let (span, is_of_head) = match meaning {
                Meaning::Variable(id) => (self.variables.get(id).map(|variable| variable.span), false),
                Meaning::Cell { span, .. } => (Some(span), true),
                Meaning::Stands { .. } => (None, false),
            };
            if let Some(span) = span {
                self.ended.push((name, Ended { span, block: scope.kind.words(), is_of_head }));
            }
        }
        scope.variables.clear();
        self.spare.push(scope.variables);
        exits
    }

    /// The variable of this name that ended last with its block.
    pub(super) fn ended(&self, name: &str) -> Option<&Ended> {
        let name = self.numbers.get(name)?;
        self.ended.iter().rev().find(|(ended, _)| ended == name).map(|(_, ended)| ended)
    }

    fn exits_of(&self, scope: &Scope) -> Vec<Exit> {
        if scope.kind.is_arena() {
            return vec![Exit::Arena];
        }
        let exit = |id: &VariableId| {
            let variable = self.variables.get(*id)?;
            match self.gone.get(id) {
                Some(Gone { certain: true, .. }) => None,
                None if !variable.alias => Some(Exit::Free(variable.slot)),
                _ => Some(Exit::Drop(variable.slot)),
            }
        };
        scope.variables.iter().rev().filter_map(exit).collect()
    }

    /// How many scopes are open.
    pub(super) fn depth(&self) -> usize {
        self.scopes.len()
    }

    /// Whether execution comes from a scope to here without a question: behind it are arenas, and the bodies of loops with
    /// so many scopes open in them.
    pub(super) fn run_through(&self, depth: usize, mut bodies: impl Iterator<Item = usize>) -> bool {
        self.scopes.iter().enumerate().skip(depth).all(|(place, scope)| match scope.kind {
            ScopeKind::Loop => bodies.next() == Some(place + 1),
            _ => scope.kind.is_arena(),
        })
    }

    /// What ends when the body of a loop is left from here.
    pub(super) fn exits_to_loop(&self, place: usize) -> Vec<Exit> {
        let left = self.scopes.get(self.depth_of_loop(place)..).unwrap_or_default();
        // What lies within an arena that ends here ends with it.
        let first = left.iter().position(|scope| scope.kind.is_arena());
        let mut exits = Vec::new();
        for (place, scope) in left.iter().enumerate().rev() {
            if scope.kind.is_arena() || first.is_none_or(|first| place < first) {
                exits.extend(self.exits_of(scope));
            }
        }
        exits
    }

    /// How many arenas are open.
    pub(super) fn arenas(&self) -> u32 {
        self.scopes.iter().filter(|scope| scope.kind.is_arena()).count() as u32
    }

    /// How new variables are placed here.
    pub(super) fn strategy(&self) -> Strategy {
        self.scopes.iter().rev().find_map(|scope| scope.kind.strategy()).unwrap_or_default()
    }

    /// How the arena places variables in which this one lies.
    pub(super) fn strategy_of(&self, variable: &Variable) -> Strategy {
        let around = self.scopes.iter().take(variable.depth + 1).rev();
        around.into_iter().find_map(|scope| scope.kind.strategy()).unwrap_or_default()
    }

    /// The block around this place that is part of an expression and in which a variable from outside is seen.
    pub(super) fn operand_around(&self, variable: &Variable) -> Option<Span> {
        self.scopes.iter().skip(variable.depth + 1).find_map(|scope| match &scope.kind {
            ScopeKind::Operand(_, span) => Some(*span),
            _ => None,
        })
    }

    /// The meaning of a name, or where it was freed. What it means counts as read.
    pub(super) fn find(&self, name: &str) -> Option<Result<&Meaning, &Gone>> {
        let found = self.find_unread(name);
        if let Some(Ok(Meaning::Variable(id))) = found
            && let Some(variable) = self.variables.get(*id)
        {
            variable.read.set(true);
        }
        found
    }

    /// The same for who does not look at the value.
    pub(super) fn find_unread(&self, name: &str) -> Option<Result<&Meaning, &Gone>> {
        let meaning = &self.bound.get(self.place_of(name)?)?.meaning;
        Some(match meaning {
            Meaning::Variable(id) => self.gone.get(id).map_or(Ok(meaning), Err),
            Meaning::Cell { .. } | Meaning::Stands { .. } => Ok(meaning),
        })
    }

    /// All names that can be used here.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let known = self.bound.iter().filter(|bound| match &bound.meaning {
            Meaning::Variable(id) => !self.gone.contains_key(id),
            Meaning::Cell { .. } | Meaning::Stands { .. } => true,
        });
        known.filter_map(|bound| self.innermost.get(bound.name)).map(|(name, _)| name.as_str())
    }

    /// All variables of the function so far.
    pub(super) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Whether a name was declared in the innermost scope, be it freed since.
    pub(super) fn is_of_innermost(&self, name: &str) -> bool {
        self.find_here(name).is_some()
    }

    pub(super) fn variable(&self, id: VariableId) -> Option<&Variable> {
        self.variables.get(id)
    }

    /// The slot that the next variable gets.
    pub(super) fn next_slot(&self) -> u16 {
        u16::try_from(self.slots.len()).unwrap_or(u16::MAX)
    }

    /// A new slot; `None` when there are as many as a function can have.
    fn new_slot(&mut self, kind: SlotKind, name: &str) -> Option<u16> {
        let slot = u16::try_from(self.slots.len()).ok().filter(|slot| *slot < u16::MAX)?;
        self.slots.push((kind, name.into()));
        Some(slot)
    }

    /// Whether nobody asked that yet in this function, of which the slots are used up.
    pub(super) fn is_full_anew(&mut self) -> bool {
        !std::mem::replace(&mut self.told_full, true)
    }

    /// Makes a variable of the innermost scope; `None` when there are no more slots.
    pub(super) fn declare(&mut self, name: &str, kind: SlotKind, type_: Type, span: Span) -> Option<u16> {
        let slot = self.new_slot(kind, name)?;
        let alias = matches!(kind, SlotKind::Alias(_));
        let depth = self.scopes.len().saturating_sub(1);
        let id = self.variables.len();
        let (named_at, of_several, read) = (span, false, Cell::new(false));
        self.variables.push(Variable { slot, type_, alias, span, named_at, of_several, depth, read });
        self.bind(name, Meaning::Variable(id));
        if let Some(scope) = self.scopes.last_mut() {
            scope.variables.push(id);
        }
        Some(slot)
    }

    /// A statement in which these names stand could not be read. What it did to them is not known, so nothing is said of
    /// what may hold several types, or is new, and nobody knows where execution goes from there.
    pub(super) fn lose(&mut self, names: &[Name]) {
        for name in names {
            let bound = self.place_of(&name.text).and_then(|place| self.bound.get_mut(place));
            match bound.map(|bound| &mut bound.meaning) {
                Some(Meaning::Variable(id)) => {
                    let id = *id;
                    let is_gone = self.gone.contains_key(&id);
                    if is_gone {
                        self.set_gone(id, None);
                    }
                    if let Some(variable) = self.variables.get_mut(id)
                        && (is_gone || matches!(variable.type_, Type::Union(_)))
                    {
                        variable.type_ = Type::Error;
                    }
                }
                Some(Meaning::Cell { type_, .. }) if matches!(type_, Type::Union(_)) => *type_ = Type::Error,
                Some(Meaning::Cell { .. } | Meaning::Stands { .. }) => {}
                None => _ = self.declare(&name.text, SlotKind::Variable(Tag::Int.mask()), Type::Error, name.span),
            }
        }
        self.diverged = true;
        self.lost = true;
    }

    /// The variable that was made last is named here.
    pub(super) fn name_last(&mut self, span: Span) {
        if let Some(last) = self.variables.last_mut() {
            last.named_at = span;
        }
    }

    /// The variables from this one on were made by one assignment to several places.
    pub(super) fn are_of_several(&mut self, first: VariableId) {
        self.variables.iter_mut().skip(first).for_each(|variable| variable.of_several = true);
    }

    /// Whether a slot was declared to be just this struct, tuple or array.
    pub(super) fn is_declared(&self, slot: u16, type_ref: TypeRef) -> bool {
        matches!(self.slots.get(usize::from(slot)), Some((SlotKind::Stencil(declared), _)) if *declared == type_ref)
    }

    /// A number for cells that nothing else has.
    pub(super) fn new_binding(&mut self) -> u32 {
        self.bindings += 1;
        self.bindings - 1
    }

    /// Makes a read-only name of the innermost scope.
    pub(super) fn declare_cell(&mut self, name: &str, type_: Type, what: &'static str, span: Span) -> u32 {
        let binding = self.new_binding();
        self.bind(name, Meaning::Cell { binding, type_, what, span });
        binding
    }

    /// The meaning of a name that was given it in the innermost scope.
    pub(super) fn find_here(&self, name: &str) -> Option<&Meaning> {
        let scope = self.scopes.last()?;
        let place = self.place_of(name).filter(|place| *place >= scope.bound)?;
        self.bound.get(place).map(|bound| &bound.meaning)
    }

    /// The meaning of a name that the whole file knows.
    pub(super) fn find_in_file(&self, name: &str) -> Option<&Meaning> {
        let names = self.scopes.get(1).map_or(self.bound.len(), |scope| scope.bound);
        let mut place = self.place_of(name)?;
        while let Some(hidden) = self.bound.get(place)?.hidden {
            place = hidden;
        }
        self.bound.get(..names)?.get(place).map(|bound| &bound.meaning)
    }

    /// Makes a name of the innermost scope that stands for an expression.
    pub(super) fn declare_standing(&mut self, name: &str, expression: Expression, what: &'static str, span: Span) {
        self.bind(name, Meaning::Stands { expression: Rc::new(expression), what, span });
    }
}
