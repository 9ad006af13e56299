//! Loops: what they run over, the lives of variables over their turns, and the ways out of them.

use super::Checker;
use super::certain::decided;
use super::convert::{Reason, common, failed, is_integer};
use super::pinned::{Kept, stays};
use super::place::is_local;
use super::scope::ScopeKind;
use crate::ast::{self, ExpressionKind, Name, Span};
use crate::checked::{Block, Each, EachChar, Expression, Kind, Statement, Type};
use vega_format::instruction::Instruction;
use vega_format::types::Tag;

impl Checker<'_> {
    pub(super) fn while_loop(
        &mut self,
        label: Option<&Name>,
        condition: &ast::Expression,
        body: &ast::Block,
    ) -> Statement {
        self.forget_assigned(Some(condition), body);
        let condition = self.condition(condition);
        let endless = matches!(condition.kind, Kind::Constant(Tag::Bool, 1));
        let never = decided(&condition) == Some(false);
        let body = self.where_unreached(never, |checker| {
            checker.turns(label, endless, body, |checker| checker.learn(&condition, true))
        });
        Statement::While { condition, body }
    }

    pub(super) fn for_loop(
        &mut self,
        label: Option<&Name>,
        variable: &Name,
        start: &ast::Expression,
        end: &ast::Expression,
        body: &ast::Block,
    ) -> Statement {
        let range = self.range(start, end);
        let tag = range.as_ref().map_or(Tag::Int, |(_, _, tag)| *tag);
        let mut binding = 0;
        let body = self.turns(label, false, body, |checker| {
            let span = variable.span;
            binding = checker.scopes.declare_cell(&variable.text, Type::Scalar(tag), LOOP_VARIABLE, span);
            if let Ok((start, end, _)) = &range {
                checker.count(variable, binding, start, end);
            }
        });
        self.end_count();
        match range {
            Ok((start, end, tag)) => Statement::For { binding, tag, start, end, body },
            Err(unfinished) => Statement::Evaluate(unfinished),
        }
    }

    /// `for x in a { … }`. On the stack lie numbers of elements and no view, so that the body may free variables.
    pub(super) fn each_loop(
        &mut self,
        label: Option<&Name>,
        variable: &Name,
        whole: &ast::Expression,
        body: &ast::Block,
    ) -> Option<Statement> {
        let span = whole.span;
        let whole = self.value(whole);
        let unfinished = self.unfinished([&whole], span);
        if let (Type::String, None) = (whole.type_, &unfinished) {
            return self.char_loop(label, variable, whole, body);
        }
        let mut kept = Kept::new();
        let run = match unfinished {
            Some(_) => None,
            None => {
                let whole = self.pinned_run(whole, &mut kept);
                self.elements(whole, span)
            }
        };
        let (end_cell, index_cell) = (self.scopes.new_binding(), self.scopes.new_binding());
        let mut element = None;
        let body = self.turns(label, false, body, |checker| {
            let place = variable.span;
            let index = |tag| cell(index_cell, tag, span);
            let current = match &run {
                Some(run) => checker.element_of(run.whole.clone(), index(run.tag), span),
                None => failed(span),
            };
            match current.type_ {
                // Nothing that shows an arena lies on the stack while the body runs.
                Type::Stencil(_) | Type::String => {
                    checker.scopes.declare_standing(&variable.text, current, LOOP_VARIABLE, place)
                }
                type_ => {
                    let binding = checker.scopes.declare_cell(&variable.text, type_, LOOP_VARIABLE, place);
                    element = Some((binding, current));
                }
            }
        });
        let Some(Elements { whole, start, end, tag, checked }) = run else {
            return unfinished.filter(|left| left.type_ == Type::Never).map(Statement::Evaluate);
        };
        let check = checked.then(|| {
            let ends = vec![whole.clone(), cell(index_cell, tag, span), cell(end_cell, tag, span)];
            Expression { kind: Kind::Apply(Instruction::ViewSlice {}, ends), ..whole }
        });
        let each = Each { start, end, tag, end_cell, index_cell, check, element, body };
        Some(keeping(kept, Statement::Each(Box::new(each)), span))
    }

    /// What a loop over elements runs over, with the numbers kept that lead there. Those of a last slice are the range of
    /// the loop.
    fn pinned_run(&mut self, whole: Expression, kept: &mut Kept) -> Expression {
        match whole.kind {
            Kind::Apply(Instruction::ViewSlice {}, mut operands) => {
                if let Some(inner) = operands.first_mut() {
                    *inner = self.pinned(inner.clone(), kept);
                }
                Expression { kind: Kind::Apply(Instruction::ViewSlice {}, operands), ..whole }
            }
            kind => self.pinned(Expression { kind, ..whole }, kept),
        }
    }

    /// `for c in s { … }`. A string that shows text of this function is seen anew in each turn, so that nothing of it lies
    /// on the stack while the body runs.
    fn char_loop(
        &mut self,
        label: Option<&Name>,
        variable: &Name,
        string: Expression,
        body: &ast::Block,
    ) -> Option<Statement> {
        let span = string.span;
        let mut numbers = Kept::new();
        let mut kept = None;
        let mut string = string;
        if is_local(&string) {
            string = self.pinned(string, &mut numbers);
        }
        if !stays(&string) {
            if is_local(&string) {
                let diagnostic = self
                    .error("E0507", string.span, "a loop runs over a part of a text", "nothing could be freed in it")
                    .hint("run over the whole text, or pass the part to a function");
                self.complain(diagnostic);
                return None;
            }
            let binding = self.scopes.new_binding();
            let cell = Expression { kind: Kind::Cell(binding), type_: Type::String, span: string.span };
            kept = Some((binding, std::mem::replace(&mut string, cell)));
        }
        let index_cell = self.scopes.new_binding();
        let mut binding = 0;
        let body = self.turns(label, false, body, |checker| {
            let (type_, span) = (Type::Scalar(Tag::Char), variable.span);
            binding = checker.scopes.declare_cell(&variable.text, type_, LOOP_VARIABLE, span);
        });
        let each = EachChar { kept, string, index_cell, binding, body };
        Some(keeping(numbers, Statement::EachChar(Box::new(each)), span))
    }

    /// What a loop over elements runs over.
    fn elements(&mut self, whole: Expression, span: Span) -> Option<Elements> {
        let number = |value: u32| Expression {
            kind: Kind::Constant(Tag::Int, value.into()),
            type_: Type::Scalar(Tag::Int),
            span,
        };
        if let (Type::Stencil(type_ref), Kind::Load(_)) = (whole.type_, &whole.kind)
            && let Some((_, count)) = self.stencils.array(type_ref)
            && stays(&whole)
        {
            return Some(Elements { whole, start: number(0), end: number(count), tag: Tag::Int, checked: false });
        }
        if let Type::View(_) = whole.type_ {
            match whole.kind {
                Kind::Apply(Instruction::ViewSlice {}, ref operands) => {
                    if let [inner, start, end] = operands.as_slice()
                        && stays(inner)
                    {
                        let (start, end, tag) = self.common_range(start.clone(), end.clone()).ok()?;
                        return Some(Elements { whole: inner.clone(), start, end, tag, checked: true });
                    }
                }
                _ if stays(&whole) => {
                    let length = Kind::Apply(Instruction::ViewLength {}, vec![whole.clone()]);
                    let end = Expression { kind: length, ..number(0) };
                    return Some(Elements { whole, start: number(0), end, tag: Tag::Int, checked: false });
                }
                _ => {}
            }
        }
        let title = format!("a loop cannot run over `{}`", self.show(whole.type_));
        let label = match whole.kind {
            Kind::Literal(_) => "it lies nowhere",
            _ => "arrays, views and strings have elements",
        };
        let diagnostic = self.error("E0315", whole.span, title, label);
        let hint = match whole.type_ {
            Type::Scalar(_) => format!("count: `for i in 0..{} {{ … }}`", self.written(whole.span)),
            _ if matches!(whole.kind, Kind::Literal(_)) => {
                format!("put it into a variable first: `a = {}`", self.written(whole.span))
            }
            _ => "count the elements: `for i in 0..len(a) { … }`".to_owned(),
        };
        self.complain(diagnostic.hint(hint));
        None
    }

    /// The body of a loop, whose own names `declare` makes.
    fn turns(
        &mut self,
        label: Option<&Name>,
        endless: bool,
        body: &ast::Block,
        declare: impl FnOnce(&mut Self),
    ) -> Block {
        let before = self.scopes.diverged;
        self.forget_assigned(None, body);
        let known = self.known.clone();
        self.scopes.enter_loop(label.map(|label| label.text.clone()));
        self.scopes.open(ScopeKind::Loop);
        declare(self);
        let body = self.block_in_scope(body);
        if let Some(innermost) = self.scopes.innermost_loop() {
            self.end_of_turn(innermost);
        }
        self.scopes.leave_loop(endless);
        self.known = known;
        self.scopes.diverged |= before;
        body
    }

    /// A turn of a loop ends here: what lives outside must live on.
    fn end_of_turn(&mut self, place: usize) {
        if self.scopes.diverged {
            return;
        }
        for (id, gone) in self.scopes.freed_in_loop(place) {
            let Some(variable) = self.scopes.variable(id) else { continue };
            let name =
                self.scopes.slots.get(usize::from(variable.slot)).map(|(_, name)| name.clone()).unwrap_or_default();
            let declared = variable.span;
            let diagnostic = self
                .error(
                    "E0512",
                    gone.span,
                    format!("`{name}` is freed inside a loop"),
                    "the next turn would find it gone",
                )
                .also(self.source, declared, "it lives outside of the loop")
                .hint("leave the loop behind `free`, or assign the variable inside of the loop");
            self.complain(diagnostic);
        }
    }

    /// `break` and `continue`, of the innermost loop or of one that is named.
    pub(super) fn leave(&mut self, label: Option<&Name>, span: Span, word: &str) -> Option<Statement> {
        let found = self.scopes.find_loop(label.map(|label| label.text.as_str()));
        let (Some(place), Some(innermost)) = (found, self.scopes.innermost_loop()) else {
            self.no_loop(label, span, word);
            return None;
        };
        let exits = self.scopes.exits_to_loop(place);
        self.leave_counted(self.scopes.depth_of_loop(place));
        let outward = innermost - place;
        let statement = if word == "break" {
            if !self.scopes.diverged {
                self.scopes.break_loop(place);
            }
            Statement::Break(outward, exits)
        } else {
            self.end_of_turn(place);
            Statement::Continue(outward, exits)
        };
        self.scopes.diverged = true;
        Some(statement)
    }

    fn no_loop(&mut self, label: Option<&Name>, span: Span, word: &str) {
        let Some(label) = label else {
            let title = format!("`{word}` outside of a loop");
            return self.complain(self.error("E0513", span, title, "no loop is around it"));
        };
        let title = format!("no loop around this `{word}` is named `{}`", label.text);
        let diagnostic = self.error("E0513", label.span, title, "names no loop");
        let labels = self.scopes.loop_labels();
        let diagnostic = self.meant(diagnostic, label.span, &label.text, labels, |diagnostic| {
            diagnostic.hint(format!("a loop is named before it: `{}: while c {{ … }}`", label.text))
        });
        self.complain(diagnostic);
    }

    /// A loop's range: both ends as one integer type; else what is left of them.
    fn range(
        &mut self,
        start: &ast::Expression,
        end: &ast::Expression,
    ) -> Result<(Expression, Expression, Tag), Expression> {
        let written_out = [start, end].iter().all(|end| is_written_out(end));
        let (start, end) = (self.operand(start), self.operand(end));
        if let Some(unfinished) = self.unfinished([&start, &end], start.span) {
            return Err(unfinished);
        }
        let range = self.common_range(start, end);
        if let (Ok((start, end, _)), true) = (&range, written_out) {
            self.warn_reversed_range(start, end);
        }
        range
    }

    /// Both ends of a range as one integer type.
    fn common_range(
        &mut self,
        start: Expression,
        end: Expression,
    ) -> Result<(Expression, Expression, Tag), Expression> {
        let is_whole = |end: &&Expression| match end.type_ {
            Type::Scalar(tag) => is_integer(tag),
            other => matches!(other, Type::AnyInteger | Type::Error),
        };
        for wrong in [&start, &end].into_iter().filter(|end| !is_whole(end)) {
            let title = format!("an end of a range is `{}`", self.show(wrong.type_));
            self.complain(self.error("E0401", wrong.span, title, "an integer is wanted here"));
        }
        let (start, end) = self.adapt_to_each_other(start, end);
        let tag = match (start.type_, end.type_) {
            (Type::Scalar(a), Type::Scalar(b)) if is_integer(a) && is_integer(b) => common(a, b),
            _ => None,
        };
        let Some(tag) = tag else { return Err(failed(start.span)) };
        let words = |_: &str| "both ends of a range have one type".to_owned();
        let reason = Reason::new(&words);
        let start = self.coerce(start, Type::Scalar(tag), &reason);
        let end = self.coerce(end, Type::Scalar(tag), &reason);
        Ok((start, end, tag))
    }
}

/// Whether it is a number, and no name for one: what is empty by the value of a constant may be meant.
fn is_written_out(end: &ast::Expression) -> bool {
    match &end.kind {
        ExpressionKind::Literal(_) => true,
        ExpressionKind::Unary(_, number) => is_written_out(number),
        _ => false,
    }
}

pub(super) const LOOP_VARIABLE: &str = "loop variable";

/// What a loop over elements runs over: those of `whole` from start up to and without end.
struct Elements {
    whole: Expression,
    start: Expression,
    end: Expression,
    /// The type of both.
    tag: Tag,
    /// Whether start and end are a person's and may lie outside of the whole.
    checked: bool,
}

/// A statement for which numbers are kept.
fn keeping(kept: Kept, statement: Statement, span: Span) -> Statement {
    kept.into_iter().rev().fold(statement, |statement, (binding, value)| Statement::Let {
        binding,
        value,
        body: vec![(span, statement)],
    })
}

fn cell(binding: u32, tag: Tag, span: Span) -> Expression {
    Expression { kind: Kind::Cell(binding), type_: Type::Scalar(tag), span }
}
