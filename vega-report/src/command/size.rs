//! Sizes on the command line: `4096`, `64k`, `1M`, `2G`.

/// Reads a size in bytes. The suffixes `k`, `M` and `G`, in either case, are powers of 1024.
///
/// # Errors
/// The text is no such size, in words.
pub fn parse_size(text: &str) -> Result<u64, String> {
    parse_size_to(text, u64::MAX)
}

/// The same of a size that may not be more than another.
///
/// # Errors
/// The text is no such size, or a larger one, in words.
pub fn parse_size_to(text: &str, most: u64) -> Result<u64, String> {
    let (digits, shift) = match text.char_indices().next_back() {
        Some((place, 'k' | 'K')) => (text.get(..place), 10),
        Some((place, 'm' | 'M')) => (text.get(..place), 20),
        Some((place, 'g' | 'G')) => (text.get(..place), 30),
        _ => (Some(text), 0),
    };
    let digits = digits.unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("wanted a number of bytes, with k, M or G behind it for 1024, 1024² or 1024³ of them".to_owned());
    }
    let size = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    size.filter(|size| *size <= most).ok_or_else(|| match most >> 30 << 30 == most {
        true => format!("the most is {}G", most >> 30),
        false => format!("the most is {most}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_powers_of_1024() {
        let cases = [("0", 0), ("4096", 4096), ("64k", 65_536), ("64K", 65_536), ("1M", 1 << 20), ("4G", 4 << 30)];
        for (text, size) in cases {
            assert_eq!(parse_size(text), Ok(size));
        }
        assert_eq!(parse_size_to("4G", 4 << 30), Ok(4 << 30));
        for text in ["4294967297", "5G", "99999999999999999999999G"] {
            assert_eq!(parse_size_to(text, 4 << 30), Err("the most is 4G".to_owned()));
        }
        for text in ["", "k", "-1", "+1", "1.5M", "1kk", "1kB", "99999999999G", "12ä"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
