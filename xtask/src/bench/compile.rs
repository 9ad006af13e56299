//! `cargo xtask bench compile`: how fast sources become modules, and in how much memory, beside `tcc -c` and `luac5.4` on
//! a program of the same shape.

use super::measure::{Contestant, Usage, race};
use super::page::{self, mib, ms, times};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The sizes, each twice the one before; peers compile the last.
const SIZES: [u32; 3] = [25_000, 50_000, 100_000];
const ROUNDS: usize = 5;

pub(crate) fn run() -> Result<(), String> {
    let release = super::release()?;
    page::publish_measured("compile", |folder| measure(&release, folder))
}

/// What compiles a source in which language.
type Language = (&'static str, &'static str, fn(u32) -> String);
const PEERS: [Language; 2] = [("tcc", "c", c), ("luac5.4", "lua", lua)];

fn measure(release: &Path, folder: &Path) -> Result<String, String> {
    let write = |name: String, text: String| {
        let path = folder.join(name);
        fs::write(&path, &text).map_err(|error| format!("`{}`: {error}", path.display()))?;
        Ok::<_, String>((path, text.len()))
    };
    let output = folder.join("out");
    let mut contestants = Vec::new();
    let mut sizes = Vec::new();
    for functions in SIZES {
        let (path, size) = write(format!("bench{functions}.vg"), vega(functions))?;
        let words: [&dyn AsRef<std::ffi::OsStr>; 3] = [&path, &"-o", &output];
        contestants.push(Contestant::new("vegac", release.join("vegac"), &words));
        sizes.push((functions, size));
    }
    let mut versions = Vec::new();
    for (name, extension, source) in PEERS {
        let Some(program) = super::find(name) else {
            versions.push(format!("{name}: not installed"));
            continue;
        };
        let functions = SIZES[SIZES.len() - 1];
        let (path, size) = write(format!("bench.{extension}"), source(functions))?;
        versions.push(super::first_line(&program, &["-v"]));
        let contestant = match name {
            "tcc" => Contestant::new("tcc -c", program, &[&"-c", &path, &"-o", &output]),
            _ => Contestant::new("luac5.4", program, &[&"-o", &output, &path]),
        };
        contestants.push(contestant);
        sizes.push((functions, size));
    }
    println!("compiling …");
    let usages = race(&release.join("xtask"), &contestants, ROUNDS)?;
    let rate = |functions: u32, usage: &Usage| f64::from(functions) / usage.cpu.as_secs_f64();
    let ours = usages.get(SIZES.len() - 1).map(|usage| rate(SIZES[SIZES.len() - 1], usage)).unwrap_or(1.0);
    let mut rows = Vec::new();
    let mut before: Option<&Usage> = None;
    for ((contestant, usage), (functions, size)) in contestants.iter().zip(&usages).zip(&sizes) {
        let rate = rate(*functions, usage);
        let is_ours = contestant.name == "vegac";
        let doubling =
            before.filter(|_| is_ours).map(|before| times(usage.cpu.as_secs_f64() / before.cpu.as_secs_f64()));
        before = Some(usage);
        rows.push(vec![
            contestant.name.clone(),
            functions.to_string(),
            mib(*size as u64),
            ms(usage.cpu),
            doubling.unwrap_or_default(),
            format!("{:.0} k", rate / 1000.0),
            times(ours / rate),
            format!("{} ({} source)", mib(usage.peak), times(usage.peak as f64 / *size as f64)),
        ]);
    }
    let head = ["", "functions", "source", "processor time", "a doubling", "functions/s", "ours / it", "peak memory"];
    Ok(format!("Machine: {}\nPeers: {}.\n\n{}", page::machine(), versions.join("; "), page::table(&head, &rows)))
}

/// The function that one calls: none of them calls itself or a later one.
fn callee(function: u32) -> u32 {
    function / 2
}

fn vega(functions: u32) -> String {
    let mut text = String::from("pub fn f0(a: int, b: int) -> int { return a + b }\n");
    for function in 1..functions {
        let callee = callee(function);
        let _ = write!(
            text,
            "pub fn f{function}(a: int, b: int) -> int {{
    alloc 16 {{
        x = a + {function}
        y = b * 3
        s = 0
        for i in 0..a {{
            if i % 2 == 0 {{
                s += x * i
            }} else {{
                s -= y
            }}
        }}
        while s > 1000 {{
            s = s / 2 + y
        }}
        t = s - x
        if t < 0 {{
            t = -t
        }}
        t + f{callee}(x, y)
    }}
}}
"
        );
    }
    text + &format!("fn main() {{ println(f{}(1, 2)) }}\n", functions - 1)
}

fn c(functions: u32) -> String {
    let mut text = String::from("int f0(int a, int b) { return a + b; }\n");
    for function in 1..functions {
        let callee = callee(function);
        let _ = write!(
            text,
            "int f{function}(int a, int b) {{
    int x = a + {function};
    int y = b * 3;
    int s = 0;
    for (int i = 0; i < a; i++) {{
        if (i % 2 == 0) {{
            s += x * i;
        }} else {{
            s -= y;
        }}
    }}
    while (s > 1000) {{
        s = s / 2 + y;
    }}
    int t = s - x;
    if (t < 0) {{
        t = -t;
    }}
    return t + f{callee}(x, y);
}}
"
        );
    }
    text + &format!("int main(void) {{ return f{}(1, 2); }}\n", functions - 1)
}

fn lua(functions: u32) -> String {
    let mut text = String::from("function f0(a, b) return a + b end\n");
    for function in 1..functions {
        let callee = callee(function);
        let _ = write!(
            text,
            "function f{function}(a, b)
    local x = a + {function}
    local y = b * 3
    local s = 0
    for i = 0, a - 1 do
        if i % 2 == 0 then
            s = s + x * i
        else
            s = s - y
        end
    end
    while s > 1000 do
        s = s // 2 + y
    end
    local t = s - x
    if t < 0 then
        t = -t
    end
    return t + f{callee}(x, y)
end
"
        );
    }
    text + &format!("print(f{}(1, 2))\n", functions - 1)
}
