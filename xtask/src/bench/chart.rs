//! A chart of engines as SVG: a bar for the geometric mean, a dot for each kernel, on a logarithmic scale.
//!
//! It is text and shapes without fonts or scripts of its own, and follows the reader's choice of light or dark.

use std::fmt::Write as _;

/// An engine and how many times longer than the reference it takes.
pub(super) struct Bar<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) mean: f64,
    pub(super) ratios: Vec<f64>,
    /// Whether it is the one that the chart is about.
    pub(super) ours: bool,
}

const WIDTH: f64 = 760.0;
/// Where the scale begins and ends.
const LEFT: f64 = 170.0;
const RIGHT: f64 = WIDTH - 70.0;
const TOP: f64 = 64.0;
const ROW: f64 = 34.0;
const TICKS: [f64; 12] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];
const STYLE: &str = "\
    text { font: 13px sans-serif; fill: #1f2328 } .small { font-size: 11px; fill: #59636e } .title { font-size: 15px }
    .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .one { stroke: #59636e }
    .bar { fill: #b6c2cf } .ours { fill: #2f81f7 } .dot { fill: #1f2328; fill-opacity: 0.55 }
    @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 } .small { fill: #9198a1 } .page { fill: #0d1117 } .grid { stroke: #30363d }
        .one { stroke: #9198a1 } .bar { fill: #484f58 } .ours { fill: #1f6feb } .dot { fill: #f0f6fc; fill-opacity: 0.65 }
    }";

/// The bars in their order, one below the other.
pub(super) fn draw(title: &str, bars: &[Bar]) -> String {
    let all = || bars.iter().flat_map(|bar| bar.ratios.iter().copied());
    let low = TICKS.iter().copied().rfind(|tick| all().all(|ratio| *tick <= ratio)).unwrap_or(TICKS[0]);
    let high = TICKS.iter().copied().find(|tick| all().all(|ratio| *tick >= ratio)).unwrap_or(TICKS[TICKS.len() - 1]);
    // One tick at least to each side of the reference, so that there is a scale.
    let (low, high) = (low.min(0.5), high.max(2.0));
    let at = |ratio: f64| LEFT + (RIGHT - LEFT) * ((ratio.clamp(low, high) / low).ln() / (high / low).ln());
    let bottom = TOP + ROW * bars.len() as f64;
    let height = bottom + 48.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" role=\"img\">\n\
         <title>{title}</title>\n<style>\n{STYLE}\n</style>\n\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\"/>\n<text class=\"title\" x=\"16\" y=\"26\">{title}</text>\n\
         <text class=\"small\" x=\"16\" y=\"44\">bar: geometric mean; dots: the kernels; logarithmic, less is better</text>\n"
    );
    for tick in TICKS.into_iter().filter(|tick| (low..=high).contains(tick)) {
        let (x, class) = (at(tick), if tick == 1.0 { "one" } else { "grid" });
        let _ = writeln!(svg, "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>");
        let y = bottom + 18.0;
        let _ = writeln!(svg, "<text class=\"small\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{y}\">{tick} ×</text>");
    }
    for (row, bar) in bars.iter().enumerate() {
        let top = TOP + ROW * row as f64;
        let (name, kind, class) = (bar.name, bar.kind, if bar.ours { "ours" } else { "bar" });
        let (label, y, width) = (LEFT - 10.0, top + 8.0, at(bar.mean) - LEFT);
        let (first, second, middle) = (top + 16.0, top + 29.0, top + 17.0);
        let _ = writeln!(svg, "<text text-anchor=\"end\" x=\"{label}\" y=\"{first}\">{name}</text>");
        let _ = writeln!(svg, "<text class=\"small\" text-anchor=\"end\" x=\"{label}\" y=\"{second}\">{kind}</text>");
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"18\" rx=\"2\"/>"
        );
        for ratio in &bar.ratios {
            let x = at(*ratio);
            let _ = writeln!(svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{middle}\" r=\"3\"/>");
        }
        let (x, y) = (RIGHT + 12.0, top + 21.0);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\">{:.2} ×</text>", bar.mean);
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenfold_is_the_same_length_everywhere() {
        let bar = |name, mean| Bar { name, kind: "", mean, ratios: vec![mean], ours: false };
        let svg = draw("title", &[bar("a", 1.0), bar("b", 10.0), bar("c", 100.0)]);
        let widths: Vec<f64> = svg
            .lines()
            .filter(|line| line.starts_with("<rect class=\"bar\""))
            .filter_map(|line| line.split("width=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        let [a, b, c] = widths[..] else { panic!("{svg}") };
        assert!((b - a - (c - b)).abs() < 0.2, "{widths:?}");
        assert!(c <= RIGHT - LEFT, "{widths:?}");
    }
}
