//! Modules that nobody would write by hand: long chains of imports, and objects whose interface is not what their
//! functions are. Nothing of it ends in a panic, and every refusal has a code.

use std::collections::HashMap;
use vega_format::Builder;
use vega_format::builder::CustomSection;
use vega_report::Sources;
use vegac::project::{Found, Modules};
use vegac::{Compiled, Options};

/// Modules in memory.
#[derive(Default)]
struct Memory(HashMap<String, Found>);

impl Memory {
    fn source(mut self, module: &str, text: &str) -> Memory {
        self.0.insert(module.to_owned(), Found::Source(format!("{module}.vg"), text.as_bytes().to_vec()));
        self
    }

    fn object(mut self, module: &str, bytes: Vec<u8>) -> Memory {
        self.0.insert(module.to_owned(), Found::Object(format!("{module}.vgo"), bytes));
        self
    }
}

impl Modules for Memory {
    fn find(&mut self, module: &str) -> Found {
        let nothing = Found::Nothing { searched: Vec::new(), there: self.0.keys().cloned().collect() };
        self.0.get(module).cloned().unwrap_or(nothing)
    }
}

fn compile(text: &str, modules: &mut Memory) -> Compiled {
    vegac::compile_project("main.vg", text.as_bytes(), &mut Sources::new(), Options::default(), modules)
}

/// The codes of all complaints.
fn codes(compiled: &Compiled) -> Vec<&'static str> {
    compiled.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

/// The object that a source is compiled to.
fn object(module: &str, text: &str) -> Vec<u8> {
    let options = Options { object: true, ..Options::default() };
    let name = format!("{module}.vg");
    let compiled = vegac::compile_with(&name, text.as_bytes(), &mut Sources::new(), options);
    compiled.module.expect("the source is right").module().bytes().to_vec()
}

#[test]
fn a_long_chain_of_imports_is_no_trouble() {
    const LENGTH: usize = 1_000;
    let link = |number: usize| match number {
        LENGTH => "pub fn f(n: int) -> int { n }".to_owned(),
        _ => format!("import m{0}\npub fn f(n: int) -> int {{ m{0}.f(n) + 1 }}", number + 1),
    };
    let modules =
        (0..=LENGTH).fold(Memory::default(), |modules, number| modules.source(&format!("m{number}"), &link(number)));
    let mut modules = modules;
    let compiled = compile("import m0\nm0.f(0)", &mut modules);
    assert_eq!(codes(&compiled), [""; 0]);
    assert!(compiled.module.is_some());
    // The last one closes a ring.
    let mut ring = modules.source(&format!("m{LENGTH}"), "import m0\npub fn f(n: int) -> int { m0.f(n) }");
    assert_eq!(codes(&compile("import m0\nm0.f(0)", &mut ring)), ["E0604"]);
}

#[test]
fn an_interface_may_say_anything() {
    let good = object("geometry", "pub struct point { x: int }\npub fn first(ps: []point) -> int { ps[0].x }");
    let parsed = vega_format::read(good.as_slice()).expect("it is right");
    let with = |lines: &str| {
        let mut builder = Builder::from_parsed(&parsed);
        builder.custom = vec![CustomSection {
            number: 0x8000,
            name: "vegac.interface".to_owned(),
            bytes: lines.as_bytes().to_vec(),
        }];
        builder.write().expect("any bytes may stand there")
    };
    let main = "import geometry\nalloc 64 {\n    ps: geometry.point[2]\n    println(geometry.first(ps))\n}";
    let deep = format!("struct pub 1 geometry.point x:{}I", "[2]".repeat(64));
    let cases: [(&str, &[&str]); 14] = [
        ("struct pub 1 geometry.point x:I", &[]),
        // Another layout than the functions have: told when the objects are linked.
        ("struct pub 1 geometry.point x:d", &["K006"]),
        ("struct pub 1 geometry.point x:I y:I", &["K006"]),
        ("", &["E0609"]),
        ("struct - 1 geometry.point x:I", &["E0606"]),
        ("struct pub 1 geometry.point", &["E0609"]),
        ("struct pub 1 geometry.point x:I x:I", &["E0609"]),
        ("struct pub 1 geometry.point x:14geometry.point", &["E0609"]),
        ("struct pub 1 geometry.point x:[2147483647]L", &["E0609"]),
        ("struct pub 1 geometry.point x:I\nstruct pub 1 geometry.point x:d", &["E0609"]),
        ("struct pub 1 other.point x:I", &["E0609"]),
        ("struct pub 99999999999 geometry.point x:I", &["E0609"]),
        ("nonsense", &["E0609"]),
        (&deep, &["E0609"]),
    ];
    for (lines, wanted) in cases {
        let compiled = compile(main, &mut Memory::default().object("geometry", with(lines)));
        let found = codes(&compiled);
        assert!(found.iter().zip(wanted).all(|(found, wanted)| found == wanted), "{lines}: {found:?}");
        assert_eq!(found.is_empty(), wanted.is_empty(), "{lines}: {found:?}");
    }
}

#[test]
fn a_damaged_object_is_refused() {
    let good = object("numbers", "pub fn square(x: int) -> int { x * x }");
    let main = "import numbers\nnumbers.square(3)";
    for place in 0..good.len() {
        for bit in [0, 3, 7] {
            let mut bytes = good.clone();
            bytes[place] ^= 1 << bit;
            let compiled = compile(main, &mut Memory::default().object("numbers", bytes));
            assert!(compiled.module.is_none() && !compiled.diagnostics.is_empty(), "byte {place}, bit {bit}");
        }
    }
    for end in 0..good.len() {
        let compiled = compile(main, &mut Memory::default().object("numbers", good[..end].to_vec()));
        assert!(compiled.module.is_none(), "up to {end}");
    }
}
