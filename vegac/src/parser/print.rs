//! The tree as text: `vegac --emit ast`. A statement a line, what belongs to it in parentheses after it.

use crate::ast::{
    Block, Constant, Expression, ExpressionKind, Extern, File, Function, Import, IntegerSuffix, Literal, Name, Promise,
    Statement, StatementKind, Strategy, Struct, TypeKind, TypeName, Unary,
};

/// The tree of a file. Stable: tests compare it.
pub fn print(file: &File) -> String {
    let mut printer = Printer::default();
    for import in &file.imports {
        printer.line(|printer| printer.list("import ", |printer| printer.import(import)));
    }
    for function in &file.externs {
        printer.line(|printer| printer.extern_function(function));
    }
    for structure in &file.structs {
        printer.line(|printer| printer.structure(structure));
    }
    for block in &file.statics {
        printer.line(|printer| {
            printer.list("static", |printer| {
                printer.operand(&block.size);
                printer.block(&block.block);
            });
        });
    }
    for constant in &file.constants {
        printer.line(|printer| printer.constant(constant));
    }
    for function in &file.functions {
        printer.line(|printer| printer.function(function));
    }
    for statement in &file.statements {
        printer.line(|printer| printer.statement(statement));
    }
    printer.text
}

#[derive(Default)]
struct Printer {
    text: String,
    depth: usize,
}

impl Printer {
    /// Prints something on a line of its own, indented as deep as it stands.
    fn line(&mut self, content: impl FnOnce(&mut Self)) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
        content(self);
        self.text.push('\n');
    }

    fn word(&mut self, word: &str) {
        self.text.push_str(word);
    }

    /// `(head …)`.
    fn list(&mut self, head: &str, content: impl FnOnce(&mut Self)) {
        self.word("(");
        self.word(head);
        content(self);
        self.word(")");
    }

    fn structure(&mut self, structure: &Struct) {
        self.list(if structure.public { "pub struct " } else { "struct " }, |printer| {
            printer.word(&structure.name.text);
            printer.names_and_types(&structure.fields);
        });
    }

    fn constant(&mut self, constant: &Constant) {
        self.list(if constant.public { "pub const " } else { "const " }, |printer| {
            printer.word(&constant.name.text);
            if let Some(declared) = &constant.declared {
                printer.word(" : ");
                printer.type_name(declared);
            }
            printer.operand(&constant.value);
        });
    }

    /// The name before a loop.
    fn label(&mut self, label: &Option<Name>) {
        if let Some(label) = label {
            self.word(&label.text);
            self.word(": ");
        }
    }

    /// `(break)`, `(break outer)`.
    fn leave(&mut self, word: &str, label: &Option<Name>) {
        self.list(word, |printer| {
            if let Some(label) = label {
                printer.word(" ");
                printer.word(&label.text);
            }
        });
    }

    fn function(&mut self, function: &Function) {
        self.list(if function.public { "pub fn " } else { "fn " }, |printer| {
            printer.head(&function.name, &function.parameters, function.result.as_ref());
            if let Some(limit) = &function.limit {
                printer.word(" limit ");
                printer.expression(limit);
            }
            printer.block(&function.body);
        });
    }

    fn import(&mut self, import: &Import) {
        self.word(&import.module.text);
        if let Some(Promise { function, parameters, bytes }) = &import.promise {
            self.word(&format!(".{} (parameters", function.text));
            for type_name in parameters {
                self.word(" ");
                self.type_name(type_name);
            }
            self.word(") <= ");
            self.expression(bytes);
        }
    }

    fn extern_function(&mut self, function: &Extern) {
        self.list("extern fn ", |printer| {
            printer.head(&function.name, &function.parameters, function.result.as_ref());
            if let Some(cost) = &function.cost {
                printer.word(" cost ");
                printer.expression(cost);
            }
        });
    }

    fn head(&mut self, name: &Name, parameters: &[(Name, TypeName)], result: Option<&TypeName>) {
        self.word(&name.text);
        self.word(" (parameters");
        self.names_and_types(parameters);
        self.word(")");
        if let Some(result) = result {
            self.word(" -> ");
            self.type_name(result);
        }
    }

    fn names_and_types(&mut self, pairs: &[(Name, TypeName)]) {
        for (name, type_name) in pairs {
            self.word(" (");
            self.word(&name.text);
            self.word(": ");
            self.type_name(type_name);
            self.word(")");
        }
    }

    fn type_name(&mut self, type_name: &TypeName) {
        match &type_name.kind {
            TypeKind::Named(name) => self.word(name),
            TypeKind::Array(element, length) => {
                self.type_name(element);
                self.word("[");
                self.expression(length);
                self.word("]");
            }
            TypeKind::View(element) => {
                self.word("[]");
                self.type_name(element);
            }
            TypeKind::Text(bytes) => {
                self.word("string<");
                self.expression(bytes);
                self.word(">");
            }
            TypeKind::Tuple(members) => self.list("", |printer| printer.types(members, ", ")),
            TypeKind::Union(members) => self.types(members, "|"),
        }
    }

    fn types(&mut self, types: &[TypeName], separator: &str) {
        for (at, type_name) in types.iter().enumerate() {
            if at > 0 {
                self.word(separator);
            }
            self.type_name(type_name);
        }
    }

    /// The statements of a block, each on its line, one level deeper.
    fn block(&mut self, block: &Block) {
        self.word(" {");
        if !block.statements.is_empty() {
            self.word("\n");
            self.depth += 1;
            for statement in &block.statements {
                self.line(|printer| printer.statement(statement));
            }
            self.depth -= 1;
            for _ in 0..self.depth {
                self.word("  ");
            }
        }
        self.word("}");
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Assign { place, declared, value } => self.list("=", |printer| {
                printer.operand(place);
                if let Some(declared) = declared {
                    printer.word(" : ");
                    printer.type_name(declared);
                }
                if let Some(value) = value {
                    printer.operand(value);
                }
            }),
            StatementKind::AssignSeveral { places, value } => self.list("=", |printer| {
                printer.word(" ");
                printer.list("places", |printer| places.iter().for_each(|place| printer.operand(place)));
                printer.operand(value);
            }),
            StatementKind::Compound { place, operator, value, .. } => self.list(operator.spelling(), |printer| {
                printer.word("=");
                printer.operand(place);
                printer.operand(value);
            }),
            StatementKind::Alias { name, target, offset } => self.list("alias ", |printer| {
                printer.word(&name.text);
                printer.word(" ");
                printer.type_name(target);
                printer.operand(offset);
            }),
            StatementKind::Free(name) => self.list("free ", |printer| printer.word(&name.text)),
            StatementKind::If { arms, otherwise } => self.list("if", |printer| {
                for (condition, block) in arms {
                    printer.operand(condition);
                    printer.block(block);
                }
                if let Some(otherwise) = otherwise {
                    printer.word(" else");
                    printer.block(otherwise);
                }
            }),
            StatementKind::Match { value, arms } => self.list("match", |printer| {
                printer.operand(value);
                for arm in arms {
                    printer.word(" ");
                    match &arm.pattern {
                        Some(pattern) => printer.type_name(pattern),
                        None => printer.word("_"),
                    }
                    if let Some(binding) = &arm.binding {
                        printer.word(" ");
                        printer.word(&binding.text);
                    }
                    printer.block(&arm.body);
                }
            }),
            StatementKind::While { label, condition, body } => {
                self.label(label);
                self.list("while", |printer| {
                    printer.operand(condition);
                    printer.block(body);
                });
            }
            StatementKind::For { label, variable, start, end, body } => {
                self.label(label);
                self.list("for ", |printer| {
                    printer.word(&variable.text);
                    printer.operand(start);
                    printer.operand(end);
                    printer.block(body);
                });
            }
            StatementKind::Each { label, variable, whole, body } => {
                self.label(label);
                self.list("for ", |printer| {
                    printer.word(&variable.text);
                    printer.operand(whole);
                    printer.block(body);
                });
            }
            StatementKind::Break(label) => self.leave("break", label),
            StatementKind::Continue(label) => self.leave("continue", label),
            StatementKind::Constant(constant) => self.constant(constant),
            StatementKind::Return(value) => self.list("return", |printer| printer.operands(value)),
            StatementKind::Struct(structure) => self.structure(structure),
            StatementKind::Expression(expression) => self.expression(expression),
            StatementKind::Lost(_) => self.word("(lost)"),
        }
    }

    /// A space and an expression.
    fn operand(&mut self, expression: &Expression) {
        self.word(" ");
        self.expression(expression);
    }

    fn operands<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expression>) {
        for expression in expressions {
            self.operand(expression);
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Literal(literal) => self.literal(literal),
            ExpressionKind::Name(name) => self.word(name),
            ExpressionKind::Field(whole, field) => self.list("field", |printer| {
                printer.operand(whole);
                printer.word(" ");
                printer.word(&field.text);
            }),
            ExpressionKind::Index(whole, index) => self.list("index", |printer| printer.operands([&**whole, &**index])),
            ExpressionKind::Slice(whole, start, end) => self.list("slice", |printer| {
                printer.operand(whole);
                printer.optional(start.as_deref());
                printer.optional(end.as_deref());
            }),
            ExpressionKind::Call(called, arguments) => self.list("call ", |printer| {
                printer.word(&called.text);
                printer.operands(arguments);
            }),
            ExpressionKind::StructLiteral(name, fields) => self.list("struct ", |printer| {
                printer.word(&name.text);
                for (field, value) in fields {
                    printer.word(" (");
                    printer.word(&field.text);
                    printer.operand(value);
                    printer.word(")");
                }
            }),
            ExpressionKind::Tuple(parts) => self.list("tuple", |printer| printer.operands(parts)),
            ExpressionKind::Array(elements) => self.list("array", |printer| printer.operands(elements)),
            ExpressionKind::Unary(operator, operand) => {
                self.list(prefix(*operator), |printer| printer.operand(operand))
            }
            ExpressionKind::Binary(operator, _, operands) => {
                self.list(operator.spelling(), |printer| printer.operands(operands.as_slice()));
            }
            ExpressionKind::And(operands) => self.list("&&", |printer| printer.operands(operands.as_slice())),
            ExpressionKind::Or(operands) => self.list("||", |printer| printer.operands(operands.as_slice())),
            ExpressionKind::Is(value, asked) => self.list("is", |printer| {
                printer.operand(value);
                printer.word(" ");
                printer.type_name(asked);
            }),
            ExpressionKind::Alloc(arena, block) => self.list("alloc", |printer| {
                printer.operand(&arena.size);
                match &arena.strategy {
                    Strategy::FirstFit => {}
                    Strategy::Bump => printer.word(" :bump"),
                    Strategy::Pool(place) => {
                        printer.word(" ");
                        printer.list(":pool", |printer| printer.operand(place));
                    }
                }
                printer.block(block);
            }),
            ExpressionKind::Type(type_name) => self.type_name(type_name),
        }
    }

    /// An expression, or `_` where there is none.
    fn optional(&mut self, expression: Option<&Expression>) {
        match expression {
            Some(expression) => self.operand(expression),
            None => self.word(" _"),
        }
    }

    fn literal(&mut self, literal: &Literal) {
        let text = match literal {
            Literal::Integer(value, suffix) => format!("{value}{}", suffix.map_or("", suffix_text)),
            Literal::Hex { bits, digits, long } => {
                let width = usize::try_from(*digits).unwrap_or(0).min(16);
                format!("0x{bits:0width$X}{}", if *long { "l" } else { "" })
            }
            Literal::Decimal(digits, float) => format!("{digits}{}", if *float { "f" } else { "" }),
            Literal::Char(character) => format!("{character:?}"),
            Literal::String(text) => format!("{text:?}"),
            Literal::Bool(value) => value.to_string(),
        };
        self.word(&text);
    }
}

fn suffix_text(suffix: IntegerSuffix) -> &'static str {
    match suffix {
        IntegerSuffix::Byte => "b",
        IntegerSuffix::Short => "s",
        IntegerSuffix::Long => "l",
    }
}

fn prefix(operator: Unary) -> &'static str {
    match operator {
        Unary::Negate => "-",
        Unary::Not => "!",
        Unary::Invert => "~",
    }
}
