//! One arm an instruction: what it becomes.

use super::*;

impl Maker<'_> {
    /// Translates an instruction; says whether execution may go on behind it.
    pub(super) fn instruction(&mut self, instruction: &Instruction, point: &Point) -> bool {
        if let Some(computation) = Computation::of(instruction) {
            self.compute(computation);
            return true;
        }
        match *instruction {
            Instruction::StackPop {} => {
                if let Some(CellType::UnionTag(_)) = point.stack.last() {
                    self.stack.pop();
                }
                self.stack.pop();
            }
            Instruction::StackAlloc { .. }
            | Instruction::StackAllocBump { .. }
            | Instruction::StackAllocPool { .. } => {
                self.open(instruction, point);
            }
            Instruction::StackFree {} => self.close(point),
            Instruction::LoadConst { index } => self.constant(index.0),
            Instruction::VarAlloc { slot, mask } => self.allocate(slot.0, mask.size()),
            Instruction::StencilAlloc { slot, size } => self.allocate(slot.0, size.0),
            Instruction::VarStore { slot } => return self.store(slot.0, point),
            Instruction::VarLoad { slot } => self.load(slot.0, point),
            Instruction::VarFree { slot } | Instruction::VarDrop { slot } => self.free(slot.0, instruction, point),
            Instruction::VarPtr { slot, tag } => self.point(slot.0, tag, point),
            Instruction::VarOffset { slot } => match (self.homes.of(slot.0), point.slots.first()) {
                (Home::Table, _) => self.complex(Complex::Dynamic(Dynamic::Offset { slot: slot.0 }), 0, 1),
                (Home::Alias { address }, Some(known)) => {
                    let (to, base) = (self.target(), self.base(known.arena));
                    let (left, right) = (Operand::Register(address), Operand::Register(base));
                    self.emit(Op::Two { computation: Computation::SubInt, to, left, right });
                    self.push(Entry::Own);
                }
                (_, known) => {
                    let at = known.and_then(|known| known.bytes.as_ref()).map_or(0, |bytes| bytes.start);
                    self.push(Entry::Constant(vega_format::cell::from_int(at.cast_signed())));
                }
            },
            Instruction::FieldLoad { slot, offset, tag } => {
                let at = self.address(slot.0, offset.0, false, point);
                self.load_at(tag, at);
            }
            Instruction::FieldStore { slot, offset, tag } => {
                let value = self.pop_value();
                let at = self.address(slot.0, offset.0, true, point);
                self.store_to(tag, value, Spot::At(at));
            }
            Instruction::ElemLoad { slot, offset, tag } => {
                let index = self.pop_register();
                let at = self.address(slot.0, offset.0, false, point);
                let (size, length) = self.array(slot.0);
                self.load_from(tag, Spot::Array { at, index, size, length });
            }
            Instruction::ElemStore { slot, offset, tag } => {
                let value = self.pop_small();
                let index = self.pop_register();
                let at = self.address(slot.0, offset.0, true, point);
                let (size, length) = self.array(slot.0);
                self.emit(Op::Store { tag, value, to: Spot::Array { at, index, size, length } });
            }
            Instruction::ArrayView { slot } => {
                let at = self.address(slot.0, 0, false, point);
                let (_, length) = self.array(slot.0);
                self.span(at, length);
            }
            Instruction::FieldView { slot, offset, depth } => {
                let at = self.address(slot.0, offset.0, false, point);
                let part = match self.function.slots.get(usize::from(slot.0)) {
                    Some(SlotKind::Stencil(type_ref)) => self.module.stencils().part_at(*type_ref, offset.0, depth.0),
                    _ => None,
                };
                let length = part.map_or(0, |part| self.module.stencils().viewed(part).1);
                self.span(at, length);
            }
            Instruction::ViewField { offset, depth } => {
                let element = self.element(point, 1);
                let part = element.and_then(|element| self.module.stencils().part_at(element, offset.0, depth.0));
                let length = part.map_or(0, |part| self.module.stencils().viewed(part).1);
                let stride = Stride { size: self.size(element), offset: offset.0 };
                self.complex(Complex::ViewPart { stride, length }, 2, 1);
            }
            Instruction::ViewLoad { offset, tag } => {
                let stride = Stride { size: self.size(self.element(point, 1)), offset: offset.0 };
                self.load_view(tag, stride);
            }
            Instruction::StringByte {} => self.load_view(Tag::Byte, Stride { size: 1, offset: 0 }),
            Instruction::ViewStore { offset, tag } => {
                let stride = Stride { size: self.size(self.element(point, 2)), offset: offset.0 };
                let value = self.pop_value();
                let value = match value.operand {
                    Operand::Constant(bits) if i16::try_from(bits.cast_signed()).is_err() => {
                        let own = self.own(self.stack.len());
                        self.emit(Op::Move { to: own, from: value.operand });
                        Computed { operand: Operand::Register(own), by: None }
                    }
                    _ => value,
                };
                let index = self.pop_register();
                let view = self.pop_register();
                self.store_to(tag, value, Spot::View { view, index, stride });
            }
            Instruction::ViewLength {} | Instruction::StringLength {} => {
                let view = self.pop_register();
                let to = self.target();
                self.emit(Op::Length { to, view });
                self.push(Entry::Own);
            }
            Instruction::ViewSlice {} => {
                let size = self.size(self.element(point, 2));
                self.complex(Complex::Slice { size }, 3, 1);
            }
            Instruction::StringSlice {} => self.complex(Complex::Slice { size: 1 }, 3, 1),
            Instruction::ViewCopy {} => {
                let size = self.size(self.element(point, 0));
                self.complex(Complex::CopyView { size }, 2, 0);
            }
            Instruction::EqString {} => self.complex(Complex::CompareStrings(Order::Equal), 2, 1),
            Instruction::NeString {} => self.complex(Complex::CompareStrings(Order::NotEqual), 2, 1),
            Instruction::LtString {} => self.complex(Complex::CompareStrings(Order::Less), 2, 1),
            Instruction::LeString {} => self.complex(Complex::CompareStrings(Order::LessOrEqual), 2, 1),
            Instruction::GtString {} => self.complex(Complex::CompareStrings(Order::Greater), 2, 1),
            Instruction::GeString {} => self.complex(Complex::CompareStrings(Order::GreaterOrEqual), 2, 1),
            Instruction::StringChar {} => self.complex(Complex::StringChar, 2, 1),
            Instruction::StringNext {} => self.complex(Complex::StringNext, 2, 1),
            Instruction::TextView { slot } => {
                let (place, capacity) = self.text(slot.0, false, point);
                self.complex(Complex::TextView { place, capacity }, 0, 1);
            }
            Instruction::TextStore { slot } => {
                let (place, capacity) = self.text(slot.0, true, point);
                self.complex(Complex::TextStore { place, capacity, append: false }, 1, 0);
            }
            Instruction::TextAppend { slot } => {
                let (place, capacity) = self.text(slot.0, true, point);
                self.complex(Complex::TextStore { place, capacity, append: true }, 1, 0);
            }
            Instruction::TextFormat { slot } => {
                let (place, capacity) = self.text(slot.0, true, point);
                let shape = self.shape(point);
                self.complex(Complex::TextFormat { place, capacity, shape }, Self::cells_of(shape), 0);
            }
            Instruction::ViewText { offset } => {
                let (place, capacity) = self.text_in_view(offset.0, 1, point);
                self.complex(Complex::TextView { place, capacity }, 2, 1);
            }
            Instruction::ViewTextStore { offset } => {
                let (place, capacity) = self.text_in_view(offset.0, 2, point);
                self.complex(Complex::TextStore { place, capacity, append: false }, 3, 0);
            }
            Instruction::ViewTextAppend { offset } => {
                let (place, capacity) = self.text_in_view(offset.0, 2, point);
                self.complex(Complex::TextStore { place, capacity, append: true }, 3, 0);
            }
            Instruction::ViewTextFormat { offset } => {
                let shape = self.shape(point);
                let cells = Self::cells_of(shape);
                let (place, capacity) = self.text_in_view(offset.0, cells + 1, point);
                self.complex(Complex::TextFormat { place, capacity, shape }, 2 + cells, 0);
            }
            Instruction::UnionAs { mask } => {
                let shape = self.shape(point);
                let pushes = if mask.is_single().is_some() { 1 } else { 2 };
                self.complex(Complex::UnionAs { shape, mask }, Self::cells_of(shape), pushes);
            }
            Instruction::UnionIs { mask } => {
                let shape = self.shape(point);
                self.complex(Complex::UnionIs { shape, mask }, Self::cells_of(shape), 1);
            }
            Instruction::StaticLoad { block, offset, tag } => {
                let at = self.static_address(block.0, offset.0);
                self.load_at(tag, at);
            }
            Instruction::StaticStore { block, offset, tag } => {
                let value = self.pop();
                let at = self.static_address(block.0, offset.0);
                self.emit(Op::Store { tag, value, to: Spot::At(at) });
            }
            Instruction::StaticView { block, offset, depth } => {
                let stencils = self.module.stencils();
                let part = self.module.static_block(block.0.into());
                let part = part.and_then(|block| block.part_at(stencils, offset.0, depth.0));
                let length = part.map_or(0, |part| stencils.viewed(part).1);
                let at = self.static_address(block.0, offset.0);
                self.span(at, length);
            }
            Instruction::CellLoad { cell } => self.load_cell(cell.0.into(), point),
            Instruction::StackSlide { keep, drop } => self.slide(keep.0.into(), drop.0.into()),
            Instruction::Call { function } => self.call(function.0),
            Instruction::CallNat { import } => self.call_host(import.0),
            Instruction::Return {} => {
                self.return_result();
                return false;
            }
            Instruction::Fail {} => {
                self.complex(Complex::Fail, 1, 0);
                return false;
            }
            Instruction::Jump { target } => {
                self.own_all();
                let target = self.block_at(target.0);
                self.emit(Op::Jump { target });
                return false;
            }
            Instruction::JumpFalse { target } => self.branch(false, target.0),
            Instruction::JumpTrue { target } => self.branch(true, target.0),
            // The table of computations has the rest.
            _ => return false,
        }
        true
    }

    /// The shape of the topmost value.
    pub(super) fn shape(&self, point: &Point) -> Shape {
        match point.stack.last() {
            Some(CellType::Scalar(tag)) => Shape::Scalar(*tag),
            Some(CellType::UnionTag(_)) => Shape::Union,
            _ => Shape::String,
        }
    }

    pub(super) fn cells_of(shape: Shape) -> usize {
        if shape == Shape::Union { 2 } else { 1 }
    }

    /// The size of the elements of the view in a cell that lies so deep.
    pub(super) fn element(&self, point: &Point, depth: usize) -> Option<TypeRef> {
        let place = point.stack.len().checked_sub(depth + 1)?;
        match point.stack.get(place)? {
            CellType::View { element, .. } => Some(*element),
            _ => None,
        }
    }

    pub(super) fn size(&self, element: Option<TypeRef>) -> u32 {
        element.map_or(0, |element| self.module.stencils().size(element))
    }

    pub(super) fn constant(&mut self, index: u32) {
        let bits = match (self.module.string_place(index), self.module.constant(index)) {
            (Some((offset, length)), _) => u64::from(offset) | u64::from(length) << 32,
            (None, Some(Value::Scalar(_, bits))) => bits,
            (None, _) => 0,
        };
        self.push(Entry::Constant(bits));
    }
}
