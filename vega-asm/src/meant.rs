//! What a command line may call a function.

use crate::link::{key, path};
use vega_format::mangle;

/// Whether a function is meant by a name: its mangled one, the one that people see, either of them without the result, or its
/// path, which may be that of several.
pub(crate) fn is_meant(wanted: &str, mangled: &str) -> bool {
    let is_readable = || {
        mangle::parse(mangled).is_ok_and(|signature| {
            let readable = signature.to_string();
            [readable.as_str(), key(&readable)].contains(&wanted)
        })
    };
    match wanted.strip_prefix(path(mangled)) {
        Some("") => true,
        Some(types) => types.starts_with('(') && ([mangled, key(mangled)].contains(&wanted) || is_readable()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_several_names() {
        let mangled = "m.f(I8m.points)d";
        for name in [mangled, "m.f(I8m.points)", "m.f(int, m.points) -> decimal", "m.f(int, m.points)", "m.f"] {
            assert!(is_meant(name, mangled), "{name}");
        }
        for name in ["m.f(I)d", "m.f(I8m.points)V", "m.f(int, m.points) -> int", "m", "m.ff", "f", ""] {
            assert!(!is_meant(name, mangled), "{name}");
        }
    }
}
