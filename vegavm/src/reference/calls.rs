//! Calls: of functions of the module, of functions of the host, and the way back.

use super::facts::{Facts, kinds};
use super::frame::Frame;
use super::{ANOTHER_TYPE, Machine, Stop};
use crate::native::{HostCall, HostError, Imports};
use crate::value::{Cell, CellKind, Value};
use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::string::ToString;
use vega_format::container::Function;
use vega_format::trap::Trap;
use vega_format::types::{Tag, Type};

impl Machine<'_> {
    /// Calls a function: the arguments become the lowest cells of its frame.
    pub(super) fn call(&mut self, function: u32) -> Result<(), Stop> {
        let (depth, limit) = (self.callers.len() as u32 + 2, self.meter.most_frames());
        if depth > limit {
            return Err(Trap::CallStackExhausted { depth, limit }.into());
        }
        let facts = self.facts_of(function)?;
        let function = self.module.function(function).ok_or(Stop::Broken("the function is not there"))?;
        self.activate(&function)?;
        let base = self.check_arguments(&facts.parameters)?;
        let frame = Frame::new(function, facts, 0, base);
        self.meter.take_frame(frame.bytes(), frame.facts.bookkeeping)?;
        self.meter.count_frames(depth);
        self.callers.push(core::mem::replace(&mut self.frame, frame));
        Ok(())
    }

    /// Counts one more live activation of a function that limits them.
    pub(super) fn activate(&mut self, function: &Function<'_>) -> Result<(), Stop> {
        let Some(limit) = function.limit else { return Ok(()) };
        let live = self.live.entry(function.index).or_insert(0);
        if *live >= limit {
            return Err(Trap::ActivationLimit { function: function.signature.to_string(), limit }.into());
        }
        *live += 1;
        Ok(())
    }

    fn facts_of(&mut self, function: u32) -> Result<Rc<Facts>, Stop> {
        let broken = || Stop::Broken("the function is not there");
        let place = self.facts.get_mut(function as usize).ok_or_else(broken)?;
        if let Some(facts) = place {
            return Ok(Rc::clone(facts));
        }
        let facts =
            self.module.function(function).and_then(|function| Facts::of(self.verified, &function, self.is_placed));
        let facts = Rc::new(facts.ok_or_else(broken)?);
        *place = Some(Rc::clone(&facts));
        Ok(facts)
    }

    /// Demands that the topmost cells are of these kinds; gives the index of the lowest.
    fn check_arguments(&self, wanted: &[CellKind]) -> Result<usize, Stop> {
        let bottom = self.frame.base + self.frame.facts.parameters.len();
        let base = self.cells.len().checked_sub(wanted.len()).filter(|base| *base >= bottom);
        let base = base.ok_or(Stop::Broken("too few arguments"))?;
        let found = self.cells.iter().skip(base).map(|cell| &cell.kind);
        if !found.eq(wanted) {
            return Err(Stop::Broken(ANOTHER_TYPE));
        }
        Ok(base)
    }

    /// Ends the frame: its result takes the place of the arguments, on the caller's stack. Without a caller it is
    /// the result of the run.
    pub(super) fn return_result(&mut self) -> Result<(), Stop> {
        if !self.frame.arenas.is_empty() {
            return Err(Stop::Broken("an arena is open at a return"));
        }
        let start = self.cells.len().checked_sub(self.frame.facts.result);
        let start = start.filter(|start| *start >= self.frame.base).ok_or(Stop::Broken("no result"))?;
        let result = self.cells.split_off(start);
        self.cells.truncate(self.frame.base);
        self.meter.give_frame(self.frame.bytes(), self.frame.facts.bookkeeping);
        if let Some(live) = self.live.get_mut(&self.frame.function.index) {
            *live = live.saturating_sub(1);
        }
        match self.callers.pop() {
            Some(caller) => {
                self.frame = caller;
                self.cells.extend(result);
            }
            None => self.result = Some(self.value_of(&result)?),
        }
        Ok(())
    }

    /// The value that the entry gives.
    fn value_of(&self, cells: &[Cell]) -> Result<Option<Value>, Stop> {
        Ok(match cells {
            [] => None,
            [Cell { kind: CellKind::Scalar(tag), bits }] => Some(Value::Scalar(*tag, *bits)),
            [value, Cell { kind: CellKind::UnionTag(_), bits }] => {
                let tag = u8::try_from(*bits).ok().and_then(Tag::from_number);
                Some(Value::Scalar(tag.ok_or(Stop::Broken("a union without a tag"))?, value.bits))
            }
            [cell @ Cell { kind: CellKind::String, .. }] => {
                let span = cell.as_span();
                let bytes = self.bytes(span.offset as usize, span.length as usize)?;
                Some(Value::String(String::from_utf8_lossy(bytes).into_owned()))
            }
            _ => return Err(Stop::Broken("a result that cannot be shown")),
        })
    }

    /// Calls a function of the host.
    pub(super) fn call_host(&mut self, import: u32, imports: &mut Imports<'_>) -> Result<(), Stop> {
        // What host functions take is time of the run.
        self.meter.pass_host_call()?;
        let import = self.module.import(import).ok_or(Stop::Broken("the import is not there"))?;
        let wanted = kinds(self.module, import.signature.parameters).ok_or(Stop::Broken("an import's types"))?;
        let base = self.check_arguments(&wanted)?;
        let cells = self.cells.split_off(base);
        let mut call = HostCall::new(&cells, self.module.stencils(), &mut self.memory, &mut self.meter);
        let failed = |cause: String| Trap::HostFailed { function: import.signature.to_string(), cause };
        imports.call(import.name, &mut call).map_err(|error| match error {
            #[cfg(feature = "std")]
            HostError::Io(error) => Stop::HostIo(error.to_string()),
            HostError::Failed(cause) => failed(cause).into(),
            HostError::Limit(limit) => limit.into(),
            HostError::Cancelled => Stop::Cancelled,
        })?;
        match (call.into_result(), &import.signature.result) {
            (None, None) => Ok(()),
            (Some(Value::Scalar(tag, bits)), Some(type_)) if Value::Scalar(tag, bits).fits(type_) => {
                self.push_as(type_, tag, bits);
                Ok(())
            }
            (Some(found), wanted) => {
                let wanted = wanted.as_ref().map_or("nothing".to_owned(), ToString::to_string);
                Err(failed(format!("it gave `{found}`, which is no {wanted}")).into())
            }
            (None, Some(wanted)) => Err(failed(format!("it gave nothing, not {wanted}")).into()),
        }
    }

    /// Pushes what a host gave, as this type has it.
    pub(super) fn push_as(&mut self, type_: &Type, tag: Tag, bits: u64) {
        // What a host made may have bits that no cell of this type has.
        let (bytes, _) = vega_format::cell::encode(tag, bits);
        let bits = vega_format::cell::decode(tag, &bytes);
        match type_ {
            Type::Union(mask) => self.push_union(*mask, tag, bits),
            _ => self.push(Cell::scalar(tag, bits)),
        }
    }

    /// Copies a cell of the frame to the top; of a union, both.
    pub(super) fn load_cell(&mut self, index: u16) -> Result<(), Stop> {
        let place = self.frame.base + usize::from(index);
        let cell = self.cells.get(place).copied().ok_or(Stop::Broken("no such cell"))?;
        self.push(cell);
        if let CellKind::UnionValue(_) = cell.kind {
            let tag = self.cells.get(place + 1).copied().ok_or(Stop::Broken("a union without a tag"))?;
            self.push(tag);
        }
        Ok(())
    }

    /// Goes on at an offset, which starts a basic block.
    pub(super) fn jump(&mut self, target: u32) {
        self.frame.ip = target;
        self.frame.block_end = target;
    }
}
