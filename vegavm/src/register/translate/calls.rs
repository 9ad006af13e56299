//! Calls and returns: arguments side by side, and what lies beneath them left as it is.

use super::*;
use alloc::vec::Vec;

impl Maker<'_> {
    pub(super) fn call(&mut self, function: u32) {
        let Some(called) = self.module.function(function) else { return };
        let stencils = self.module.stencils();
        let count = |cells: Result<Vec<CellType>, _>| cells.map_or(0, |cells| cells.len());
        let takes: usize =
            called.signature.parameters.iter().map(|type_| count(parameter_cells(stencils, type_))).sum();
        let gives = called.signature.result.map_or(0, |type_| count(result_cells(stencils, type_)));
        let lowest = self.begin_call(takes, gives);
        let first = self.own(lowest);
        self.emit(Op::Call { function, first, takes: takes as u16, gives: gives as u16 });
        self.end_call(lowest, gives);
    }

    pub(super) fn call_host(&mut self, import: u32) {
        let Some(called) = self.module.import(import) else { return };
        let stencils = self.module.stencils();
        let count = |cells: Result<Vec<CellType>, _>| cells.map_or(0, |cells| cells.len());
        let takes: usize =
            called.signature.parameters.iter().map(|type_| count(parameter_cells(stencils, type_))).sum();
        let gives = match called.signature.result {
            None => 0,
            Some(vega_format::types::Type::Union(_)) => 2,
            Some(_) => 1,
        };
        let lowest = self.begin_call(takes, gives);
        let first = self.own(lowest);
        self.emit(Op::CallHost { import, first, takes: takes as u16, gives: gives as u16 });
        self.end_call(lowest, gives);
    }

    /// The arguments stand side by side; what lies beneath stays as it is, unless another path comes to the place behind.
    pub(super) fn begin_call(&mut self, takes: usize, gives: usize) -> usize {
        let lowest = self.stack.len().saturating_sub(takes);
        self.own_from(lowest);
        if self.next_is_target() {
            self.own_all();
        }
        for cell in lowest..lowest + gives {
            // The result takes the place of the arguments.
            let own = self.own(cell);
            self.prepare(own);
        }
        lowest
    }

    pub(super) fn end_call(&mut self, lowest: usize, gives: usize) {
        self.stack.truncate(lowest);
        (0..gives).for_each(|_| self.push(Entry::Own));
    }

    /// Whether a jump leads to what stands behind this instruction.
    pub(super) fn next_is_target(&self) -> bool {
        let code = self.function.code.get(self.place.ip as usize..).unwrap_or_default();
        let width = Instruction::decode(code).map_or(0, |(_, width)| width as u32);
        self.targets.contains(&(self.place.ip + width))
    }

    pub(super) fn return_result(&mut self) {
        if self.homes.have_tables() {
            let what = Complex::Dynamic(Dynamic::Leave);
            self.alone(what, 0);
        }
        match self.result {
            0 => self.emit(Op::ReturnNothing),
            1 => {
                let from = self.pop();
                self.emit(Op::ReturnOne { from });
            }
            cells => {
                let lowest = self.stack.len().saturating_sub(cells);
                self.own_from(lowest);
                self.emit(Op::Return { first: self.own(lowest), cells: cells as u16 });
            }
        }
    }
}
