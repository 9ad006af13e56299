//! For every instruction a line of source that yields it. The tests compile each line in the place of the page's
//! context, and look for the instruction on it.

use vega_format::instruction::Row;

/// The declarations around a line; the line stands in the place of `HERE`.
pub(super) const CONTEXT: &str = "\
struct point { x: int, y: int }
struct shape { corners: point[3], name: char }
static 8 { seen = 0; turn: byte[4] }

fn half(n: int) -> int { return n / 2 }
fn first(v: []int) -> int { return v[0] }
fn next(p: point) -> point { return point{x=p.x + 1, y=p.y} }

fn context(b: byte, s: short, i: int, l: long, f: float, d: decimal, z: bool, c: char, t: string, v: []int, k: []shape) -> int {
    alloc 256 {
        n = 0
        p = point{x=1, y=2}
        g: shape
        h: shape
        a: int[4]
        u: int|bool = 1
        w: string<16>
        names: string<8>[4]
        HERE
        return i
    }
}

fn main() {
    alloc 128 {
        a: int[4]
        k: shape[2]
        println(context(1b, 2s, 3, 4l, 5.0f, 6.0, true, 'c', \"text\", a, k))
    }
}
";

/// The lines of instructions that are one of a kind.
const SINGLE: &[(&str, &str)] = &[
    ("STACK_POP", "half(i)"),
    ("STACK_ALLOC", "alloc 4 { x = i }"),
    ("STACK_FREE", "alloc 4 { x = i }"),
    ("STACK_ALLOC_BUMP", "alloc 4 :bump { x = i }"),
    ("STACK_ALLOC_POOL", "alloc 8 :pool(4) { x = i }"),
    ("LOAD_CONST", "x = 42"),
    ("VAR_ALLOC", "x = i"),
    ("VAR_STORE", "n = i"),
    ("VAR_LOAD", "println(n)"),
    ("VAR_FREE", "free(n)"),
    ("VAR_PTR", "x = *int(0)"),
    ("STENCIL_ALLOC", "x = point{x=3, y=4}"),
    ("FIELD_STORE", "p.x = i"),
    ("FIELD_LOAD", "println(p.x)"),
    ("CALL_NAT", "println(i)"),
    ("VAR_DROP", "if z { x = *int(0) }"),
    ("VAR_OFFSET", "println(offset(n))"),
    ("STACK_SLIDE", "println(next(p).x)"),
    ("CALL", "println(half(i))"),
    ("RETURN", "return i"),
    ("JUMP", "while z { n += 1 }"),
    ("JUMP_FALSE", "if z { n = 1 }"),
    ("JUMP_TRUE", "println(z || n == 0)"),
    ("CELL_LOAD", "println(i)"),
    ("FIELD_VIEW", "println(g.corners[i].y)"),
    ("VIEW_FIELD", "println(k[i].corners[i].y)"),
    ("ELEM_LOAD", "println(a[i])"),
    ("ELEM_STORE", "a[i] = 1"),
    ("ARRAY_VIEW", "println(first(a))"),
    ("VIEW_LOAD", "println(v[i])"),
    ("VIEW_STORE", "v[i] = 1"),
    ("VIEW_LENGTH", "println(len(v))"),
    ("VIEW_SLICE", "println(v[1..3])"),
    ("VIEW_COPY", "h = g"),
    ("STRING_LENGTH", "println(len(t))"),
    ("STRING_BYTE", "println(t[i])"),
    ("NOT_BOOL", "println(!z)"),
    ("STRING_SLICE", "println(t[1..3])"),
    ("STRING_CHAR", "for x in t { println(x) }"),
    ("STRING_NEXT", "for x in t { println(x) }"),
    ("TEXT_VIEW", "println(w)"),
    ("TEXT_STORE", "w = t"),
    ("TEXT_APPEND", "append(w, t)"),
    ("TEXT_FORMAT", "append(w, i)"),
    ("VIEW_TEXT", "println(names[i])"),
    ("VIEW_TEXT_STORE", "names[i] = t"),
    ("VIEW_TEXT_APPEND", "append(names[i], t)"),
    ("VIEW_TEXT_FORMAT", "append(names[i], i)"),
    ("UNION_AS", "if u is int { println(u + 1) }"),
    ("UNION_IS", "println(u is int)"),
    ("FAIL", "assert(z)"),
    ("CLZ_INT", "println(leading_zeros(i))"),
    ("CTZ_INT", "println(trailing_zeros(i))"),
    ("ONES_INT", "println(count_ones(i))"),
    ("CLZ_LONG", "println(leading_zeros(l))"),
    ("CTZ_LONG", "println(trailing_zeros(l))"),
    ("ONES_LONG", "println(count_ones(l))"),
    ("STATIC_LOAD", "println(seen)"),
    ("STATIC_STORE", "seen = i"),
    ("STATIC_VIEW", "turn[i] = 1b"),
];

/// What stands for the instructions of a family; `@` is a value of its type.
const FAMILIES: &[(&str, &str)] = &[
    ("ADD", "@ + @"),
    ("SUB", "@ - @"),
    ("MUL", "@ * @"),
    ("DIV", "@ / @"),
    ("REM", "@ % @"),
    ("NEG", "-@"),
    ("ABS", "abs(@)"),
    ("MIN", "min(@, @)"),
    ("MAX", "max(@, @)"),
    ("SQRT", "sqrt(@)"),
    ("FLOOR", "floor(@)"),
    ("CEIL", "ceil(@)"),
    ("TRUNC", "trunc(@)"),
    ("ROUND", "round(@)"),
    ("ROTL", "rotate_left(@, i)"),
    ("ROTR", "rotate_right(@, i)"),
    ("UDIV", "unsigned_divide(@, @)"),
    ("UREM", "unsigned_remainder(@, @)"),
    ("ULT", "unsigned_less(@, @)"),
    ("AND", "@ & @"),
    ("OR", "@ | @"),
    ("XOR", "@ ^ @"),
    ("NOT", "~@"),
    ("SHL", "@ << i"),
    ("SHR", "@ >> i"),
    ("USHR", "@ >>> i"),
    ("EQ", "@ == @"),
    ("NE", "@ != @"),
    ("LT", "@ < @"),
    ("LE", "@ <= @"),
    ("GT", "@ > @"),
    ("GE", "@ >= @"),
];

/// The value of each type in the context.
const VALUES: &[(&str, &str)] = &[
    ("BYTE", "b"),
    ("SHORT", "s"),
    ("INT", "i"),
    ("LONG", "l"),
    ("FLOAT", "f"),
    ("DECIMAL", "d"),
    ("BOOL", "z"),
    ("CHAR", "c"),
    ("STRING", "t"),
];

fn find<'t>(table: &[(&str, &'t str)], name: &str) -> Option<&'t str> {
    table.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
}

/// The line that yields an instruction; `None` if none is known.
pub(super) fn line(row: &Row) -> Option<String> {
    if let Some(single) = find(SINGLE, row.mnemonic) {
        return Some(single.to_owned());
    }
    if let Some((from, to)) = row.mnemonic.split_once("_TO_") {
        return Some(format!("println({}({}))", to.to_lowercase(), find(VALUES, from)?));
    }
    let (family, type_) = row.mnemonic.rsplit_once('_')?;
    Some(format!("println({})", find(FAMILIES, family)?.replace('@', find(VALUES, type_)?)))
}
