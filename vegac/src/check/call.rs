//! Calls: which function is meant, and whether the arguments fit.

use super::Checker;
use super::convert::{Reason, failed, is_integer};
use super::fold::Unfit;
use super::function::{Callee, Declared};
use super::place::shows_read_only;
use crate::ast::{self, Name, Span};
use crate::checked::{Expression, Kind, Type};
use vega_format::mangle;
use vega_format::text::counted;
use vega_report::{Diagnostic, quote};

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &Name, arguments: &[ast::Expression], span: Span) -> Expression {
        self.count_use(&name.text);
        if let Some(last) = arguments.last() {
            self.warn_of_slashes_behind(last.span);
        }
        if self.unread_functions.contains(&name.text) {
            arguments.iter().for_each(|argument| _ = self.expression(argument));
            return failed(span);
        }
        if let Some(candidates) = self.by_name.get(&name.text).cloned() {
            if candidates.is_empty() {
                self.no_constant(span, Unfit::Runs);
                return failed(span);
            }
            return self.call_declared(name, &candidates, arguments, span);
        }
        if let Some(expression) = self.builtin(name, arguments, span) {
            return expression;
        }
        if self.is_refused_in_module(name, "function") {
            self.keep_edit_that_fits(name, arguments.len());
            for argument in arguments {
                self.expression(argument);
            }
            return failed(span);
        }
        let title = format!("unknown function `{}`", name.text);
        let diagnostic = self.error("E0316", name.span, title, "no such function");
        self.complain(self.with_hint_for_function(diagnostic, &name.text, name.span));
        self.keep_edit_that_fits(name, arguments.len());
        for argument in arguments {
            if !self.names_type(argument) {
                self.expression(argument);
            }
        }
        failed(span)
    }

    /// The function that was just proposed for the name of a call is certainly meant only if it takes so many arguments.
    fn keep_edit_that_fits(&mut self, name: &Name, count: usize) {
        let is_of_name =
            |told: &&mut Diagnostic| told.primary().is_some_and(|label| label.span.start == name.span.start());
        let Some(told) = self.errors.kept.last_mut().filter(is_of_name) else { return };
        let [edit] = told.edits.as_slice() else { return };
        let (before, behind) = (name.span.start()..edit.span.start, edit.span.end..name.span.end());
        let [before, behind] = [before, behind].map(|range| self.text.get(range).unwrap_or_default());
        let meant = self.by_name.get(format!("{before}{}{behind}", edit.text).as_str());
        let mut declared = meant.into_iter().flatten().filter_map(|place| self.functions.get(*place)).peekable();
        if declared.peek().is_some() && declared.all(|function| function.parameters.len() != count) {
            told.edits.clear();
        }
    }

    fn call_declared(
        &mut self,
        name: &Name,
        candidates: &[usize],
        arguments: &[ast::Expression],
        span: Span,
    ) -> Expression {
        let count = arguments.len();
        let look = |(place, argument)| self.operand_for(argument, self.wanted_of(candidates, count, place));
        let arguments: Vec<Expression> = arguments.iter().enumerate().map(look).collect();
        if let Some(unfinished) = self.unfinished(&arguments, span) {
            self.count_call(candidates);
            return unfinished;
        }
        let Some(chosen) = self.choose(candidates, &arguments) else {
            self.no_overload(name, candidates, &arguments);
            return failed(span);
        };
        self.count_call(&[chosen]);
        let Some(function) = self.functions.get(chosen) else { return failed(span) };
        let (parameters, result, head) = (function.parameters.clone(), function.result, function.head);
        let host = (function.callee == Callee::Host).then(|| mangle::mangle(&function.signature));
        let mut coerced = Vec::with_capacity(arguments.len());
        for (argument, (parameter, type_)) in arguments.into_iter().zip(&parameters) {
            let words = |wanted: &str| format!("parameter `{parameter}` is `{wanted}`");
            let argument = self.coerce(argument, *type_, &Reason::at(&words, head));
            coerced.push(self.handed_over(argument, *type_, head));
        }
        if coerced.iter().any(|argument| argument.type_ == Type::Error) || !self.views_stand(&coerced) {
            return Expression { type_: result.unwrap_or(Type::Nothing), ..failed(span) };
        }
        let kind = match host {
            Some(mangled) => Kind::Host(mangled.into(), coerced),
            None => Kind::Call(chosen, coerced),
        };
        Expression { kind, type_: result.unwrap_or(Type::Nothing), span }
    }

    /// The type of a parameter, if all functions that take so many arguments agree on it.
    fn wanted_of(&self, candidates: &[usize], count: usize, place: usize) -> Option<Type> {
        let functions = candidates.iter().filter_map(|candidate| self.functions.get(*candidate));
        let of_count = functions.filter(|function| function.parameters.len() == count);
        let mut types = of_count.filter_map(|function| function.parameters.get(place)).map(|(_, type_)| *type_);
        let first = types.next()?;
        types.all(|type_| type_ == first).then_some(first)
    }

    fn count_call(&mut self, called: &[usize]) {
        for index in called {
            match (self.calling, self.functions.get_mut(*index)) {
                (Some(caller), Some(function)) if function.callee == Callee::Own => self.calls.push((caller, *index)),
                (_, Some(function)) => function.called = true,
                _ => {}
            }
        }
    }

    /// An argument as it goes into the cells of its parameter: what does not fit there is lent, and what may be written
    /// through the parameter must be more than readable.
    fn handed_over(&mut self, argument: Expression, parameter: Type, head: Span) -> Expression {
        match parameter {
            Type::Stencil(type_ref) if argument.type_ == parameter && self.stencils.cells(type_ref).is_none() => {
                if let Some(view) = self.view_of(&argument) {
                    return view;
                }
                let title = format!("a `{}` that is in no variable is passed", self.show(parameter));
                let diagnostic = self
                    .error("E0412", argument.span, title, "it is lent, so it must lie somewhere")
                    .also(self.source, head, "passed to this function")
                    .hint("put it into a variable first");
                self.complain(diagnostic);
                failed(argument.span)
            }
            Type::View(_) if shows_read_only(&argument) => {
                let written = self.written(argument.span).to_owned();
                let title = format!(
                    "`{written}` can only be read, and the elements of `{}` can be written",
                    self.show(parameter)
                );
                let diagnostic = self
                    .error("E0503", argument.span, title, "part of a parameter")
                    .also(self.source, head, "passed to this function")
                    .hint(format!(
                        "copy it into a variable inside an `alloc` block, `copy = {written}`, and pass that"
                    ));
                self.complain(diagnostic);
                failed(argument.span)
            }
            _ => argument,
        }
    }

    /// Whether every view among arguments is still good when the last one has been computed.
    pub(super) fn views_stand(&mut self, arguments: &[Expression]) -> bool {
        (0..arguments.len()).all(|place| match arguments.split_at_checked(place + 1) {
            Some((before, later)) => before.last().is_none_or(|view| self.view_stands(view, later)),
            None => true,
        })
    }

    /// The overload with exactly these types, else the only one that they fit; a single candidate is taken as it is,
    /// so that its parameters can be complained about one by one.
    fn choose(&self, candidates: &[usize], arguments: &[Expression]) -> Option<usize> {
        let with_count = |place: &&usize| {
            self.functions.get(**place).is_some_and(|function| function.parameters.len() == arguments.len())
        };
        let counted: Vec<usize> = candidates.iter().filter(with_count).copied().collect();
        if let [only] = counted.as_slice()
            && candidates.len() == 1
        {
            return Some(*only);
        }
        let own = |argument: &Expression| match argument.type_ {
            Type::AnyInteger => Type::Scalar(vega_format::types::Tag::Int),
            Type::AnyDecimal => Type::Scalar(vega_format::types::Tag::Decimal),
            other => other,
        };
        let every = |place: &usize, fits: &dyn Fn(&Expression, Type) -> bool| {
            self.functions.get(*place).is_some_and(|function| {
                function.parameters.iter().zip(arguments).all(|((_, type_), argument)| fits(argument, *type_))
            })
        };
        let exact = counted.iter().find(|place| every(place, &|argument, type_| own(argument) == type_));
        let fits = |argument: &Expression, type_: Type| self.try_coerce(argument, type_).is_some();
        // Where only a literal is too large, that is what there is to say.
        let fits_but_for_size = |argument: &Expression, type_: Type| {
            let is_number = matches!((argument.type_, type_), (Type::AnyInteger, Type::Scalar(tag)) if is_integer(tag));
            is_number || fits(argument, type_)
        };
        let only = |fits: &dyn Fn(&Expression, Type) -> bool| {
            let mut fitting = counted.iter().filter(|place| every(place, fits));
            let first = fitting.next();
            Some((*first?, fitting.next().is_some()))
        };
        let fitting = exact.map(|place| (*place, false)).or_else(|| only(&fits)).or_else(|| only(&fits_but_for_size));
        fitting.and_then(|(place, is_one_of_several)| (!is_one_of_several).then_some(place))
    }

    fn no_overload(&mut self, name: &Name, candidates: &[usize], arguments: &[Expression]) {
        let given: Vec<String> = arguments.iter().map(|argument| self.show(argument.type_)).collect();
        if let ([only], true) = (candidates, candidates.len() == 1) {
            let Some(function) = self.functions.get(*only) else { return };
            let (count, wanted) = (arguments.len(), function.parameters.len());
            let title = format!(
                "`{}` is given {}, and takes {}",
                name.text,
                counted(count, "argument"),
                counted(wanted, "argument")
            );
            let (signature, head) = (self.show_function(function), function.head);
            let declared = if function.callee == Callee::Module { "imported" } else { "declared" };
            let diagnostic = self
                .error("E0413", name.span, title, format!("{} given", counted(count, "argument")))
                .also(self.source, head, format!("{declared} here: `{}`", quote(&signature)));
            self.complain(match self.hint_for_count(&name.text, name.span, &function.parameters) {
                Some(hint) => diagnostic.hint(hint),
                None => diagnostic,
            });
            return;
        }
        let candidates: Vec<&Declared> = candidates.iter().filter_map(|index| self.functions.get(*index)).collect();
        let (fitting, others): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|function| self.takes(function, arguments));
        let given = given.join(", ");
        let (title, label) = match fitting.is_empty() {
            true => (format!("no `{}` fits ({given})", name.text), "none takes these types"),
            false => {
                (format!("several `{}` fit ({given})", name.text), "more than one takes these types, none exactly")
            }
        };
        let mut diagnostic = self.error("E0414", name.span, title, label);
        for function in fitting.iter().chain(&others).take(10) {
            diagnostic = diagnostic.note(format!("there is `{}`", quote(&self.show_function(function))));
        }
        self.complain(diagnostic.hint("convert an argument, so that one of them has exactly these types"));
    }

    /// Whether arguments fit the parameters of a function, by adapting and widening.
    fn takes(&self, function: &Declared, arguments: &[Expression]) -> bool {
        function.parameters.len() == arguments.len()
            && function
                .parameters
                .iter()
                .zip(arguments)
                .all(|((_, type_), argument)| self.try_coerce(argument, *type_).is_some())
    }
}
