//! Ordinary functions in one walk over their text: the bytes of instructions are made as they are read.
//!
//! What it takes on becomes what [`function`](super::function) would make of it. Wherever something is unusual, or wrong, it
//! gives up; then the function is read again in that way, which complains. So nothing here has words for what is wrong, and nothing
//! but the [`Share`] is written to: several threads can each take some of the functions.
//!
//! Ordinary is: directives, then code of labels, `.line`, and instructions with all their operands under their keys.

use super::function::MOST_SLOTS;
use super::operand::{self, Frame};
use super::types::stencil_of;
use super::{Assembler, DebugLines, FunctionHead};
use crate::directive::Directive;
use crate::listing::MOST_LINE_BYTES;
use crate::literal;
use crate::syntax::{Span, is_plain, is_quote, plain_length};
use crate::type_name;
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
use vega_format::share::Share;
use vega_format::stencil::TypeRef;
use vega_format::types::Tag;

/// The directives of ordinary functions, the most frequent first.
const ORDINARY: [Directive; 6] =
    [Directive::Slot, Directive::Stack, Directive::Parameter, Directive::Declared, Directive::File, Directive::Limit];

/// Functions that were looked at.
pub(super) struct Glanced<'h, 'l> {
    /// What the ordinary ones became.
    pub(super) share: Share,
    /// The others, in order.
    pub(super) unusual: Vec<&'h FunctionHead<'l>>,
}

/// Looks at some functions.
pub(super) fn glance<'h, 'l>(assembler: &Assembler<'l, '_>, heads: &'h [FunctionHead<'l>]) -> Glanced<'h, 'l> {
    let share = assembler.builder.share();
    let (frame, draft, file, declared, code, forward) = Default::default();
    let mut glance = Glance { assembler, share, frame, draft, file, declared, code, forward };
    let unusual = heads.iter().filter(|head| glance.function(head).is_none()).collect();
    Glanced { share: glance.share, unusual }
}

struct Glance<'a, 'l, 'p> {
    assembler: &'a Assembler<'l, 'p>,
    share: Share,
    frame: Frame<'l>,
    /// The function that is looked at, but for its code.
    draft: FunctionDraft,
    /// Its file and line, where it says them.
    file: Option<u32>,
    declared: Option<u32>,
    /// Its code.
    code: Vec<u8>,
    /// Its jumps: where in the code the target stands, and the label.
    forward: Vec<(usize, &'l str)>,
}

impl<'l> Glance<'_, 'l, '_> {
    /// Adds a function to the share, if it is an ordinary one.
    fn function(&mut self, head: &FunctionHead<'l>) -> Option<()> {
        self.frame.clear();
        self.draft.clear();
        (self.file, self.declared) = (None, None);
        head.is_well_formed.then_some(())?;
        let Assembler { listing, debug_lines, .. } = self.assembler;
        let body = listing.body(head.block);
        let (text, line) = (listing.text.get(..body.end)?, head.block.opening.line + 1);
        let mut rest = Rest { text, at: body.start, line, line_start: body.start };
        self.directives(&mut rest)?;
        let mut debug = debug_lines.begin(head);
        debug.source = self.file.unwrap_or(debug.source);
        debug.line = self.declared.unwrap_or(debug.line);
        // Most of what is not named needs no look at the types.
        if *debug_lines != DebugLines::Absent || !self.frame.parameters.is_empty() || self.frame.has_names() {
            let signature = mangle::parse(head.name).ok()?;
            (self.frame.parameters.len() <= signature.parameters.len()).then_some(())?;
            self.frame.end_directives(&signature, self.share.stencils());
        }
        self.code(&mut rest, &mut debug)?;
        self.draft.exported = head.exported;
        self.draft.slots.extend_from_slice(&self.frame.slot_kinds);
        self.draft.debug = self.frame.debug(debug, *debug_lines);
        self.share.define_encoded(head.function, &mut self.draft, &self.code);
        Some(())
    }

    /// The directives above the code.
    fn directives(&mut self, rest: &mut Rest<'l>) -> Option<()> {
        loop {
            rest.skip_blanks();
            match rest.first() {
                Some(b'\n' | b';' | b'#') => rest.end_line()?,
                Some(b'.') if !rest.is_line_directive() => {
                    let word = rest.plain();
                    let directive = *ORDINARY.iter().find(|directive| directive.row().name == word)?;
                    rest.skip_blanks();
                    self.directive(directive, rest)?;
                    rest.end_line()?;
                }
                _ => return Some(()),
            }
        }
    }

    /// What stands behind the name of a directive. One that may stand only once says something that is not said yet.
    #[inline]
    fn directive(&mut self, directive: Directive, rest: &mut Rest<'l>) -> Option<()> {
        let is_given = self.assembler.debug_lines == DebugLines::Given;
        match directive {
            Directive::Slot => self.slot(rest),
            Directive::Stack if self.draft.max_stack.is_none() => {
                self.draft.max_stack = Some(decimal(rest.plain())?.try_into().ok()?);
                Some(())
            }
            Directive::Parameter => {
                self.frame.parameters.push(name(rest.word()?)?);
                Some(())
            }
            Directive::Limit if self.draft.limit.is_none() => {
                self.draft.limit = Some(decimal(rest.plain()).filter(|limit| *limit > 0)?);
                Some(())
            }
            Directive::Declared if is_given && self.declared.is_none() => {
                self.declared = Some(decimal(rest.plain())?);
                Some(())
            }
            Directive::File if is_given && self.file.is_none() => {
                let count = self.assembler.builder.sources.len();
                self.file = Some(decimal(rest.plain()).filter(|number| (*number as usize) < count)?);
                Some(())
            }
            _ => None,
        }
    }

    /// `0 variable 00000010 name`, if this is the slot that is due. The name may be left out.
    fn slot(&mut self, rest: &mut Rest<'l>) -> Option<()> {
        let due = self.frame.slots.len();
        let number = decimal(rest.plain())? as usize;
        rest.skip_blanks();
        let what = rest.plain();
        rest.skip_blanks();
        let type_ = rest.plain();
        let kind = match what {
            "variable" => SlotKind::Variable(operand::mask(type_)?),
            "alias" => SlotKind::Alias(Tag::from_name(type_)?),
            "stencil" => match stencil_of(&type_name::parse(type_).ok()?, &mut self.share).ok()? {
                TypeRef::Scalar(_) => return None,
                stencil => SlotKind::Stencil(stencil),
            },
            _ => return None,
        };
        rest.skip_blanks();
        let word = rest.word()?;
        self.frame.slot_kinds.push(kind);
        self.frame.slots.push(if word.is_empty() { EcoString::new() } else { name(word)? });
        (number == due && due < MOST_SLOTS).then_some(())
    }

    fn code(&mut self, rest: &mut Rest<'l>, debug: &mut FunctionDebug) -> Option<()> {
        let debug_lines = self.assembler.debug_lines;
        self.forward.clear();
        self.code.clear();
        loop {
            rest.skip_blanks();
            match rest.first() {
                None => break,
                Some(b'\n' | b';' | b'#') => {
                    rest.end_line()?;
                    continue;
                }
                Some(b'.') if rest.is_line_directive() && debug_lines == DebugLines::Given => {
                    rest.plain();
                    rest.skip_blanks();
                    let line = decimal(rest.plain())?;
                    debug.lines.push(Line { offset: self.code.len() as u32, line });
                    rest.end_line()?;
                    continue;
                }
                _ => {}
            }
            let word = rest.plain();
            if let Some(label) = word.strip_suffix(':') {
                let Entry::Vacant(place) = self.frame.labels.entry(label) else { return None };
                place.insert((self.code.len() as u32, Span::default()));
                if !mangle::is_identifier(label) {
                    return None;
                }
                continue;
            }
            let row = self.assembler.mnemonics.find(word)?;
            if debug_lines == DebugLines::Listing && debug.lines.last().is_none_or(|last| last.line != rest.line) {
                debug.lines.push(Line { offset: self.code.len() as u32, line: rest.line });
            }
            self.operands(row, rest)?;
            rest.end_line()?;
        }
        let Glance { forward, frame, code, .. } = self;
        for (place, label) in forward.drain(..) {
            let (target, _) = frame.labels.get(label)?;
            code.get_mut(place..)?.first_chunk_mut().map(|bytes| *bytes = target.to_le_bytes())?;
        }
        (code.len() <= MOST_CODE).then_some(())
    }

    #[inline]
    fn operands(&mut self, row: &Row, rest: &mut Rest<'l>) -> Option<()> {
        self.code.push(row.number);
        for (key, kind) in row.operands {
            rest.skip_blanks();
            let word = rest.word()?.strip_prefix(key)?.strip_prefix('=')?;
            let number = match kind.spelling {
                Spelling::Label => {
                    self.forward.push((self.code.len(), word));
                    0
                }
                Spelling::Binary => operand::mask(word)?.bits().into(),
                Spelling::TagName => Tag::from_name(word)?.number().into(),
                Spelling::Number => self.number(kind, word)?,
            };
            kind.put(number, &mut self.code)?;
        }
        Some(())
    }

    #[inline]
    fn number(&mut self, kind: &OperandKind, word: &'l str) -> Option<u32> {
        let Glance { assembler, frame, .. } = self;
        let number = decimal(word);
        Some(match kind.space {
            Space::Constants => match number {
                Some(number) => assembler.constants.get(number as usize)?.0,
                None => self.constant(word)?,
            },
            Space::Functions => assembler.find_head(word)?.1.0,
            Space::Imports => assembler.imports.get(*assembler.import_places.get(word)?)?.2.0,
            Space::Statics => assembler.statics.get(number? as usize)?.0.into(),
            Space::Slots => number.or_else(|| frame.slot(word))?,
            Space::Cells => number.or_else(|| frame.cell(word))?,
            Space::Plain | Space::Code => number?,
        })
    }

    fn constant(&mut self, word: &'l str) -> Option<u32> {
        if !value::is_value(word) {
            return self.assembler.constant_names.get(word).map(|(constant, _)| constant.0);
        }
        let plain = word.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'));
        let value = match plain {
            Some(text) => Value::String(text),
            None => match scalar(word) {
                Some((tag, bits)) => Value::Scalar(tag, bits),
                None => return Some(self.share.constant(value::parse(word).ok()?).0),
            },
        };
        Some(self.share.constant_of(value).0)
    }
}

/// A name: an identifier, or text in quotes.
fn name(word: &str) -> Option<EcoString> {
    match word.starts_with('"') {
        true => literal::string(word).ok().map(EcoString::from),
        false => mangle::is_identifier(word).then(|| word.into()),
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

    /// Goes behind the line, whatever is on it. Gives where it stands.
    fn take_line(&mut self) -> Range<usize> {
        self.at = memchr::memchr(b'\n', self.bytes()).map_or(self.text.len(), |newline| self.at + newline + 1);
        let line = self.line_start..self.at;
        self.line_start = self.at;
        self.line += 1;
        line
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
            Some(b';' | b'#') | None => (self.take_line().len() <= MOST_LINE_BYTES).then_some(()),
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
