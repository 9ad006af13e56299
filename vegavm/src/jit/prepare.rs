//! The passes in their order: from the register form of a function to all that is known of it when it is lowered.

use super::abreast::Abreast;
use super::body::{Body, Taken};
use super::boundary::MOST_FRAME;
use super::charges::Charges;
use super::counted::Counted;
use super::forward::forward;
use super::inline::{Growth, inline};
use super::left::MOST_BYTES;
use super::liveness::Live;
use super::ranges::{Lengths, prove};
use crate::passes::{Pass, Passes};
use crate::register::{Register, Translator};
use core::fmt::Write;
use vega_format::parsed::Parsed;

/// The most bytes of a frame of machine code that stands for frames of several functions.
const MOST_FRAME_OF_SEVERAL: usize = 1 << 10;

/// From where code is entered.
#[derive(Clone, Copy)]
pub(super) enum From<'e> {
    Call,
    /// The same code, which counts what it takes of frames and memory, as it may be more than ever before.
    Counting,
    Words(Entry<'e>),
}

/// Where words are taken over.
#[derive(Clone, Copy)]
pub(super) struct Entry<'e> {
    pub(super) ip: u32,
    /// How long the views in registers are.
    pub(super) length: &'e dyn Fn(Register) -> u32,
    /// What was taken before, beyond what is.
    pub(super) spare: Taken,
}

impl Entry<'_> {
    /// Whatever is in the registers and was taken before.
    pub(super) fn any(ip: u32) -> Entry<'static> {
        Entry { ip, length: &|_| 0, spare: Taken::default() }
    }
}

/// Rounds of a loop that are run before others are looked at, where a block begins.
#[derive(Debug)]
pub(super) enum Ahead {
    Counted(Counted),
    Abreast(Box<Abreast>),
}

/// A function that is ready to be lowered.
pub(super) struct Prepared {
    pub(super) body: Body,
    /// The block at which it is taken over from words; it is code for the host then. It is a function to be called otherwise.
    pub(super) entry: Option<usize>,
    /// What is always in registers where it is taken over.
    pub(super) known: Vec<(Register, u64)>,
    pub(super) live: Live,
    /// What it takes when each block begins, and at most; `None` where that depends on the path.
    pub(super) taken: Option<(Vec<Taken>, Taken)>,
    /// What must have been taken before, beyond what is, so that there is nothing to count; `None` where it counts.
    pub(super) spare: Option<Taken>,
    /// How long views must be.
    pub(super) lengths: Lengths,
    /// By block, what is run ahead there.
    pub(super) ahead: Vec<Option<Ahead>>,
    /// Where steps are limited, which blocks look at the fuel.
    pub(super) charges: Option<Charges>,
}

/// Is told each pass that was gone through, `None` before all, and how to show what there is then.
pub(super) type Show<'s> = &'s mut dyn FnMut(Option<Pass>, &dyn Fn() -> String);

/// What is to be prepared, and how.
pub(super) struct Preparing<'p> {
    pub(super) module: &'p Parsed<'static>,
    pub(super) function: u32,
    pub(super) from: From<'p>,
    pub(super) left_out: Passes,
    pub(super) growth: &'p Growth,
    /// Whether a run stops before the very block that it cannot pay for.
    pub(super) exact: bool,
}

impl Preparing<'_> {
    /// Goes through the passes; each that was gone through is shown.
    pub(super) fn prepare(&self, translator: &mut Translator<'_>, show: Show<'_>) -> Option<Prepared> {
        let does = |pass: Pass| !self.left_out.has(pass);
        let mut body = Body::new(self.function, translator.plain(self.function)?)?;
        show(None, &|| body.to_string());
        if does(Pass::Inline) {
            body = inline(body, self.module, translator, self.growth);
            show(Some(Pass::Inline), &|| body.to_string());
        }
        let entry = match self.from {
            From::Words(Entry { ip, .. }) => Some(body.landing(ip)?),
            From::Call | From::Counting => None,
        };
        #[cfg(feature = "planted")]
        let forwarded = body.kinds.len();
        if does(Pass::Forward) {
            forward(&mut body, entry);
            show(Some(Pass::Forward), &|| body.to_string());
        }
        let live = Live::of(&body)?;
        let lengths = match self.from {
            From::Words(Entry { length, .. }) => {
                body.steady_views().into_iter().map(|view| (view, length(view))).collect()
            }
            From::Call | From::Counting => Lengths::new(),
        };
        let taken = body.taken().filter(|(_, most)| most.bytes <= MOST_BYTES);
        let spare = taken.as_ref().and_then(|(at, most)| Some(most.beyond(*at.get(entry.unwrap_or_default())?)));
        let spare = spare.filter(|needed| match self.from {
            From::Call => true,
            From::Counting => false,
            From::Words(Entry { spare, .. }) => needed.is_within(spare),
        });
        let mut known = Vec::new();
        if does(Pass::Bounds) {
            known = prove(&mut body, entry, &lengths);
            show(Some(Pass::Bounds), &|| body.to_string());
        }
        #[cfg(feature = "planted")]
        super::planted::in_body(&mut body, forwarded, &lengths);
        let charges = self.exact.then(|| Charges::of(&body, spare.is_some(), entry, does(Pass::Looks)));
        show(Some(Pass::Looks), &|| charges.as_ref().map(Charges::to_string).unwrap_or_default());
        let mut prepared = Prepared { body, entry, known, live, taken, spare, lengths, ahead: Vec::new(), charges };
        prepared.ahead = prepared.find_ahead(does);
        #[cfg(feature = "planted")]
        super::planted::in_ahead(&mut prepared.ahead);
        for pass in [Pass::Counted, Pass::Abreast].into_iter().filter(|pass| does(*pass)) {
            show(Some(pass), &|| prepared.show_ahead(pass));
        }
        Some(prepared)
    }
}

impl Prepared {
    /// The most bytes of its frame in machine code.
    pub(super) fn most_frame(&self) -> usize {
        // Frames of callees that are put in are counted while they are there, and take room of the stack as long as their
        // caller's, of which there may be many.
        match self.body.contexts.len() {
            0 | 1 => MOST_FRAME,
            _ => MOST_FRAME_OF_SEVERAL,
        }
    }

    fn find_ahead(&self, does: impl Fn(Pass) -> bool) -> Vec<Option<Ahead>> {
        let Prepared { body, live, .. } = self;
        let ranges = body.by_number();
        let find = |number: usize| {
            let counted = || Counted::of(body, number, &ranges).map(Ahead::Counted);
            let abreast = || Abreast::of(body, live, number, &ranges).map(|loops| Ahead::Abreast(Box::new(loops)));
            let counted = does(Pass::Counted).then(counted).flatten();
            counted.or_else(|| does(Pass::Abreast).then(abreast).flatten())
        };
        (0..ranges.len()).map(find).collect()
    }

    fn show_ahead(&self, pass: Pass) -> String {
        let mut text = String::new();
        for (number, ahead) in self.ahead.iter().enumerate() {
            let _ = match (ahead, pass) {
                (Some(Ahead::Counted(counted)), Pass::Counted) => {
                    let how = if counted.fill.is_some() { ", in wide stores" } else { "" };
                    writeln!(text, "b{number}: rounds are run ahead{how}")
                }
                (Some(Ahead::Abreast(_)), Pass::Abreast) => writeln!(text, "b{number}: rounds are run side by side"),
                _ => Ok(()),
            };
        }
        text
    }
}
