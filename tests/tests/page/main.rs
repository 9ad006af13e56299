//! The page of `vega-objdump --html`, as text and in a real browser: that it loads without an error, shows what runs show,
//! goes by mouse and by keys, and does not fall for what stands in the file.

mod browser;

use browser::Browser;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;
use vega_asm::html;
use vega_asm::objdump::{Examined, Texts};
use vega_tests::case::{corpus, root};
use vega_tests::module;
use vega_tests::output::Shared;
use vegavm::trace::Tracer;
use vegavm::{Imports, Limits, load};

/// A file with its page, in a folder that goes when this goes.
struct Page {
    bytes: Vec<u8>,
    text: String,
    folder: TempDir,
}

impl Page {
    fn of(name: &str, bytes: Vec<u8>, source: Option<&str>) -> Page {
        let examined = Examined::of(&bytes, 1).expect("a file that can be read");
        let mut texts = Texts::default();
        examined.parsed.sources().for_each(|_| texts.push(source));
        let text = html::page(&examined.subject(name, &texts));
        let folder = tempfile::tempdir().expect("a folder for the page");
        fs::write(folder.path().join("page.html"), &text).expect("the page is written");
        Page { bytes: bytes.clone(), text, folder }
    }

    fn of_source(path: &str) -> Page {
        let path = root().join(path);
        let text = fs::read_to_string(&path).expect("a source");
        let bytes = module::compile_file(&path, vegac::Options::default()).accepted().expect("a program");
        Page::of("prog.vgb", bytes, Some(&text))
    }

    fn open(&self) -> Option<Browser> {
        Browser::open(&self.folder.path().join("page.html"))
    }
}

/// The lines of a trace.
fn trace(bytes: &[u8]) -> Vec<String> {
    let program = load(bytes.to_vec(), &Imports::new(), &Limits::trusted(), &mut ()).expect("a program");
    let shared = Shared::default();
    let mut tracer = Tracer::new(shared.clone());
    program.run(&[], &mut Imports::new(), &Limits::trusted(), &mut tracer).expect("it is granted what it wants");
    let text = String::from_utf8(shared.take()).expect("a trace is text");
    text.lines().map(str::to_owned).collect()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no `{start}` in `{text}`"));
    rest.split_once(end).unwrap_or_else(|| panic!("no `{end}` in `{text}`")).0
}

/// The slots that the picture has in a row, with their bytes, by number: `0 [0..4), 1 [4..12)`.
fn drawn(row: usize) -> String {
    format!(
        "[...document.querySelectorAll('#arenas [data-slot]')].map((drawn) => drawn.dataset)\
         .filter((drawn) => Number(drawn.first) <= {row} && {row} <= Number(drawn.last))\
         .sort((one, other) => one.slot - other.slot).map((drawn) => `${{drawn.slot}} ${{drawn.bytes}}`).join(', ')"
    )
}

/// The same out of a line of a trace.
fn traced(line: &str) -> String {
    let slots = between(line, " {", "}").split(", ").filter(|slot| !slot.is_empty());
    let slot = |slot: &str| {
        let number = slot.split([':', ' ']).next().unwrap_or_default();
        format!("{number} [{})", between(slot, "[", ")"))
    };
    slots.map(slot).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_pictures_of_the_seeds_are_what_their_traces_say() {
    for seed in ["untyped", "aliases", "unions"] {
        let page = Page::of_source(&format!("tests/run/seeds/{seed}.vg"));
        let lines = trace(&page.bytes);
        assert_eq!(lines, golden_trace(seed), "{seed}");
        let Some(mut browser) = page.open() else { return };
        browser.click("#code > div");
        for (row, line) in lines.iter().enumerate() {
            let offset = between(line, " 0x", " ");
            assert_eq!(browser.read("location.hash").rsplit('=').next(), Some(&*format!("0x{offset}")), "{seed}");
            // What is known there, word for word, and what is drawn.
            let slots = format!("{{{}}}", between(line, " {", "}"));
            assert_eq!(browser.read("document.getElementById('slots').textContent"), slots, "{seed}, 0x{offset}");
            assert_eq!(browser.read(&drawn(row)), traced(line), "{seed}, 0x{offset}");
            compare_bytes(&mut browser, seed, line);
            browser.press("ArrowDown");
        }
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{seed}");
    }
}

fn golden_trace(seed: &str) -> Vec<String> {
    let path = corpus().join(format!("run/seeds/{seed}.trace"));
    fs::read_to_string(path).expect("the recorded trace").lines().map(str::to_owned).collect()
}

/// The innermost arena has as many bytes as in the run, and those that the picture leaves to no slot are zero.
fn compare_bytes(browser: &mut Browser, seed: &str, line: &str) {
    let arenas = browser.read("document.getElementById('open').textContent");
    let Some((_, bytes)) = line.split_once(" <") else {
        return assert_eq!(arenas, "none open", "{seed}: {line}");
    };
    let bytes: Vec<&str> = bytes.trim_end_matches('>').split(' ').collect();
    assert!(arenas.starts_with(&format!("{} bytes, ", bytes.len())), "{seed}: {arenas}, and the run had {line}");
    let mut owned = vec![false; bytes.len()];
    for range in traced(line).split(", ").filter_map(|slot| slot.split_once(" [")) {
        let (start, end) = range.1.trim_end_matches(')').split_once("..").expect("a range");
        owned[start.parse().expect("a number")..end.parse().expect("a number")].fill(true);
    }
    let holes = bytes.iter().zip(&owned).filter(|(_, owned)| !**owned);
    assert!(holes.clone().all(|(byte, _)| *byte == "00"), "{seed}: {line}");
}

#[test]
fn a_click_on_an_instruction_marks_its_bytes_and_its_slots() {
    let page = Page::of_source("tests/run/seeds/untyped.vg");
    let Some(mut browser) = page.open() else { return };
    let parsed = vega_format::read(page.bytes.as_slice()).expect("a file that can be read");
    let code = parsed.function(0).expect("a function").code_offset;
    let lit = "[...document.querySelectorAll('#bytes .lit')].map((cell) => `${cell.dataset.byte} ${cell.textContent}`)";
    let named = "[...document.querySelectorAll('#arenas .named')].map((slot) => slot.dataset.slot).join()";
    // `VAR_FREE slot=0`
    browser.click("[data-offset='29']");
    let wanted: Vec<String> = (code + 0x1d..code + 0x20).map(|at| format!("{at} {:02x}", page.bytes[at])).collect();
    assert_eq!(browser.look(lit), json!(wanted));
    // They are told beside it, too, and are in sight within their own box.
    let digits: Vec<&str> = wanted.iter().filter_map(|byte| byte.split(' ').nth(1)).collect();
    assert_eq!(browser.read("document.getElementById('point-bytes').textContent"), digits.join(" "));
    let edges = |item: &str| {
        format!("(({{ top, bottom }}) => [top, bottom])(document.querySelector('{item}').getBoundingClientRect())")
    };
    let is_within = format!(
        "(([top, bottom], [first, last]) => top <= first && last <= bottom)({}, {})",
        edges("#bytes"),
        edges("#bytes .lit")
    );
    assert_eq!(browser.look(&is_within), json!(true));
    assert_eq!(browser.read(named), "0");
    assert_eq!(browser.read("location.hash"), "#f=main()L&at=0x001d");
    assert_eq!(browser.read("document.querySelector('#source [aria-selected=true]').textContent"), "8    free(x)");
    // The other way round: a byte leads to its instruction, a line to its first.
    browser.click(&format!("[data-byte='{}']", code + 0x26));
    assert_eq!(browser.read("location.hash"), "#f=main()L&at=0x0025");
    assert_eq!(browser.read(named), "2");
    browser.click("#source [data-line='7']");
    assert_eq!(browser.read("location.hash"), "#f=main()L&at=0x0011");
    // A byte that is no code says what it is.
    browser.click("[data-byte='3']");
    assert_eq!(
        browser.read("document.getElementById('field').textContent"),
        "0x0000 to 0x0007 header: magic, every .vgb starts so (spec/container.md#header)"
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_goes_by_keys_and_by_its_address() {
    let page = Page::of_source("examples/queens.vg");
    let Some(mut browser) = page.open() else { return };
    let focus = "document.activeElement.id || document.activeElement.parentElement.id || document.activeElement.role";
    let mut order = Vec::new();
    for _ in 0..6 {
        browser.press("Tab");
        order.push(browser.read(focus));
    }
    let row = browser.read("document.querySelector('#code [aria-selected=true]').id");
    assert_eq!(order, ["functions", "source", row.as_str(), "fields", "bytes-back", "bytes-on"].map(str::to_owned));
    browser.press("Tab");
    assert_eq!(browser.read("document.activeElement.role"), "gridcell");
    let at = browser.look("Number(document.activeElement.dataset.byte)").as_u64().expect("an offset");
    browser.press("ArrowRight");
    browser.press("ArrowDown");
    assert_eq!(browser.look("Number(document.activeElement.dataset.byte)"), at + 17);
    // The tree of the budget unfolds.
    assert_eq!(browser.look("document.querySelector('#budgets details').open"), true);
    browser.look("location.hash = '#f=show(I)V&at=0x3', new Promise((done) => setTimeout(done, 50))");
    assert_eq!(browser.read("document.getElementById('point-title').textContent").split(' ').next(), Some("0x0003"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// The contrast of texts with what lies behind them, the least of all.
const CONTRAST: &str = "(() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] > 0) return colour;
        }
    };
    const texts = [...document.querySelectorAll('h1, h2, h3, p, dt, dd, span, b, code, pre')]
        .filter((element) => element.offsetParent && element.childNodes.length && element.firstChild.nodeType === 3);
    return Math.min(...texts.map((element) => {
        const [one, other] = [channels(getComputedStyle(element).color), behind(element)].map(light);
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    }));
})()";

#[test]
fn it_folds_on_a_phone_and_can_be_read_in_light_and_dark() {
    let page = Page::of_source("examples/queens.vg");
    let Some(mut browser) = page.open() else { return };
    let background = "getComputedStyle(document.body).backgroundColor";
    let mut colours = Vec::new();
    for scheme in ["light", "dark"] {
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.ask("Emulation.setEmulatedMedia", feature);
        colours.push(browser.read(background));
        let contrast = browser.look(CONTRAST).as_f64().expect("a number");
        assert!(contrast >= 4.5, "the least contrast in {scheme} is {contrast}");
    }
    assert_ne!(colours[0], colours[1]);
    for width in [360, 768, 1440] {
        let phone = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500 });
        browser.ask("Emulation.setDeviceMetricsOverride", phone);
        let wide = browser.look("document.documentElement.scrollWidth").as_u64().expect("a number");
        assert!(wide <= width, "the page is {wide} wide on a screen of {width}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// A program whose every text tries to get out of the page.
const HOSTILE: &str = r#"
.source "</script><script>window.taken = true</script>.vg"
.entry main()I print
.function main()I
    .file 0
    .declared 1
    .slot 0 variable 00000010 "<img src=x onerror='window.taken = true'>"
    STACK_ALLOC capacity=8
    LOAD_CONST index="<!--<script>\u{202e}\"'&lt;"
    STACK_POP
    LOAD_CONST index=int:1
    VAR_ALLOC slot=0 mask=00000010
    VAR_STORE slot=0
    STACK_FREE
    LOAD_CONST index=int:1
    RETURN
.end
"#;

#[test]
fn nothing_in_a_file_gets_out_of_its_page() {
    let name = "</title><script>window.taken = true</script>\u{202e}.vgb";
    let bytes = module::assemble("hostile.vasm", HOSTILE, true).accepted().expect("it is accepted");
    let page = Page::of(name, bytes, Some("</script><b>\u{202e}"));
    assert_eq!(page.text.matches("</script").count(), 2, "{}", page.text);
    assert_eq!(page.text.matches("</title").count(), 1);
    assert_eq!(page.text.matches("<!--").count(), 0);
    assert!(!page.text.contains(['\u{202e}', '\u{2066}']));
    let Some(mut browser) = page.open() else { return };
    assert_eq!(browser.look("window.taken === undefined && document.images.length === 0"), Value::Bool(true));
    assert!(browser.read("document.getElementById('slots').textContent").len() > 1);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn files_that_are_refused_or_damaged_have_a_page() {
    let listing = ".entry main()I print\n.function main()I\n    ADD_INT\n    RETURN\n.end\n";
    let refused = module::assemble("refused.vasm", listing, false).accepted().expect("nobody has looked at it");
    let page = Page::of("refused.vgb", refused.clone(), None);
    if let Some(mut browser) = page.open() {
        assert!(browser.read("document.getElementById('problems').textContent").starts_with("error[V"));
        assert_eq!(browser.look("document.querySelectorAll('#code > div').length"), 2);
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
    for length in [0, 7, 40, refused.len() - 1] {
        let bytes = &refused[..length];
        let text = html::page_of_bytes("cut.vgb", bytes, &vega_format::read::faults(bytes));
        let folder = tempfile::tempdir().expect("a folder for the page");
        let path = folder.path().join("page.html");
        fs::write(&path, text).expect("the page is written");
        let Some(mut browser) = Browser::open(&path) else { return };
        assert!(browser.read("document.getElementById('problems').textContent").starts_with("error["));
        assert_eq!(browser.complaints(), Vec::<String>::new(), "cut to {length} bytes");
    }
}
