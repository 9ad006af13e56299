//! `size_of`, which takes a type or a value. A type is read as an expression as far as it looks like one: `int[10]` as an
//! element, `(int, bool)` as a tuple, `int|bool` as an operation on bits. What is named by it decides.

use super::Checker;
use crate::ast::{self, Binary, ExpressionKind, Span};
use crate::checked::{Kind, Type};
use vega_format::stencil::Stencil;
use vega_format::text::counted;
use vega_format::types::Tag;

impl Checker<'_> {
    /// The bytes of a type, or of the type of a value.
    pub(super) fn size_of_argument(&mut self, arguments: &[ast::Expression], span: Span) -> Option<u32> {
        let [argument] = arguments else {
            let given = counted(arguments.len(), "argument");
            let title = format!("`size_of` is given {given}, and takes 1 argument");
            self.complain(self.error("E0413", span, title, format!("{given} given")));
            return None;
        };
        if self.names_type(argument) {
            let type_ = self.type_written(argument);
            return self.size_of_type(type_, argument.span);
        }
        let value = self.where_unreached(true, |checker| checker.uncomputed(argument));
        let value = self.settle(value);
        match &value.kind {
            Kind::Load(place) if value.type_ == Type::String => self.size_of_type(place.type_, argument.span),
            _ => self.size_of_type(value.type_, argument.span),
        }
    }

    fn size_of_type(&mut self, type_: Type, span: Span) -> Option<u32> {
        let size = self.bytes_of(type_);
        if size.is_none() && type_ != Type::Error {
            let title = match type_ {
                Type::Never => "this never gives a value".to_owned(),
                other => format!("`{}` has no size", self.show(other)),
            };
            self.complain(self.error("E0417", span, title, "it has no bytes of its own"));
        }
        size
    }

    /// The bytes that a variable of a type takes, if there are such variables.
    pub(super) fn bytes_of(&self, type_: Type) -> Option<u32> {
        match type_ {
            Type::Scalar(tag) => Some(tag.size()),
            Type::Union(mask) => Some(mask.size()),
            Type::Stencil(type_ref) => Some(self.stencils.size(type_ref)),
            _ => None,
        }
    }

    /// Whether what is written is a type. A variable hides a type of its name.
    pub(super) fn names_type(&self, written: &ast::Expression) -> bool {
        match &written.kind {
            ExpressionKind::Type(_) => true,
            ExpressionKind::Name(name) => {
                let is_type = Tag::from_name(name).is_some()
                    || name == "string"
                    || self.structs.contains_key(name)
                    || self.pending.contains_key(name.as_str());
                is_type && !matches!(self.scopes.find(name), Some(Ok(_))) && !self.statics.contains_key(name)
            }
            ExpressionKind::Field(module, name) => match &module.kind {
                ExpressionKind::Name(module) => {
                    self.scopes.find(module).is_none()
                        && self.structs.contains_key(format!("{module}.{}", name.text).as_str())
                }
                _ => false,
            },
            ExpressionKind::Index(element, _) => self.names_type(element),
            ExpressionKind::Tuple(elements) => elements.iter().any(|element| self.names_type(element)),
            ExpressionKind::Binary(Binary::BitOr, _, operands) => {
                operands.iter().any(|operand| self.names_type(operand))
            }
            _ => false,
        }
    }

    /// The type that is written as an expression.
    fn type_written(&mut self, written: &ast::Expression) -> Type {
        let span = written.span;
        match &written.kind {
            ExpressionKind::Type(type_name) => self.type_of(type_name),
            ExpressionKind::Name(name) => self.named_type(name, span),
            ExpressionKind::Field(module, name) => match &module.kind {
                ExpressionKind::Name(module) => self.named_type(&format!("{module}.{}", name.text), span),
                _ => self.no_type(span),
            },
            ExpressionKind::Index(element, length) => {
                let type_ = self.type_written(element);
                let element = self.part_of_type(type_, element.span);
                let length = self.constant_size(length, "the length of an array");
                match (element, length) {
                    (Some(element), Some(length)) => self.stencil(Stencil::Array(element, length), span),
                    _ => Type::Error,
                }
            }
            ExpressionKind::Tuple(elements) => {
                let mut parts = Vec::new();
                for element in elements {
                    let type_ = self.type_written(element);
                    parts.push(self.part_of_type(type_, element.span));
                }
                match parts.into_iter().collect::<Option<Vec<_>>>() {
                    Some(parts) => self.stencil(Stencil::Tuple(parts), span),
                    None => Type::Error,
                }
            }
            ExpressionKind::Binary(Binary::BitOr, _, operands) => {
                let [left, right] = &**operands;
                let members = [self.type_written(left), self.type_written(right)];
                let masks = members.into_iter().zip([left.span, right.span]);
                let masks: Vec<_> = masks.map(|(type_, span)| self.member_of_union(type_, span)).collect();
                masks.into_iter().collect::<Option<Vec<_>>>().map_or(Type::Error, super::types::union_of)
            }
            _ => self.no_type(span),
        }
    }

    fn no_type(&mut self, span: Span) -> Type {
        let diagnostic = self.error("E0302", span, "this is part of a type, and no type", "no such type");
        self.complain(diagnostic.hint("`size_of` takes one type, or one value"));
        Type::Error
    }
}
