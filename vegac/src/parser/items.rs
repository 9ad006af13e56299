//! What stands at the top level of a file: imports, functions, structs, statics, and the statements of a script.

use super::cursor::sign;
use super::expressions::Failing;
use super::{Parser, hints, rewritten};
use crate::ast::{
    Block, Constant, Declares, Expression, Extern, File, Function, Import, Name, Promise, Span, Static, Struct,
    TypeName,
};
use crate::lexer::{self, TokenKind};
use crate::library;
use vega_format::mangle;
use vega_format::types::Tag;
use vega_report::{Diagnostic, quote};

type Parameters = Vec<(Name, TypeName)>;

impl Parser<'_> {
    pub(super) fn file(&mut self) -> File {
        let mut file = File::default();
        self.skip_semicolons();
        while self.peek() != TokenKind::End {
            match self.peek() {
                TokenKind::Import
                | TokenKind::Extern
                | TokenKind::Fn
                | TokenKind::Struct
                | TokenKind::Static
                | TokenKind::Const
                | TokenKind::Pub => {
                    let beginning = self.begin();
                    let read = self.declaration_in(&mut file);
                    match read {
                        Some(()) => _ = self.end(&beginning, true),
                        None => self.lose_declaration(&mut file, &beginning),
                    }
                    self.skip_semicolons();
                }
                TokenKind::Name if self.at_import_from() => {
                    let beginning = self.begin();
                    let imported = self.import_from(&file.imports);
                    file.imports.extend(imported);
                    self.end(&beginning, true);
                    self.skip_semicolons();
                }
                TokenKind::Name if self.at_fields() => {
                    let beginning = self.begin();
                    let structure = self.structure_without_keyword();
                    file.structs.extend(structure);
                    self.end(&beginning, true);
                    self.skip_semicolons();
                }
                TokenKind::BraceClose => {
                    self.refuse_stray_brace::<()>();
                    self.bump();
                    self.skip_semicolons();
                }
                _ => self.statement_to_its_end(&mut file.statements),
            }
        }
        file
    }

    /// An import, or a function, a struct or a constant, with `pub` before it if it is public.
    pub(super) fn declaration_in(&mut self, file: &mut File) -> Option<()> {
        self.declared = None;
        let public = self.peek() == TokenKind::Pub;
        match self.peek_after(usize::from(public)) {
            TokenKind::Import if !public => file.imports.push(self.import()?),
            TokenKind::Extern if !public => file.externs.push(self.extern_function()?),
            TokenKind::Fn => file.functions.push(self.function(public)?),
            TokenKind::Struct => file.structs.push(self.structure(public)?),
            TokenKind::Static if !public => file.statics.push(self.static_block()?),
            TokenKind::Const => file.constants.push(self.constant(public)?),
            _ => {
                self.bump();
                let diagnostic = self.unexpected("E0201", "`fn`, `struct` or `const`");
                return self.complain(diagnostic);
            }
        }
        Some(())
    }

    /// `import geometry`, `import geometry.norm(point) <= 96`.
    #[inline(never)]
    fn import(&mut self) -> Option<Import> {
        let start = self.span().start();
        self.bump();
        if self.peek() == TokenKind::String {
            let diagnostic = self.unexpected("E0201", "the name of a module");
            let path = self.token_text().trim_matches('"').trim_end_matches(".vg");
            let name = Some(path.rsplit('/').next().unwrap_or(path))
                .filter(|name| mangle::is_identifier(name))
                .unwrap_or("geometry");
            let hint = format!("a module is named without quotes and ending: `import {name}`");
            return self.complain(diagnostic.hint(hint));
        }
        let module = self.name("the name of a module")?;
        if self.peek() == TokenKind::Dot && self.peek_after(2) == TokenKind::ParenOpen {
            let promise = self.promise()?;
            return Some(Import { module, promise: Some(promise), span: self.span_from(start) });
        }
        if !self.line_ended() && !matches!(self.peek(), TokenKind::Semicolon | TokenKind::BraceClose | TokenKind::End) {
            return self.import_of_several(start);
        }
        Some(Import { module, promise: None, span: self.span_from(start) })
    }

    /// `import std/math`, which names more than a module: the last name is taken for one that comes with the compiler.
    fn import_of_several(&mut self, start: usize) -> Option<Import> {
        let line = self.tokens.get(self.at..).unwrap_or_default();
        let line = line.iter().take_while(|token| !token.starts_line() && token.kind != TokenKind::End);
        let last = line.filter(|token| token.kind == TokenKind::Name).last().copied();
        let module = last.map(|last| Name { text: lexer::name(last.text(self.text)), span: last.span() });
        let module = module.filter(|module| library::find(&module.text).is_some());
        let hint = match self.token_text() {
            "as" => "a module keeps its name, and what it offers is named with that: `import math`, `math.sin(x)`",
            _ => "a module has one name, and lies beside the program or where `-I` says",
        };
        let meant = module.as_ref().map(|module| format!(": `import {}`", module.text)).unwrap_or_default();
        let diagnostic = self.unexpected("E0201", "the end of the line").hint(format!("{hint}{meant}"));
        self.complain::<()>(diagnostic);
        self.skip_statement(self.at);
        Some(Import { module: module?, promise: None, span: self.span_from(start) })
    }

    /// Whether `from math import sin` stands here.
    fn at_import_from(&self) -> bool {
        let is_on_line = |behind: usize| self.tokens.get(self.at + behind).is_some_and(|token| !token.starts_line());
        self.token_text() == "from"
            && [1, 2].map(|behind| self.peek_after(behind)) == [TokenKind::Name, TokenKind::Import]
            && (1..=3).all(is_on_line)
    }

    /// Complains of `from math import sin`, and takes it for the import of the module.
    #[inline(never)]
    fn import_from(&mut self, known: &[Import]) -> Option<Import> {
        let start = self.at;
        let module = self.tokens.get(start + 1)?;
        let module = Name { text: lexer::name(module.text(self.text)), span: module.span() };
        let name = self.tokens.get(start + 3).filter(|name| name.kind == TokenKind::Name);
        let name = name.map_or("…", |name| name.text(self.text));
        let hint = format!("a module is brought as a whole: `import {0}`, and then `{0}.{name}`", module.text);
        let (diagnostic, begins) = (self.unexpected("E0201", "`import`"), self.span());
        self.skip_statement(start);
        let span = self.span_from(begins.start());
        self.at = start;
        let is_known = known.iter().any(|import| import.module.text == module.text);
        let is_one_line = self.text.get(span.range()).is_some_and(|written| !written.contains(['(', '\n']));
        let diagnostic = diagnostic.hint(hint);
        self.complain::<()>(match is_one_line && !is_known {
            true => diagnostic.edit(self.source, span, format!("import {}", module.text)),
            false => diagnostic,
        });
        self.skip_statement(start);
        (!is_known).then_some(Import { module, promise: None, span })
    }

    /// `.norm(point) <= 96`.
    fn promise(&mut self) -> Option<Promise> {
        self.bump();
        let function = self.name("the name of a function")?;
        let opening = self.open()?;
        let parameters = self.comma_list(TokenKind::ParenClose, Self::type_name);
        let (parameters, _) = self.close(&opening, parameters)?;
        self.expect(
            TokenKind::LessEqual,
            "what a function may need at most stands behind `<=`: `import m.f(int) <= 96`",
        )?;
        Some(Promise { function, parameters, bytes: self.head()? })
    }

    /// `extern fn log(message: string) cost 96`.
    #[inline(never)]
    fn extern_function(&mut self) -> Option<Extern> {
        let start = self.span().start();
        self.bump();
        self.expect(TokenKind::Fn, "what the host grants is declared `extern fn log(message: string)`")?;
        let name = match self.peek() {
            TokenKind::Name => self.path(),
            _ => self.name("the name of the function")?,
        };
        let (parameters, result) = self.parameters_and_result()?;
        if self.peek() == TokenKind::BraceOpen && !self.line_ended() {
            let diagnostic = self.unexpected("E0201", "the end of the line");
            return self.complain(diagnostic.hint("the host has the body; a function of the program has no `extern`"));
        }
        let cost = self.number_behind("cost")?;
        Some(Extern { name, parameters, result, cost, span: self.span_from(start) })
    }

    /// `static 64 { count = 0l }`.
    #[inline(never)]
    fn static_block(&mut self) -> Option<Static> {
        let start = self.skip_keywords(false);
        let is_superfluous = hints::is_superfluous(self.token_text()) && self.peek_after(1) != TokenKind::BraceOpen;
        let word = self.span();
        if is_superfluous {
            self.bump();
        }
        if let Some(block) = self.static_variable() {
            let diagnostic = self.unexpected("E0201", "a size");
            return self.complain(diagnostic.hint(format!("static variables stand in a block with a size: `{block}`")));
        }
        if is_superfluous {
            let written = self.text.get(word.range()).unwrap_or_default();
            let diagnostic = Diagnostic::error("E0201", format!("found the name `{written}`, expected a size"))
                .label(self.source, word, "expected a size")
                .hint("what is static can change, and needs no word for it: `static 64 { … }`")
                .edit(self.source, word.to(self.span().before()), "");
            self.complain::<()>(diagnostic);
        }
        let size = self.head();
        let head = self.span_from(start);
        if size.is_none() {
            self.skip_to_block();
        }
        let block = self.block_after_head();
        let (size, block) = size.zip(block)?;
        Some(Static { size, block, head })
    }

    /// A variable where the size of a static block is wanted, `x = 3`, `x: int = 3` or `int x = 3`: the block that is meant.
    fn static_variable(&self) -> Option<String> {
        let text = |tokens: usize| self.tokens.get(self.at + tokens).map_or("", |token| token.text(self.text));
        let kinds = [0, 1, 2, 3].map(|tokens| self.peek_after(tokens));
        let (name, type_name, value) = match kinds {
            [TokenKind::Name, TokenKind::Assign, ..] => (0, None, 2),
            [TokenKind::Name, TokenKind::Colon, TokenKind::Name, TokenKind::Assign] => (0, Some(2), 4),
            [TokenKind::Name, TokenKind::Name, TokenKind::Assign, _] => (1, Some(0), 3),
            _ => return None,
        };
        let value = if self.peek_after(value).is_literal() { text(value) } else { "…" };
        let (name, type_name) = (text(name), type_name.map(text));
        let size = Tag::from_name(type_name.unwrap_or("int")).map_or(64, Tag::size);
        let declared = type_name.map(|type_name| format!(": {type_name}")).unwrap_or_default();
        Some(format!("static {size} {{ {name}{declared} = {value} }}"))
    }

    /// `struct point { x: int, y: int }`, with `pub` before it if it is public.
    #[inline(never)]
    pub(super) fn structure(&mut self, public: bool) -> Option<Struct> {
        let start = self.skip_keywords(public);
        self.structure_behind_keyword(start, public)
    }

    /// Whether the fields of a struct stand here, behind its name alone.
    fn at_fields(&self) -> bool {
        let is_named = [1, 2, 3].map(|behind| self.peek_after(behind))
            == [TokenKind::BraceOpen, TokenKind::Name, TokenKind::Colon];
        let type_ = self.tokens.get(self.at + 4).map_or("", |type_| type_.text(self.text));
        // With a value it is a variable, in a block whose word is not known.
        is_named
            && (hints::is_type(type_) || self.declares_struct(type_))
            && self.peek_after(5) != TokenKind::Assign
            && hints::for_block_word(self.token_text()).is_none()
    }

    /// `point { x: int, y: int }`: complains, and takes it for the struct that is meant.
    #[inline(never)]
    fn structure_without_keyword(&mut self) -> Option<Struct> {
        let (name, span) = (quote(self.token_text()), self.span());
        let diagnostic = Diagnostic::error("E0201", format!("found the name `{name}`, expected `struct`"))
            .label(self.source, span, "expected `struct`")
            .hint(format!("write `struct {name} {{ … }}`"))
            .edit(self.source, span.before(), "struct ");
        self.complain::<()>(diagnostic);
        self.structure_behind_keyword(span.start(), false)
    }

    fn structure_behind_keyword(&mut self, start: usize, public: bool) -> Option<Struct> {
        let name = self.name("the name of the struct")?;
        if self.peek() != TokenKind::BraceOpen {
            let diagnostic = self.unexpected("E0201", "`{`");
            return self.complain(diagnostic.hint("a struct is written `struct point { x: int, y: int }`"));
        }
        let opening = self.open()?;
        let fields = self.field_list(Self::declared_field, Failing::IsLeftOut);
        let highest = self.height;
        let fields = self.close(&opening, fields)?;
        self.height = highest;
        Some(Struct { name, public, fields, span: self.span_from(start) })
    }

    /// `const SIZE = 64`, `const RATE: float = 0.5`, with `pub` before it if it is public.
    #[inline(never)]
    pub(super) fn constant(&mut self, public: bool) -> Option<Constant> {
        // What was read before it is none of its height.
        self.height = 0;
        self.skip_keywords(public);
        let name = self.name("the name of the constant")?;
        self.declared = self.name_declared(Some(&name)).map(|name| (Declares::Constant, name));
        if self.continues_with(TokenKind::Name) {
            let diagnostic = self.unexpected("E0201", sign(TokenKind::Assign));
            return self.complain(diagnostic.hint("a type stands behind the name: `const SIZE: int = 64`"));
        }
        let declared = if self.take_on_line(TokenKind::Colon) { Some(self.type_name()?) } else { None };
        let highest = self.height;
        self.expect(TokenKind::Assign, "a constant has a value: `const SIZE = 64`")?;
        let value = self.expression()?;
        self.height = self.height.max(highest);
        Some(Constant { name, public, declared, value })
    }

    /// `fn norm(p: []int) -> long { … }`, with `pub` before it if it is public. After a faulty head the body is read
    /// nevertheless, for its own faults.
    #[inline(never)]
    fn function(&mut self, public: bool) -> Option<Function> {
        let start = self.skip_keywords(public);
        let name = self.name("the name of the function");
        let declared = self.name_declared(name.as_ref());
        let signature = if name.is_some() { self.signature() } else { None };
        let head = self.span_from(start);
        if signature.is_none() {
            self.skip_to_block();
        }
        let body = if self.bodies.is_some() { self.pass_over_body() } else { self.block_after_head() };
        self.declared = declared.filter(|_| body.is_some()).map(|name| (Declares::Function, name));
        let ((name, Signature { parameters, result, limit }), body) = name.zip(signature).zip(body)?;
        Some(Function { name, public, parameters, result, limit, body, head })
    }

    /// Goes to the end of a body that is to be read later. If its end is not certain nothing more is read: it takes all
    /// of the file to say what is wrong.
    fn pass_over_body(&mut self) -> Option<Block> {
        let first = self.at;
        let (start, close) = (self.span(), self.end_of_body());
        let (Some(close), Some(bodies)) = (close, &mut self.bodies) else {
            self.bodies = None;
            self.stop();
            return None;
        };
        bodies.push(first as u32);
        self.at = close + 1;
        self.height = 0;
        Some(Block { statements: Vec::new(), span: self.span_from(start.start()) })
    }

    /// The `}` that ends the body which begins here, if there is no doubt.
    fn end_of_body(&self) -> Option<usize> {
        let mut open = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.kind {
                TokenKind::BraceOpen => open += 1,
                TokenKind::BraceClose => open = open.checked_sub(1)?,
                TokenKind::Fn | TokenKind::Pub | TokenKind::Unknown | TokenKind::End => return None,
                _ => {}
            }
            if open == 0 {
                return (token.kind == TokenKind::BraceClose).then_some(at);
            }
        }
        None
    }

    fn signature(&mut self) -> Option<Signature> {
        let (parameters, mut result) = self.parameters_and_result()?;
        let behind_head = self.span();
        let limit = self.number_behind("limit")?;
        if limit.is_some() && result.is_none() && self.continues_with(TokenKind::Arrow) {
            result = Some(self.result_behind_limit(behind_head)?);
        }
        Some(Signature { parameters, result, limit })
    }

    /// `limit 4 -> int`: complains, and reads the type. `first` is where the limit begins.
    #[inline(never)]
    fn result_behind_limit(&mut self, first: Span) -> Option<TypeName> {
        let diagnostic = self.unexpected("E0201", "`{`");
        let limit = first.to(self.previous()?.span());
        self.bump();
        let result = self.type_name()?;
        let [limit_text, result_text] =
            [limit, result.span].map(|span| self.text.get(span.range()).unwrap_or_default());
        let meant = format!("-> {result_text} {limit_text}");
        let diagnostic = diagnostic.hint(format!("the result stands before the limit: `{}`", quote(&meant)));
        self.complain::<()>(diagnostic.edit(self.source, limit.to(result.span), meant));
        Some(result)
    }

    /// A number behind a word that is one of its own only here: elsewhere it is a name like any other. The outer `None`: it
    /// cannot be read.
    fn number_behind(&mut self, word: &str) -> Option<Option<Expression>> {
        if !self.continues_with(TokenKind::Name) || self.token_text() != word {
            return Some(None);
        }
        self.bump();
        self.head().map(Some)
    }

    /// `(a: int, b: int) -> int`.
    fn parameters_and_result(&mut self) -> Option<(Parameters, Option<TypeName>)> {
        if !self.continues_with(TokenKind::ParenOpen) {
            let diagnostic = self.unexpected("E0201", "`(`");
            return self.complain(diagnostic.hint("a function is written `fn add(a: int, b: int) -> int { … }`"));
        }
        let opening = self.open()?;
        let parameters = self.comma_list(TokenKind::ParenClose, Self::name_and_type);
        let (parameters, _) = self.close(&opening, parameters)?;
        let has_result = self.take_on_line(TokenKind::Arrow) || self.result_without_arrow();
        let result = if has_result { Some(self.type_name()?) } else { None };
        Some((parameters, result))
    }

    /// `fn f(): int`, `fn f() int`: complains, and goes on to the type.
    fn result_without_arrow(&mut self) -> bool {
        let colon = self.continues_with(TokenKind::Colon);
        let is_type = match self.peek() {
            TokenKind::Name => !matches!(self.token_text(), "limit" | "cost"),
            _ => self.begins_type(0),
        };
        if !colon && (!is_type || self.line_ended()) {
            return false;
        }
        let place = if colon {
            self.previous().map_or(self.span(), |end| end.span().after()).to(self.span())
        } else {
            self.span().before()
        };
        let diagnostic = self.unexpected("E0201", "`->` or `{`");
        if self.token_text() == "void" {
            let hint = "a function that gives nothing has no result: `fn f() { … }`";
            self.complain::<()>(diagnostic.hint(hint).edit(self.source, self.span(), ""));
            self.bump();
            return false;
        }
        let diagnostic = diagnostic.hint(hints::RESULT);
        let is_type = self.begins_type(usize::from(colon));
        let meant = if colon { " ->" } else { "-> " };
        self.complain::<()>(if is_type { diagnostic.edit(self.source, place, meant) } else { diagnostic });
        if colon {
            self.bump();
        }
        true
    }

    /// Whether a type begins at a token further on.
    fn begins_type(&self, tokens: usize) -> bool {
        match self.peek_after(tokens) {
            TokenKind::BracketOpen => self.peek_after(tokens + 1) == TokenKind::BracketClose,
            kind => matches!(kind, TokenKind::Name | TokenKind::ParenOpen),
        }
    }

    /// `x: int`, in a struct.
    fn declared_field(&mut self) -> Option<(Name, TypeName)> {
        if let Some(hint) = hints::for_field(self.peek()) {
            let diagnostic = self.unexpected("E0201", "a field").hint(hint);
            return self.complain(diagnostic);
        }
        self.name_and_type()
    }

    /// `x: int`: a field or a parameter.
    fn name_and_type(&mut self) -> Option<(Name, TypeName)> {
        let name = self.name("a name")?;
        if name.text == "void" && self.peek() == TokenKind::ParenClose {
            let diagnostic = self.unexpected("E0201", sign(TokenKind::Colon));
            let diagnostic = diagnostic.hint("a function without parameters has nothing there: `f()`");
            return self.complain(diagnostic.edit(self.source, name.span, ""));
        }
        if self.continues_with(TokenKind::Name)
            && let Some((hint, edit)) = rewritten::for_parameter(self, name.span)
        {
            let diagnostic = self.unexpected("E0201", sign(TokenKind::Colon)).hint(hint);
            return self.complain(match edit {
                Some((span, text)) => diagnostic.edit(self.source, span, text),
                None => diagnostic,
            });
        }
        self.expect(TokenKind::Colon, "a type follows the name: `x: int`")?;
        Some((name, self.type_name()?))
    }

    /// The name that was just read, if it is that of what is declared: before another name it is a type, as other languages
    /// have it.
    fn name_declared(&self, name: Option<&Name>) -> Option<Name> {
        name.filter(|_| !self.continues_with(TokenKind::Name)).cloned()
    }

    /// Moves past `fn` or `struct` and the `pub` before it, and gives where they begin.
    fn skip_keywords(&mut self, public: bool) -> usize {
        let start = self.span().start();
        if public {
            self.bump();
        }
        self.bump();
        start
    }
}

/// What stands between the name of a function and its body.
struct Signature {
    parameters: Vec<(Name, TypeName)>,
    result: Option<TypeName>,
    limit: Option<Expression>,
}
