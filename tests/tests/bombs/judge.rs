//! Judges a file and looks at what that took: work, memory at most and in all, and how both grow.

use super::alloc;
use vega_format::error::Rule;
use vega_format::verify::Options;

const MIB: u64 = 1 << 20;

/// What the judgement of a file took.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) work: u64,
    /// Bytes, the file's own among them.
    pub(super) peak: u64,
    /// All bytes that were allocated, whether they were freed again or not: what stands for the work that no unit counts.
    pub(super) total: u64,
    pub(super) file: u64,
}

/// How a family is allowed to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// It is accepted.
    Accepted,
    /// It is accepted, or refused because it is too much work.
    Either,
    /// Some rule is broken, and that is told.
    Refused,
}

/// Judges by the passes alone, and then as everybody does, which must take no more.
pub(super) fn judge(name: &str, bytes: Vec<u8>, ends: Ends) -> Judged {
    let passes = judge_with(name, bytes.clone(), ends, false);
    let usual = judge_with(name, bytes, ends, true);
    assert!(usual.work <= passes.work, "{name}: {usual:?}, and by the passes alone {passes:?}");
    Judged { peak: passes.peak.max(usual.peak), total: passes.total.max(usual.total), ..passes }
}

fn judge_with(name: &str, bytes: Vec<u8>, ends: Ends, glance: bool) -> Judged {
    let file = bytes.len() as u64;
    let started = std::time::Instant::now();
    let (verdict, peak, total) = alloc::peak(|| {
        let parsed = vega_format::read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let options = Options { glance, ..Options::default() };
        vega_format::verify::verify_with(parsed, options).map(|verified| verified.work()).map_err(|errors| {
            let error = errors.into_iter().next().expect("a reason");
            (error.rule, error.to_string())
        })
    });
    let peak = peak + file;
    let elapsed = started.elapsed().as_millis();
    let judged = match verdict {
        Ok(work) => Judged { work, peak, total, file },
        Err((Rule::Work, words)) => {
            let used = words.split_once("over ").and_then(|(_, rest)| rest.split_once(' '));
            let used = used.and_then(|(number, _)| number.parse().ok());
            let work = used.unwrap_or_else(|| panic!("{name}: the refusal says no units: {words}"));
            assert_ne!(ends, Ends::Accepted, "{name}: {words}");
            Judged { work, peak, total, file }
        }
        Err((rule, words)) => {
            assert_eq!(ends, Ends::Refused, "{name}: {rule:?}: {words}");
            Judged { work: 0, peak, total, file }
        }
    };
    println!("{name}: {judged:?} {elapsed} ms");
    judged
}

/// The bytes that a judgement may take.
#[derive(Debug, Clone, Copy)]
pub(super) enum Memory {
    /// 64 MiB, whatever the size of the file.
    Fixed,
    /// And 12 times the file.
    ByFile,
}

pub(super) fn check_memory(name: &str, judged: &Judged, memory: Memory) {
    check_peak(name, judged, memory);
    check_total(name, judged, 0);
}

pub(super) fn check_peak(name: &str, judged: &Judged, memory: Memory) {
    let allowed = match memory {
        Memory::Fixed => 64 * MIB,
        Memory::ByFile => 64 * MIB + 12 * judged.file,
    };
    let Judged { peak, file, .. } = judged;
    assert!(*peak <= allowed, "{name}: {peak} bytes for a file of {file}; {allowed} are allowed");
}

/// What is allocated and freed again and again is work that nobody counts. Of a file something may be told, in so many letters.
pub(super) fn check_total(name: &str, judged: &Judged, letters: u64) {
    let Judged { total, file, .. } = judged;
    let allowed = 256 * MIB + 64 * file + 8 * letters;
    assert!(*total <= allowed, "{name}: {total} bytes in all for a file of {file}; {allowed} are allowed");
}

pub(super) fn check_growth(name: &str, smaller: &Judged, larger: &Judged) {
    assert!(
        larger.work * 10 <= smaller.work * 23,
        "{name}: {} units, and for twice as much {}: {:.2} times as many",
        smaller.work,
        larger.work,
        larger.work as f64 / smaller.work as f64
    );
    assert!(
        larger.total * 10 <= smaller.total * 23 + 10 * MIB,
        "{name}: {} bytes allocated in all, and for twice as much {}",
        smaller.total,
        larger.total
    );
}

/// Judges a family at N, 2N and 4N.
pub(super) fn family(name: &str, count: usize, ends: Ends, memory: Memory, make: impl Fn(usize) -> Vec<u8>) {
    let judged = [count, 2 * count, 4 * count].map(|count| {
        let name = format!("{name} {count}");
        let judged = judge(&name, make(count), ends);
        check_memory(&name, &judged, memory);
        judged
    });
    for pair in judged.windows(2) {
        if let [smaller, larger] = pair {
            check_growth(name, smaller, larger);
        }
    }
}
