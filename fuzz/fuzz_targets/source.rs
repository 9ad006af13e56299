//! The compiler on any text. What must hold is in `vega_tests::fuzz::source`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vega_tests::fuzz::source(data));
