//! Work on many bytes, in pieces between which somebody looks whether the run is to end: so it ends well within a
//! millisecond, however many bytes there are. What was done until then stays done.

use crate::cancel::Halt;
use crate::meter::Meter;
use core::cmp::Ordering;
use vega_format::text;

/// So many bytes are one piece: some ten microseconds, some fifty where memory is touched for the first time.
pub(crate) const PIECE: usize = 256 << 10;

/// Before every piece but the first.
#[inline]
fn look(place: usize, meter: &Meter) -> Result<(), Halt> {
    if place == 0 { Ok(()) } else { meter.look() }
}

/// Zeroes bytes.
#[inline]
pub(crate) fn clear(bytes: &mut [u8], meter: &Meter) -> Result<(), Halt> {
    bytes.chunks_mut(PIECE).enumerate().try_for_each(|(place, piece)| {
        look(place, meter)?;
        piece.fill(0);
        Ok(())
    })
}

/// Copies bytes into as many others.
pub(crate) fn copy(to: &mut [u8], from: &[u8], meter: &Meter) -> Result<(), Halt> {
    to.chunks_mut(PIECE).zip(from.chunks(PIECE)).enumerate().try_for_each(|(place, (to, from))| {
        look(place, meter)?;
        to.get_mut(..from.len()).unwrap_or_default().copy_from_slice(from);
        Ok(())
    })
}

/// Copies bytes of memory as if they were all read before the first is written. Both places are in memory.
pub(crate) fn copy_within(memory: &mut [u8], from: usize, to: usize, length: usize, meter: &Meter) -> Result<(), Halt> {
    let pieces = length.div_ceil(PIECE);
    (0..pieces).try_for_each(|place| {
        look(place, meter)?;
        // What is still to be read must not be written over.
        let start = PIECE * if to <= from { place } else { pieces - 1 - place };
        let end = length.min(start + PIECE);
        memory.copy_within(from + start..from + end, to + start);
        Ok(())
    })
}

/// How bytes compare with others, as far as both go; then the longer ones are greater.
pub(crate) fn compare(first: &[u8], second: &[u8], meter: &Meter) -> Result<Ordering, Halt> {
    let common = first.len().min(second.len());
    let [ours, theirs] = [first, second].map(|bytes| bytes.get(..common).unwrap_or_default().chunks(PIECE));
    for (place, (first, second)) in ours.zip(theirs).enumerate() {
        look(place, meter)?;
        if first != second {
            return Ok(first.cmp(second));
        }
    }
    Ok(first.len().cmp(&second.len()))
}

/// How many of the bytes of a bounded text are its text.
pub(crate) fn bounded_length(bytes: &[u8], meter: &Meter) -> Result<usize, Halt> {
    let mut end = bytes.len();
    for (place, piece) in bytes.rchunks(PIECE).enumerate() {
        look(place, meter)?;
        end -= piece.len();
        let length = text::bounded_length(piece);
        if length > 0 {
            return Ok(end + length);
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::limits::Limits;

    fn numbers(length: usize) -> Vec<u8> {
        (0..length as u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8 | 1).collect()
    }

    #[test]
    fn pieces_do_what_the_whole_does() {
        let meter = Meter::new(&Limits::trusted(), Cancel::new());
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            for (from, to) in [(0, 0), (0, 5), (5, 0), (0, PIECE + 1), (PIECE + 1, 0)] {
                let mut memory = numbers(length + PIECE + 8);
                let mut wanted = memory.clone();
                wanted.copy_within(from..from + length, to);
                assert_eq!(copy_within(&mut memory, from, to, length, &meter), Ok(()));
                assert!(memory == wanted, "{length} bytes from {from} to {to}");
            }
            let bytes = numbers(length);
            let mut others = vec![0; length];
            assert_eq!(copy(&mut others, &bytes, &meter), Ok(()));
            assert!(others == bytes);
            assert_eq!(compare(&bytes, &others, &meter), Ok(Ordering::Equal));
            if let Some(last) = others.last_mut() {
                *last = 0;
                assert_eq!(compare(&bytes, &others, &meter), Ok(Ordering::Greater));
                assert_eq!(compare(&others, &[others.as_slice(), &[0]].concat(), &meter), Ok(Ordering::Less));
            }
            assert_eq!(bounded_length(&others, &meter), Ok(length.saturating_sub(1)));
            assert_eq!(clear(&mut others, &meter), Ok(()));
            assert!(others.iter().all(|byte| *byte == 0));
            assert_eq!(bounded_length(&others, &meter), Ok(0));
        }
    }

    #[test]
    fn a_cancelled_run_stops_between_two_pieces() {
        let cancel = Cancel::new();
        let meter = Meter::new(&Limits::trusted(), cancel.clone());
        cancel.cancel();
        let mut bytes = numbers(3 * PIECE);
        assert_eq!(clear(&mut bytes, &meter), Err(Halt::Cancelled));
        assert_eq!(bytes.iter().filter(|byte| **byte == 0).count(), PIECE);
        assert_eq!(copy_within(&mut bytes, 0, PIECE, 2 * PIECE, &meter), Err(Halt::Cancelled));
        assert_eq!(compare(&bytes, &bytes, &meter), Err(Halt::Cancelled));
    }
}
