//! The fields of any bytes cover them, each once.

use super::*;
use core::convert::Infallible;
use proptest::prelude::*;

fn fields(bytes: &[u8]) -> Vec<Field> {
    let mut found = Vec::new();
    let Ok(()) = explain(bytes, |field| {
        found.push(field);
        Ok::<_, Infallible>(())
    });
    found
}

fn check(bytes: &[u8]) {
    let mut end = 0;
    for field in fields(bytes) {
        assert_eq!(field.range.start, end, "{field:?}");
        assert!(field.range.end > end, "{field:?}");
        end = field.range.end;
    }
    assert_eq!(end, bytes.len());
}

/// A header and a table that claim what they like, and bytes behind them.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![0..200u64, any::<u64>()];
    let record = (0..20u16, any::<u16>(), any::<u32>(), number.clone(), number.clone());
    let records = proptest::collection::vec(record, 0..8);
    let body = proptest::collection::vec(prop_oneof![0..12u8, any::<u8>()], 0..300);
    (0..10u32, records, body).prop_map(|(count, records, body)| {
        let mut bytes = crate::container::MAGIC.to_vec();
        bytes.extend([1, 0, 1, 0]);
        bytes.extend(count.to_le_bytes());
        bytes.extend([0; 16]);
        for (id, flags, checksum, offset, length) in records {
            bytes.extend(id.to_le_bytes());
            bytes.extend(flags.to_le_bytes());
            bytes.extend(checksum.to_le_bytes());
            bytes.extend(offset.to_le_bytes());
            bytes.extend(length.to_le_bytes());
        }
        bytes.extend(body);
        bytes
    })
}

proptest! {
    #[test]
    fn every_byte_of_any_bytes_is_told_once(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    #[test]
    fn every_byte_of_any_table_is_told_once(bytes in file()) {
        check(&bytes);
    }
}

#[test]
fn what_is_wrong_behind_the_last_byte_is_told_at_it() {
    let told = fields(&crate::container::MAGIC);
    assert_eq!(told.iter().map(|field| field.faults.len()).collect::<Vec<_>>(), [1]);
    assert_eq!(fields(&[]), []);
}
