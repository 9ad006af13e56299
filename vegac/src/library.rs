//! TABLE: the modules that come with the compiler. They are sources like any other, found where nobody else has a
//! module of the name; what a program does not use of them is not in it. `spec/library.md` describes them.

use crate::{Compiled, Options, compile_with};
use vega_report::Sources;

/// A module of the library.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// Its source.
    pub text: &'static str,
}

/// All of them, by name.
pub const MODULES: &[Module] = &[
    Module { name: "bits", text: include_str!("../std/bits.vg") },
    Module { name: "hash", text: include_str!("../std/hash.vg") },
    Module { name: "io", text: include_str!("../std/io.vg") },
    Module { name: "math", text: include_str!("../std/math.vg") },
    Module { name: "sort", text: include_str!("../std/sort.vg") },
    Module { name: "text", text: include_str!("../std/text.vg") },
];

/// The module of this name.
pub fn find(name: &str) -> Option<Module> {
    MODULES.iter().find(|module| module.name == name).copied()
}

/// The module that offers a function of this name.
pub fn module_with(function: &str) -> Option<&'static str> {
    let head = format!("\npub fn {function}(");
    MODULES.iter().find(|module| module.text.contains(&head)).map(|module| module.name)
}

/// The module that offers a constant of this name.
pub fn module_with_constant(constant: &str) -> Option<&'static str> {
    let declared = [" =", ":"].map(|behind| format!("\npub const {constant}{behind}"));
    let offers = |module: &&Module| declared.iter().any(|declared| module.text.contains(declared));
    MODULES.iter().find(offers).map(|module| module.name)
}

/// All of them, for messages: `the library has bits, hash, …`.
pub fn in_words() -> String {
    let names: Vec<String> = MODULES.iter().map(|module| format!("`{}`", module.name)).collect();
    format!("the library has {}", names.join(", "))
}

/// The object of a module.
pub fn compile(module: Module, sources: &mut Sources, options: Options) -> Compiled {
    let options = Options { object: true, ..options };
    compile_with(&module.file(), module.text.as_bytes(), sources, options)
}

impl Module {
    /// What messages and lines call its source.
    pub fn file(&self) -> String {
        format!("std/{}.vg", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_knows_the_modules() {
        assert!(MODULES.iter().map(|module| module.name).eq(vega_asm::link::report::LIBRARY));
    }
}
