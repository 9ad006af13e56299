//! `static N { … }`: variables that live as long as an instance of the module. Where they lie and what they hold at
//! first is known here, so the block is data and no code.

use super::Checker;
use super::assign::Source;
use super::convert::Reason;
use super::fold::{Unfit, fold};
use crate::ast::{self, ExpressionKind, Name, Span, StatementKind, TypeName};
use crate::checked::{Base, Expression, Kind, Place, StaticBlock, Type};
use vega_format::cell;
use vega_format::stencil::TypeRef;
use vega_format::text::counted;
use vega_format::types::Tag;

/// A variable of the static block.
#[derive(Debug, Clone)]
pub(super) struct StaticVariable {
    /// Where it starts in the block.
    start: u32,
    type_ref: TypeRef,
    /// Its type; of one that was complained about, that.
    type_: Type,
    /// Where it is declared.
    pub(super) span: Span,
}

impl StaticVariable {
    /// The place that it is.
    pub(super) fn place(&self) -> Place {
        Place { base: Base::Static(self.start, self.type_ref), offset: 0, type_: self.type_ }
    }
}

impl Checker<'_> {
    /// Declares the variables of the static block, if there is one.
    pub(super) fn declare_statics(&mut self, blocks: &[ast::Static]) -> Option<StaticBlock> {
        let (first, others) = blocks.split_first()?;
        for other in others {
            let diagnostic = self
                .error("E0519", other.head, "a second `static` block", "a file has one")
                .also(self.source, first.head, "the first one")
                .hint("declare all static variables in one block");
            self.complain(diagnostic);
        }
        let capacity = self.constant_size(&first.size, "the size of a static block");
        let block = StaticBlock { capacity: capacity.unwrap_or(u32::MAX), ..StaticBlock::default() };
        let block = self.static_variables(&first.block, block);
        // Their names are known, so that nothing more is said about them.
        for other in others {
            self.static_variables(&other.block, StaticBlock { capacity: u32::MAX, ..StaticBlock::default() });
        }
        Some(block)
    }

    fn static_variables(&mut self, declared: &ast::Block, mut block: StaticBlock) -> StaticBlock {
        let mut end = 0;
        for statement in &declared.statements {
            match &statement.kind {
                StatementKind::Assign { place, declared, value } => match &place.kind {
                    ExpressionKind::Name(text) => {
                        let name = Name { text: text.clone(), span: place.span };
                        self.static_variable(&name, declared.as_ref(), value.as_ref(), &mut end, &mut block);
                    }
                    _ => self.not_static(statement.span, "a part of a variable is assigned"),
                },
                StatementKind::Alias { .. } => self.not_static(statement.span, "an alias is made"),
                StatementKind::Lost(_) => {}
                _ => self.not_static(statement.span, "something is done"),
            }
        }
        block
    }

    fn not_static(&mut self, span: Span, what: &str) {
        let title = format!("{what} in a `static` block");
        let diagnostic = self.error("E0516", span, title, "it holds variables with their first values");
        self.complain(diagnostic.hint("put this into a function"));
    }

    fn static_variable(
        &mut self,
        name: &Name,
        declared: Option<&TypeName>,
        value: Option<&ast::Expression>,
        end: &mut u32,
        block: &mut StaticBlock,
    ) {
        if let Some(other) = self.statics.get(&name.text) {
            let diagnostic = self
                .error("E0304", name.span, format!("`{}` is declared already", name.text), "declared again here")
                .also(self.source, other.span, "first declared here");
            self.complain(diagnostic);
            return;
        }
        let source = value.map(Source::Written);
        let declared_type = declared.map(|declared| self.storable_type(&name.text, declared, source.as_ref()));
        let before = std::mem::replace(&mut self.folding, true);
        let value = value.map(|value| {
            let checked = self.expression_for(value, declared_type);
            match (declared_type, declared) {
                (Some(type_), Some(declared)) => {
                    let words = |wanted: &str| format!("`{}` is declared `{wanted}`", name.text);
                    let value = self.coerce(checked, type_, &Reason::at(&words, declared.span));
                    self.certain_length(&value, type_);
                    value
                }
                _ => self.settle(checked),
            }
        });
        self.folding = before;
        let type_ = declared_type.or(value.as_ref().map(|value| value.type_)).unwrap_or(Type::Error);
        let type_ref = match type_ {
            Type::Scalar(tag) => Some(TypeRef::Scalar(tag)),
            Type::Stencil(type_ref) => Some(type_ref),
            Type::Error => None,
            other => {
                let title = format!("a static variable is `{}`", self.show(other));
                let diagnostic = self.error(
                    "E0516",
                    name.span,
                    title,
                    "scalars, bounded text, structs, tuples and arrays can be static",
                );
                self.complain(match other {
                    Type::String => {
                        diagnostic.hint(format!("keep a copy in bounded text: `{}: string<64> = …`", name.text))
                    }
                    Type::Union(_) => diagnostic.hint("keep its value and what it is in two variables"),
                    _ => diagnostic,
                });
                None
            }
        };
        let span = name.span;
        let Some(type_ref) = type_ref else {
            let nothing = TypeRef::Scalar(Tag::Byte);
            let variable = StaticVariable { start: *end, type_ref: nothing, type_: Type::Error, span };
            self.statics.insert(name.text.clone(), variable);
            return;
        };
        if let (TypeRef::Scalar(_), None, Some(declared)) = (type_ref, &value, declared) {
            let title = format!("`{}` is declared without a value", name.text);
            let hint = format!("give it one: `{}: {} = 0`", name.text, self.written(declared.span));
            self.complain(self.error("E0510", name.span, title, "nothing is stored in it").hint(hint));
        }
        let start = *end;
        let size = self.stencils.size(type_ref);
        self.statics.insert(name.text.clone(), StaticVariable { start, type_ref, type_, span });
        let free = block.capacity.saturating_sub(start);
        if size > free {
            let title = format!("out of memory: need {}, have {free} free", counted(size, "byte"));
            let label = format!("`{}` does not fit into the `static` block", name.text);
            let diagnostic = self.error("E0518", name.span, title, label);
            let needed = u64::from(start) + u64::from(size);
            self.complain(
                diagnostic.hint(format!("make the block larger: up to here it needs {}", counted(needed, "byte"))),
            );
            return;
        }
        *end = start + size;
        block.variables.push(type_ref);
        if let Some(value) = value {
            self.first_value(&value, start, &mut block.image);
        }
    }

    /// Writes the bytes of a constant where its variable stands.
    fn first_value(&mut self, value: &Expression, start: u32, image: &mut Vec<u8>) {
        match (&value.kind, value.type_) {
            (_, Type::Error) => {}
            (Kind::Literal(parts), _) => {
                parts.iter().for_each(|part| self.first_value(&part.value, start + part.offset, image));
            }
            (Kind::Text(text), _) => write_bytes(image, start, text.as_bytes()),
            (_, Type::Scalar(_)) => {
                let (tag, bits) = match fold(value) {
                    Ok(Kind::Constant(tag, bits)) => (tag, bits),
                    Err((place, why)) if why != Unfit::Runs => return self.no_constant(place, why),
                    _ => return self.is_computed(value),
                };
                let (bytes, length) = cell::encode(tag, bits);
                write_bytes(image, start, bytes.get(..length).unwrap_or_default());
            }
            _ => self.is_computed(value),
        }
    }

    fn is_computed(&mut self, value: &Expression) {
        let title = "the first value of a static variable is computed";
        let diagnostic = self.error("E0502", value.span, title, "this must be known when it is compiled");
        self.complain(diagnostic.hint("use a literal, and assign what is computed in a function"));
    }
}

/// Writes bytes where they stand in an image, which grows for that.
fn write_bytes(image: &mut Vec<u8>, start: u32, bytes: &[u8]) {
    let (from, to) = (start as usize, start as usize + bytes.len());
    if image.len() < to {
        image.resize(to, 0);
    }
    if let Some(place) = image.get_mut(from..to) {
        place.copy_from_slice(bytes);
    }
}
