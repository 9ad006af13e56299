//! Every view of the inspector on any bytes. What must hold is in `vega_tests::fuzz::views`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vega_tests::fuzz::views(data));
