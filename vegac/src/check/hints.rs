//! What people write who know another language, or mean something near: the next thing to try.

use super::Checker;
use super::convert::{integer_cell, is_integer, is_number, is_numeric};
use super::expression::type_from;
use super::function::Callee;
use super::operator::{is_comparison, is_equality, is_shift, of_bools, wants_integers};
use super::scope::Meaning;
use super::wide::computed_elsewhere;
use super::wording::{beyond_ascii, quotes};
use crate::ast::{Binary, Span};
use crate::checked::{Expression, Kind, Type, Wide};
use crate::foreign;
use crate::library;
use ecow::EcoString;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;
use vega_report::Diagnostic;

impl Checker<'_> {
    /// Complains of an expression that gives no value where one is wanted.
    pub(super) fn no_value(&mut self, expression: &Expression) {
        let called = match expression.kind {
            Kind::Call(index, _) => self.functions.get(index),
            _ => None,
        };
        let diagnostic = match called {
            Some(function) if function.callee != Callee::Own => {
                let written = self.written(expression.span);
                let changed = match (function.parameters.first(), &expression.kind) {
                    (Some((_, Type::View(_))), Kind::Call(_, arguments)) => arguments.first(),
                    _ => None,
                };
                let changed = changed.map(|changed| format!("; it changes `{}`", self.written(changed.span)));
                let name = &function.signature.name;
                self.error("E0403", expression.span, format!("`{name}` gives no value"), "a value is wanted here")
                    .also(self.source, function.head, "it has no result")
                    .hint(format!("call it on a line of its own, `{written}`{}", changed.unwrap_or_default()))
            }
            // That it gives one was told, or will be.
            Some(_) if matches!(expression.kind, Kind::Call(index, _) if self.unpromised.contains(&index)) => return,
            Some(function) => {
                let name = &function.signature.name;
                let parameters = if function.parameters.is_empty() { "" } else { "…" };
                self.error("E0403", expression.span, format!("`{name}` gives no value"), "a value is wanted here")
                    .also(self.source, function.head, "it has no result")
                    .hint(format!("declare one, such as `fn {name}({parameters}) -> int`"))
            }
            None => {
                let diagnostic = self.error("E0403", expression.span, "this gives no value", "a value is wanted here");
                match expression.kind {
                    Kind::Alloc(_) => diagnostic.hint("make the value its last line; an `if` or `match` has none"),
                    _ => diagnostic,
                }
            }
        };
        self.complain(diagnostic);
    }

    /// For a variable that there is not.
    pub(super) fn with_hint_for_unknown(&self, diagnostic: Diagnostic, name: &str, span: Span) -> Diagnostic {
        // Nobody will see it.
        if self.errors.is_full() {
            return diagnostic;
        }
        if name == "True" || name == "TRUE" || name == "False" || name == "FALSE" {
            let meant = name.to_lowercase();
            return diagnostic.hint(format!("did you mean `{meant}`?")).edit(self.source, span, meant);
        }
        if let Some(hint) = foreign::value(name) {
            return diagnostic.hint(hint);
        }
        if self.modules.contains_key(name) {
            let known =
                self.by_name.keys().filter(|known| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
            let example = known.min().map(|known| format!(", `{known}(…)`")).unwrap_or_default();
            return diagnostic.hint(format!("`{name}` is a module, and no value: name something in it{example}"));
        }
        if library::find(name).is_some() {
            let hint = format!("`{name}` is a module of the library: add `import {name}` at the top of the file");
            return diagnostic.hint(hint);
        }
        if name == "string" {
            return diagnostic.hint("`string` is a type of parameters and results, and no value");
        }
        if Tag::from_name(name).is_some() {
            let hint = format!("`{name}` is a type: a variable is declared `x: {name}`, an array `a: {name}[10]`");
            return diagnostic.hint(hint);
        }
        if let Some(form) = self.struct_form(name) {
            return diagnostic.hint(format!("`{name}` is a struct: `{form}`"));
        }
        if let Some(below) = self.constants_below.get(name) {
            let between = self.text.get(below.end()..span.start());
            if between.is_some_and(|between| !between.contains('\n')) {
                return diagnostic.hint(format!("`{name}` is not known in its own value"));
            }
            let diagnostic = diagnostic.also(self.source, *below, "declared below");
            return diagnostic.hint(format!("move `const {name}` above: a constant is known from its line on"));
        }
        if let Some(full) = self.in_a_module(name) {
            return self.with_module(diagnostic, span, full);
        }
        if let Some(module) = library::module_with_constant(name) {
            return diagnostic
                .hint(format!("it belongs to the library: `{module}.{name}`, with `import {module}` at the top"));
        }
        if self.by_name.contains_key(name) {
            return diagnostic.hint(format!("`{name}` is a function: call it as `{name}(…)`"));
        }
        if let Some(hint) = self.hint_for_elsewhere(name, span) {
            return diagnostic.hint(hint);
        }
        let names = self.scopes.names().chain(self.statics.keys().map(EcoString::as_str)).chain(["true", "false"]);
        // Alone it may be a statement that needs no more.
        let ends = |char: Option<char>| char.is_none_or(|char| matches!(char, '{' | '}' | ';'));
        let before = self.text.get(..span.start()).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        let behind = self.text.get(span.end()..).and_then(|behind| behind.lines().next()).unwrap_or_default();
        let is_alone = ends(before.trim_end().chars().next_back()) && ends(behind.trim_start().chars().next());
        let words = ["break", "continue", "return"].into_iter().filter(|_| is_alone);
        let names = names.chain(words);
        self.meant(diagnostic, span, name, names, |diagnostic| {
            diagnostic.hint(match self.folding {
                true => format!("declare it: `const {name} = …`; variables are known only when it runs"),
                false => format!("assign it first: `{name} = …` inside an `alloc` block"),
            })
        })
    }

    /// The least name that a module offers and that ends as this one.
    pub(super) fn in_a_module(&self, name: &str) -> Option<&str> {
        // Beyond the last error that is told nobody looks through all names.
        if self.errors.is_full() {
            return None;
        }
        let known = self.by_name.keys().chain(self.structs.keys()).map(EcoString::as_str).chain(self.scopes.names());
        known
            .filter(|known| {
                known.rsplit_once('.').is_some_and(|(module, last)| last == name && self.modules.contains_key(module))
            })
            .min()
    }

    /// For a name that a module offers, and that was written without it.
    pub(super) fn with_module(&self, diagnostic: Diagnostic, span: Span, full: &str) -> Diagnostic {
        let module = full.rsplit_once('.').map_or(full, |(module, _)| module);
        let diagnostic = diagnostic.hint(format!("it belongs to module `{module}`: `{full}`"));
        if self.broken { diagnostic } else { diagnostic.edit(self.source, span, full) }
    }

    /// For a function that there is not.
    pub(super) fn with_hint_for_function(&self, diagnostic: Diagnostic, name: &str, span: Span) -> Diagnostic {
        if self.errors.is_full() {
            return diagnostic;
        }
        if let Some(form) = self.struct_form(name) {
            return diagnostic.hint(format!("`{name}` is a struct: `{form}`"));
        }
        let names = || self.by_name.keys().map(EcoString::as_str).chain(super::builtin::names());
        if let Some((object, method)) = name.rsplit_once('.') {
            let variable = object.split('.').next().unwrap_or_default();
            if matches!(self.scopes.find(variable), Some(Ok(_))) {
                let grows = method == "append" && object == variable && self.is_array(object);
                if let Some(hint) = foreign::function(if grows { "push" } else { method }) {
                    return diagnostic.hint(format!("there are no methods: {hint}"));
                }
                let function = names().find(|known| *known == method).unwrap_or("f");
                let more = self.arguments_behind(span).map(|more| format!(", {more}")).unwrap_or_default();
                return diagnostic.hint(format!(
                    "there are no methods: functions are called by their names, `{function}({object}{more})`"
                ));
            }
        }
        if let Some(Ok(_)) = self.scopes.find(name) {
            return diagnostic.hint(format!("`{name}` is no function: only functions are called"));
        }
        if let Some(full) = self.in_a_module(name) {
            return self.with_module(diagnostic, span, full);
        }
        if let Some(hint) = self.hint_for_type_asked(name, span) {
            return diagnostic.hint(hint);
        }
        if let Some((hint, edit)) = self.hint_for_range(name, span) {
            return self.with_edit(diagnostic.hint(hint), edit);
        }
        if let Some(hint) = foreign::function(name) {
            return diagnostic.hint(hint);
        }
        if let Some(module) = library::module_with(name) {
            let import =
                if self.modules.contains_key(module) { "" } else { &format!(", with `import {module}` at the top") };
            return diagnostic.hint(format!("it belongs to the library: `{module}.{name}(…)`{import}"));
        }
        self.meant(diagnostic, span, name, names(), |diagnostic| {
            diagnostic.hint(match name.rsplit_once('.') {
                Some((_, last)) if super::builtin::is_builtin(last) => {
                    format!("`{last}` belongs to the language: `{last}(…)`")
                }
                Some((module, last)) if library::module_with(last) == Some(module) => {
                    format!("add `import {module}` at the top of the file")
                }
                Some(_) => "the functions with a dot are `io.read` and `io.write`".to_owned(),
                None => format!("declare it: `fn {name}(…) {{ … }}`"),
            })
        })
    }

    /// How a value of a struct is written.
    pub(super) fn struct_form(&self, name: &str) -> Option<String> {
        const SHOWN: usize = 4;
        let TypeRef::Stencil(index) = self.structs.get(name)?.type_ref? else { return None };
        let Some(Stencil::Struct { fields, .. }) = self.stencils.get(index) else { return None };
        let mut parts: Vec<String> = fields.iter().take(SHOWN).map(|field| format!("{} = …", field.name)).collect();
        if fields.len() > SHOWN {
            parts.push("…".to_owned());
        }
        Some(format!("{name} {{ {} }}", parts.join(", ")))
    }

    /// For an operation that these operands do not have.
    pub(super) fn hint_for_operation(&self, operator: Binary, left: &Expression, right: &Expression) -> Option<String> {
        let words = match (left.type_, right.type_) {
            (Type::String, _) | (_, Type::String) if operator == Binary::Add => {
                return Some(self.hint_for_joined(left, right));
            }
            (Type::String, _) | (_, Type::String) if operator == Binary::Mul => {
                "strings cannot be repeated; print or append in a loop"
            }
            (Type::Scalar(Tag::Char), Type::String) if is_comparison(operator) => {
                return self.hint_for_quotes(right, left);
            }
            (bytes, Type::String) if is_equality(operator) && self.are_bytes(bytes) => {
                return Some(self.compared_bytes(operator, left, right));
            }
            (Type::String, bytes) if is_equality(operator) && self.are_bytes(bytes) => {
                return Some(self.compared_bytes(operator, right, left));
            }
            (Type::String, Type::Scalar(Tag::Char)) if is_comparison(operator) => {
                return self.hint_for_quotes(left, right);
            }
            (Type::Scalar(Tag::Bool), Type::Scalar(Tag::Bool)) => {
                return of_bools(operator).map(|sign| format!("use `{sign}`"));
            }
            (Type::Scalar(Tag::Byte), Type::Scalar(Tag::Char) | Type::String) => {
                return Some(self.as_byte(left, right));
            }
            (Type::Scalar(Tag::Char) | Type::String, Type::Scalar(Tag::Byte)) => {
                return Some(self.as_byte(right, left));
            }
            (Type::Scalar(Tag::Char), _) | (_, Type::Scalar(Tag::Char)) => {
                "chars only compare; convert with `int(…)` and `char(…)`"
            }
            (Type::Stencil(a), b) if operator == Binary::Mul && is_numeric(b) && is_listed_alone(left) => {
                let (element, length) = (self.stencils.array(a)?.0, self.written(right.span));
                let element = self.show(type_from(element));
                return Some(format!(
                    "an array is declared with its length, and holds zeroes: `a: {element}[{length}]`"
                ));
            }
            (Type::Stencil(a), b) | (b, Type::Stencil(a)) if self.stencils.array(a).is_some() && is_numeric(b) => {
                "compute with the elements, in a loop: `a[i]`"
            }
            (Type::Union(held), _) => return Some(self.ask_union(left, held.tags().find(|tag| is_number(*tag)))),
            (_, Type::Union(held)) => return Some(self.ask_union(right, held.tags().find(|tag| is_number(*tag)))),
            (a, b) if operator == Binary::Rem && is_numeric(a) && is_numeric(b) => {
                "`%` takes integers; of decimals the rest is `a - b * decimal(long(a / b))`"
            }
            (a, b) if wants_integers(operator) && is_numeric(a) && is_numeric(b) => {
                return self.hint_for_integers(operator, left, right);
            }
            _ => return self.hint_for_numbers(left, right),
        };
        Some(words.to_owned())
    }

    /// How it is asked which of its types a union holds, such as this one.
    pub(super) fn ask_union(&self, union: &Expression, tag: Option<Tag>) -> String {
        let (written, name) = (self.written(union.span), tag.unwrap_or(Tag::Int).name());
        format!(
            "ask what it holds: `if {written} is {name} {{ … }}`, or for each of its types `match {written} {{ … }}`"
        )
    }

    /// For numbers of which one at least is no integer, where integers are wanted.
    fn hint_for_integers(&self, operator: Binary, left: &Expression, right: &Expression) -> Option<String> {
        let tag = |operand: &Expression| match operand.type_ {
            Type::Scalar(tag) if is_integer(tag) => Some(tag),
            _ => None,
        };
        // A literal has taken the type of the other.
        let is_literal = |operand: &Expression| self.written(operand.span).bytes().all(|digit| digit.is_ascii_digit());
        let is_whole = |operand: &Expression| tag(operand).is_some() || is_literal(operand);
        // A count of bits has a type of its own.
        let common = if is_shift(operator) { None } else { tag(left).or(tag(right)) };
        let name = common.unwrap_or(Tag::Int).name();
        let operands = [left, right].into_iter().filter(|operand| !is_whole(operand));
        let converted: Vec<String> =
            operands.map(|operand| format!("`{name}({})`", self.written(operand.span))).collect();
        let (sign, converted) = (operator.spelling(), converted.join(" and "));
        (!converted.is_empty()).then(|| format!("`{sign}` takes integers: {converted}, cut towards zero"))
    }

    /// For two numbers that have no common type.
    pub(super) fn hint_for_numbers(&self, left: &Expression, right: &Expression) -> Option<String> {
        match (left.type_, right.type_) {
            (Type::Scalar(a), Type::Scalar(b)) if is_number(a) && is_number(b) && a != b => {
                let left_is_wider = matches!(a, Tag::Float | Tag::Decimal) || a.size() > b.size();
                let (wider, other) = if left_is_wider { (a, right) } else { (b, left) };
                Some(format!("convert one of them: `{}({})`", wider.name(), self.written(other.span)))
            }
            _ => None,
        }
    }

    /// For a value of another type than is wanted.
    pub(super) fn hint_for_value(&self, expression: &Expression, wanted: Type) -> Option<String> {
        let written = self.written(expression.span);
        let target = self.show(wanted);
        Some(match (expression.type_, wanted) {
            (Type::Scalar(from), Type::Scalar(to)) if is_number(from) && is_number(to) => {
                format!("convert it: `{target}({written})`")
            }
            (Type::AnyInteger, Type::Scalar(Tag::Bool)) => match expression.kind {
                Kind::Integer(Wide::ZERO) => "write `false`".to_owned(),
                Kind::Integer(Wide::ONE) => "write `true`".to_owned(),
                _ => format!("compare it: `{written} != 0`"),
            },
            (from, Type::Scalar(Tag::Bool)) if is_numeric(from) => format!("compare it: `{written} != 0`"),
            (Type::Scalar(Tag::Char), Type::Scalar(Tag::Byte)) if let Some(written) = beyond_ascii(expression) => {
                format!("a byte is one of the bytes of a text, and `{written}` has several; its number is `int({written})`")
            }
            (Type::Scalar(Tag::Char), Type::Scalar(to)) if is_number(to) => {
                format!("convert it: `{target}({written})`")
            }
            (Type::Scalar(from), Type::Scalar(Tag::Char)) if is_number(from) => format!("convert it: `char({written})`"),
            (Type::AnyDecimal, Type::Scalar(to))
                if let Kind::Decimal(value, _) = expression.kind
                    && value.fract() == 0.0
                    && integer_cell(value as i128, to).is_some() =>
            {
                format!("write `{value}`")
            }
            (Type::AnyDecimal, Type::Scalar(to)) if is_integer(to) => {
                format!("convert it: `{target}({written})` cuts it towards zero")
            }
            (Type::AnyInteger, Type::Scalar(tag)) if let Some(own) = computed_elsewhere(expression, tag) => match own {
                Tag::Int => format!("convert it: `{target}({written})`"),
                _ => format!("declare it as `{}`, and convert that: `{target}({written})`", own.name()),
            },
            (Type::AnyInteger, Type::Scalar(tag)) => match tag {
                Tag::Byte => "a byte holds 0 to 255".to_owned(),
                Tag::Short => "a short holds -32768 to 32767".to_owned(),
                Tag::Int => "an int holds -2147483648 to 2147483647; a long holds more".to_owned(),
                _ => format!("convert it: `{target}({written})`"),
            },
            (Type::Union(_), Type::Scalar(tag)) => self.ask_union(expression, Some(tag)),
            (Type::String, Type::Scalar(Tag::Char)) => return quotes(expression),
            (Type::Scalar(Tag::Char), _) if self.is_text(wanted) => {
                // As long as any one character, where no length is wanted.
                let bounded = if wanted == Type::String { "string<4>" } else { target.as_str() };
                self.double_quotes(expression).unwrap_or_else(|| {
                    format!("a text begins empty, `t: {bounded} = \"\"`, and takes a character by `append(t, {written})`")
                })
            }
            (from, Type::Stencil(_)) if self.text_capacity(wanted).is_some() && is_numeric(from) => {
                let target = self.assigned_before(expression.span).unwrap_or("t");
                let name = target.split(':').next().unwrap_or_default().trim_end();
                format!("it is written behind a text, which begins empty: `{target} = \"\"; append({name}, {written})`")
            }
            (from, Type::Scalar(Tag::Bool)) if self.is_text(from) && !matches!(expression.kind, Kind::Text(_)) => format!("ask whether it is empty: `len({written}) > 0`"),
            (Type::String, Type::View(_) | Type::Stencil(_)) if self.are_bytes(wanted) => {
                "text is no bytes: `print` writes it, and `text.put(bytes, 0, …)` of the library copies it into bytes"
                    .to_owned()
            }
            (Type::Stencil(type_ref), Type::View(element)) if type_ref == element => {
                return self.hint_for_one(expression, wanted);
            }
            (Type::Stencil(type_ref), Type::View(element))
                if self.stencils.array(type_ref).is_some_and(|(found, _)| found == element) =>
            {
                "put the array into a variable first".to_owned()
            }
            (from, _) if self.is_text(wanted) && self.are_bytes(from) => {
                self.hint_for_bytes(written)
            }
            (found, _) if self.lists_too_few(expression, found, wanted) => {
                "a literal lists every element: declare the array without a value, as zeroes, and assign those that differ"
                    .to_owned()
            }
            (from, Type::Stencil(type_ref)) if self.stencils.array(type_ref).is_some() && is_numeric(from) => {
                format!("assign one element, `a[0] = {written}`, or all in a loop")
            }
            _ => return None,
        })
    }

    /// Whether a name is that of a variable that is an array.
    fn is_array(&self, name: &str) -> bool {
        let Some(Ok(Meaning::Variable(id))) = self.scopes.find_unread(name) else { return false };
        match self.scopes.variable(*id).map(|variable| variable.type_) {
            Some(Type::Stencil(type_ref)) => self.stencils.array(type_ref).is_some(),
            _ => false,
        }
    }

    /// Whether a type is that of text, bounded or not.
    pub(super) fn is_text(&self, type_: Type) -> bool {
        type_ == Type::String || self.text_capacity(type_).is_some()
    }

    /// Whether a type is an array or a view of bytes.
    pub(super) fn are_bytes(&self, type_: Type) -> bool {
        self.element_type(type_) == Some(TypeRef::Scalar(Tag::Byte))
    }

    /// Whether this is a literal of an array that has fewer elements than are wanted.
    fn lists_too_few(&self, expression: &Expression, found: Type, wanted: Type) -> bool {
        let array = |type_| match type_ {
            Type::Stencil(type_ref) => self.stencils.array(type_ref),
            _ => None,
        };
        match (array(found), array(wanted)) {
            (Some((found, listed)), Some((element, length))) => {
                matches!(expression.kind, Kind::Literal(_)) && found == element && listed < length
            }
            _ => false,
        }
    }
}

/// Whether this is a literal of one part, as others repeat it.
fn is_listed_alone(expression: &Expression) -> bool {
    matches!(&expression.kind, Kind::Literal(parts) if parts.len() == 1)
}
