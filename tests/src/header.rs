//! What the first comment lines of a case say: `# key: value` in a program, `; key: value` in a listing.

/// The directives of a case, in order.
#[derive(Debug, Clone, Default)]
pub struct Header {
    lines: Vec<(String, String)>,
}

impl Header {
    /// Reads the comment lines before anything else. Every line `word: …` among them is a directive and must be one
    /// of `known`, so that a slip of the keyboard does not turn a test into one that cannot fail.
    ///
    /// # Errors
    /// A directive is unknown.
    pub fn read(text: &str, known: &[&str]) -> Result<Header, String> {
        let comments = text.lines().map_while(|line| line.strip_prefix(['#', ';']));
        let mut lines = Vec::new();
        for line in comments {
            let Some((key, value)) = line.trim_start().split_once(':') else { continue };
            if !key.bytes().all(|byte| byte.is_ascii_lowercase()) {
                continue;
            }
            if !known.contains(&key) {
                return Err(format!("unknown directive `{key}:`, wanted one of {}", known.join(", ")));
            }
            lines.push((key.to_owned(), value.strip_prefix(' ').unwrap_or(value).to_owned()));
        }
        Ok(Header { lines })
    }

    /// The values of a key, in order.
    pub fn all<'h>(&'h self, key: &'h str) -> impl Iterator<Item = &'h str> {
        self.lines.iter().filter(move |(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    /// The value of a key that stands at most once.
    pub fn one<'h>(&'h self, key: &'h str) -> Option<&'h str> {
        self.all(key).next()
    }

    /// Whether there are no directives.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether a key stands there.
    pub fn has(&self, key: &str) -> bool {
        self.one(key).is_some()
    }

    /// The words behind a key; a word in double quotes may have blanks.
    pub fn words(&self, key: &str) -> Vec<String> {
        self.all(key).flat_map(split_words).collect()
    }
}

/// The words of a command line; one in double quotes may have blanks or be empty.
pub fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            Some(parts) => parts,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

/// The bytes that a text with escapes stands for: `\n`, `\r`, `\t`, `\0`, `\\` and `\xNN`.
///
/// # Errors
/// An escape is none of these.
pub fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        bytes.extend_from_slice(before.as_bytes());
        let (byte, length) = match escape.as_bytes().get(1) {
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(b'0') => (0, 2),
            Some(b'\\') => (b'\\', 2),
            Some(b'x') => {
                let digits = escape.get(2..4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
                (digits.ok_or_else(|| format!("`\\x` without two hexadecimal digits in `{text}`"))?, 4)
            }
            _ => return Err(format!("unknown escape in `{text}`")),
        };
        bytes.push(byte);
        rest = escape.get(length..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_comments_count() {
        let header = Header::read("# A test. Note: free text\n# expect: 1\n# expect:  2\n\n# expect: 3\n", &["expect"]);
        assert_eq!(header.map(|header| header.words("expect")), Ok(vec!["1".to_owned(), "2".to_owned()]));
        assert!(Header::read("; exepct: 1\n", &["expect"]).is_err());
    }

    #[test]
    fn words_and_escapes() {
        assert_eq!(split_words(" a \"b c\" \"\" d"), ["a", "b c", "", "d"]);
        assert_eq!(unescape("a\\n\\xff\\\\"), Ok(b"a\n\xff\\".to_vec()));
        assert!(unescape("\\q").is_err() && unescape("\\xg0").is_err() && unescape("\\").is_err());
    }
}
