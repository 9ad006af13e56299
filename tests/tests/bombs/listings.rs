//! Listings of many functions: to tell what traps in each, or to put notes beside its lines, must not take as long as there are
//! functions for each of them.

use super::alloc;
use super::judge::{Judged, check_growth};
use vega_asm::annotate::annotate;
use vega_asm::{Options, assemble};
use vega_report::Sources;

/// Functions whose arena is too small, and that is foretold.
fn trapping(count: usize) -> String {
    let function = |index| {
        format!(
            ".function f{index}()V exported\n.slot 0 variable 00000100 x\nSTACK_ALLOC capacity=2\n\
             VAR_ALLOC slot=x mask=00000100\nSTACK_FREE\nRETURN\n.end\n"
        )
    };
    std::iter::once(".library\n".to_owned()).chain((0..count).map(function)).collect()
}

/// Assembles at N, 2N and 4N; all that is allocated stands for the work.
#[test]
fn each_function_traps() {
    const COUNT: usize = 1_000;
    let judged = [COUNT, 2 * COUNT, 4 * COUNT].map(|count| {
        let mut sources = Sources::new();
        let source = sources.add("traps.vasm".to_owned(), trapping(count));
        let ((warnings, notes), peak, total) = alloc::peak(|| {
            let (bytes, warnings) = assemble(&sources, source, Options::default());
            let notes = annotate(sources.text(source), source, &bytes.expect("it is accepted"));
            (warnings.len(), notes.lines().count())
        });
        assert_eq!((warnings, notes), (count, 7 * count + 1));
        let judged = Judged { work: 0, peak, total, file: sources.text(source).len() as u64 };
        println!("traps {count}: {judged:?}");
        judged
    });
    for pair in judged.windows(2) {
        if let [smaller, larger] = pair {
            check_growth("traps", smaller, larger);
        }
    }
}
