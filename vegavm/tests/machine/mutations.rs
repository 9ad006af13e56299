//! Files that were tampered with: refused, or run within their limits; never anything else.

use crate::instructions;
use vega_format::container::{Header, SectionRecord};
use vegavm::{Imports, Limits, load};

const LIMITS: Limits = Limits {
    memory: 65_536,
    tables: 64 << 20,
    frames: 100,
    steps: Some(10_000),
    time: None,
    output: Some(1_000),
    arguments: 1_000,
};

/// Loads, and runs what is accepted; whether it was.
fn survives(bytes: Vec<u8>) -> bool {
    let mut imports = Imports::new();
    let Ok(program) = load(bytes, &imports, &LIMITS, &mut ()) else { return false };
    // The signature may have changed with the rest, and then there are too few arguments.
    if let Ok(outcome) = program.run(&[], &mut imports, &LIMITS, &mut ()) {
        assert!(!matches!(outcome.end, vegavm::End::Internal(_)), "{:?}", outcome.end);
        assert!(outcome.used.steps <= 10_000 && outcome.used.memory <= 65_536);
    }
    true
}

/// Makes the checksums right again, so that what lies behind them is reached.
fn seal(bytes: &mut [u8]) {
    let count = u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize;
    let table_end = Header::SIZE.saturating_add(count.saturating_mul(SectionRecord::SIZE));
    if table_end > bytes.len() {
        return;
    }
    for record in (Header::SIZE..table_end).step_by(SectionRecord::SIZE) {
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")) as usize;
        let (offset, length) = (number(record + 8), number(record + 16));
        let body = offset.checked_add(length).and_then(|end| bytes.get(offset..end));
        let checksum = body.map(crc32fast::hash).unwrap_or_default();
        bytes[record + 4..record + 8].copy_from_slice(&checksum.to_le_bytes());
    }
    bytes[28..32].fill(0);
    let checksum = crc32fast::hash(&bytes[..table_end]);
    bytes[28..32].copy_from_slice(&checksum.to_le_bytes());
}

#[test]
fn every_byte_may_be_wrong() {
    let mut accepted = 0;
    for bytes in instructions::all() {
        for place in 0..bytes.len() {
            for change in [1, 2, 4, 0x10, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[place] ^= change;
                assert!(!survives(changed.clone()), "byte {place} is covered by a checksum");
                seal(&mut changed);
                accepted += u32::from(survives(changed));
            }
        }
    }
    assert!(accepted > 100, "some changes give another good program: {accepted}");
}
