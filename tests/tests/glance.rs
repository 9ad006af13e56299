//! What the verifier accepts at a glance is what its passes accept: the same verdict, proof and traps, on programs of the
//! corpus and of the generator, whole and with bytes of their code changed.

use std::path::Path;
use vega_format::container::SectionId;
use vega_format::verify::{Options, Verified, VerifyError, verify_with};
use vega_tests::random::Random;
use vega_tests::{bytes, generate, module};

type Verdict = Result<Verified, Vec<VerifyError>>;

fn judge(file: &[u8], glance: bool) -> Option<Verdict> {
    let parsed = vega_format::read(file).ok()?;
    Some(verify_with(parsed, Options { glance, ..Options::default() }))
}

/// Judges a file both ways; says whether it was accepted.
fn compare(name: &str, file: &[u8]) -> bool {
    let (Some(quick), Some(thorough)) = (judge(file, true), judge(file, false)) else { return false };
    match (quick, thorough) {
        (Ok(quick), Ok(thorough)) => {
            assert_eq!(quick.summaries(), thorough.summaries(), "{name}");
            assert_eq!(quick.proof(), thorough.proof(), "{name}");
            assert_eq!(quick.certain_traps(), thorough.certain_traps(), "{name}");
            true
        }
        (Err(quick), Err(thorough)) => {
            let told = |errors: Vec<VerifyError>| errors.iter().map(|error| error.to_string()).collect::<Vec<_>>();
            assert_eq!(told(quick), told(thorough), "{name}");
            false
        }
        (quick, thorough) => {
            let told = |verdict: Verdict| verdict.map(drop).map_err(|errors| errors[0].to_string());
            panic!("{name}: at a glance {:?}, and by the passes {:?}", told(quick), told(thorough));
        }
    }
}

/// Judges a file and so many of its mutants, each with one or two bytes of code or of the function table changed.
fn compare_mutants(name: &str, file: &[u8], count: usize, random: &mut Random) -> usize {
    assert!(compare(name, file), "{name} is accepted");
    let code = bytes::section(file, SectionId::Code).expect("every file has code");
    let length = code.len() as u32;
    let mut accepted = 0;
    for mutant in 0..count {
        let mut changed = file.to_vec();
        for _ in 0..=random.below(2) {
            let at = code.start + random.below(length) as usize;
            let other = changed[code.start + random.below(length) as usize];
            changed[at] = match random.below(3) {
                0 => changed[at] ^ 1 << random.below(8),
                1 => changed[at].wrapping_add(1),
                _ => other,
            };
        }
        bytes::repair(&mut changed);
        accepted += usize::from(compare(&format!("{name}, mutant {mutant}"), &changed));
    }
    accepted
}

#[test]
fn generated_programs_and_their_mutants_are_judged_alike() {
    let mut random = Random::new(1);
    let mut accepted = 0;
    for seed in 0..400 {
        let file = generate::program(seed).write().expect("it can be written");
        accepted += compare_mutants(&format!("seed {seed}"), &file, 40, &mut random);
    }
    assert!(accepted > 100, "{accepted} mutants were accepted");
}

#[test]
fn programs_of_the_corpus_and_their_mutants_are_judged_alike() {
    let mut random = Random::new(2);
    let mut programs = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("run")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "vg") {
                let text = std::fs::read(&entry).expect("a file");
                let name = entry.display().to_string();
                // Some are compiled with options.
                let Ok(file) = module::compile(&name, &text).accepted() else { continue };
                compare_mutants(&name, &file, 60, &mut random);
                programs += 1;
            }
        }
    }
    assert!(programs > 50, "{programs} programs");
}
