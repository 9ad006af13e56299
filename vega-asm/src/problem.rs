//! Everything that can be wrong with a listing: one function a complaint, so that codes and words stand in one place.

use crate::directive::{Directive, Place};
use crate::elsewhere;
use crate::listing::{MOST_BYTES, MOST_LINE_BYTES, Statement};
use crate::literal::BadLiteral;
use crate::syntax::{Argument, Span};
use vega_format::instruction::{OperandKind, ROWS, Row, Space, Spelling, row_by_mnemonic};
use vega_format::mangle::NameError;
use vega_format::text::counted;
use vega_format::types::Tag;
use vega_report::{Diagnostic, SourceId, near, quote};

/// After so many complaints the rest of the text is not looked at.
pub const MOST_PROBLEMS: usize = 100;

/// Complaints, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Diagnostic>,
}

impl Problems {
    /// Adds one; beyond [`MOST_PROBLEMS`] it is dropped.
    pub fn push(&mut self, problem: Diagnostic) {
        if !self.is_full() {
            self.list.push(problem);
        }
    }

    /// Forgets all but the first ones.
    pub fn truncate(&mut self, count: usize) {
        self.list.truncate(count);
    }

    /// Adds these to others.
    pub fn tell(self, others: &mut Problems) {
        self.list.into_iter().for_each(|problem| others.push(problem));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether no more are taken.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MOST_PROBLEMS
    }

    /// Whether a directive that was complained about, outside of functions, speaks of a name, or of that of a function before
    /// its types: it may have defined it, so that it is not missed.
    pub(crate) fn speak_of(&self, name: &str, text: &str) -> bool {
        let plain = name.split('(').next().unwrap_or_default();
        let may_define = |line: &&str| {
            let word = line.split_whitespace().next().filter(|word| word.starts_with('.'));
            let directive = |word| Directive::from_name(word).or_else(|| Directive::near(word));
            word.is_some_and(|word| directive(word).is_none_or(|known| known.row().place != Place::Function))
        };
        self.lines(0, text).filter(may_define).any(|line| has_word(line, plain))
    }

    /// Whether a line that was complained about is a label without its colon, or with one that stands apart.
    pub(crate) fn speak_of_label(&self, name: &str, text: &str) -> bool {
        let label =
            |line: &str| line.split(';').next().map(|code| code.trim().trim_end_matches(':').trim_end() == name);
        self.lines(0, text).any(|line| label(line) == Some(true))
    }

    /// Whether one of the instructions that were complained about, after the first complaints, may have been the one that
    /// says what a slot is.
    pub(crate) fn may_make_slot(&self, before: usize, name: &str, text: &str) -> bool {
        let makers = ["VAR_ALLOC", "VAR_PTR"];
        let is_known = |line: &str| line.split_whitespace().next().is_some_and(|word| row_by_mnemonic(word).is_some());
        self.lines(before, text)
            .any(|line| !is_known(line) || has_word(line, name) || makers.iter().any(|maker| has_word(line, maker)))
    }

    /// The lines of the text that were complained about, after the first complaints.
    fn lines<'t>(&self, before: usize, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.list.iter().skip(before).filter_map(|problem| {
            let (above, behind) = text.split_at_checked(problem.primary()?.span.start)?;
            let start = above.rfind('\n').map_or(0, |newline| newline + 1);
            let end = behind.find('\n').map_or(text.len(), |length| above.len() + length);
            text.get(start..end)
        })
    }

    /// The complaints by their place in the text, and at the end a remark if some were left out.
    pub fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        let is_full = self.is_full();
        self.list.sort_by_key(|problem| problem.primary().map(|label| label.span.start));
        if is_full {
            self.list.push(Diagnostic::remark("", format!("stopped after {MOST_PROBLEMS} errors")));
        }
        self.list
    }
}

/// Whether a word stands on a line.
fn has_word(line: &str, word: &str) -> bool {
    let is_of_names = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    line.split(|letter| !is_of_names(letter)).any(|found| found == word)
}

fn error(code: &'static str, source: SourceId, span: Span, title: impl Into<String>, label: &str) -> Diagnostic {
    Diagnostic::error(code, title).label(source, span.range(), label)
}

fn did_you_mean<'a>(problem: Diagnostic, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    match near(name, candidates) {
        Some(candidate) => problem.hint(format!("did you mean `{}`?", quote(candidate))),
        None => problem,
    }
}

// Text and lines.

#[cfg(feature = "cli")]
pub(crate) fn not_utf8(source: SourceId, bytes: &[u8], at: usize) -> Diagnostic {
    let problem = error("A001", source, Span::new(at, at), format!("the text is not UTF-8 from its byte {at} on"), "");
    match vega_format::container::magic::looks_like(bytes) {
        Some(what) => problem.hint(format!("it looks like {what}; name a listing")),
        None => problem.hint("save the file in UTF-8"),
    }
}

pub(crate) fn open_quote(source: SourceId, span: Span, mark: char) -> Diagnostic {
    let what = if mark == '"' { "string" } else { "character" };
    error("A002", source, span, format!("this {what} is never closed"), "opened here")
        .hint(format!("add the missing `{mark}`; a {what} ends on the line on which it begins"))
}

/// `span` is the word in which the literal starts `offset` bytes on.
pub(crate) fn bad_literal(source: SourceId, span: Span, offset: usize, bad: &BadLiteral) -> Diagnostic {
    let start = span.range().start + offset;
    let literal = Span::new(start, span.range().end);
    let at = start + bad.at.start..start + bad.at.end;
    let problem = error("A002", source, literal, bad.words.clone(), "");
    if at == literal.range() { problem } else { problem.also(source, at, "here") }
}

pub(crate) fn line_too_long(source: SourceId, at: Span, found: usize) -> Diagnostic {
    let title = format!("this line has {found} bytes; the limit is {MOST_LINE_BYTES} (line length, cannot be raised)");
    error("L201", source, at, title, "").hint("go on with a long text by `.append` on the next line")
}

pub(crate) fn text_too_large(source: SourceId, found: usize) -> Diagnostic {
    let title = format!("the text has {found} bytes; the limit is {MOST_BYTES} (source size, cannot be raised)");
    error("L202", source, Span::new(0, 0), title, "")
}

// Blocks.

pub(crate) fn unknown_directive(source: SourceId, span: Span, word: &str) -> Diagnostic {
    let title = format!("unknown directive `{}`", quote(word));
    let problem = error("A004", source, span, title, "no such directive");
    match (elsewhere::directive(word), Directive::near(word)) {
        (Some(words), _) => problem.hint(words),
        (None, Some(directive)) => problem.hint(format!("did you mean `{}`?", directive.row().name)),
        (None, None) => problem,
    }
}

pub(crate) fn missing_end(source: SourceId, opening: Span, name: &str, next: Option<Span>) -> Diagnostic {
    let title = format!("this `{name}` has no `.end`");
    let problem = error("A011", source, opening, title, "opened here").hint("add `.end` behind its last line");
    match next {
        Some(next) => problem.also(source, next.range(), "another block begins here; blocks do not nest"),
        None => problem,
    }
}

pub(crate) fn end_without_block(source: SourceId, span: Span) -> Diagnostic {
    error("A011", source, span, "`.end` without a `.function` or `.struct`", "nothing is open here")
}

pub(crate) fn code_outside(
    source: SourceId,
    span: Span,
    word: &str,
    around: Option<Span>,
    before: Option<Span>,
) -> Diagnostic {
    let problem = error("A012", source, span, "code outside a function", "not between `.function` and `.end`");
    match (around, before) {
        _ if is_comment_elsewhere(word) => problem.hint(COMMENT),
        (Some(around), _) => problem.also(source, around.range(), "this block holds no code"),
        (None, Some(before)) => problem.also(source, before.range(), "the function before this line has ended"),
        (None, None) => problem.hint("begin a function with `.function main()V`"),
    }
}

pub(crate) fn wrong_place(source: SourceId, span: Span, directive: Directive, around: Option<Span>) -> Diagnostic {
    let wanted = match directive.row().place {
        Place::Module => "outside all blocks",
        Place::Struct => "between `.struct` and `.end`",
        Place::Static => "between `.static` and `.end`",
        Place::Function => "between `.function` and `.end`",
        Place::StaticOrFunction => "between `.static` or `.function` and `.end`",
        Place::Block | Place::Anywhere => "in a block",
    };
    let problem = error("A012", source, span, format!("`{}` stands {wanted}", directive.row().name), "not here");
    match around {
        Some(around) => problem.also(source, around.range(), "this block is open"),
        None => problem,
    }
}

pub(crate) fn append_without_text(source: SourceId, span: Span) -> Diagnostic {
    error("A012", source, span, "`.append` stands behind a directive that ends in a text", "no text to go on with")
}

// Directives.

/// `arguments` are those that all statements share.
pub(crate) fn directive_arguments(
    source: SourceId,
    statement: &Statement,
    arguments: &[Argument],
    directive: Directive,
) -> Diagnostic {
    let arguments = statement.arguments(arguments);
    let span = arguments.last().map_or(statement.name, |last| statement.name.to(last.span()));
    let title = format!("the arguments do not fit, wanted `{}`", directive.usage());
    error("A013", source, span, title, "")
}

/// A change of the finished file that cannot be made.
pub(crate) fn damage(source: SourceId, span: Span, words: &str) -> Diagnostic {
    error("A022", source, span, words, "")
}

/// An argument that is not what the directive wants there.
pub(crate) fn argument(source: SourceId, span: Span, found: &str, wanted: &str) -> Diagnostic {
    error("A013", source, span, format!("found `{}`, wanted {wanted}", quote(found)), "")
}

pub(crate) fn duplicate(source: SourceId, span: Span, what: &str, first: Span) -> Diagnostic {
    error("A010", source, span, format!("{what} stands twice"), "again here").also(source, first.range(), "first here")
}

pub(crate) fn no_entry(source: SourceId, mains: &[&str]) -> Diagnostic {
    let problem = error(
        "A014",
        source,
        Span::default(),
        "the file says neither `.entry` nor `.library` nor `.object`",
        "add one of them",
    );
    match mains {
        [] => problem.hint("a program says `.entry main()V print`, a library `.library`"),
        [main, ..] => problem.hint(format!("add `.entry {} print`", quote(main))),
    }
}

pub(crate) fn entry_and_library(source: SourceId, entry: Span, library: Span) -> Diagnostic {
    error("A014", source, library, "a library has no entry", "a library").also(source, entry.range(), "an entry")
}

pub(crate) fn two_kinds(source: SourceId, library: Span, object: Span) -> Diagnostic {
    error("A014", source, object, "a library is linked, and an object is not", "an object").also(
        source,
        library.range(),
        "a library",
    )
}

pub(crate) fn import_without_object(source: SourceId, span: Span, name: &str) -> Diagnostic {
    let title = format!("`{}` is left to another module, and the file is no object", quote(name));
    error("A014", source, span, title, "").hint("say `.object`, or define the function here")
}

pub(crate) fn no_code(source: SourceId) -> Diagnostic {
    error("A015", source, Span::default(), "there is not one instruction to assemble", "")
        .hint("begin a function with `.function main()V` and end it with `RETURN` and `.end`")
}

pub(crate) fn name(source: SourceId, span: Span, word: &str, bad: &NameError) -> Diagnostic {
    let code = if bad.is_limit() { "L002" } else { "A016" };
    let at = span.range().start + bad.position.min(word.len());
    let title = format!("mangled name `{}`: {}", quote(word), bad.kind);
    let diagnostic = error(code, source, span, title, "").also(source, at..at, "here");
    if bad.is_limit() { diagnostic } else { diagnostic.hint(shape_of_name()) }
}

fn shape_of_name() -> String {
    let letters = Tag::ALL.map(|tag| format!("`{}` {}", tag.letter(), tag.name())).join(", ");
    format!(
        "it is `name(types)result`, such as `f(I[]Bs)V`: {letters}, `s` string, `[]B` a view of bytes, `V` no result"
    )
}

pub(crate) fn type_(source: SourceId, span: Span, at: usize, word: &str, words: &str) -> Diagnostic {
    let at = span.range().start + at;
    error("A017", source, span, format!("type `{}`: {words}", quote(word)), "")
        .also(source, at..at, "here")
        .hint("types are written as in the source language, without blanks: `int[10]`, `string<16>`, `(int,bool)`")
}

pub(crate) fn unusable_type(source: SourceId, span: Span, words: &str) -> Diagnostic {
    error("A017", source, span, words, "")
}

pub(crate) fn debug_directive(source: SourceId, span: Span, directive: Directive, stripped: bool) -> Diagnostic {
    let name = directive.row().name;
    let reason = if stripped { "the file says `.nodebug`" } else { "the file names no `.source`" };
    error("A018", source, span, format!("`{name}` has no use: {reason}"), "")
}

pub(crate) fn limit(source: SourceId, span: Span, what: &str, found: usize, most: usize) -> Diagnostic {
    let title = format!("{what} is {found}; the limit is {most} (part of the format, cannot be raised)");
    error("L203", source, span, title, "")
}

/// A slot of which neither its directive nor the code says what it is.
pub(crate) fn open_slot(source: SourceId, span: Span, name: &str) -> Diagnostic {
    let title = format!("nothing says what the slot `{}` is", quote(name));
    error("A021", source, span, title, "no instruction makes it a variable or an alias")
        .hint(format!("say it here: `.slot {} = 0 variable 00000010`, or `stencil` with a type", quote(name)))
}

// Instructions.

pub(crate) fn unknown_mnemonic(source: SourceId, span: Span, word: &str) -> Diagnostic {
    let title = format!("unknown instruction `{}`", quote(word));
    let problem = error("A003", source, span, title, "no such instruction");
    if let Some(row) = near(word, ROWS.iter().map(|row| row.mnemonic)).and_then(row_by_mnemonic) {
        return problem.hint(format!("did you mean `{}`?", shape(row)));
    }
    if is_comment_elsewhere(word) {
        return problem.hint(COMMENT);
    }
    problem.hint(match (elsewhere::meant(word), related(word)) {
        (Some(meant), _) => match row_by_mnemonic(meant) {
            Some(row) => format!("that is `{}` here", shape(row)),
            None => meant.to_owned(),
        },
        (None, Some(names)) => format!("there is {names}"),
        (None, None) if word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') => {
            format!("a label ends in a colon: `{word}:`; instructions are in capitals")
        }
        (None, None) => "`spec/instruction-set.md` has all instructions, with what source yields each".to_owned(),
    })
}

const COMMENT: &str = "a comment begins with `;` or `#`";

fn is_comment_elsewhere(word: &str) -> bool {
    word.starts_with("//")
}

/// The instructions of which a part of the name begins as a word does: `JUMP_TRUE` for `JUMP_IF`.
fn related(word: &str) -> Option<String> {
    /// A beginning that is shorter says nothing, and of many some are named.
    const LEAST: usize = 3;
    const MOST: usize = 6;
    let stem = word.split('_').next()?.to_ascii_uppercase();
    let is_related = |name: &&str| name.split('_').any(|part| part.starts_with(&stem));
    let names = ROWS.iter().map(|row| row.mnemonic).filter(is_related).take(MOST + 1);
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let rest = if names.len() > MOST { ", …" } else { "" };
    let shown = names.get(..names.len().min(MOST))?.join(", ");
    (stem.len() >= LEAST && !names.is_empty()).then(|| shown + rest)
}

/// An instruction as it must be written: `VAR_ALLOC slot=SLOT mask=BINARY`.
fn shape(row: &Row) -> String {
    let mut shape = row.mnemonic.to_owned();
    for (key, kind) in row.operands {
        shape.push_str(&format!(" {key}={}", placeholder(kind)));
    }
    shape
}

fn placeholder(kind: &OperandKind) -> &'static str {
    match (kind.spelling, kind.space) {
        (Spelling::Binary, _) => "00000000",
        (Spelling::TagName, _) => "TYPE",
        (Spelling::Label, _) => "LABEL",
        (Spelling::Number, Space::Constants) => "CONSTANT",
        (Spelling::Number, Space::Imports) => "IMPORT",
        (Spelling::Number, Space::Functions) => "FUNCTION",
        (Spelling::Number, Space::Statics) => "BLOCK",
        (Spelling::Number, Space::Slots) => "SLOT",
        (Spelling::Number, Space::Cells) => "CELL",
        (Spelling::Number, Space::Plain | Space::Code) => "NUMBER",
    }
}

/// So many operands were found; `extra` is the first that is too much.
pub(crate) fn operand_count(source: SourceId, span: Span, row: &Row, found: usize, extra: Option<&str>) -> Diagnostic {
    let count = |count: usize| match count {
        0 => "no operands".to_owned(),
        _ => counted(count, "operand"),
    };
    let title = format!("`{}` has {} here, wanted {}", row.mnemonic, count(found), count(row.operands.len()));
    let problem = error("A005", source, span, title, "");
    match extra.is_some_and(is_comment_elsewhere) {
        true => problem.hint(COMMENT),
        false => problem.hint(format!("it is written `{}`", shape(row))),
    }
}

pub(crate) fn operand_key(source: SourceId, span: Span, row: &Row, found: &str, wanted: &str) -> Diagnostic {
    let keys = || row.operands.iter().map(|(key, _)| *key);
    let title = if keys().any(|key| key == found) {
        format!("operand `{found}` of `{}` stands where `{wanted}` is wanted", row.mnemonic)
    } else {
        format!("`{}` has no operand `{}`, wanted `{wanted}` here", row.mnemonic, quote(found))
    };
    error("A006", source, span, title, "").hint(format!("it is written `{}`", shape(row)))
}

/// An operand with a comma behind it.
pub(crate) fn comma(source: SourceId, span: Span) -> Diagnostic {
    error("A007", source, span, "a comma between operands".to_owned(), "")
        .hint("blanks stand between operands; leave it out")
}

/// An operand that is no value of its kind.
pub(crate) fn operand(source: SourceId, span: Span, key: &str, found: &str, wanted: &str) -> Diagnostic {
    let found = if found.is_empty() { "nothing".to_owned() } else { format!("`{}`", quote(found)) };
    error("A007", source, span, format!("`{key}` is {found}, wanted {wanted}"), "")
}

pub(crate) fn unknown_tag(source: SourceId, span: Span, found: &str) -> Diagnostic {
    let names = || vega_format::types::Tag::ALL.into_iter().map(vega_format::types::Tag::name);
    let wanted = names().collect::<Vec<_>>().join(", ");
    let title = format!("no scalar type is named `{}`, wanted one of {wanted}", quote(found));
    let problem = error("A007", source, span, title, "");
    match found {
        "string" | "str" | "text" => problem.hint("a text stands without a type: `\"text\"`"),
        _ => match elsewhere::scalar(found) {
            Some(tag) => problem.hint(format!("did you mean `{}`?", tag.name())),
            None => did_you_mean(problem, found, names()),
        },
    }
}

pub(crate) fn out_of_range(source: SourceId, span: Span, key: &str, found: &str, range: &str) -> Diagnostic {
    error("A008", source, span, format!("`{key}` is {}, out of range: {range}", quote(found)), "out of range")
}

/// A value that says no type.
pub(crate) fn value_without_type(source: SourceId, span: Span, word: &str, typed: &str) -> Diagnostic {
    error("A007", source, span, format!("the value `{}` has no type before it", quote(word)), "")
        .hint(format!("write `{}`", quote(typed)))
}

/// A constant that is none, or is out of its type's range.
pub(crate) fn constant(source: SourceId, span: Span, words: &str, out_of_range: bool) -> Diagnostic {
    error(if out_of_range { "A008" } else { "A007" }, source, span, words, "")
}

pub(crate) fn undefined<'a>(
    source: SourceId,
    span: Span,
    what: &str,
    found: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    const MOST: usize = 4;
    let problem = error("A009", source, span, format!("{what} `{}` is not defined", quote(found)), "not defined");
    let there: Vec<&str> = candidates.into_iter().collect();
    if let (true, "slot") = (there.is_empty(), what) {
        return problem.hint(format!("name one: `.slot {} = 0`, or give its number", quote(found)));
    }
    if let (true, "label") = (there.is_empty(), what) {
        return problem.hint(format!("put `{}:` above the instruction to which it jumps", quote(found)));
    }
    if near(found, there.iter().copied()).is_some() || there.is_empty() {
        return did_you_mean(problem, found, there);
    }
    let names = there.iter().take(MOST).map(|name| format!("`{}`", quote(name))).collect::<Vec<_>>().join(", ");
    let rest = if there.len() > MOST { ", …" } else { "" };
    problem.hint(format!("defined here: {names}{rest}"))
}

/// An import that the listing does not declare.
pub(crate) fn undefined_import<'a>(
    source: SourceId,
    span: Span,
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let problem = undefined(source, span, "import", name, candidates.clone());
    if near(name, candidates).is_some() || vega_format::mangle::parse(name).is_err() {
        return problem;
    }
    problem.hint(format!("if the host provides it, say so before the functions: `.import {}`", quote(name)))
}

/// A constant of a number that no `.const` has: it may be the value that is meant.
pub(crate) fn no_such_constant(source: SourceId, span: Span, number: u32, count: usize) -> Diagnostic {
    no_such_number(source, span, "constant", number.into(), count, ".const")
        .hint(format!("a value has a type before it: `int:{number}`; a number alone counts the `.const`"))
}

pub(crate) fn no_such_number(
    source: SourceId,
    span: Span,
    what: &str,
    number: u64,
    count: usize,
    directive: &str,
) -> Diagnostic {
    let title = format!("{what} {number} is not defined; the listing has {count} `{directive}`, counted from 0");
    error("A009", source, span, title, "not defined").hint(match count.checked_sub(1) {
        Some(last) => format!("the last is {last}"),
        None => format!("write a `{directive}` for it"),
    })
}

pub(crate) fn ambiguous(source: SourceId, span: Span, what: &str, found: &str) -> Diagnostic {
    let title = format!("several {what}s are named `{}`", quote(found));
    error("A019", source, span, title, "which one?").hint(format!("name the {what} by its number"))
}

pub(crate) fn no_instruction_at(source: SourceId, span: Span, target: u64, end: u32) -> Diagnostic {
    let title = format!("no instruction of this function starts at 0x{target:04x}; its code ends at 0x{end:04x}");
    error("A020", source, span, title, "").hint("name a label")
}
