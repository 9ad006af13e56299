//! Arithmetic whose rare results are put right beside the way: decimals, of which every NaN becomes the canonical one.
//!
//! An operation computes with the functions here and looks at the result with [`Raw::is_odd`]; what is odd it leaves to
//! [`odd`]. So there is a jump that is not taken, and nothing to wait for.

use super::vm::{Exit, Vm, go, here};
use super::window::Window;
use super::word::Word;
use vega_format::arithmetic::CANONICAL_DECIMAL_NAN;

/// A result of raw arithmetic.
pub(super) trait Raw: Copy {
    /// Whether it is not the one that there should be.
    fn is_odd(self) -> bool;
}

impl Raw for i32 {
    #[inline(always)]
    fn is_odd(self) -> bool {
        false
    }
}

impl Raw for i64 {
    #[inline(always)]
    fn is_odd(self) -> bool {
        false
    }
}

impl Raw for f64 {
    #[inline(always)]
    fn is_odd(self) -> bool {
        self.is_nan()
    }
}

#[inline(always)]
pub(super) fn add(left: f64, right: f64) -> f64 {
    left + right
}

#[inline(always)]
pub(super) fn sub(left: f64, right: f64) -> f64 {
    left - right
}

#[inline(always)]
pub(super) fn mul(left: f64, right: f64) -> f64 {
    left * right
}

#[inline(always)]
pub(super) fn div(left: f64, right: f64) -> f64 {
    left / right
}

/// Ends an operation with its result, which goes to the register `a`.
macro_rules! give {
    ($vm:ident, $window:ident, $words:ident, $word:ident, $next:ident, $result:expr) => {{
        let result = $result;
        if $crate::interpreter::raw::Raw::is_odd(result) {
            return $crate::interpreter::raw::odd($vm, $window, $words);
        }
        $window.set($word.a, result.to_cell());
        $crate::interpreter::vm::go!($vm, $window, $words, $next, result.to_cell())
    }};
}

pub(super) use give;

/// Ends the operation with which these words begin: its result is the canonical NaN.
#[cold]
#[inline(never)]
pub(super) fn odd<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word]) -> Exit {
    let (word, next) = here!(vm, words);
    window.set(word.a, CANONICAL_DECIMAL_NAN);
    go!(vm, window, words, next, CANONICAL_DECIMAL_NAN)
}
