//! Code of a single function, with labels, as families make it.

use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::container::{EntryResult, Kind, SlotKind};
use vega_format::instruction::{Capacity, Instruction, Slot, Target};
use vega_format::types::{Mask, Tag};

/// Code of a single function, with labels.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) builder: Builder,
    pub(super) slots: Vec<SlotKind>,
    pub(super) code: Vec<Instruction>,
    pub(super) max_stack: u16,
}

pub(super) const INT: Mask = Tag::Int.mask();
pub(super) const BYTE: Mask = Tag::Byte.mask();

impl Code {
    pub(super) fn new(max_stack: u16) -> Code {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        Code { builder, slots: Vec::new(), code: Vec::new(), max_stack }
    }

    pub(super) fn push(&mut self, instruction: Instruction) -> usize {
        self.code.push(instruction);
        self.code.len() - 1
    }

    pub(super) fn bool(&mut self) {
        let index = self.builder.constant(ConstantValue::Scalar(Tag::Bool, 1));
        self.push(Instruction::LoadConst { index });
    }

    pub(super) fn open(&mut self, capacity: u32) {
        self.push(Instruction::StackAlloc { capacity: Capacity(capacity) });
    }

    pub(super) fn end(&mut self) {
        self.push(Instruction::StackFree {});
    }

    pub(super) fn slot(&mut self, mask: Mask) -> Slot {
        self.slots.push(SlotKind::Variable(mask));
        Slot(self.slots.len() as u16 - 1)
    }

    pub(super) fn allocate(&mut self, slot: Slot) {
        if let Some(SlotKind::Variable(mask)) = self.slots.get(usize::from(slot.0)).copied() {
            self.push(Instruction::VarAlloc { slot, mask });
        }
    }

    pub(super) fn free(&mut self, slot: Slot) {
        self.push(Instruction::VarFree { slot });
    }

    pub(super) fn here(&self) -> Target {
        Target(self.code.len() as u32)
    }

    /// A branch whose target is still to come.
    pub(super) fn branch(&mut self) -> usize {
        self.bool();
        self.push(Instruction::JumpFalse { target: Target(0) })
    }

    pub(super) fn jump(&mut self) -> usize {
        self.push(Instruction::Jump { target: Target(0) })
    }

    pub(super) fn land(&mut self, jump: usize) {
        let target = self.here();
        if let Some(place) = self.code.get_mut(jump) {
            *place = match place {
                Instruction::JumpFalse { .. } => Instruction::JumpFalse { target },
                _ => Instruction::Jump { target },
            };
        }
    }

    /// A place where two paths meet.
    pub(super) fn join(&mut self) {
        let over = self.branch();
        self.land(over);
    }

    pub(super) fn bytes(mut self) -> Vec<u8> {
        self.push(Instruction::Return {});
        let Code { mut builder, slots, code, max_stack } = self;
        builder
            .add_function("main()V", FunctionDraft { slots, code, max_stack: Some(max_stack), ..Default::default() });
        builder.write().expect("it can be written")
    }
}
