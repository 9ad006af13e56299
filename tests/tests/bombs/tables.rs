//! Tables that are as large as may be: constants, imports, types, names, debug records.

use super::code::Code;
use super::judge::{Ends, Memory, check_memory, family, judge};
use std::fmt::Write;
use vega_format::builder::{Builder, ConstantValue, FunctionDraft};
use vega_format::container::{EntryResult, FunctionDebug, Kind, Line, SlotKind};
use vega_format::instruction::{Instruction, Offset, Size, Slot};
use vega_format::stencil::{Field, Stencil, TypeRef};
use vega_format::types::Tag;

#[test]
fn many_constants() {
    family("constants", 25_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        for number in 0..count {
            let value = match number % 2 {
                0 => ConstantValue::Scalar(Tag::Long, number as u64),
                _ => ConstantValue::String(format!("{number}")),
            };
            let index = code.builder.constant(value);
            code.push(Instruction::LoadConst { index });
            code.push(Instruction::StackPop {});
        }
        code.bytes()
    });
}

#[test]
fn many_imports() {
    family("imports", 10_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        for number in 0..count {
            let import = code.builder.import(&format!("host{number}()V"));
            code.push(Instruction::CallNat { import });
        }
        code.bytes()
    });
}

#[test]
fn many_deep_types() {
    family("deep types", 4_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let mut inner = TypeRef::Scalar(Tag::Byte);
        code.open(1 << 24);
        for number in 0..count {
            if number % 60 == 0 {
                inner = TypeRef::Scalar(Tag::Byte);
            }
            let field = |name: &str, type_ref| Field { name: name.to_owned(), type_ref };
            let fields = vec![field("a", inner), field("b", TypeRef::Scalar(Tag::Int))];
            let stencil = Stencil::Struct { name: format!("s{number}"), fields };
            inner = code.builder.stencil(stencil).expect("a type");
            code.slots.push(SlotKind::Stencil(inner));
            let slot = Slot(code.slots.len() as u16 - 1);
            let size = Size(code.builder.stencils().size(inner));
            code.push(Instruction::StencilAlloc { slot, size });
        }
        code.end();
        code.bytes()
    });
}

/// Tuples of tuples: what is short to say in the table is long when it is spelled out.
#[test]
fn types_that_double() {
    let name = "doubling types";
    let mut code = Code::new(1);
    let mut inner = TypeRef::Scalar(Tag::Byte);
    // As many as there can be: no type is longer than a name when it is spelled out.
    while let Ok(twice) = code.builder.stencil(Stencil::Tuple(vec![inner, inner])) {
        inner = twice;
    }
    code.slots.push(SlotKind::Stencil(inner));
    let size = Size(code.builder.stencils().size(inner));
    code.open(1 << 21);
    code.push(Instruction::StencilAlloc { slot: Slot(0), size });
    code.end();
    check_memory(name, &judge(name, code.bytes(), Ends::Either), Memory::ByFile);
}

/// Names as long as they may be, in signatures that are as wide as they may be.
#[test]
fn long_names_and_wide_signatures() {
    family("wide signatures", 1_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        let draft =
            || FunctionDraft { code: vec![Instruction::Return {}], max_stack: Some(0), ..FunctionDraft::default() };
        builder.add_function("main()V", draft());
        for index in 1..count {
            let mut name = format!("f{index}(");
            (0..255).for_each(|_| write!(name, "{}", if index % 2 == 0 { "I" } else { "[]I" }).expect("text"));
            name.push_str(")V");
            builder.add_function(&name, draft());
        }
        builder.write().expect("it can be written")
    });
}

/// A struct of many fields, and code that names them all.
#[test]
fn many_fields() {
    family("fields", 5_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut code = Code::new(1);
        let field = |number| Field { name: format!("f{number}"), type_ref: TypeRef::Scalar(Tag::Int) };
        let stencil = Stencil::Struct { name: "wide".to_owned(), fields: (0..count).map(field).collect() };
        let type_ref = code.builder.stencil(stencil).expect("a type");
        code.slots.push(SlotKind::Stencil(type_ref));
        let (slot, tag, size) = (Slot(0), Tag::Int, Size(4 * count as u32));
        code.open(size.0);
        code.push(Instruction::StencilAlloc { slot, size });
        for number in 0..count as u32 {
            code.push(Instruction::FieldLoad { slot, offset: Offset(4 * number), tag });
            code.push(Instruction::StackPop {});
        }
        code.end();
        code.bytes()
    });
}

/// A struct of many fields, which many functions say that they take by value.
#[test]
fn wide_structs_as_parameters() {
    family("wide parameters", 500, Ends::Refused, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        let field = |number| Field { name: format!("f{number}"), type_ref: TypeRef::Scalar(Tag::Int) };
        let stencil = Stencil::Struct { name: "wide".to_owned(), fields: (0..count).map(field).collect() };
        builder.stencil(stencil).expect("a type");
        let draft = || FunctionDraft { code: vec![Instruction::Return {}], max_stack: Some(0), ..Default::default() };
        builder.add_function("main()V", draft());
        (0..count).for_each(|index| _ = builder.add_function(&format!("f{index}(4wide)V"), draft()));
        builder.write().expect("it can be written")
    });
}

#[test]
fn many_functions_with_lines() {
    family("functions with lines", 10_000, Ends::Accepted, Memory::ByFile, |count| {
        let mut builder = Builder::new(Kind::Program);
        builder.entry = Some(("main()V".to_owned(), EntryResult::Print));
        builder.sources = vec!["a.vg".to_owned()];
        let draft = || {
            let debug = FunctionDebug { lines: vec![Line { offset: 0, line: 2 }], line: 1, ..FunctionDebug::default() };
            let code = vec![Instruction::Return {}];
            FunctionDraft { code, debug: Some(debug), max_stack: Some(0), ..Default::default() }
        };
        builder.add_function("main()V", draft());
        (1..count).for_each(|index| _ = builder.add_function(&format!("f{index}()V"), draft()));
        builder.write().expect("it can be written")
    });
}
