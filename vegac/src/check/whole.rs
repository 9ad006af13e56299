//! Structs, tuples, arrays and views as wholes: compared, and printed in the form in which they are written.

use super::Checker;
use super::builtin::{Stream, put};
use super::convert::failed;
use super::expression::type_from;
use super::place::MORE_THAN_CELLS;
use crate::ast::{Binary, Span, Unary};
use crate::checked::{Base, Block, Expression, Kind, Place, Statement, Type};
use vega_format::instruction::Instruction;
use vega_format::stencil::{MOST_CELLS, Stencil, TypeRef};
use vega_format::types::{self, Tag};

/// How many pieces of wholes a file may print one by one. Each is some code, however short the source is that asks for it: a
/// struct of two that are each of two, and so on, doubles with every line.
const MOST_PIECES: usize = 1 << 17;

impl Checker<'_> {
    /// `p == q`, `p != q`: all scalars are compared, in their order, until one differs.
    pub(super) fn compare_wholes(
        &mut self,
        operator: Binary,
        left: Expression,
        right: Expression,
        span: Span,
    ) -> Expression {
        let Type::Stencil(type_ref) = left.type_ else { return failed(span) };
        let Some(leaves) = self.stencils.leaves(type_ref, MOST_CELLS) else {
            let title = format!("`{}` is compared whole", self.show(left.type_));
            let diagnostic = self
                .error("E0412", span, title, "it has more than 64 scalars")
                .hint("compare its parts, those of an array in a loop");
            self.complain(diagnostic);
            return failed(span);
        };
        // A place may be read piece by piece if nothing is computed meanwhile.
        let stand = stands(&left) && stands(&right);
        let (Some((a, first)), Some((b, second))) =
            (self.kept(left, type_ref, stand), self.kept(right, type_ref, stand))
        else {
            return failed(span);
        };
        if let Some((_, first)) = &first
            && let Some((_, second)) = &second
            && !self.view_stands(first, std::slice::from_ref(second))
        {
            return failed(span);
        }
        let load = |from: &Place, offset: u32, leaf: TypeRef| {
            let place = Place { base: from.base.clone(), offset: from.offset + offset, type_: type_from(leaf) };
            self.read(place, span)
        };
        let truth = |kind| Expression { kind, type_: Type::Scalar(Tag::Bool), span };
        let mut equal: Option<Expression> = None;
        for (offset, leaf) in leaves.into_iter().rev() {
            let (a, b) = (load(&a, offset, leaf), load(&b, offset, leaf));
            let same = truth(match leaf {
                TypeRef::Scalar(_) => Kind::Binary(Binary::Equal, Box::new([a, b])),
                TypeRef::Stencil(_) => Kind::Apply(Instruction::EqString {}, vec![a, b]),
            });
            equal = Some(match equal {
                None => same,
                Some(rest) => truth(Kind::And(Box::new([same, rest]))),
            });
        }
        let Some(equal) = equal else { return failed(span) };
        let outcome = match operator {
            Binary::NotEqual => truth(Kind::Unary(Unary::Not, Box::new(equal))),
            _ => equal,
        };
        let inner = with(second, outcome);
        with(first, inner)
    }

    /// A place where a value can be read, and what has to be kept for that, by its binding: its cells, or of what has text
    /// in it a view of it.
    fn kept(
        &mut self,
        whole: Expression,
        type_ref: TypeRef,
        stands: bool,
    ) -> Option<(Place, Option<(u32, Expression)>)> {
        if let (Kind::Load(place), true) = (&whole.kind, stands) {
            return Some((place.clone(), None));
        }
        let type_ = whole.type_;
        let binding = self.scopes.new_binding();
        if self.stencils.scalars(type_ref, MOST_CELLS).is_some() {
            let place = Place { base: Base::Cells(binding, type_ref), offset: 0, type_ };
            return Some((place, Some((binding, whole))));
        }
        match self.view_of(&whole).filter(|_| self.stencils.array(type_ref).is_none()) {
            Some(view) => {
                Some((Place { base: Base::Lent(binding, type_ref), offset: 0, type_ }, Some((binding, view))))
            }
            None => {
                let title = format!("a `{}` that is in no variable is read whole", self.show(type_));
                let diagnostic = self.error("E0412", whole.span, title, MORE_THAN_CELLS);
                self.complain(diagnostic.hint("put it into a variable first"));
                None
            }
        }
    }

    /// What prints a struct, tuple, array or view in the form in which it is written.
    pub(super) fn print_whole(&mut self, whole: Expression, stream: Stream) -> Expression {
        let span = whole.span;
        let mut pieces = Pieces::new(stream, span, MOST_PIECES.saturating_sub(self.pieces));
        let kept = match (whole.type_, self.view_of(&whole)) {
            (Type::View(element), _) => {
                let binding = self.scopes.new_binding();
                let length = Expression {
                    kind: Kind::Apply(Instruction::ViewLength {}, vec![cell(binding, whole.type_, span)]),
                    type_: Type::Scalar(Tag::Int),
                    span,
                };
                self.print_elements(&cell(binding, whole.type_, span), element, length, &mut pieces);
                Some((binding, whole))
            }
            (Type::Stencil(_), None) => {
                let Type::Stencil(type_ref) = whole.type_ else { return failed(span) };
                let stand = stands(&whole);
                let Some((place, kept)) = self.kept(whole, type_ref, stand) else { return failed(span) };
                self.print_place(place, &mut pieces);
                kept
            }
            (Type::Stencil(_), Some(_)) if stands(&whole) => {
                let Kind::Load(place) = whole.kind else { return failed(span) };
                self.print_place(place, &mut pieces);
                None
            }
            (Type::Stencil(type_ref), Some(view)) => {
                // What leads to the place is computed once.
                let binding = self.scopes.new_binding();
                match self.stencils.array(type_ref) {
                    Some((element, count)) => {
                        let length = int(count, span);
                        self.print_elements(&cell(binding, view.type_, span), element, length, &mut pieces);
                    }
                    None => {
                        let base = Base::Lent(binding, type_ref);
                        self.print_place(Place { base, offset: 0, type_: whole.type_ }, &mut pieces);
                    }
                }
                Some((binding, view))
            }
            _ => return failed(span),
        };
        if !self.is_printable(pieces.most - pieces.left, span) {
            return failed(span);
        }
        let pieces = pieces.finish();
        with(kept, Expression { kind: Kind::Sequence(pieces), type_: Type::Nothing, span })
    }

    /// Counts the pieces of what is printed; complains when all that the file prints becomes too much.
    fn is_printable(&mut self, pieces: usize, span: Span) -> bool {
        let before = self.pieces;
        self.pieces = before.saturating_add(pieces);
        if before < MOST_PIECES && self.pieces >= MOST_PIECES {
            let title = format!("more than {MOST_PIECES} parts of structs, tuples and arrays are printed");
            let diagnostic = self.error("L0112", span, title, "with this one it is too much");
            self.complain(diagnostic.hint("put what is alike into an array: its elements are printed by one loop"));
        }
        self.pieces < MOST_PIECES
    }

    fn print_place(&mut self, place: Place, pieces: &mut Pieces) {
        if pieces.left == 0 {
            return;
        }
        let type_ref = match place.type_ {
            Type::Stencil(type_ref) => type_ref,
            Type::Scalar(tag) => {
                let span = pieces.span;
                let value = Expression { kind: Kind::Load(place), type_: Type::Scalar(tag), span };
                return pieces.value(value, types::Type::Scalar(tag));
            }
            _ => return,
        };
        if self.stencils.text(type_ref).is_some() {
            let value = self.read(place, pieces.span);
            return pieces.value(value, types::Type::String);
        }
        if let Some((element, count)) = self.stencils.array(type_ref) {
            return self.print_array(place, element, count, pieces);
        }
        let (names, close) = match self.stencil_of(type_ref) {
            Some(Stencil::Struct { name, fields }) => {
                pieces.text.push_str(&format!("{name} {{ "));
                (fields.iter().map(|field| format!("{} = ", field.name)).collect(), " }")
            }
            Some(Stencil::Tuple(elements)) => {
                pieces.text.push('(');
                (Vec::new(), if elements.len() == 1 { ",)" } else { ")" })
            }
            _ => return,
        };
        let parts: Vec<(u32, TypeRef)> = self.stencils.parts(type_ref).collect();
        for (number, (offset, part)) in parts.into_iter().enumerate() {
            if number > 0 {
                pieces.text.push_str(", ");
            }
            pieces.text.push_str(names.get(number).map_or("", String::as_str));
            let part = Place { base: place.base.clone(), offset: place.offset + offset, type_: type_from(part) };
            self.print_place(part, pieces);
        }
        pieces.text.push_str(close);
    }

    fn print_array(&mut self, place: Place, element: TypeRef, count: u32, pieces: &mut Pieces) {
        let whole = Expression { kind: Kind::Load(place.clone()), type_: place.type_, span: pieces.span };
        if let Some(view) = self.view_of(&whole) {
            return self.print_elements(&view, element, int(count, pieces.span), pieces);
        }
        pieces.text.push('[');
        for number in 0..count {
            if number > 0 {
                pieces.text.push_str(", ");
            }
            let offset = place.offset + number * self.stencils.size(element);
            self.print_place(Place { base: place.base.clone(), offset, type_: type_from(element) }, pieces);
        }
        pieces.text.push(']');
    }

    /// A loop over so many elements of a view.
    fn print_elements(&mut self, view: &Expression, element: TypeRef, length: Expression, pieces: &mut Pieces) {
        pieces.text.push('[');
        let span = pieces.span;
        let binding = self.scopes.new_binding();
        let index = cell(binding, Type::Scalar(Tag::Int), span);
        let is_later = Expression {
            kind: Kind::Binary(Binary::Greater, Box::new([index.clone(), int(0, span)])),
            type_: Type::Scalar(Tag::Bool),
            span,
        };
        let mut inner = Pieces::new(pieces.stream, span, pieces.left);
        inner.text.push_str(", ");
        inner.flush();
        let comma = Statement::If { arms: vec![(is_later, evaluate(inner.finish(), span))], otherwise: None };
        let base = Base::ViewElement(Box::new(view.clone()), Box::new(index));
        let mut inner = Pieces::new(pieces.stream, span, pieces.left);
        self.print_place(Place { base, offset: 0, type_: type_from(element) }, &mut inner);
        pieces.left = inner.left;
        let mut body = evaluate(inner.finish(), span);
        body.statements.insert(0, (span, comma));
        let start = int(0, span);
        let turns = Statement::For { binding, tag: Tag::Int, start, end: length, body };
        pieces.flush();
        let kind = Kind::Block(vec![(span, turns)]);
        pieces.done.push(Expression { kind, type_: Type::Nothing, span });
        pieces.text.push(']');
    }
}

/// What is printed, piece by piece; texts that follow each other are one.
struct Pieces {
    stream: Stream,
    span: Span,
    done: Vec<Expression>,
    text: String,
    /// How many there may be.
    most: usize,
    /// How many more.
    left: usize,
}

impl Pieces {
    fn new(stream: Stream, span: Span, most: usize) -> Pieces {
        Pieces { stream, span, done: Vec::new(), text: String::new(), most, left: most }
    }

    fn value(&mut self, value: Expression, type_: types::Type) {
        self.flush();
        self.left = self.left.saturating_sub(1);
        self.done.push(put(value, type_, self.stream, self.span));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            // A long text weighs as much as several.
            self.left = self.left.saturating_sub(1 + self.text.len() / 64);
            let kind = Kind::Text(std::mem::take(&mut self.text).into());
            let text = Expression { kind, type_: Type::String, span: self.span };
            self.done.push(put(text, types::Type::String, self.stream, self.span));
        }
    }

    fn finish(mut self) -> Vec<Expression> {
        self.flush();
        self.done
    }
}

/// Whether a value is read from its place without anything being computed.
pub(super) fn stands(whole: &Expression) -> bool {
    match &whole.kind {
        Kind::Load(place) => {
            matches!(place.base, Base::Stencil(_) | Base::Cells(..) | Base::Static(..) | Base::Lent(..))
        }
        _ => false,
    }
}

/// An expression for which a value is kept.
pub(super) fn with(kept: Option<(u32, Expression)>, body: Expression) -> Expression {
    let (type_, span) = (body.type_, body.span);
    match kept {
        None => body,
        Some((binding, value)) => Expression { kind: Kind::Let(binding, Box::new(value), Box::new(body)), type_, span },
    }
}

pub(super) fn cell(binding: u32, type_: Type, span: Span) -> Expression {
    Expression { kind: Kind::Cell(binding), type_, span }
}

fn int(value: u32, span: Span) -> Expression {
    Expression { kind: Kind::Constant(Tag::Int, value.into()), type_: Type::Scalar(Tag::Int), span }
}

fn evaluate(pieces: Vec<Expression>, span: Span) -> Block {
    let statements = pieces.into_iter().map(|piece| (span, Statement::Evaluate(piece))).collect();
    Block { statements, end: span, ..Block::default() }
}
