//! Small call graphs, and what is proved of them.

use super::*;

/// A summary whose calls are its own.
#[derive(Default)]
struct Parts {
    frame: u64,
    open: u64,
    calls: Vec<CallSite>,
    limit: Option<u32>,
    unresolved: Option<u32>,
}

fn summary(frame: u64, open: u64, calls: &[(u32, u64)]) -> Parts {
    let calls = calls.iter().enumerate();
    let calls = calls.map(|(at, (callee, open))| CallSite::new(at as u32, *open, *callee));
    Parts { frame, open, calls: calls.collect(), ..Parts::default() }
}

fn flat<'p>(parts: impl IntoIterator<Item = &'p Parts>) -> Summaries {
    let parts: Vec<&Parts> = parts.into_iter().collect();
    let mut summaries = Summaries::new(parts.len() as u32);
    for parts in parts.chunks(summaries.part_size() as usize) {
        let mut part = Part::default();
        for Parts { frame, open, calls, limit, unresolved } in parts {
            let (most_open, limit, unresolved) = ((*open, 0), *limit, *unresolved);
            part.add(Summary { frame: *frame, most_open, calls, limit, unresolved, may_run_out: None });
        }
        summaries.push(part);
    }
    summaries
}

fn total(proof: &Proof, function: u32) -> Option<u64> {
    match proof.worst(function) {
        Worst::Bytes(bytes) => Some(bytes.total()),
        Worst::Unbounded => None,
    }
}

#[test]
fn the_dearest_path_counts() {
    // 0 opens 100 alone, or calls 1 with 10 open; 1 calls 2 with nothing open.
    let functions = [summary(8, 100, &[(1, 10), (2, 0)]), summary(16, 50, &[(2, 0)]), summary(8, 200, &[])];
    let functions = flat(&functions);
    let proof = Proof::of(&functions);
    assert_eq!(total(&proof, 2), Some(208));
    assert_eq!(total(&proof, 1), Some(224));
    assert_eq!(total(&proof, 0), Some(8 + 10 + 224));
    let path = Paths::new(&proof, &functions).ends(0).first;
    assert_eq!(path.iter().map(|step| step.function).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_circle_has_no_bound() {
    let functions = [summary(8, 0, &[(1, 0)]), summary(8, 0, &[(2, 0)]), summary(8, 0, &[(1, 0)])];
    let functions = flat(&functions);
    let proof = Proof::of(&functions);
    assert_eq!([total(&proof, 0), total(&proof, 1), total(&proof, 2)], [None; 3]);
    let circle = Paths::new(&proof, &functions).ends(0).first;
    assert_eq!(circle.iter().map(|step| step.function).collect::<Vec<_>>(), [1, 2]);
}

/// What is told is the cause, in whatever order calls stand: a circle of functions without a limit.
#[test]
fn the_circle_that_is_told_has_no_limit_on_it() {
    let limited = |calls: &[(u32, u64)]| Parts { limit: Some(3), ..summary(8, 0, calls) };
    let around = |functions: &[Parts]| {
        let functions = flat(functions);
        let proof = Proof::of(&functions);
        let mut paths = Paths::new(&proof, &functions);
        (0..2)
            .map(|function| paths.ends(function).first.iter().map(|step| step.function).collect())
            .collect::<Vec<Vec<_>>>()
    };
    // 1 has a limit, and calls itself and 2, which calls itself.
    for calls in [[(1, 0), (2, 0)], [(2, 0), (1, 0)]] {
        assert_eq!(around(&[summary(8, 0, &[(1, 0)]), limited(&calls), summary(8, 0, &[(2, 0)])]), [[2], [2]]);
    }
    // The same with all in one group.
    for calls in [[(1, 0), (2, 0)], [(2, 0), (1, 0)]] {
        assert_eq!(around(&[summary(8, 0, &[(1, 0)]), limited(&[(2, 0)]), summary(8, 0, &calls)]), [[2], [2]]);
    }
    // Of functions that all lead to each other one circle is told: 0 calls 1, which calls 0 and itself.
    assert_eq!(around(&[summary(8, 0, &[(1, 0)]), summary(8, 0, &[(0, 0), (1, 0)])]), [[0, 1], [1, 0]]);
    // A call that is not linked yet does not hide a circle behind it.
    let unlinked = Parts { unresolved: Some(0), ..summary(8, 0, &[]) };
    let both = summary(8, 0, &[(2, 0), (1, 0)]);
    assert_eq!(around(&[both, summary(8, 0, &[(1, 0)]), unlinked]), [[1], [1]]);
}

#[test]
fn a_limit_bounds_a_circle() {
    // main calls f with 4 open; f calls itself with 32 open, 10 deep, and may open 100 at its end.
    let mut f = summary(16, 100, &[(1, 32)]);
    f.limit = Some(10);
    let functions = [summary(8, 4, &[(1, 4)]), f];
    let functions = flat(&functions);
    let proof = Proof::of(&functions);
    assert_eq!(total(&proof, 1), Some(9 * (16 + 32) + 116));
    assert_eq!(total(&proof, 0), Some(12 + 9 * (16 + 32) + 116));
}

/// The steps of a path that is told as a whole.
fn whole_path(proof: &Proof, functions: &Summaries, function: u32) -> Vec<(u32, u64, u64)> {
    let ends = Paths::new(proof, functions).ends(function);
    assert_eq!(ends.left_out, 0);
    let steps = ends.first.iter().chain(&ends.last);
    steps.map(|step| (step.function, step.frame + step.arenas, step.times)).collect()
}

/// Each limited function has rounds of its own, and what is told of the path adds up to the figure.
#[test]
fn rounds_of_several_limited_functions_add_up() {
    let limited = |limit: u32, parts: Parts| Parts { limit: Some(limit), ..parts };
    // main calls a, and a and b call each other; c stands between b and a.
    let a = limited(3, summary(24, 10, &[(2, 10)]));
    let b = limited(2, summary(24, 1000, &[(3, 1000)]));
    let functions = flat(&[summary(16, 0, &[(1, 0)]), a, b, summary(8, 4, &[(1, 4)])]);
    let proof = Proof::of(&functions);
    let path = whole_path(&proof, &functions, 0);
    assert_eq!(path, [(0, 16, 1), (1, 34, 3), (2, 1024, 1), (3, 12, 1), (2, 1024, 1), (3, 12, 1)]);
    assert_eq!(whole_path(&proof, &functions, 3).first(), Some(&(3, 12, 1)));
    for function in 0..4 {
        let path = whole_path(&proof, &functions, function);
        let sum = path.iter().map(|(_, bytes, times)| bytes * times).sum();
        assert_eq!(total(&proof, function), Some(sum), "{function}: {path:?}");
    }
}

/// What is told of a long path is what is told of all its steps.
#[test]
fn the_ends_of_long_paths_are_those_of_all_steps() {
    // A chain into a circle of 30, of which every third is limited, and from its tails on into another chain.
    let chain =
        |from: u32, to: u32| (from..to).map(|index| summary(8 * u64::from(index % 7 + 1), 0, &[(index + 1, 0)]));
    let circle = (25..55).map(|index| {
        let next = if index == 54 { 25 } else { index + 1 };
        let limit = (index % 3 == 0).then_some(index / 3);
        Parts { limit, ..summary(u64::from(index), u64::from(index % 4), &[(next, 0), (55, 0)]) }
    });
    let functions: Vec<Parts> = chain(0, 25).chain(circle).chain(chain(55, 80)).chain([summary(8, 0, &[])]).collect();
    let functions = flat(&functions);
    let proof = Proof::of(&functions);
    let mut paths = Paths::new(&proof, &functions);
    for function in 0..functions.len() as u32 {
        let ends = paths.ends(function);
        assert_eq!(ends, Paths::new(&proof, &functions).ends(function), "whatever was asked for before");
        assert!(ends.first.first().is_some_and(|step| step.function == function), "{function}");
        let path = paths.path(function, usize::MAX);
        let bytes = |step: &Step| (step.frame + step.arenas) * step.times;
        assert_eq!(total(&proof, function), Some(path.iter().map(bytes).sum()), "{function}: {path:?}");
        let first = path.len().min(EITHER_END);
        let last = first.max(path.len().saturating_sub(EITHER_END));
        assert_eq!(ends.first, path[..first], "{function}");
        assert_eq!(ends.last, path[last..], "{function}");
        assert_eq!(ends.left_out, (last - first) as u64, "{function}");
        let mut dearest: Vec<u64> = path.iter().map(bytes).collect();
        dearest.sort_unstable_by(|one, other| other.cmp(one));
        dearest.truncate(3);
        assert_eq!(ends.dearest.iter().map(bytes).collect::<Vec<_>>(), dearest, "{function}");
    }
}

/// What is beyond the numbers is told as the greatest of them, which is not the same as no bound.
#[test]
fn more_than_can_be_told_is_a_bound() {
    let limited = |limit: u32, calls: &[(u32, u64)]| Parts { limit: Some(limit), ..summary(16, 0, calls) };
    let most_open = (1 << 40) - 1;
    let (first, second) = (limited(u32::MAX, &[(2, most_open), (3, 0)]), limited(u32::MAX, &[(1, most_open)]));
    let functions = flat(&[summary(8, 4, &[(1, 4)]), first, second, summary(8, 32, &[])]);
    let proof = Proof::of(&functions);
    assert_eq!([0, 1, 2, 3].map(|function| total(&proof, function)), [u64::MAX, u64::MAX, u64::MAX, 40].map(Some));
    let Worst::Bytes(bytes) = proof.worst(0) else { panic!("it is bounded") };
    assert_eq!(bytes.arenas, Bytes::MOST);
    let path = Paths::new(&proof, &functions).ends(0).first;
    assert_eq!(path.first().map(|step| step.function), Some(0));
}

#[test]
fn what_is_not_linked_is_not_known() {
    let mut unlinked = summary(8, 0, &[]);
    unlinked.unresolved = Some(0);
    let functions = [summary(8, 0, &[(1, 0)]), unlinked];
    let functions = flat(&functions);
    let proof = Proof::of(&functions);
    assert_eq!([total(&proof, 0), total(&proof, 1)], [None; 2]);
    assert_eq!(Paths::new(&proof, &functions).ends(0), Ends::default());
    assert!(!proof.never_out_of_memory(0));
}

#[test]
fn a_limit_must_stand_on_every_circle() {
    let mut f = summary(8, 0, &[(1, 0), (0, 0)]);
    f.limit = Some(3);
    // 1 calls itself as well, past the limit.
    let functions = [f, summary(8, 0, &[(0, 0), (1, 0)])];
    assert_eq!(total(&Proof::of(&flat(&functions)), 0), None);
}

#[test]
fn deep_graphs_need_no_deep_stack() {
    let last = 200_000;
    let functions: Vec<Parts> = (0..=last)
        .map(|index| if index < last { summary(8, 0, &[(index + 1, 0)]) } else { summary(8, 0, &[]) })
        .collect();
    assert_eq!(total(&Proof::of(&flat(&functions)), 0), Some(8 * (u64::from(last) + 1)));
    let circle: Vec<Parts> = (0..last).map(|index| summary(8, 0, &[((index + 1) % last, 0)])).collect();
    assert_eq!(total(&Proof::of(&flat(&circle)), 0), None);
}

/// How deep calls can be is the same question with other figures: each frame counts one.
#[test]
fn any_measure_of_frames_has_a_worst_case() {
    let limited = Parts { limit: Some(5), ..summary(8, 0, &[(1, 0), (2, 0)]) };
    let deep = [summary(80, 100, &[(1, 100), (2, 0)]), limited, summary(0, 4, &[(3, 4)]), summary(0, 0, &[])];
    let depth = Proof::of(&flat(&deep).weighed(|_| 1));
    assert_eq!([0, 1, 2, 3].map(|function| total(&depth, function)), [Some(8), Some(7), Some(2), Some(1)]);
    let circle = [summary(8, 0, &[(0, 0)])];
    assert_eq!(total(&Proof::of(&flat(&circle).weighed(|_| 1)), 0), None);
}
