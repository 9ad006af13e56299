//! The objects that are linked, in three formats: so many, of so many functions each. Every function calls the next one, and
//! every fourth one of another object; never in a circle, and all can be reached.

use std::path::Path;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::cell;
use vega_format::container::{EntryResult, Kind};
use vega_format::instruction::{Cell, Instruction};
use vega_format::types::Tag;

/// How many objects, and functions in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) objects: u32,
    pub(super) each: u32,
}

/// A function: its object, and its number there.
pub(super) type Place = (u32, u32);

impl Shape {
    pub(super) fn functions(self) -> u32 {
        self.objects * self.each + 1
    }

    /// What a function calls.
    pub(super) fn calls(self, (object, function): Place) -> impl Iterator<Item = Place> {
        let next = match function + 1 {
            next if next < self.each => Some((object, next)),
            _ => Some((object + 1, 0)).filter(|(next, _)| *next < self.objects),
        };
        let behind = self.objects - object - 1;
        let other = (function.is_multiple_of(4) && behind > 0).then(|| (object + 1 + function * 31 % behind, function));
        next.into_iter().chain(other.filter(|other| Some(*other) != next))
    }

    /// The functions of other objects that an object calls, in order.
    pub(super) fn imports(self, object: u32) -> Vec<Place> {
        let calls = (0..self.each).flat_map(|function| self.calls((object, function)));
        let mut imports: Vec<Place> = calls.filter(|(other, _)| *other != object).collect();
        imports.sort_unstable();
        imports.dedup();
        imports
    }

    /// Writes the objects of a format into a folder, and their names into a file of words there.
    pub(super) fn write(
        self,
        folder: &Path,
        extension: &str,
        object: impl Fn(Shape, u32) -> Vec<u8>,
    ) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("`{}`: {error}", folder.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut words = String::new();
        for number in 0..self.objects {
            let path = folder.join(format!("m{number}.{extension}"));
            std::fs::write(&path, object(self, number)).map_err(failed)?;
            words.push_str(&format!("{}\n", path.display()));
        }
        std::fs::write(folder.join(format!("{extension}.words")), words).map_err(failed)
    }
}

/// An object of Vega.
pub(super) fn vega(shape: Shape, object: u32) -> Vec<u8> {
    use Instruction as I;
    let mut builder = Builder::new(Kind::Object);
    let name = |(object, function): Place| format!("m{object}.f{function}(LL)L");
    let long = |builder: &mut Builder, value: i64| I::LoadConst {
        index: builder.constant(ConstantValue::Scalar(Tag::Long, cell::from_long(value))),
    };
    for function in 0..shape.each {
        let mut code = vec![
            I::CellLoad { cell: Cell(0) },
            I::CellLoad { cell: Cell(1) },
            I::MulLong {},
            long(&mut builder, function.into()),
            I::AddLong {},
        ];
        for callee in shape.calls((object, function)) {
            code.push(I::CellLoad { cell: Cell(0) });
            code.push(I::Call { function: builder.function(&name(callee)) });
        }
        code.extend([long(&mut builder, object.into()), I::AddLong {}, I::Return {}]);
        let draft = FunctionDraft { exported: true, code, ..FunctionDraft::default() };
        builder.add_function(&name((object, function)), draft);
    }
    if object == 0 {
        let first = I::Call { function: builder.function(&name((0, 0))) };
        let code = vec![long(&mut builder, 1), long(&mut builder, 2), first, I::Return {}];
        builder.add_function("main()L", FunctionDraft { code, ..FunctionDraft::default() });
        builder.entry = Some(("main()L".to_owned(), EntryResult::Print));
    }
    builder.write().unwrap_or_default()
}

/// Name, type, flags, body, link, info, alignment, bytes of an entry.
type ElfSection<'a> = (u32, u32, u64, &'a [u8], u32, u32, u64, u64);

/// An object in ELF for x86-64: the same functions with one section of code, a symbol a function, a relocation a call.
pub(super) fn elf(shape: Shape, object: u32) -> Vec<u8> {
    let (mut code, mut symbols, mut names, mut relocations) = (Vec::new(), vec![0; 24], vec![0], Vec::new());
    let imports = shape.imports(object);
    let name = |(object, function): Place| format!("m{object}_f{function}");
    let mut symbol = |text: &str, section: u16, start: usize, size: usize| {
        symbols.extend((names.len() as u32).to_le_bytes());
        symbols.extend([if section == 0 { 0x10 } else { 0x12 }, 0]);
        symbols.extend(section.to_le_bytes());
        symbols.extend((start as u64).to_le_bytes());
        symbols.extend((size as u64).to_le_bytes());
        names.extend(text.bytes().chain([0]));
    };
    let number = |(other, function): Place| match other == object {
        true => 1 + u64::from(function),
        false => 1 + u64::from(shape.each) + imports.binary_search(&(other, function)).unwrap_or(0) as u64,
    };
    let mut add = |code: &mut Vec<u8>, callees: &mut dyn Iterator<Item = Place>, constant: u32| {
        let start = code.len();
        code.extend([0x48, 0x0f, 0xaf, 0xfe, 0x48, 0x81, 0xc7]); // imul rdi, rsi; add rdi, constant
        code.extend(constant.to_le_bytes());
        for callee in callees {
            code.extend([0x48, 0x89, 0xfe, 0xe8]); // mov rsi, rdi; call
            relocations.extend((code.len() as u64).to_le_bytes());
            relocations.extend((number(callee) << 32 | 4).to_le_bytes());
            relocations.extend((-4_i64).to_le_bytes());
            code.extend([0; 4]);
        }
        code.extend([0x48, 0x05]); // add rax, object
        code.extend(object.to_le_bytes());
        code.push(0xc3);
        let size = code.len() - start;
        code.resize(code.len().next_multiple_of(16), 0x90);
        (start, size)
    };
    for function in 0..shape.each {
        let (start, size) = add(&mut code, &mut shape.calls((object, function)), function);
        symbol(&name((object, function)), 1, start, size);
    }
    imports.iter().for_each(|import| symbol(&name(*import), 0, 0, 0));
    if object == 0 {
        let (start, size) = add(&mut code, &mut [(0, 0)].into_iter(), 0);
        symbol("_start", 1, start, size);
    }
    let section_names = b"\0.text\0.rela.text\0.symtab\0.strtab\0.shstrtab\0".to_vec();
    let sections: [ElfSection<'_>; 6] = [
        (0, 0, 0, &[], 0, 0, 0, 0),
        (1, 1, 6, &code, 0, 0, 16, 0),
        (7, 4, 0x40, &relocations, 3, 1, 8, 24),
        (18, 2, 0, &symbols, 4, 1, 8, 24),
        (26, 3, 0, &names, 0, 0, 1, 0),
        (34, 3, 0, &section_names, 0, 0, 1, 0),
    ];
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x01\0\x3e\0\x01\0\0\0".to_vec();
    let bodies: usize = sections.iter().map(|section| section.3.len().next_multiple_of(16)).sum();
    file.extend([0; 16]);
    file.extend((64 + bodies as u64).to_le_bytes());
    file.extend([0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 64, 0, 6, 0, 5, 0]);
    let mut table = Vec::new();
    for (name, kind, flags, body, link, info, alignment, entry) in sections {
        [name, kind].iter().for_each(|number| table.extend(number.to_le_bytes()));
        [flags, 0, file.len() as u64, body.len() as u64].iter().for_each(|number| table.extend(number.to_le_bytes()));
        [link, info].iter().for_each(|number| table.extend(number.to_le_bytes()));
        [alignment, entry].iter().for_each(|number| table.extend(number.to_le_bytes()));
        file.extend(body);
        file.resize(file.len().next_multiple_of(16), 0);
    }
    file.extend(table);
    file
}

/// An object of WebAssembly: the same functions with a relocation a call.
pub(super) fn wasm(shape: Shape, object: u32) -> Vec<u8> {
    use super::wasm::{section, sized, text, unsigned};
    let imports = shape.imports(object);
    let name = |(object, function): Place| format!("m{object}_f{function}");
    let number = |(other, function): Place| match other == object {
        true => imports.len() as u64 + u64::from(function),
        false => imports.binary_search(&(other, function)).unwrap_or(0) as u64,
    };
    let has_main = object == 0;
    let count = u64::from(shape.each) + u64::from(has_main);
    let (mut types, mut code, mut relocations, mut relocated) = (Vec::new(), Vec::new(), Vec::new(), 0u64);
    unsigned(&mut types, count);
    unsigned(&mut code, count);
    let mut call = |body: &mut Vec<u8>, callee: u64, calls: &mut Vec<(usize, u64)>| {
        body.push(0x10);
        calls.push((body.len(), callee));
        // As wide as any number, so that the linker can put one in.
        body.extend([0x80, 0x80, 0x80, 0x80, 0]);
        relocated += 1;
    };
    let mut add = |body: Vec<u8>, calls: Vec<(usize, u64)>| {
        let mut whole = Vec::new();
        sized(&mut whole, &body);
        let start = code.len() + whole.len() - body.len();
        for (at, callee) in calls {
            relocations.push(0);
            unsigned(&mut relocations, (start + at) as u64);
            unsigned(&mut relocations, callee);
        }
        code.extend(whole);
    };
    for function in 0..shape.each {
        types.push(0);
        let (mut body, mut calls) = (vec![0, 0x20, 0, 0x20, 1, 0x7e, 0x42], Vec::new());
        unsigned(&mut body, u64::from(function) & 0x3f);
        body.push(0x7c);
        for callee in shape.calls((object, function)) {
            body.extend([0x20, 0]);
            call(&mut body, number(callee), &mut calls);
        }
        body.push(0x42);
        unsigned(&mut body, u64::from(object) & 0x3f);
        body.extend([0x7c, 0x0b]);
        add(body, calls);
    }
    if has_main {
        types.push(1);
        let (mut body, mut calls) = (vec![0, 0x42, 1, 0x42, 2], Vec::new());
        call(&mut body, number((0, 0)), &mut calls);
        body.push(0x0b);
        add(body, calls);
    }
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    section(&mut module, 1, &[2, 0x60, 2, 0x7e, 0x7e, 1, 0x7e, 0x60, 0, 1, 0x7e]);
    let mut imported = Vec::new();
    unsigned(&mut imported, imports.len() as u64);
    for import in &imports {
        text(&mut imported, "env");
        text(&mut imported, &name(*import));
        imported.extend([0, 0]);
    }
    section(&mut module, 2, &imported);
    section(&mut module, 3, &types);
    section(&mut module, 10, &code);
    let mut table = Vec::new();
    unsigned(&mut table, imports.len() as u64 + count);
    for index in 0..imports.len() {
        table.extend([0, 0x10]);
        unsigned(&mut table, index as u64);
    }
    for function in 0..shape.each {
        table.extend([0, 0]);
        unsigned(&mut table, imports.len() as u64 + u64::from(function));
        text(&mut table, &name((object, function)));
    }
    if has_main {
        table.extend([0, 0]);
        unsigned(&mut table, imports.len() as u64 + u64::from(shape.each));
        text(&mut table, "main");
    }
    let mut linking = Vec::new();
    text(&mut linking, "linking");
    linking.extend([2, 8]);
    sized(&mut linking, &table);
    section(&mut module, 0, &linking);
    let mut custom = Vec::new();
    text(&mut custom, "reloc.CODE");
    custom.push(3);
    unsigned(&mut custom, relocated);
    custom.extend(relocations);
    section(&mut module, 0, &custom);
    module
}
