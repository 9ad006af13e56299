//! The linker on any objects. What must hold is in `vega_tests::fuzz::link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vega_tests::fuzz::link(data));
