//! [`Loaded`]: a verified module with what was made of it so far: words, machine code, and what calls need.

use crate::interpreter::{Codes, Need, NoNeed};
#[cfg(vega_machine_code)]
use crate::jit::Native;
use crate::passes::Passes;
use crate::register::fits;
use crate::trap::TrapReport;
use alloc::boxed::Box;
use alloc::sync::Arc;
use once_cell::race::OnceBox;
#[cfg(vega_machine_code)]
use std::sync::OnceLock;
use vega_format::parsed::Parsed;
use vega_format::trap::Trap;
use vega_format::verify::Verified;

/// A verified module, with its functions as far as they are translated.
#[derive(Debug)]
pub(crate) struct Loaded {
    verified: Arc<Verified>,
    codes: Codes,
    /// The same with all slots in tables, once that was asked for.
    in_tables: OnceBox<Codes>,
    /// Whether every function can be translated.
    translates: bool,
    /// What calls take at most, once that was asked for.
    need: OnceBox<Need>,
    /// The passes that machine code goes without.
    #[cfg_attr(not(vega_machine_code), allow(dead_code, reason = "there is none"))]
    left_out: Passes,
    /// Machine code for runs without a limit of steps, and for those with one, or why there is none.
    #[cfg(vega_machine_code)]
    native: [OnceLock<Result<Arc<Native>, &'static str>>; 2],
}

impl Loaded {
    pub(crate) fn new(verified: impl Into<Arc<Verified>>) -> Loaded {
        let verified = verified.into();
        let module = verified.module();
        let codes = Codes::new(module.function_count());
        let translates = module.functions().all(|function| fits(module, &function));
        Loaded {
            verified,
            codes,
            in_tables: OnceBox::new(),
            translates,
            need: OnceBox::new(),
            left_out: Passes::default(),
            #[cfg(vega_machine_code)]
            native: Default::default(),
        }
    }

    /// The same module, whose machine code goes without some passes; nothing was made of it yet.
    pub(crate) fn without(&self, passes: Passes) -> Loaded {
        Loaded { left_out: passes, ..Loaded::new(Arc::clone(&self.verified)) }
    }

    /// The same module without machine code; nothing was made of it yet.
    pub(crate) fn interpreted(&self) -> Loaded {
        #[cfg(vega_machine_code)]
        return Loaded {
            native: core::array::from_fn(|_| OnceLock::from(Err("the host wants none"))),
            ..Loaded::new(Arc::clone(&self.verified))
        };
        #[cfg(not(vega_machine_code))]
        Loaded::new(Arc::clone(&self.verified))
    }

    pub(crate) fn verified(&self) -> &Verified {
        &self.verified
    }

    pub(crate) fn module(&self) -> &Parsed<'static> {
        self.verified.module()
    }

    /// The functions as far as they are translated; with `tables`, all their slots are in tables.
    pub(crate) fn codes(&self, tables: bool) -> &Codes {
        match tables {
            true => self.in_tables.get_or_init(|| Box::new(Codes::new(self.module().function_count()))),
            false => &self.codes,
        }
    }

    /// Machine code for runs with a limit of steps, or without one.
    ///
    /// # Errors
    /// There is none, and why.
    #[cfg(vega_machine_code)]
    #[inline]
    pub(crate) fn native(&self, limited: bool) -> Result<&Arc<Native>, &'static str> {
        let [free, exact] = &self.native;
        let native = if limited { exact } else { free };
        let make = || {
            let native = Native::new(Arc::clone(&self.verified), limited, self.left_out);
            native.map(Arc::new).ok_or("this platform has no memory for machine code")
        };
        native.get_or_init(make).as_ref().map_err(|why| *why)
    }

    /// Makes all machine code now that runs with a limit of steps, or without one, can want.
    ///
    /// # Errors
    /// There is none, and why.
    pub(crate) fn compile(&self, limited: bool) -> Result<(), &'static str> {
        #[cfg(vega_machine_code)]
        return match self.native(limited)?.make_whole() {
            true => Ok(()),
            false => Err("the module, or a function of it, is too large"),
        };
        #[cfg(not(vega_machine_code))]
        {
            let _ = limited;
            Err("this build has no compiler")
        }
    }

    /// Machine code as far as there is any.
    #[cfg(vega_machine_code)]
    #[inline]
    pub(crate) fn native_there(&self, limited: bool) -> Option<&Arc<Native>> {
        let [free, exact] = &self.native;
        if limited { exact } else { free }.get()?.as_ref().ok()
    }

    pub(crate) fn translates(&self) -> bool {
        self.translates
    }

    /// What calls of exported functions take at most. All functions are translated afterwards.
    pub(crate) fn need(&self) -> Result<&Need, NoNeed> {
        match self.need.get() {
            Some(need) => Ok(need),
            None => Need::of(self).map(|need| self.need.get_or_init(|| Box::new(need))),
        }
    }

    /// The smallest size that would have been enough for the arena that ran out, if its layout is static.
    pub(crate) fn enough(&self, report: &TrapReport) -> Option<u32> {
        let Trap::OutOfMemory { .. } = report.trap else { return None };
        let at = &report.stack.at;
        self.verified.arenas(self.module().find_function(&at.mangled)?).enough(at.ip)
    }
}
