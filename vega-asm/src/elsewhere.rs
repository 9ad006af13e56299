//! Instructions and directives of other assemblers and bytecodes (WebAssembly, the JVM, the CLR, GNU, NASM), by what does the same
//! here.

use vega_format::instruction::row_by_mnemonic;
use vega_format::types::Tag;

/// What to write for each word; where it is an instruction of ours, its shape is shown instead.
const WORDS: [(&[&str], &str); 15] = [
    (&["push", "const", "ldc", "ldc_w", "ldc2_w", "bipush", "sipush", "loadk", "li"], CONSTANT),
    (&["pop", "drop"], "STACK_POP"),
    (&["dup", "swap", "over", "pick"], "CELL_LOAD"),
    (&["mov", "get_local", "getlocal", "local.get", "load_fast", "ldloc", "lw", "ldr"], "VAR_LOAD"),
    (&["set_local", "setlocal", "local.set", "store_fast", "stloc", "sw", "str"], "VAR_STORE"),
    (&["goto", "br", "b", "bra", "jp"], "JUMP"),
    (&["jnz", "jne", "br_if", "brtrue", "bne", "cbnz", "ifne", "jump_if", "jump_if_true", "jumpif"], "JUMP_TRUE"),
    (&["jz", "je", "brfalse", "beq", "cbz", "ifeq", "jump_if_false", "jump_unless"], "JUMP_FALSE"),
    (&["cmp", "test"], "a comparison such as `LT_INT` pushes a bool, which `JUMP_TRUE` and `JUMP_FALSE` take"),
    (&["invoke", "invokestatic", "bl", "jal", "jsr"], "CALL"),
    (&["syscall", "print", "println", "puts", "echo"], PRINT),
    (&["halt", "hlt", "exit", "ret", "stop"], "RETURN"),
    (&["end"], "a block ends with `.end`, and a function before it with `RETURN`"),
    (&["nop"], "no instruction does nothing; leave it out"),
    (&["trap", "unreachable", "abort", "throw", "athrow", "panic"], "FAIL"),
];

/// What to write for directives of other assemblers.
const DIRECTIVES: [(&[&str], &str); 9] = [
    (
        &["text", "data", "bss", "rodata", "code", "segment"],
        "the assembler lays the sections out: code stands in `.function`, values in `.const` and `.static`; leave it out",
    ),
    (&["globl", "global", "public", "export"], "a function is shown to others by `exported` behind its name"),
    (&["extern", "external", "weak"], "what is elsewhere is declared by `.import io.put(s)V`"),
    (&["align", "balign", "p2align", "size", "type", "ident"], "nothing here needs it; leave it out"),
    (
        &[
            "byte", "short", "half", "word", "int", "long", "quad", "float", "double", "ascii", "asciz", "string",
            "zero",
        ],
        "values stand in `.const name = int:42`, or in the instruction: `LOAD_CONST index=int:42`",
    ),
    (&["equ", "set", "define"], "a value has a name by `.const name = int:42`"),
    (&FUNCTIONS, "a function begins with `.function main()I`"),
    (&["local", "locals", "registers"], "a variable is declared by `.slot x = 0 variable 00000010`"),
    (&["include", "incbin", "macro", "rept", "if", "ifdef"], "a listing is one text without macros"),
];

/// Directives that begin a function.
const FUNCTIONS: [&str; 3] = ["method", "proc", "sub"];

/// Whether a directive of another assembler begins a function.
pub(crate) fn begins_function(word: &str) -> bool {
    word.strip_prefix('.').is_some_and(|word| FUNCTIONS.contains(&word))
}

/// What to write for a directive of another assembler.
pub(crate) fn directive(word: &str) -> Option<&'static str> {
    let word = word.strip_prefix('.').unwrap_or(word).to_ascii_lowercase();
    DIRECTIVES.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, meant)| *meant)
}

const CONSTANT: &str = "a constant is pushed by `LOAD_CONST index=int:42`";
const PRINT: &str =
    "a function of the host is called: `CALL_NAT import=io.put(s)V`, under `.import io.put(s)V` before the functions";

/// The beginnings of words that say a type.
const TYPES: [(&str, &str); 8] = [
    ("i32.", "INT"),
    ("i64.", "LONG"),
    ("f32.", "FLOAT"),
    ("f64.", "DECIMAL"),
    ("i", "INT"),
    ("l", "LONG"),
    ("f", "FLOAT"),
    ("d", "DECIMAL"),
];

/// The scalar type that has another name elsewhere.
pub(crate) fn scalar(word: &str) -> Option<Tag> {
    Some(match word {
        "i16" | "int16" => Tag::Short,
        "i32" | "int32" | "integer" => Tag::Int,
        "i64" | "int64" => Tag::Long,
        "f32" | "single" => Tag::Float,
        "f64" | "double" | "real" => Tag::Decimal,
        "boolean" | "i1" => Tag::Bool,
        "u8" | "uint8" => Tag::Byte,
        "character" | "rune" => Tag::Char,
        _ => return None,
    })
}

/// What does here what an instruction does elsewhere: one of ours, or words.
pub(crate) fn meant(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let same = WORDS.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, meant)| *meant);
    same.or_else(|| TYPES.iter().find_map(|(start, type_name)| typed(word.strip_prefix(start)?, type_name)))
}

/// The same of an instruction whose type is known: `add` of `i32.add` and of `iadd`.
fn typed(operation: &str, type_name: &str) -> Option<&'static str> {
    let operation = operation.split_once('_').map_or(operation, |(operation, suffix)| match suffix {
        "s" => operation,
        // The number of a variable, as in `iload_0`.
        _ if suffix.bytes().all(|byte| byte.is_ascii_digit()) => operation,
        _ => "",
    });
    match operation {
        "const" => Some(CONSTANT),
        "load" => Some("VAR_LOAD"),
        "store" => Some("VAR_STORE"),
        "return" => Some("RETURN"),
        _ => row_by_mnemonic(&format!("{}_{type_name}", operation.to_ascii_uppercase())).map(|row| row.mnemonic),
    }
}
