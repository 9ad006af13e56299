//! What people write who know another language, or mean something near: the next thing to try.

use super::Checker;
use super::convert::{is_integer, is_number, is_numeric};
use crate::ast::{Binary, Span};
use crate::checked::{Expression, Kind, Type, Wide};
use crate::library;
use ecow::EcoString;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;
use vega_report::Diagnostic;

/// Words that are values elsewhere.
const NOTHING: &[&str] = &["null", "NULL", "nullptr", "None", "undefined"];

/// Functions as they are called elsewhere, and what does the same here.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["range"], "a loop counts over a range: `for i in 0..10 { … }`"),
    (&["length", "size", "count", "strlen"], "the number of elements, or of bytes of a string, is `len(…)`"),
    (
        &["str", "string", "to_string", "toString", "format", "concat", "sprintf"],
        "text is put together in bounded text: `t: string<32>`, and `append(t, …)`",
    ),
    (&["exit"], "the program ends with `main`: `return` from it; an int that it gives is the status"),
];

impl Checker<'_> {
    /// Complains of an expression that gives no value where one is wanted.
    pub(super) fn no_value(&mut self, expression: &Expression) {
        let called = match expression.kind {
            Kind::Call(index, _) => self.functions.get(index),
            _ => None,
        };
        let diagnostic = match called {
            Some(function) => {
                let name = &function.signature.name;
                let parameters = if function.parameters.is_empty() { "" } else { "…" };
                self.error("E0403", expression.span, format!("`{name}` gives no value"), "a value is wanted here")
                    .also(self.source, function.head, "it has no result")
                    .hint(format!("declare one: `fn {name}({parameters}) -> int`"))
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
        if name == "True" || name == "TRUE" || name == "False" || name == "FALSE" {
            let meant = name.to_lowercase();
            return diagnostic.hint(format!("did you mean `{meant}`?")).edit(self.source, span, meant);
        }
        if NOTHING.contains(&name) {
            return diagnostic.hint("there is no null: a variable begins with its first value");
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
        let names = self.scopes.names().chain(self.statics.keys().map(EcoString::as_str));
        self.meant(diagnostic, span, name, names, |diagnostic| {
            diagnostic.hint(match self.by_name.contains_key(name) {
                true => format!("`{name}` is a function: call it as `{name}(…)`"),
                false => format!("assign it first: `{name} = …` inside an `alloc` block"),
            })
        })
    }

    /// For a function that there is not.
    pub(super) fn with_hint_for_function(&self, diagnostic: Diagnostic, name: &str, span: Span) -> Diagnostic {
        if let Some(form) = self.struct_form(name) {
            return diagnostic.hint(format!("`{name}` is a struct: `{form}`"));
        }
        let names = || self.by_name.keys().map(EcoString::as_str).chain(super::builtin::names());
        if let Some((object, method)) = name.rsplit_once('.') {
            let variable = object.split('.').next().unwrap_or_default();
            if matches!(self.scopes.find(variable), Some(Ok(_))) {
                let function = names().find(|known| *known == method).unwrap_or("f");
                return diagnostic.hint(format!(
                    "there are no methods: functions are called by their names, `{function}({object})`"
                ));
            }
        }
        if let Some(Ok(_)) = self.scopes.find(name) {
            return diagnostic.hint(format!("`{name}` is no function: only functions are called"));
        }
        if let Some((_, hint)) = ELSEWHERE.iter().find(|(names, _)| names.contains(&name)) {
            return diagnostic.hint(*hint);
        }
        if let Some(module) = library::module_with(name) {
            let import =
                if self.modules.contains_key(module) { "" } else { &format!(", with `import {module}` at the top") };
            return diagnostic.hint(format!("it belongs to the library: `{module}.{name}(…)`{import}"));
        }
        self.meant(diagnostic, span, name, names(), |diagnostic| {
            diagnostic.hint(match name.contains('.') {
                true => "the functions with a dot are `io.read` and `io.write`".to_owned(),
                false => format!("declare it: `fn {name}(…) {{ … }}`"),
            })
        })
    }

    /// How a value of a struct is written.
    fn struct_form(&self, name: &str) -> Option<String> {
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
                "strings cannot be joined; print one after the other: `print(a); print(b)`"
            }
            (Type::String, _) | (_, Type::String) if operator == Binary::Mul => {
                "strings cannot be repeated; print or append in a loop"
            }
            (Type::Scalar(Tag::Char), Type::String) => return quotes(right),
            (Type::String, Type::Scalar(Tag::Char)) => return quotes(left),
            (Type::Scalar(Tag::Bool), Type::Scalar(Tag::Bool)) => match operator {
                Binary::BitAnd => "use `&&`",
                Binary::BitOr => "use `||`",
                Binary::BitXor => "use `!=`",
                _ => return None,
            },
            (Type::Scalar(Tag::Byte), Type::Scalar(Tag::Char)) | (Type::Scalar(Tag::Char), Type::Scalar(Tag::Byte)) => {
                "a byte is a number; compare it with that of the character: `byte('a')`"
            }
            (Type::Scalar(Tag::Char), _) | (_, Type::Scalar(Tag::Char)) => {
                "chars only compare; convert with `int(…)` and `char(…)`"
            }
            (Type::Stencil(a), b) | (b, Type::Stencil(a)) if self.stencils.array(a).is_some() && is_numeric(b) => {
                "compute with the elements, in a loop: `a[i]`"
            }
            (Type::Union(_), _) | (_, Type::Union(_)) => {
                "which of its types a union holds is known when it runs; keep numbers to compute with in variables of \
                 one type"
            }
            (a, b) if operator == Binary::Rem && is_numeric(a) && is_numeric(b) => {
                "`%` takes integers; of decimals the rest is `a - b * decimal(long(a / b))`"
            }
            _ => return self.hint_for_numbers(left, right),
        };
        Some(words.to_owned())
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
            (Type::Scalar(Tag::Char), Type::Scalar(to)) if is_number(to) => {
                format!("convert it: `{target}({written})`")
            }
            (Type::AnyDecimal, Type::Scalar(to)) if is_integer(to) => {
                format!("convert it: `{target}({written})` cuts it towards zero")
            }
            (Type::AnyInteger, Type::Scalar(tag)) => match tag {
                Tag::Byte => "a byte holds 0 to 255".to_owned(),
                Tag::Short => "a short holds -32768 to 32767".to_owned(),
                Tag::Int => "an int holds -2147483648 to 2147483647; a long holds more".to_owned(),
                _ => format!("convert it: `{target}({written})`"),
            },
            (Type::Union(_), Type::Scalar(_)) => {
                "a union is printed or stored in another union; which of its types it holds is known when it runs"
                    .to_owned()
            }
            (Type::String, Type::Scalar(Tag::Char)) => return quotes(expression),
            (Type::String, Type::View(_)) => "text is written by `print`".to_owned(),
            (Type::Stencil(type_ref), Type::View(element))
                if self.stencils.array(type_ref).is_some_and(|(found, _)| found == element) =>
            {
                "put the array into a variable first".to_owned()
            }
            (from, Type::Stencil(type_ref)) if self.stencils.array(type_ref).is_some() && is_numeric(from) => {
                format!("assign one element, `a[0] = {written}`, or all in a loop")
            }
            _ => return None,
        })
    }
}

/// For a text of one character where a character is meant.
fn quotes(expression: &Expression) -> Option<String> {
    let Kind::Text(text) = &expression.kind else { return None };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if !character.is_control() && character != '\'' => {
            Some(format!("a character stands between single quotes: `'{character}'`"))
        }
        _ => None,
    }
}
