//! The passes between the register form of a function and its machine code, by name. What a pass does is in its file in `jit`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::ops::BitOr;
use core::str::FromStr;

/// What can be done to a function on its way to machine code. No pass changes what a program does, so each can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pass {
    /// Small functions, and those that are called once, are put in the place of their calls.
    Inline,
    /// Loads know what was stored; what nothing but such loads sees needs no memory.
    Forward,
    /// An index that is always within bounds is not looked at.
    Bounds,
    /// Where steps are limited, blocks that nobody can see wait for one look at the fuel.
    Looks,
    /// Rounds of a loop that counts are run ahead and paid for together; of one that only fills, in wide stores.
    Counted,
    /// Rounds of a loop around a loop that adds up are run side by side.
    Abreast,
    /// What Cranelift does beyond giving registers to values.
    Cranelift,
}

impl Pass {
    /// All of them, in their order.
    pub const ALL: [Pass; 7] =
        [Pass::Inline, Pass::Forward, Pass::Bounds, Pass::Looks, Pass::Counted, Pass::Abreast, Pass::Cranelift];

    /// Its name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Pass::Inline => "inline",
            Pass::Forward => "forward",
            Pass::Bounds => "bounds",
            Pass::Looks => "looks",
            Pass::Counted => "counted",
            Pass::Abreast => "abreast",
            Pass::Cranelift => "cranelift",
        }
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Pass {
    type Err = UnknownPass;

    fn from_str(name: &str) -> Result<Pass, UnknownPass> {
        Pass::ALL.into_iter().find(|pass| pass.name() == name).ok_or_else(|| UnknownPass(name.to_owned()))
    }
}

/// No pass has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found `{0}`, wanted the name of a pass: {names}, or all", names = Pass::ALL.map(Pass::name).join(", "))]
pub struct UnknownPass(String);

/// Some of the passes. One is written as its name, all as `all`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passes(u8);

impl Passes {
    /// Those of a list.
    pub fn of(passes: &[Pass]) -> Passes {
        Passes(passes.iter().fold(0, |all, pass| all | 1 << *pass as u8))
    }

    /// Whether a pass is among them.
    pub fn has(self, pass: Pass) -> bool {
        self.0 & 1 << pass as u8 != 0
    }
}

impl BitOr for Passes {
    type Output = Passes;

    fn bitor(self, other: Passes) -> Passes {
        Passes(self.0 | other.0)
    }
}

impl FromStr for Passes {
    type Err = UnknownPass;

    fn from_str(name: &str) -> Result<Passes, UnknownPass> {
        match name {
            "all" => Ok(Passes::of(&Pass::ALL)),
            name => name.parse().map(|pass| Passes::of(&[pass])),
        }
    }
}
