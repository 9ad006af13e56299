//! Functions that the language has of itself: printing, blocks of bytes, sizes, conversions. Those of numbers are in
//! `number`.

use super::Checker;
use super::convert::{Reason, failed, is_number, widens};
use super::edits::character;
use super::fold::{Unfit, fold_as};
use super::number;
use super::wording::{number_of, quotes};
use crate::ast::{self, ExpressionKind, Name, Span};
use crate::checked::{Base, Expression, Kind, Place, Type};
use vega_format::instruction::{Instruction, Slot};
use vega_format::mangle;
use vega_format::stencil::TypeRef;
use vega_format::text::counted;
use vega_format::types::{self, Signature, Tag};

const NAMES: [&str; 11] =
    ["print", "println", "eprint", "eprintln", "append", "assert", "len", "offset", "size_of", "io.read", "io.write"];

/// The names of all of them.
pub(super) fn names<'a>() -> impl Iterator<Item = &'a str> {
    NAMES.into_iter().chain(number::names()).chain(Tag::ALL.iter().map(|tag| tag.name()))
}

/// Whether a name is taken by the language.
pub(super) fn is_builtin(name: &str) -> bool {
    names().any(|builtin| builtin == name)
}

impl Checker<'_> {
    /// The expression that a call of a built-in function is; `None` if there is no such function.
    pub(super) fn builtin(&mut self, name: &Name, arguments: &[ast::Expression], span: Span) -> Option<Expression> {
        let wanted = match name.text.as_str() {
            "print" | "println" | "eprint" | "eprintln" => None,
            "assert" if arguments.len() == 2 => None,
            "append" if arguments.len() > 1 => None,
            "append" => Some(2),
            other => Some(number::parameters(other).or(is_builtin(other).then_some(1))?),
        };
        if let Some(wanted) = wanted
            && arguments.len() != wanted
        {
            let given = counted(arguments.len(), "argument");
            let takes = match name.text.as_str() {
                "append" => "2 arguments or more".to_owned(),
                "assert" => "1 argument or 2".to_owned(),
                _ => counted(wanted, "argument"),
            };
            let title = format!("`{}` is given {given}, and takes {takes}", name.text);
            let diagnostic = self.error("E0413", name.span, title, format!("{given} given"));
            self.complain(match self.hint_for_more(&name.text, name.span, arguments.len()) {
                Some(hint) => diagnostic.hint(hint),
                None => diagnostic,
            });
            return Some(failed(span));
        }
        Some(match (name.text.as_str(), arguments) {
            ("print", _) => self.print(arguments, Stream::Output, false, span),
            ("println", _) => self.print(arguments, Stream::Output, true, span),
            ("eprint", _) => self.print(arguments, Stream::Errors, false, span),
            ("eprintln", _) => self.print(arguments, Stream::Errors, true, span),
            ("assert", [condition, words @ ..]) => self.assertion(condition, words.first(), span),
            ("append", _) => self.append(arguments, span),
            ("len", [argument]) => self.length(argument, span),
            ("offset", [argument]) => self.offset_of(argument, span),
            ("size_of", _) => match self.size_of_argument(arguments, span) {
                Some(size) => constant_int(size, span),
                None => failed(span),
            },
            ("io.read" | "io.write", [argument]) => self.block(&name.text, argument, span),
            (other, _) if number::parameters(other).is_some() => self.number_function(name, arguments, span),
            (_, [argument]) => self.conversion(name, argument, span),
            _ => failed(span),
        })
    }

    /// A value as a line of its own.
    pub(super) fn print_line(&mut self, value: Expression) -> Expression {
        let span = value.span;
        let end = Expression { kind: Kind::Text("\n".into()), type_: Type::String, span };
        let pieces = vec![self.print_whole(value, Stream::Output), put(end, types::Type::String, Stream::Output, span)];
        if let Some(unfinished) = self.unfinished(&pieces, span) {
            return unfinished;
        }
        Expression { kind: Kind::Sequence(pieces), type_: Type::Nothing, span }
    }

    /// `print(a, b)`: the texts with a space between them, one host call a piece.
    fn print(&mut self, arguments: &[ast::Expression], stream: Stream, line: bool, span: Span) -> Expression {
        let text = |text: &str| {
            let expression = Expression { kind: Kind::Text(text.into()), type_: Type::String, span };
            put(expression, types::Type::String, stream, span)
        };
        self.warn_of_format(arguments, false);
        let mut pieces: Vec<Expression> = Vec::new();
        for (place, argument) in arguments.iter().enumerate() {
            if place > 0 {
                pieces.push(text(" "));
            }
            let value = self.value(argument);
            match (value.type_, self.signature_type(value.type_)) {
                (Type::Scalar(_) | Type::String | Type::Union(_), Some(type_)) => {
                    self.certain_cut(&value, stream);
                    pieces.push(put(value, type_, stream, span))
                }
                (Type::Error, _) => {}
                (Type::Never, _) => pieces.push(value),
                (Type::Stencil(_) | Type::View(_), _) => {
                    let printed = self.print_whole(value, stream);
                    pieces.push(printed);
                }
                _ => {}
            }
        }
        if line {
            pieces.push(text("\n"));
        }
        if let Some(unfinished) = self.unfinished(&pieces, span) {
            return unfinished;
        }
        Expression { kind: Kind::Sequence(pieces), type_: Type::Nothing, span }
    }

    fn length(&mut self, argument: &ast::Expression, span: Span) -> Expression {
        let value = self.operand(argument);
        let int = |kind| Expression { kind, type_: Type::Scalar(Tag::Int), span };
        match value.type_ {
            Type::String => int(Kind::Apply(Instruction::StringLength {}, vec![value])),
            Type::View(_) => int(Kind::Apply(Instruction::ViewLength {}, vec![value])),
            Type::Stencil(type_ref) if self.stencils.array(type_ref).is_some() => {
                constant_int(self.stencils.array(type_ref).map_or(0, |(_, count)| count), span)
            }
            Type::Error | Type::Never => value,
            other => {
                let title = format!("`{}` has no length", self.show(other));
                self.complain(self.error("E0315", argument.span, title, "arrays, views and strings have one"));
                failed(span)
            }
        }
    }

    /// Whether values of a type have elements that `len` counts.
    pub(super) fn has_length(&self, type_: Type) -> bool {
        match type_ {
            Type::String | Type::View(_) => true,
            Type::Stencil(type_ref) => self.stencils.array(type_ref).is_some(),
            _ => false,
        }
    }

    /// `offset(x)`: where a variable stands in its arena.
    fn offset_of(&mut self, argument: &ast::Expression, span: Span) -> Expression {
        let value = self.operand(argument);
        // What is known of a union is asked of its variable.
        let kind = match &value.kind {
            Kind::UnionAs(_, union) => &union.kind,
            kind => kind,
        };
        let slot = match kind {
            Kind::Load(Place { base: Base::Variable(slot) | Base::Stencil(slot), offset: 0, .. })
                if matches!(argument.kind, ExpressionKind::Name(_)) =>
            {
                *slot
            }
            Kind::Load(Place { base: Base::Static(start, _), offset: 0, .. })
                if matches!(argument.kind, ExpressionKind::Name(_)) =>
            {
                return constant_int(*start, span);
            }
            Kind::Error => return value,
            _ if value.type_ == Type::Never => return value,
            _ => {
                let diagnostic =
                    self.error("E0416", argument.span, "this is no variable", "only variables stand in an arena");
                self.complain(diagnostic);
                return failed(span);
            }
        };
        let kind = Kind::Apply(Instruction::VarOffset { slot: Slot(slot) }, Vec::new());
        Expression { kind, type_: Type::Scalar(Tag::Int), span }
    }

    /// A value of which only the type is wanted: what it would do is not done.
    pub(super) fn uncomputed(&mut self, argument: &ast::Expression) -> Expression {
        let (mark, diverged) = (self.scopes.mark(), self.scopes.diverged);
        let value = self.operand(argument);
        self.scopes.rewind(mark);
        self.scopes.diverged = diverged;
        value
    }

    /// `io.read(buffer)` and `io.write(view)`.
    fn block(&mut self, name: &str, argument: &ast::Expression, span: Span) -> Expression {
        let bytes = TypeRef::Scalar(Tag::Byte);
        let words = |_: &str| format!("`{name}` works on bytes");
        let view = self.value_as(argument, Type::View(bytes), &Reason::new(&words));
        if let Some(unfinished) = self.unfinished([&view], span) {
            return unfinished;
        }
        let result = (name == "io.read").then_some(types::Type::Scalar(Tag::Int));
        let parameters = vec![types::Type::view(types::Type::Scalar(Tag::Byte))];
        let type_ = if result.is_some() { Type::Scalar(Tag::Int) } else { Type::Nothing };
        let mangled = mangle::mangle(&Signature { name: name.to_owned(), parameters, result });
        Expression { kind: Kind::Host(mangled.into(), vec![view]), type_, span }
    }

    /// `long(x)`.
    fn conversion(&mut self, name: &Name, argument: &ast::Expression, span: Span) -> Expression {
        let Some(target) = Tag::from_name(&name.text) else { return failed(span) };
        let operand = self.operand(argument);
        // What would wrap around in the type is computed without it, and cut; so is what may.
        let keeps_value = |operand: &Expression| match fold_as(operand, target) {
            Ok(_) => true,
            Err((_, why)) => why == Unfit::Runs && widens(Tag::Int, target),
        };
        if let Some(adapted) = self.adapts(&operand, target).filter(|_| keeps_value(&operand)) {
            return Expression { span, ..adapted };
        }
        let value = self.settle(operand);
        let convert = |from: Tag, to: Tag, value: Expression| match from == to {
            true => value,
            false => Expression { kind: Kind::Convert(from, to, Box::new(value)), type_: Type::Scalar(to), span },
        };
        match value.type_ {
            Type::Error | Type::Never => value,
            Type::Scalar(from) if from == target => value,
            Type::Scalar(from) if is_number(from) && is_number(target) => convert(from, target, value),
            Type::Scalar(from) if is_number(from) && target == Tag::Char => {
                convert(Tag::Int, Tag::Char, convert(from, Tag::Int, value))
            }
            Type::Scalar(Tag::Char) if is_number(target) => {
                convert(Tag::Int, target, convert(Tag::Char, Tag::Int, value))
            }
            other => {
                let title = format!("`{}` cannot be converted to `{}`", self.show(other), target.name());
                let diagnostic = self.error("E0418", value.span, title, "no such conversion");
                let written = self.written(value.span);
                let hint = match other {
                    Type::Scalar(Tag::Bool) => Some("choose with `if`".to_owned()),
                    Type::Scalar(tag) if target == Tag::Bool && is_number(tag) => {
                        Some(format!("compare it: `{written} != 0`"))
                    }
                    Type::String if target == Tag::Char && quotes(&value).is_some() => quotes(&value),
                    Type::String if let Some(number) = number_of(&value, target) => Some(number),
                    Type::String => Some(
                        "words of the command line become numbers, `fn main(n: int)`; out of bytes `text.to_long` of \
                         the library reads one"
                            .to_owned(),
                    ),
                    _ => None,
                };
                let diagnostic = match hint {
                    Some(hint) => diagnostic.hint(hint),
                    None => diagnostic,
                };
                let meant = if target == Tag::Char { character(&value) } else { None };
                self.complain(self.with_edit(diagnostic, meant.map(|character| (span, character))));
                failed(span)
            }
        }
    }
}

fn constant_int(value: u32, span: Span) -> Expression {
    Expression { kind: Kind::Constant(Tag::Int, value.into()), type_: Type::Scalar(Tag::Int), span }
}

/// Where something is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Output,
    Errors,
}

impl Stream {
    /// The host function that writes a value there.
    pub(super) fn put(self, type_: types::Type) -> Signature {
        let name = match self {
            Stream::Output => "io.put",
            Stream::Errors => "io.put_error",
        };
        Signature { name: name.to_owned(), parameters: vec![type_], result: None }
    }
}

/// `io.put(T)V`, `io.put_error(T)V`: the host writes one value.
pub(super) fn put(value: Expression, type_: types::Type, stream: Stream, span: Span) -> Expression {
    let mangled = mangle::mangle(&stream.put(type_));
    Expression { kind: Kind::Host(mangled.into(), vec![value]), type_: Type::Nothing, span }
}
