//! A host that makes calls in any order. What must hold is in `vega_tests::host::anything`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vega_tests::host::anything(data));
