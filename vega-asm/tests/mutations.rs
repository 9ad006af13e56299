//! Small files with one byte changed under right checksums: whatever is accepted, is shown and goes there and back.

use vega_asm::{Options, assemble, disassemble, objdump};
use vega_format::container::{Header, SectionRecord};
use vega_format::{Outline, Parsed};
use vega_report::Sources;

const PROGRAM: &str = r#"
.producer "p"
.source "a.vg"
.source "b.vg"
.entry main()I status
.import io.put(s)V
.struct point
    .field x decimal
    .field y (int,bool)
.end
.custom 0x8001 "00ff"
.function main()I
    .file 0
    .declared 1
    .slot 0 stencil point[2] p
    .slot 1 variable 00100010 u
    .line 2
    LOAD_CONST index="text"
    .line 3
    CALL_NAT import=io.put(s)V
    STACK_ALLOC capacity=40
    STENCIL_ALLOC slot=p size=26
    .line 4
    STACK_FREE
    LOAD_CONST index=bool:true
    JUMP_TRUE target=end
    JUMP target=end
end:
    LOAD_CONST index=decimal:-0
    CALL function=f(d)I
    RETURN
.end
.function f(d)I exported
    .file 1
    .parameter d
    LOAD_CONST index=int:0
    RETURN
.end
"#;

fn assembled(text: &str) -> Option<Vec<u8>> {
    let mut sources = Sources::new();
    let source = sources.add("t.vasm", text);
    assemble(&sources, source, Options::default()).0
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Puts right checksums over sections that stand where `table` says, and over the head.
fn seal(bytes: &mut [u8], table: &[SectionRecord]) {
    for (index, record) in table.iter().enumerate() {
        let body = record.offset as usize..(record.offset + record.length) as usize;
        let at = Header::SIZE + index * SectionRecord::SIZE + 4;
        let crc = crc32(&bytes[body]);
        bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
    }
    let at = Header::CHECKSUM_OFFSET;
    bytes[at..at + 4].fill(0);
    let crc = crc32(&bytes[..Header::SIZE + table.len() * SectionRecord::SIZE]);
    bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
}

/// Whether the file is accepted.
fn check(bytes: &[u8]) -> bool {
    let Ok(parsed) = vega_format::read(bytes) else { return false };
    let outline = Outline::read(bytes).expect("it was read whole");
    let mut shown = Vec::new();
    objdump::summary(&mut shown, &outline, &parsed).expect("memory takes everything");
    let listing = disassemble(&parsed);
    if vega_format::verify(Parsed::clone(&parsed)).is_err() {
        return false;
    }
    if listing.losses.is_empty() {
        assert!(assembled(&listing.text).as_deref() == Some(bytes), "{}", listing.text);
    }
    true
}

#[test]
fn one_byte_changed() {
    let good = assembled(PROGRAM).expect("the program is fine");
    assert!(check(&good));
    let table = Outline::read(good.as_slice()).expect("well-formed").sections().to_vec();
    let mut accepted = 0;
    for place in 0..good.len() {
        for change in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut bytes = good.clone();
            bytes[place] ^= change;
            seal(&mut bytes, &table);
            accepted += u32::from(check(&bytes));
        }
    }
    assert!(accepted > 100, "{accepted} changes were accepted");
}
