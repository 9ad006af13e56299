//! The checksum of the header and of each section: CRC-32 as in zlib, "CRC-32/ISO-HDLC".

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// At most so many bytes are looked up in a table. To find out how the processor would do it takes longer: a dozen questions, which a
/// virtual machine answers in some 5 µs each, a twentieth of a short run.
const SHORT: usize = 512;

static TABLE: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// The checksum of bytes that stand behind one another.
pub(crate) fn sum_of<const PARTS: usize>(parts: [&[u8]; PARTS]) -> u32 {
    if parts.iter().map(|part| part.len()).sum::<usize>() <= SHORT {
        let mut digest = TABLE.digest();
        parts.iter().for_each(|part| digest.update(part));
        return digest.finalize();
    }
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn both_ways_come_to_the_same() {
        // The check value of the catalogue.
        assert_eq!(sum_of([b"1234", b"56789"]), 0xcbf4_3926);
        let bytes: Vec<u8> = (0..2 * SHORT).map(|place| (place * place / 3) as u8).collect();
        for length in 0..bytes.len() {
            let (bytes, _) = bytes.split_at(length);
            let (before, behind) = bytes.split_at(length / 3);
            assert_eq!(sum_of([before, behind]), crc32fast::hash(bytes), "{length}");
        }
    }
}
