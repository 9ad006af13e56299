//! A program that is made from a seed, in every engine. What must hold is in `vega_tests::fuzz::engines`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vega_tests::fuzz::engines(data));
