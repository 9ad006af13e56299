//! The head of a large file is read without the rest of it.
#![cfg(feature = "std")]

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use vega_format::builder::{Builder, CustomSection, FunctionDraft};
use vega_format::container::{Head, HeadError, Header, Kind, SectionId, SectionRecord};
use vega_format::error::FormatErrorKind;
use vega_format::instruction::Instruction;

/// Some bytes and then zeroes, as many as `length` says; counts what is read.
struct Sparse {
    start: Cursor<Vec<u8>>,
    length: u64,
    read: usize,
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.start.position());
        let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.start.read(&mut buffer[..count])?;
        buffer[read..count].fill(0);
        self.start.set_position(self.start.position() + (count - read) as u64);
        self.read += count;
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(back) => self.length.saturating_add_signed(back),
            SeekFrom::Current(on) => self.start.position().saturating_add_signed(on),
        };
        self.start.set_position(at);
        Ok(at)
    }
}

fn builder(custom: impl Iterator<Item = u16>) -> Builder {
    let mut builder = Builder::new(Kind::Library);
    let code = vec![Instruction::Return {}];
    builder.add_function("f()V", FunctionDraft { code, ..FunctionDraft::default() });
    let section = |number| CustomSection { number, name: "n".repeat(Head::MOST_NAME), bytes: b"x".to_vec() };
    builder.custom = custom.map(section).collect();
    builder
}

/// A file that grows by so many zeroes in its last section.
fn grown(builder: &Builder, zeroes: u64) -> Sparse {
    let mut start = builder.write().expect("it can be written");
    let length = start.len() as u64 + zeroes;
    start[16..24].copy_from_slice(&length.to_le_bytes());
    let count = u32::from_le_bytes(start[12..16].try_into().expect("four bytes")) as usize;
    let table_end = Header::SIZE + count * SectionRecord::SIZE;
    let last = table_end - 8;
    let body = u64::from_le_bytes(start[last..table_end].try_into().expect("eight bytes")) + zeroes;
    start[last..table_end].copy_from_slice(&body.to_le_bytes());
    start[Header::CHECKSUM_OFFSET..Header::SIZE].fill(0);
    let checksum = crc32fast::hash(&start[..table_end]);
    start[Header::CHECKSUM_OFFSET..Header::SIZE].copy_from_slice(&checksum.to_le_bytes());
    Sparse { start: Cursor::new(start), length, read: 0 }
}

#[test]
fn of_a_large_file_little_is_read() {
    // With as many sections and as long names as there can be.
    let most = (Head::MOST_SECTIONS - 3) as u16;
    let mut file = grown(&builder((0..most).map(|index| SectionId::FIRST_CUSTOM + index)), 100_000_000);
    let head = Head::of_file(&mut file).expect("it is well-formed");
    assert_eq!(head.file_length(), file.length);
    assert_eq!(head.sections().len(), Head::MOST_SECTIONS);
    assert!(head.unknown_sections().all(|(_, name)| name.len() == Head::MOST_NAME));
    assert!(file.read < 100_000, "{} bytes were read", file.read);
}

#[test]
fn the_head_of_a_file_is_that_of_its_bytes() {
    let bytes = builder([11, SectionId::FIRST_CUSTOM].into_iter()).write().expect("it can be written");
    let head = Head::read(&bytes).expect("it is well-formed");
    assert_eq!(Head::of_file(Cursor::new(&bytes)).expect("it is well-formed"), head);
    assert_eq!(head.section(SectionId::Code).map(|record| record.id), Some(6));
    assert_eq!(head.section(SectionId::Debug), None);
    for length in 0..bytes.len() {
        let cut = &bytes[..length];
        let error = Head::read(cut).expect_err("it is cut");
        match Head::of_file(Cursor::new(cut)) {
            Err(HeadError::Format(found)) => assert_eq!(found, error, "{length}"),
            other => panic!("{length}: {other:?}"),
        }
    }
}

#[test]
fn a_file_has_at_most_256_sections_and_4_gib() {
    let too_many = builder((0..300).map(|index| SectionId::FIRST_CUSTOM + index)).write();
    let words = "the number of sections is 303; the limit is 256";
    assert_eq!(too_many.map_err(|error| error.to_string()), Err(words.to_owned()));
    match Head::of_file(grown(&builder([11].into_iter()), 1 << 32)) {
        Err(HeadError::Format(error)) => assert!(matches!(error.kind, FormatErrorKind::Limit { .. }), "{error}"),
        other => panic!("{other:?}"),
    }
}
