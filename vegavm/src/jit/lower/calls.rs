//! Calls and returns: what functions are handed, and how their code is found.

use super::Lower;
use crate::jit::boundary::field;
use crate::jit::sites::What;
use crate::jit::values::type_of;
use crate::register::{Kind, Operand, Register};
use cranelift_codegen::ir::{
    AbiParam, ExtFuncData, ExternalName, Inst, InstBuilder, Signature, SourceLoc, UserExternalName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use vega_format::parsed::Parsed;
use vega_format::verify::{CellType, parameter_cells, result_cells};

/// The most cells that the parameters of a function may take.
pub(in crate::jit) const MOST_PARAMETERS: usize = 64;

/// What a function takes and gives.
#[derive(Debug, Clone)]
pub(in crate::jit) struct Shape {
    pub(in crate::jit) parameters: Vec<Kind>,
    pub(in crate::jit) results: Vec<Kind>,
}

impl Shape {
    /// Of a function of a module.
    pub(in crate::jit) fn of(module: &Parsed<'_>, function: u32) -> Option<Shape> {
        let function = module.function(function)?;
        let stencils = module.stencils();
        let mut parameters = Vec::new();
        for type_ in function.signature.parameters {
            parameters.extend(parameter_cells(stencils, type_).ok()?.iter().map(passed));
        }
        let results = match function.signature.result {
            Some(type_) => result_cells(stencils, type_).ok()?.iter().map(passed).collect(),
            None => Vec::new(),
        };
        // More would make large frames.
        (parameters.len() <= MOST_PARAMETERS).then_some(Shape { parameters, results })
    }

    /// Context, fuel, what is left of frames and memory, the parameters; fuel, and the first result. The other results are in
    /// the register file.
    pub(super) fn signature(&self) -> Signature {
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params = vec![AbiParam::new(types::I64); 3];
        signature.params.extend(self.parameters.iter().map(|kind| AbiParam::new(type_of(*kind))));
        signature.returns.push(AbiParam::new(types::I64));
        signature.returns.extend(self.results.first().map(|kind| AbiParam::new(type_of(*kind))));
        signature
    }
}

/// How a cell goes from function to function: a view as its cell.
fn passed(cell: &CellType) -> Kind {
    match Kind::of_cell(cell) {
        Kind::View => Kind::Cell,
        kind => kind,
    }
}

/// Of the code at which words are taken over: it takes the context, and gives it back at its end.
pub(super) fn landing_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.push(AbiParam::new(types::I64));
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

impl Lower<'_, '_> {
    pub(super) fn call(&mut self, function: u32, first: Register, takes: u16, gives: u16) -> Option<()> {
        let shape = Shape::of(self.task.module, function)?;
        let mut arguments = vec![self.context];
        let mut cells = Vec::new();
        for (register, kind) in (first..first + takes).zip(&shape.parameters) {
            cells.push(self.get_exact(register, *kind));
        }
        let site = self.site(What::Call);
        if function == self.function && self.task.prepared.entry.is_none() && self.is_roomy() {
            // Its code is there: it runs.
            arguments.extend(self.counts());
            arguments.append(&mut cells);
            let itself = match self.itself {
                Some(itself) => itself,
                None => {
                    let signature = self.builder.import_signature(shape.signature());
                    let name = UserExternalName::new(0, function);
                    let name = self.builder.func.declare_imported_user_function(name);
                    let name = ExternalName::user(name);
                    let data = ExtFuncData { name, signature, colocated: true, patchable: false };
                    *self.itself.insert(self.builder.import_function(data))
                }
            };
            self.builder.set_srcloc(SourceLoc::new(site as u32));
            let call = self.builder.ins().call(itself, &arguments);
            self.builder.set_srcloc(SourceLoc::default());
            return self.called(call, first, gives, &shape);
        }
        let code = self.code(function)?;
        arguments.extend(self.counts());
        arguments.append(&mut cells);
        let signature = self.builder.import_signature(shape.signature());
        self.builder.set_srcloc(SourceLoc::new(site as u32));
        let call = self.builder.ins().call_indirect(signature, code, &arguments);
        self.builder.set_srcloc(SourceLoc::default());
        self.called(call, first, gives, &shape)
    }

    /// Where the code begins that an entry of the table says.
    pub(super) fn code(&mut self, entry: u32) -> Option<Value> {
        let flags = self.flags.host;
        let steady = flags.with_readonly().with_can_move();
        let table = self.builder.ins().load(types::I64, steady, self.context, field::TABLE);
        let at = i32::try_from(8 * i64::from(entry)).ok()?;
        let code = self.builder.ins().load(types::I64, flags, table, at);
        let (cold, ready) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        let code_there = self.builder.append_block_param(ready, types::I64);
        self.builder.ins().brif(code, ready, &[code.into()], cold, &[]);
        self.begin(cold);
        self.event(What::Compile { entry }, &[]);
        self.reload();
        let code = self.builder.ins().load(types::I64, flags, table, at);
        self.builder.ins().jump(ready, &[code.into()]);
        self.begin(ready);
        Some(code_there)
    }

    /// Takes what a call gives.
    fn called(&mut self, call: Inst, first: Register, gives: u16, shape: &Shape) -> Option<()> {
        let flags = self.flags.host;
        let results = self.builder.inst_results(call).to_vec();
        let (fuel, result) = results.split_first()?;
        self.set_fuel(*fuel);
        if let (Some(value), Some(kind)) = (result.first(), shape.results.first()) {
            self.set(first, *kind, *value);
        }
        for place in 1..gives {
            let value = self.builder.ins().load(types::I64, flags, self.registers, 8 * i32::from(place));
            self.set(first + place, Kind::Cell, value);
        }
        Some(())
    }

    pub(super) fn leave(&mut self, cells: &[Operand]) -> Option<()> {
        if self.task.prepared.entry.is_some() {
            for (place, cell) in cells.iter().enumerate() {
                let value = self.operand_exact(*cell, Kind::Cell);
                self.builder.ins().store(self.flags.host, value, self.registers, 8 * place as i32);
            }
            self.tell_counts();
            self.builder.ins().return_(&[self.context]);
            return Some(());
        }
        let kinds = self.shape.results.clone();
        let first = cells.first().zip(kinds.first());
        let first = first.map(|(cell, kind)| self.operand_exact(*cell, *kind));
        for (place, cell) in cells.iter().enumerate().skip(1) {
            let value = self.operand_exact(*cell, Kind::Cell);
            self.builder.ins().store(self.flags.host, value, self.registers, 8 * place as i32);
        }
        if self.task.module.function(self.function)?.limit.is_some() {
            self.deactivate()?;
        }
        let fuel = self.fuel();
        let results: Vec<_> = [fuel].into_iter().chain(first).collect();
        self.builder.ins().return_(&results);
        Some(())
    }
}
