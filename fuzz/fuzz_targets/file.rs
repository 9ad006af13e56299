//! Reader, verifier, disassembler and engine on any bytes. What must hold is in `vega_tests::fuzz::file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vega_tests::fuzz::file(data));
