//! Bytes in hex.

/// Each byte as two digits, with nothing between them.
pub(crate) fn joined(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    bytes.iter().for_each(|byte| write(&mut text, *byte));
    text
}

/// Each byte as two digits, with spaces between them.
#[cfg(feature = "cli")]
pub(crate) fn spaced(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 * bytes.len());
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 {
            text.push(' ');
        }
        write(&mut text, *byte);
    }
    text
}

fn write(out: &mut String, byte: u8) {
    let digit = |nibble: u8| char::from(nibble + if nibble < 10 { b'0' } else { b'a' - 10 });
    out.extend([digit(byte >> 4), digit(byte & 15)]);
}
