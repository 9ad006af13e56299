//! Times on the command line: `10`, `1.5s`, `500ms`, `2m`, `1h`.

use core::time::Duration;

const UNITS: [(&str, f64); 4] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];

/// Reads a time; a number without a unit is seconds.
///
/// # Errors
/// The text is no such time, in words.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let unit = UNITS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)));
    let (number, seconds) = unit.unwrap_or((text, 1.0));
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number = Some(number).filter(|_| is_number).and_then(|number| number.parse::<f64>().ok());
    number
        .and_then(|number| Duration::try_from_secs_f64(number * seconds).ok())
        .ok_or_else(|| "wanted a number of seconds, or one with ms, s, m or h behind it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_the_unit() {
        let cases = [("10", 10_000), ("1.5s", 1_500), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000), ("0", 0)];
        for (text, milliseconds) in cases {
            assert_eq!(parse_time(text), Ok(Duration::from_millis(milliseconds)));
        }
        for text in ["", "s", "-1", "+1", "1e3", "inf", "1d", "1 s", ".", &"9".repeat(30)] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
