//! Messages of the Debug Adapter Protocol on a stream: a header with the length, an empty line, JSON.

use alloc::rc::Rc;
use core::cell::{Cell, RefCell};
use serde_json::{Value, json};
use std::io::{self, BufRead, Read, Write};

/// The longest message that is read, and the longest line of a header.
const MOST_BYTES: u64 = 16 << 20;
const MOST_LINE: u64 = 4_096;

/// Reads a message; `None` at the end of the stream.
///
/// # Errors
/// The stream fails, or what comes is no message.
pub(super) fn read(input: &mut dyn BufRead) -> io::Result<Option<Value>> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if (&mut *input).take(MOST_LINE).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let invalid = |words: &str| io::Error::new(io::ErrorKind::InvalidData, words.to_owned());
    let length = length.ok_or_else(|| invalid("a message without `Content-Length`"))?;
    if length > MOST_BYTES {
        return Err(invalid(&format!("a message of {length} bytes; the most are {MOST_BYTES}")));
    }
    let mut bytes = Vec::new();
    if (&mut *input).take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(invalid("a message that is cut off"));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|error| invalid(&format!("a message that is no JSON: {error}")))
}

/// Where messages go. Clones write to one stream, and number their messages together.
#[derive(Clone)]
pub(super) struct Outgoing {
    output: Rc<RefCell<Box<dyn Write>>>,
    sequence: Rc<Cell<u64>>,
}

impl Outgoing {
    pub(super) fn new(output: Box<dyn Write>) -> Outgoing {
        Outgoing { output: Rc::new(RefCell::new(output)), sequence: Rc::default() }
    }

    pub(super) fn event(&self, name: &str, body: Value) -> io::Result<()> {
        self.send(json!({ "type": "event", "event": name, "body": body }))
    }

    /// The answer to a request: a body, or words that say what is wrong.
    pub(super) fn respond(&self, request: &Value, answer: Result<Value, String>) -> io::Result<()> {
        // What is no request is answered all the same, in the types that answers have.
        let (number, command) =
            (request["seq"].as_i64().unwrap_or_default(), request["command"].as_str().unwrap_or_default());
        let mut response = json!({ "type": "response", "request_seq": number, "command": command });
        response["success"] = answer.is_ok().into();
        match answer {
            Ok(body) => response["body"] = body,
            Err(words) => {
                response["body"] = json!({ "error": { "id": 1, "format": &words, "showUser": true } });
                response["message"] = words.into();
            }
        }
        self.send(response)
    }

    fn send(&self, mut message: Value) -> io::Result<()> {
        self.sequence.set(self.sequence.get() + 1);
        message["seq"] = self.sequence.get().into();
        let text = message.to_string();
        let mut output = self.output.borrow_mut();
        write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        output.flush()
    }

    /// A stream whose bytes become `output` events of a category.
    pub(super) fn stream(&self, category: &'static str) -> Box<dyn Write> {
        Box::new(OutputEvents { outgoing: self.clone(), category })
    }
}

struct OutputEvents {
    outgoing: Outgoing,
    category: &'static str,
}

impl Write for OutputEvents {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            let text = String::from_utf8_lossy(bytes);
            self.outgoing.event("output", json!({ "category": self.category, "output": text }))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_a_length() {
        let mut good: &[u8] = b"Content-Length: 2\r\n\r\n{}content-length: 4\r\nOther: x\r\n\r\nnull";
        assert_eq!(read(&mut good).ok(), Some(Some(json!({}))));
        assert_eq!(read(&mut good).ok(), Some(Some(Value::Null)));
        assert_eq!(read(&mut good).ok(), Some(None));
        for bad in
            ["\r\n", "Content-Length: 99999999999\r\n\r\n", "Content-Length: 5\r\n\r\n{}", "Content-Length: x\r\n\r\n"]
        {
            assert!(read(&mut bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
