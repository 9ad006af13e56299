//! Programs from seeds, as source: loops in loops over views that overlap or do not, with sums, fields and branches in
//! them; as people write them, and as passes over machine code look for them.

use crate::random::Random;
use core::fmt::Write;

/// Elements of the array that all views are parts of.
const ELEMENTS: u32 = 240;
const CELLS: u32 = 24;
const FLAGS: u32 = 200;

/// The program of a seed.
pub(crate) fn source(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0x6c6f_6f70);
    let type_ = random.pick(&["decimal", "decimal", "float", "int", "long"]).copied().unwrap_or("decimal");
    let mut writer = Writer { random, type_, text: String::new(), depth: 1, counters: Vec::new(), many: 0 };
    writer.program();
    writer.text
}

struct Writer {
    random: Random,
    /// Of the elements.
    type_: &'static str,
    text: String,
    depth: usize,
    /// The counters of the loops that are open.
    counters: Vec<String>,
    /// How many loops and sums have a name.
    many: u32,
}

impl Writer {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{:1$}{line}", "", 4 * self.depth);
    }

    fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    fn program(&mut self) {
        self.depth = 0;
        let type_ = self.type_;
        self.line(&format!("struct cell {{ x: {type_}, n: int, y: {type_} }}"));
        let calls = self.random.below(9);
        let bytes = 8 + FLAGS;
        self.line(&format!("static {bytes} {{ calls: long = {calls}l; flags: byte[{FLAGS}] }}"));
        self.open(&format!("fn help(x: {type_}, i: int) -> {type_} {{"));
        self.line("calls += long(i)");
        self.line(&format!("return x + {type_}(i)"));
        self.close();
        self.open(&format!(
            "fn work(a: []{type_}, b: []{type_}, c: []{type_}, s: []cell, n: int, m: int) -> {type_} {{"
        ));
        self.open("alloc 512 {");
        self.line(&format!("total = {type_}(1)"));
        self.line("count = 0");
        self.line(&format!("p = cell {{ x = {type_}(2), n = 3, y = {type_}(5) }}"));
        for _ in 0..self.random.within(1, 3) {
            self.statement();
        }
        self.line(&format!("return total + {type_}(count) + p.x * {type_}(p.n) + p.y"));
        self.close();
        self.close();
        self.open("fn main() {");
        self.open("alloc 8192 {");
        self.line(&format!("d: {type_}[{ELEMENTS}]"));
        self.line(&format!("s: cell[{CELLS}]"));
        self.line(&format!("for i in 0..{ELEMENTS} {{ d[i] = {type_}((i * 37) % 23 - 9) }}"));
        for _ in 0..self.random.within(1, 4) {
            let views: Vec<_> = (0..3).map(|_| self.part()).collect();
            let (n, m) = (self.random.below(24), self.random.below(24));
            self.line(&format!("println(work({}, s, {n}, {m}))", views.join(", ")));
        }
        self.line(&format!("sum = {type_}(0)"));
        self.line(&format!("for i in 0..{ELEMENTS} {{ sum = sum * {type_}(3) + d[i] }}"));
        self.line(&format!("for i in 0..{CELLS} {{ sum = sum * {type_}(5) + s[i].x - s[i].y + {type_}(s[i].n) }}"));
        self.line(&format!("for i in 0..{FLAGS} {{ sum = sum * {type_}(3) + {type_}(int(flags[i])) }}"));
        self.line("println(sum, calls)");
        self.close();
        self.close();
    }

    /// A part of the array.
    fn part(&mut self) -> String {
        let start = self.random.below(3) * 60 + if self.random.percent(30) { self.random.below(30) } else { 0 };
        let end = ELEMENTS.min(start + self.random.within(60, 90));
        format!("d[{start}..{end}]")
    }

    fn statement(&mut self) {
        match self.random.below(13) {
            12 => self.fill(),
            10.. if self.counters.len() < 2 => self.nest(),
            0..=4 if self.counters.len() < 3 => self.counted(),
            5 if self.counters.len() < 2 => self.uncounted(),
            6 => {
                let (index, value) = (self.index(), self.value(1));
                let view = self.random.pick(&["c", "c", "a"]).copied().unwrap_or("c");
                self.line(&format!("{view}[{index}] = {value}"));
            }
            7 => self.field(),
            8 => {
                let value = self.value(2);
                self.line(&format!("total = {value}"));
            }
            _ => self.branch(),
        }
    }

    fn limit(&mut self) -> String {
        match self.random.below(3) {
            0 => self.random.below(20).to_string(),
            1 => "n".to_owned(),
            _ => "m".to_owned(),
        }
    }

    /// A loop that counts, perhaps one that adds up.
    fn counted(&mut self) {
        self.many += 1;
        let (counter, sum, limit) = (format!("i{}", self.many), format!("t{}", self.many), self.limit());
        let adds_up = self.random.percent(60);
        if adds_up {
            let type_ = self.type_;
            let start = self.random.below(4);
            self.line(&format!("{sum} = {type_}({start})"));
        }
        self.open(&format!("for {counter} in 0..{limit} {{"));
        self.counters.push(counter);
        if adds_up {
            let value = self.value(1);
            let operator = self.random.pick(&["+", "+", "-", "*"]).copied().unwrap_or("+");
            self.line(&format!("{sum} = {sum} {operator} {value}"));
        }
        for _ in 0..self.random.below(if adds_up { 2 } else { 4 }) {
            self.statement();
        }
        self.counters.pop();
        self.close();
        if adds_up {
            let index = self.index();
            self.line(&format!("c[{index}] = {sum}"));
            if self.random.percent(50) {
                self.line(&format!("total += {sum}"));
            }
            self.line(&format!("free({sum})"));
        }
    }

    /// A loop around one that adds up, whose indices are within bounds.
    fn nest(&mut self) {
        self.many += 1;
        let (outer, inner, sum) = (format!("i{}", self.many), format!("k{}", self.many), format!("t{}", self.many));
        let type_ = self.type_;
        let limits = [self.random.within(5, 20), self.random.within(8, 20)].map(|limit| limit.to_string());
        let [rounds, within] = if self.random.percent(20) { [limits[0].clone(), "n".to_owned()] } else { limits };
        self.open(&format!("for {outer} in 0..{rounds} {{"));
        let start = self.random.below(3);
        self.line(&format!("{sum} = {type_}({start})"));
        self.open(&format!("for {inner} in 0..{within} {{"));
        let mut element = || {
            let index = match self.random.below(4) {
                0 => format!("{inner} + {outer}"),
                1 => format!("{inner} * 2 + {outer}"),
                2 => outer.clone(),
                _ => inner.clone(),
            };
            format!("{}[{index}]", self.random.pick(&["a", "b", "c"]).copied().unwrap_or("a"))
        };
        let (one, other) = (element(), element());
        self.line(&format!("{sum} = {sum} + {one} * {other}"));
        self.close();
        let index = self.random.pick(&["", " + 7", " * 2"]).copied().unwrap_or("");
        let view = self.random.pick(&["a", "c", "c"]).copied().unwrap_or("c");
        self.line(&format!("{view}[{outer}{index}] = {sum} * {type_}(2)"));
        if self.random.percent(50) {
            self.line(&format!("total += {sum}"));
        }
        self.line(&format!("free({sum})"));
        self.close();
    }

    /// A loop that only stores: bytes, or elements of a view.
    fn fill(&mut self) {
        self.many += 1;
        let (counter, value) = (format!("i{}", self.many), self.random.below(200));
        let start = self.random.pick(&["0", "1", "7", "n"]).copied().unwrap_or("0");
        let end = self.random.pick(&["60", "n + m", "m + 33", "59"]).copied().unwrap_or("60");
        let type_ = self.type_;
        let stored = match self.random.below(4) {
            0 | 1 => format!("flags[{counter}] = {value}"),
            2 => format!("c[{counter}] = {type_}({value})"),
            _ => format!("c[{counter}] = total"),
        };
        self.line(&format!("for {counter} in {start}..{end} {{ {stored} }}"));
    }

    fn uncounted(&mut self) {
        self.many += 1;
        let (counter, limit) = (format!("i{}", self.many), self.limit());
        let (start, step) = (self.random.below(3), self.random.within(1, 4));
        self.line(&format!("{counter} = {start}"));
        self.open(&format!("while {counter} < {limit} {{"));
        self.counters.push(counter.clone());
        self.statement();
        if self.random.percent(20) {
            let value = self.value(0);
            self.line(&format!("if {value} > {}(40) {{ break }}", self.type_));
        }
        self.line(&format!("{counter} += {step}"));
        self.counters.pop();
        self.close();
        self.line(&format!("free({counter})"));
    }

    fn field(&mut self) {
        let (place, value) = (self.place(), self.value(1));
        match self.random.below(4) {
            0 => self.line(&format!("{place}.x += {value}")),
            1 => self.line(&format!("{place}.y = {place}.x - {value}")),
            2 => self.line(&format!("{place}.n = {place}.n * 3 + 1")),
            _ => self.line(&format!("{place}.x = help({place}.y, {place}.n)")),
        }
    }

    fn branch(&mut self) {
        let (place, value) = (self.place(), self.value(0));
        let side = self.random.pick(&["x", "y"]).copied().unwrap_or("x");
        self.open(&format!("if {place}.{side} < {value} {{"));
        self.field();
        self.depth -= 1;
        self.open("} else {");
        self.line("count += 1");
        if self.random.percent(50) {
            self.field();
        }
        self.close();
    }

    /// Where fields are.
    fn place(&mut self) -> String {
        match self.counters.last() {
            Some(counter) if self.random.percent(70) => format!("s[{counter}]"),
            _ => "p".to_owned(),
        }
    }

    /// An index; most are within bounds.
    fn index(&mut self) -> String {
        let counters = self.counters.clone();
        let mut counter = || self.random.pick(&counters).cloned().unwrap_or_else(|| "m".to_owned());
        let (one, other) = (counter(), counter());
        match self.random.below(8) {
            0 => format!("{one} + {other}"),
            1 => format!("{one} * 2 + {other}"),
            2 => self.random.below(40).to_string(),
            3 => format!("{one} + n"),
            _ => one,
        }
    }

    fn value(&mut self, depth: u32) -> String {
        if depth > 0 && self.random.percent(70) {
            let operator = self.random.pick(&["+", "-", "*"]).copied().unwrap_or("+");
            return format!("({} {operator} {})", self.value(depth - 1), self.value(depth - 1));
        }
        let (index, type_) = (self.index(), self.type_);
        match self.random.below(8) {
            0 | 1 => format!("a[{index}]"),
            2 | 3 => format!("b[{index}]"),
            4 => format!("{}.x", self.place()),
            5 => "total".to_owned(),
            6 => format!("{type_}({index})"),
            _ => format!("{type_}({})", self.random.below(9)),
        }
    }
}
