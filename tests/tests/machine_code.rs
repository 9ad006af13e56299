//! Every instruction that computes does so as machine code, and every pass on the way to it can be left out.

use vega_tests::case::cases;
use vega_tests::computations::{COMPUTATIONS, check};
use vega_tests::engines::{run, same};
use vega_tests::module::{compile, compile_file};
use vegavm::{Console, Engine, Imports, Limits, Pass, Passes, Program, load};

#[test]
fn every_computation_gives_what_the_arithmetic_says_on_edge_values() {
    for computation in COMPUTATIONS {
        check(*computation).unwrap_or_else(|problem| panic!("{problem}"));
    }
}

#[test]
fn each_pass_can_be_left_out() {
    let sets = Pass::ALL.into_iter().map(|pass| vec![pass]).chain([Pass::ALL.to_vec()]);
    let sets: Vec<_> = sets.collect();
    let mut many = 0;
    for case in cases("run/language", &["vg"]) {
        let Ok(bytes) = compile_file(&case.path, vegac::Options::default()).accepted() else { continue };
        let limits = Limits { steps: Some(1 << 40), ..Limits::trusted() };
        let Ok(program) =
            load(bytes, &Imports::console(Console::new(std::io::sink(), std::io::empty())), &limits, &mut ())
        else {
            continue;
        };
        for limits in [Limits { steps: None, ..limits }, limits] {
            let wanted = run(&program, Engine::Reference, &[], &limits);
            for passes in &sets {
                let program = program.clone().without(Passes::of(passes));
                let came = run(&program, Engine::Jit, &[], &limits);
                same(&format!("{passes:?}"), came, &wanted)
                    .unwrap_or_else(|problem| panic!("{}: {problem}", case.name));
            }
        }
        many += 1;
    }
    assert!(many > 30, "{many} programs");
}

/// A loop around a loop that adds up, with so many statements more before that, in it, and behind it.
fn sums([before, inside, behind]: [usize; 3]) -> Program {
    let more =
        |count: usize, what: &str| (0..count).map(|number| what.replace('#', &number.to_string())).collect::<String>();
    let source = format!(
        "fn sums(a: []decimal, c: []decimal, n: int) -> int {{
            alloc 64 {{
                all = 0
                for i in 0..n {{
                    t = decimal(i); {}
                    for k in 0..n {{ t += a[k] * 0.5; {} }}
                    c[i] = t; {}
                }}
                return all
            }}
        }}
        alloc 512 {{
            a: decimal[32]
            c: decimal[32]
            for i in 0..32 {{ a[i] = decimal(i) }}
            println(sums(a, c, 32), c[3], c[31])
        }}",
        more(before, "t = t * #.5;"),
        more(inside, "t += a[k] * decimal(#);"),
        more(behind, "all = all + i * #;")
    );
    let bytes = compile("sums.vg", source.as_bytes()).accepted().unwrap_or_else(|problem| panic!("{problem}"));
    let granted = Imports::console(Console::new(std::io::sink(), std::io::empty()));
    load(bytes, &granted, &Limits::trusted(), &mut ()).expect("it is a program")
}

#[test]
fn rounds_are_put_side_by_side_only_where_that_makes_little_code() {
    let size = |program: &Program| program.compile(false).map(|sizes| sizes.iter().sum::<usize>());
    let mut little = 0;
    for many in [[0, 0, 0], [20, 0, 0], [0, 20, 0], [0, 0, 20], [200, 200, 200]] {
        let program = sums(many);
        let one_by_one = program.clone().without(Passes::of(&[Pass::Abreast]));
        let (Some(size), Some(least)) = (size(&program), size(&one_by_one)) else { return };
        let more = size.saturating_sub(least);
        match many {
            [0, 0, 0] => little = more,
            _ => assert!(more <= little, "{many:?}: {size} bytes instead of {least}"),
        }
        let limits = Limits::trusted();
        let wanted = run(&program, Engine::Reference, &[], &limits);
        let came = run(&program, Engine::Jit, &[], &limits);
        same(&format!("{many:?}"), came, &wanted).unwrap_or_else(|problem| panic!("{problem}"));
    }
    assert!(little > 200, "{little} bytes more");
}

#[test]
fn functions_that_call_each_other_twice_are_not_copied_without_end() {
    // Each of many functions wants a tree of 2⁷ copies twice.
    const MANY: usize = 60;
    let mut source = "fn t7(a: int) -> int { if a > 3 { return a * 3 } else { return a - 1 } }\n".to_owned();
    for deep in (0..7).rev() {
        source += &format!("fn t{deep}(a: int) -> int {{ t{0}(t{0}(a)) }}\n", deep + 1);
    }
    let calls: Vec<_> = (0..MANY).map(|number| format!("f{number}({number})")).collect();
    for number in 0..MANY {
        source += &format!("fn f{number}(a: int) -> int {{ if a > {number} {{ return t0(a) + t0(a + 1) }}; a }}\n");
    }
    source += &format!("println({}, f0(2))", calls.join(" + "));
    let bytes = compile("copies.vg", source.as_bytes()).accepted().unwrap_or_else(|problem| panic!("{problem}"));
    let granted = Imports::console(Console::new(std::io::sink(), std::io::empty()));
    let program = load(bytes, &granted, &Limits::trusted(), &mut ()).expect("it is a program");
    let size = |program: &Program| program.compile(false).map(|sizes| sizes.iter().sum::<usize>());
    let (Some(size), Some(apart)) = (size(&program), size(&program.clone().without(Passes::of(&[Pass::Inline]))))
    else {
        return;
    };
    assert!(size > apart, "nothing is put in: {size} bytes");
    assert!(size < 4 * apart, "{size} bytes instead of {apart}");
    let wanted = run(&program, Engine::Reference, &[], &Limits::trusted());
    same("copies", run(&program, Engine::Jit, &[], &Limits::trusted()), &wanted)
        .unwrap_or_else(|problem| panic!("{problem}"));
}

#[test]
fn what_is_shown_is_what_runs() {
    // So many values are kept until the last one is there that the frame with the other function put into it is too large.
    let values = |count: usize| {
        let values: String = (0..count).map(|number| format!("(a / {}) - (", number + 2)).collect();
        values + "a" + &")".repeat(count)
    };
    let source = format!(
        "fn inner(a: int) -> int {{ {} }}\nfn outer(a: int) -> int {{ inner(a + 1) }}\nprintln(outer(3))",
        values(200)
    );
    let bytes = compile("large.vg", source.as_bytes()).accepted().unwrap_or_else(|problem| panic!("{problem}"));
    let granted = Imports::console(Console::new(std::io::sink(), std::io::empty()));
    let program = load(bytes, &granted, &Limits::trusted(), &mut ()).expect("it is a program");
    if program.compile(false).is_none() {
        return;
    }
    let shown = program.show_passes(false);
    assert!(shown.contains("; without what makes it too large"), "{shown}");
    assert!(!shown.contains("not for machine code"), "{shown}");
    assert!(!program.show_machine_code(false).contains("not for machine code"));
}
