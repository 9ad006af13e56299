//! Constants: their declarations, and the expressions that must have a value when they are compiled.

use super::Checker;
use super::convert::{Reason, failed, is_integer};
use super::fold::{Unfit, fold, fold_as, has_no_such_value};
use super::scope::Meaning;
use crate::ast::{self, ExpressionKind, Literal, Span};
use crate::checked::{Expression, Kind, Type};
use crate::interface::Value;
use std::rc::Rc;
use vega_format::stencil::StencilTable;
use vega_format::types::Tag;

impl<'a> Checker<'a> {
    /// The structs of the top level, each with those that it is made of before it, and the constants, which see those
    /// above them.
    pub(super) fn declare_structs_and_constants(&mut self, file: &'a ast::File) {
        // Functions are declared later, for their types need these; but their names are no strange ones.
        self.by_name.extend(file.functions.iter().map(|function| (function.name.text.clone(), Vec::new())));
        self.constants_below.extend(file.constants.iter().map(|below| (below.name.text.as_str(), below.name.span)));
        let mut constants = file.constants.iter().peekable();
        for declaration in &file.structs {
            self.pending.entry(&declaration.name.text).or_insert(declaration);
        }
        for declaration in &file.structs {
            while let Some(constant) =
                constants.next_if(|constant| constant.name.span.start() < declaration.span.start())
            {
                self.declare_constant(constant);
            }
            let known = self.structs.get(&declaration.name.text);
            if known.is_none_or(|known| known.span != declaration.name.span) {
                self.declare_struct(declaration);
            }
        }
        constants.for_each(|constant| self.declare_constant(constant));
    }

    /// `const SIZE = 64`, known from here on. Without a type it is what its expression would be where it is named.
    pub(super) fn declare_constant(&mut self, declaration: &ast::Constant) {
        let name = &declaration.name;
        self.warn_of_slashes_behind(declaration.value.span);
        if let Some(Meaning::Cell { span, .. } | Meaning::Stands { span, .. }) = self.scopes.find_here(&name.text) {
            let first = span;
            let diagnostic = self
                .error("E0304", name.span, format!("`{}` is declared already", name.text), "declared again here")
                .also(self.source, *first, "first declared here")
                .hint("give one of them another name");
            self.complain(diagnostic);
        }
        let value = self.constant_value(declaration);
        self.constants_below.remove(name.text.as_str());
        self.scopes.declare_standing(&name.text, value, "constant", name.span);
    }

    fn constant_value(&mut self, declaration: &ast::Constant) -> Expression {
        let span = declaration.value.span;
        let wanted = declaration.declared.as_ref().map(|declared| (self.type_of(declared), declared.span));
        if let Some((type_, declared)) = &wanted
            && !matches!(type_, Type::Scalar(_) | Type::String | Type::Error)
        {
            let title = format!("a constant is `{}`", self.show(*type_));
            let diagnostic = self.error("E0520", *declared, title, "constants are scalars and strings");
            self.complain(diagnostic.hint("declare it in a `static` block, which the functions of the file see"));
            return failed(span);
        }
        let whole = match declaration.value.kind {
            ExpressionKind::Array(_) => Some("an array"),
            ExpressionKind::Tuple(_) => Some("a tuple"),
            ExpressionKind::StructLiteral(..) => Some("a struct"),
            _ => None,
        };
        if let Some(whole) = whole {
            let diagnostic =
                self.error("E0520", span, format!("a constant is {whole}"), "constants are scalars and strings");
            let (name, value) = (&declaration.name.text, self.written(span));
            let type_ = texts(&declaration.value).map(|type_| format!(": {type_}")).unwrap_or_default();
            self.complain(diagnostic.hint(format!(
                "declare it in a `static` block, which the functions of the file see: `static 64 {{ {name}{type_} = {value} }}`"
            )));
            return failed(span);
        }
        let mut value = self.folded(&declaration.value);
        if let Some((type_, declared)) = wanted {
            let name = &declaration.name.text;
            let words = |wanted: &str| format!("`{name}` is declared `{wanted}`");
            let reason = Reason::at(&words, declared);
            value = self.coerce(value, type_, &reason);
        }
        match fold(&value) {
            Ok(kind) => Expression { kind, ..value },
            Err((place, why)) => {
                self.no_constant(place, why);
                failed(span)
            }
        }
    }

    /// The value of a constant of the file as its interface has it; `None` if it was complained about.
    pub(super) fn constant_for_importers(&self, name: &str) -> Option<Value> {
        let Meaning::Stands { expression, .. } = self.scopes.find_in_file(name)? else { return None };
        Some(match &expression.kind {
            Kind::Integer(value) => Value::Whole(i64::try_from(value.get()).ok()?),
            Kind::Decimal(decimal, single) => Value::Number(*decimal, *single),
            Kind::Adapting(each) => Value::Adapting(**each),
            Kind::Constant(tag, cell) => Value::Scalar(*tag, *cell),
            Kind::Text(text) => Value::Text(text.as_ref().to_owned()),
            _ => return None,
        })
    }

    /// The value of a constant expression that is a size in bytes or elements, from 0 to 2^31 - 1.
    pub(super) fn constant_size(&mut self, expression: &ast::Expression, what: &str) -> Option<u32> {
        let value = self.constant(expression, what)?;
        let limit = i128::from(StencilTable::MOST_BYTES);
        if value < 0 {
            let title = format!("{what} is {value}");
            let diagnostic = self.error("E0501", expression.span, title, "a size cannot be negative");
            self.complain(diagnostic);
            return None;
        }
        if value > limit {
            let title = format!("{what} is {value}; the limit is {limit}");
            self.complain(self.error("L0106", expression.span, title, "too large"));
            return None;
        }
        Some(value as u32)
    }

    /// The value of a constant expression from 1 to 2^31 - 1.
    pub(super) fn positive(&mut self, expression: &ast::Expression, what: &str) -> Option<u32> {
        let value = self.constant_size(expression, what)?;
        if value == 0 {
            let diagnostic = self.error("E0501", expression.span, format!("{what} is 0"), "it must be at least 1");
            self.complain(diagnostic);
            return None;
        }
        Some(value)
    }

    /// The value of a constant expression of whole numbers: without a context, of an int.
    fn constant(&mut self, expression: &ast::Expression, what: &str) -> Option<i128> {
        let checked = self.folded(expression);
        let known = match (fold_as(&checked, Tag::Int), fold(&checked)) {
            (Ok(cell), Ok(_)) if checked.type_ == Type::AnyInteger => Ok(Kind::Constant(Tag::Int, cell)),
            (Err(why), Ok(Kind::Adapting(each))) => match each.whole() {
                // What is no int is told as large as it is.
                Some(far) if i32::try_from(far).is_err() => Ok(Kind::Integer(i128::from(far).into())),
                _ => Err(why),
            },
            (_, known) => known,
        };
        match (known, checked.type_) {
            (Ok(Kind::Integer(value)), _) => Some(value.get()),
            (Ok(Kind::Constant(Tag::Byte, cell)), _) => Some(cell.into()),
            (Ok(Kind::Constant(tag, cell)), _) if is_integer(tag) => Some(cell.cast_signed().into()),
            (Ok(_), type_) => {
                let title = format!("{what} is `{}`", self.show(type_));
                self.complain(self.error("E0401", expression.span, title, "a whole number is wanted here"));
                None
            }
            (Err((place, why)), _) => {
                self.no_constant(place, why);
                None
            }
        }
    }

    /// An expression that is computed now and not when the program runs, so that nothing in it traps.
    fn folded(&mut self, expression: &ast::Expression) -> Expression {
        let before = std::mem::replace(&mut self.folding, true);
        let checked = self.uncomputed(expression);
        self.folding = before;
        checked
    }

    /// What is no constant, in words.
    fn known_later(&self, span: Span) -> String {
        let written = self.written(span);
        match self.scopes.find(written) {
            Some(Ok(Meaning::Cell { what, .. } | Meaning::Stands { what, .. })) => {
                format!("`{written}` is a {what}, known only when it runs")
            }
            Some(_) => format!("`{written}` is a variable, known only when it runs"),
            None => format!("`{written}` is known only when it runs"),
        }
    }

    pub(super) fn no_constant(&mut self, span: Span, why: Unfit) {
        let title = match why {
            Unfit::Reported => return,
            Unfit::Runs => self.known_later(span),
            Unfit::Overflows(_) => "this constant expression overflows".to_owned(),
            Unfit::DividesByZero => "this constant expression divides by zero".to_owned(),
        };
        let label = match why {
            Unfit::Overflows(tag) => has_no_such_value(tag),
            Unfit::DividesByZero => "no number is the result".to_owned(),
            _ => "this must be known when it is compiled".to_owned(),
        };
        let diagnostic = self.error("E0502", span, title, label);
        let written = self.written(span);
        let is_variable = matches!(self.scopes.find(written), Some(Ok(Meaning::Variable(_))));
        if is_variable && self.scopes.arenas() == 0 {
            // That it stands outside of every arena was told, with what to write instead.
            return;
        }
        self.complain(match why {
            Unfit::Runs if let Some(name) = self.constant_of_function(span) => {
                diagnostic.hint(format!("leave `const` away, what is computed here is a variable: `{name} = …`"))
            }
            Unfit::Runs if is_variable => {
                diagnostic.hint(format!("what is known before stands in a constant: `const {written} = …`"))
            }
            Unfit::Runs => diagnostic.hint("use literals, constants, `size_of` and operators"),
            _ => diagnostic,
        });
    }

    /// The name of the constant in whose value a place is, if a function declares it, as elsewhere one does what is assigned
    /// only once.
    fn constant_of_function(&self, span: Span) -> Option<&str> {
        let (_, declared) = self.line_at(span.start()).0.rsplit_once("const ").filter(|_| self.scopes.depth() > 1)?;
        Some(declared.split_once('=')?.0.trim())
    }
}

/// The type of an array of texts, which have none of their own in an arena.
fn texts(value: &ast::Expression) -> Option<String> {
    let ExpressionKind::Array(elements) = &value.kind else { return None };
    let length = |element: &ast::Expression| match &element.kind {
        ExpressionKind::Literal(Literal::String(text)) => Some(text.len()),
        _ => None,
    };
    let longest = elements.iter().map(length).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    Some(format!("string<{}>[{}]", longest.max(1), elements.len()))
}

/// The constant of another module, named here.
pub(super) fn from_elsewhere(value: &Value, span: Span) -> Expression {
    let (kind, type_) = match value {
        Value::Whole(value) => (Kind::Integer(i128::from(*value).into()), Type::AnyInteger),
        Value::Number(decimal, single) => (Kind::Decimal(*decimal, *single), Type::AnyDecimal),
        Value::Adapting(each) => {
            let type_ = if each.whole().is_some() { Type::AnyInteger } else { Type::AnyDecimal };
            (Kind::Adapting(Rc::new(*each)), type_)
        }
        Value::Scalar(tag, cell) => (Kind::Constant(*tag, *cell), Type::Scalar(*tag)),
        Value::Text(text) => (Kind::Text(text.as_str().into()), Type::String),
    };
    Expression { kind, type_, span }
}
