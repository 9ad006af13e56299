//! Ordinary functions in one walk over their text: the bytes of instructions are made as they are read.
//!
//! What it takes on becomes what [`function`](super::function) would make of it. Wherever something is unusual, or wrong, it
//! gives up; then the function is read again in that way, which complains. So nothing here has words for what is wrong.
//!
//! Ordinary is: directives, then code of labels, `.line`, and instructions with all their operands under their keys.

use super::function::MOST_SLOTS;
use super::operand::{self, Frame};
use super::{Assembler, DebugLines, FunctionHead};
use crate::directive::{Directive, Place};
use crate::listing::{MOST_LINE_BYTES, Sort, Statement};
use crate::syntax::{Span, is_plain, is_quote, plain_length};
use crate::value;
use ecow::EcoString;
use std::collections::hash_map::Entry;
use std::ops::Range;
use vega_format::builder::FunctionDraft;
use vega_format::cell;
use vega_format::container::functions::MOST_CODE;
use vega_format::container::{FunctionDebug, Line, SlotKind, Value};
use vega_format::instruction::{OperandKind, Row, Space, Spelling};
use vega_format::mangle;
use vega_format::types::{Signature, Tag};

impl<'l> Assembler<'l, '_> {
    /// A function, if it is an ordinary one; its code is in `frame`. If it gives up, nothing that it has put into `draft`, `frame` and the lists
    /// of arguments and complaints is of use.
    pub(super) fn glance(
        &mut self,
        head: &FunctionHead<'l>,
        signature: &Signature,
        draft: &mut FunctionDraft,
        frame: &mut Frame<'l>,
    ) -> Option<()> {
        let before = self.problems.count();
        let body = self.listing.body(head.block);
        let (text, line) = (self.listing.text.get(..body.end)?, head.block.opening.line + 1);
        let mut rest = Rest { text, at: body.start, line, line_start: body.start };
        let mut debug = FunctionDebug { line: head.block.opening.line, ..FunctionDebug::default() };
        self.begin_directives(&mut debug);
        self.glance_at_directives(&mut rest, frame, draft, |assembler, statement, draft, frame| {
            assembler.function_directive(statement, signature, draft, frame, &mut debug);
        })?;
        frame.parameters.resize(signature.parameters.len(), EcoString::new());
        self.number_names(signature, frame);
        // What the instructions say of slots is found in instructions.
        frame.open_slots.is_empty().then_some(())?;
        self.glance_at_code(&mut rest, frame, &mut debug)?;
        self.settle_slots(frame, draft);
        self.put_debug(debug, frame, draft);
        (self.problems.count() == before).then_some(())
    }

    /// The directives above the code. What is not among the most frequent is left to `other`.
    fn glance_at_directives(
        &mut self,
        rest: &mut Rest<'l>,
        frame: &mut Frame<'l>,
        draft: &mut FunctionDraft,
        mut other: impl FnMut(&mut Self, &Statement, &mut FunctionDraft, &mut Frame<'l>),
    ) -> Option<()> {
        loop {
            rest.skip_blanks();
            match rest.first() {
                Some(b'\n' | b';' | b'#') => rest.end_line()?,
                Some(b'.') if !rest.is_line_directive() => {
                    let mut ahead = *rest;
                    if let (None, Some(cells)) = (draft.max_stack, ahead.stack()) {
                        draft.max_stack = Some(cells);
                        *rest = ahead;
                        continue;
                    }
                    ahead = *rest;
                    if let Some((kind, name)) = ahead.slot(frame.slots.len()) {
                        frame.slot_kinds.push(kind);
                        frame.slots.push(name.into());
                        *rest = ahead;
                        continue;
                    }
                    let mut statements = std::mem::take(&mut frame.statements);
                    statements.clear();
                    let (bytes, line) = rest.take_line();
                    self.listing.read_line(bytes, line, &mut statements, &mut self.arguments, self.problems);
                    let statement = *statements.first()?;
                    frame.statements = statements;
                    match statement.sort {
                        // A `.stack` that did not please; the others are looked at with the code, in order.
                        Sort::Directive(Directive::Stack | Directive::Bytes | Directive::Line) => return None,
                        Sort::Directive(directive) if directive.may_stand(Place::Function) => {}
                        _ => return None,
                    }
                    other(self, &statement, draft, frame);
                }
                _ => return Some(()),
            }
        }
    }

    fn glance_at_code(&mut self, rest: &mut Rest<'l>, frame: &mut Frame<'l>, debug: &mut FunctionDebug) -> Option<()> {
        frame.forward.clear();
        frame.code.clear();
        loop {
            rest.skip_blanks();
            match rest.first() {
                None => break,
                Some(b'\n' | b';' | b'#') => {
                    rest.end_line()?;
                    continue;
                }
                Some(b'.') if rest.is_line_directive() && self.debug_lines == DebugLines::Given => {
                    rest.plain();
                    rest.skip_blanks();
                    let line = decimal(rest.plain())?;
                    debug.lines.push(Line { offset: frame.code.len() as u32, line });
                    rest.end_line()?;
                    continue;
                }
                _ => {}
            }
            let word = rest.plain();
            if let Some(label) = word.strip_suffix(':') {
                let Entry::Vacant(place) = frame.labels.entry(label) else { return None };
                place.insert((frame.code.len() as u32, Span::default()));
                if !mangle::is_identifier(label) {
                    return None;
                }
                continue;
            }
            let row = self.mnemonics.find(word)?;
            if self.debug_lines == DebugLines::Listing && debug.lines.last().is_none_or(|last| last.line != rest.line) {
                debug.lines.push(Line { offset: frame.code.len() as u32, line: rest.line });
            }
            self.glance_at_operands(row, rest, frame)?;
            rest.end_line()?;
        }
        let Frame { forward, labels, code, .. } = frame;
        for (place, label) in forward.drain(..) {
            let (target, _) = labels.get(label)?;
            code.get_mut(place..)?.first_chunk_mut().map(|bytes| *bytes = target.to_le_bytes())?;
        }
        (code.len() <= MOST_CODE).then_some(())
    }

    #[inline]
    fn glance_at_operands(&mut self, row: &Row, rest: &mut Rest<'l>, frame: &mut Frame<'l>) -> Option<()> {
        frame.code.push(row.number);
        for (key, kind) in row.operands {
            rest.skip_blanks();
            let word = rest.word()?.strip_prefix(key)?.strip_prefix('=')?;
            let number = match kind.spelling {
                Spelling::Label => {
                    frame.forward.push((frame.code.len(), word));
                    0
                }
                Spelling::Binary => operand::mask(word)?.bits().into(),
                Spelling::TagName => Tag::from_name(word)?.number().into(),
                Spelling::Number => self.glance_at_number(kind, word, frame)?,
            };
            kind.put(number, &mut frame.code)?;
        }
        Some(())
    }

    #[inline]
    fn glance_at_number(&mut self, kind: &OperandKind, word: &'l str, frame: &Frame<'l>) -> Option<u32> {
        let number = decimal(word);
        Some(match kind.space {
            Space::Constants => match number {
                Some(number) => self.constants.get(number as usize)?.0,
                None => self.glance_at_constant(word)?,
            },
            Space::Functions => self.find_head(word)?.1.0,
            Space::Imports => self.imports.get(*self.import_places.get(word)?)?.2.0,
            Space::Statics => self.statics.get(number? as usize)?.0.into(),
            Space::Slots => number.or_else(|| frame.slot(word))?,
            Space::Cells => number.or_else(|| frame.cell(word))?,
            Space::Plain | Space::Code => number?,
        })
    }

    fn glance_at_constant(&mut self, word: &'l str) -> Option<u32> {
        if !value::is_value(word) {
            return self.constant_names.get(word).map(|(constant, _)| constant.0);
        }
        let plain = word.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'));
        let value = match plain {
            Some(text) => Value::String(text),
            None => match scalar(word) {
                Some((tag, bits)) => Value::Scalar(tag, bits),
                None => return Some(self.builder.constant(value::parse(word).ok()?).0),
            },
        };
        Some(self.builder.constant_of(value).0)
    }
}

/// Decimal digits of a number of 32 bits.
#[inline]
fn decimal(word: &str) -> Option<u32> {
    // Nine digits fit in any case.
    if word.is_empty() || word.len() > 9 {
        return word.parse().ok().filter(|_| word.starts_with(|letter: char| letter.is_ascii_digit()));
    }
    word.bytes().try_fold(0, |number, byte| match byte.wrapping_sub(b'0') {
        digit @ 0..=9 => Some(number * 10 + u32::from(digit)),
        _ => None,
    })
}

/// A constant that is an integer in decimal digits.
#[inline]
fn scalar(word: &str) -> Option<(Tag, u64)> {
    // The names of types are short.
    let (name, digits) = word.split_at_checked(word.bytes().position(|byte| byte == b':')?)?;
    let number: i64 = digits.get(1..)?.parse().ok()?;
    Some(match name {
        "int" => (Tag::Int, cell::from_int(number.try_into().ok()?)),
        "long" => (Tag::Long, cell::from_long(number)),
        "short" => (Tag::Short, cell::from_short(number.try_into().ok()?)),
        "byte" => (Tag::Byte, cell::from_byte(number.try_into().ok()?)),
        _ => return None,
    })
}

/// What is left of a function's text.
#[derive(Clone, Copy)]
struct Rest<'l> {
    /// The listing up to the function's end.
    text: &'l str,
    at: usize,
    /// The number of the line, and where it starts.
    line: u32,
    line_start: usize,
}

impl<'l> Rest<'l> {
    #[inline]
    fn bytes(&self) -> &'l [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn first(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_blanks(&mut self) {
        // Instructions are indented, by four blanks as a rule.
        if self.bytes().starts_with(b"    ") {
            self.at += 4;
        }
        let rest = self.bytes();
        self.at += rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).unwrap_or(rest.len());
    }

    /// Whether a `.line` stands here.
    fn is_line_directive(&self) -> bool {
        let name = Directive::Line.row().name.as_bytes();
        self.bytes().strip_prefix(name).is_some_and(|rest| matches!(rest, [b' ' | b'\t', ..]))
    }

    /// A line `.stack 3`: its cells.
    fn stack(&mut self) -> Option<u16> {
        (self.plain() == Directive::Stack.row().name).then_some(())?;
        self.skip_blanks();
        let cells = decimal(self.plain())?;
        self.end_line()?;
        cells.try_into().ok()
    }

    /// A line `.slot 0 variable 00000010 name`, if this is the slot that is due. The name may be left out.
    fn slot(&mut self, due: usize) -> Option<(SlotKind, &'l str)> {
        (self.plain() == Directive::Slot.row().name).then_some(())?;
        self.skip_blanks();
        let number = decimal(self.plain())? as usize;
        self.skip_blanks();
        let what = self.plain();
        self.skip_blanks();
        let type_ = self.plain();
        let kind = match what {
            "variable" => SlotKind::Variable(operand::mask(type_)?),
            "alias" => SlotKind::Alias(Tag::from_name(type_)?),
            _ => return None,
        };
        self.skip_blanks();
        let name = self.plain();
        self.end_line()?;
        let is_due = number == due && due < MOST_SLOTS;
        (is_due && (name.is_empty() || mangle::is_identifier(name))).then_some((kind, name))
    }

    /// Goes behind the line, whatever is on it. Gives where it stands, and its number.
    fn take_line(&mut self) -> (Range<usize>, u32) {
        self.at = memchr::memchr(b'\n', self.bytes()).map_or(self.text.len(), |newline| self.at + newline + 1);
        let line = self.line_start..self.at;
        self.line_start = self.at;
        self.line += 1;
        (line, self.line - 1)
    }

    /// Goes behind the line, unless there is more on it than a comment, or too much.
    #[inline]
    fn end_line(&mut self) -> Option<()> {
        self.skip_blanks();
        match self.first() {
            Some(b'\n') => {
                self.at += 1;
                let length = self.at - self.line_start;
                self.line_start = self.at;
                self.line += 1;
                (length <= MOST_LINE_BYTES).then_some(())
            }
            Some(b';' | b'#') | None => (self.take_line().0.len() <= MOST_LINE_BYTES).then_some(()),
            _ => None,
        }
    }

    /// The next word up to a quote.
    #[inline]
    fn plain(&mut self) -> &'l str {
        let start = self.at;
        self.at += plain_length(self.bytes());
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next word, quotes at its end among it.
    #[inline]
    fn word(&mut self) -> Option<&'l str> {
        let start = self.at;
        let plain = self.plain();
        let Some(quote) = self.first().filter(|byte| is_quote(*byte)) else { return Some(plain) };
        self.at += 1;
        loop {
            self.at += memchr::memchr3(quote, b'\\', b'\n', self.bytes())?;
            match self.first()? {
                b'\\' => self.at += 2,
                b'\n' => return None,
                _ => break,
            }
        }
        self.at += 1;
        match self.first() {
            Some(byte) if is_plain(byte) || is_quote(byte) => None,
            _ => self.text.get(start..self.at),
        }
    }
}
