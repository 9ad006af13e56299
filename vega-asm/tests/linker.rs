//! What `vega-ld` writes beside its output: an archive with which others can do the same, and where the time went.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAIN: &str = ".object
.entry main()V print
.import other.f()V module
.function main()V
    CALL function=other.f()V
    RETURN
.end
";
const OTHER: &str = ".object
.function other.f()V exported
    RETURN
.end
";

fn run(tool: &str, folder: &Path, words: &[&str]) {
    let output = Command::new(tool).args(words).current_dir(folder).output().expect("the tool starts");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn ld(folder: &Path, words: &[&str]) {
    run(env!("CARGO_BIN_EXE_vega-ld"), folder, words);
}

/// A folder with `in/main.vgo` and `lib/other.vgo`.
fn objects() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (inside, name, text) in [("in", "main.vasm", MAIN), ("lib", "other.vasm", OTHER)] {
        let inside = folder.path().join(inside);
        fs::create_dir_all(&inside).expect("made");
        fs::write(inside.join(name), text).expect("written");
        let object = Path::new(name).with_extension("vgo");
        run(env!("CARGO_BIN_EXE_vega-asm"), &inside, &[name, "-o", object.to_str().expect("UTF-8")]);
    }
    folder
}

#[test]
fn an_archive_gives_the_same_elsewhere() {
    let folder = objects();
    let inner = folder.path().join("in");
    ld(&inner, &["main.vgo", "-L", "../lib", "-lother", "-o", "prog.vgb", "--strip-debug", "--reproduce", "all.tar"]);
    ld(&inner, &["-o", "prog.vgb", "--strip-debug", "-l", "other", "main.vgo", "-L../lib", "--reproduce=again.tar"]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    for name in ["all", "again"] {
        let archive = fs::File::open(inner.join(name).with_extension("tar")).expect("written");
        tar::Archive::new(archive).unpack(elsewhere.path()).expect("well-formed");
        let there = elsewhere.path().join(name);
        let files = fs::read_dir(&there).expect("there").flatten();
        let mut files: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        files.sort();
        assert_eq!(files, ["main.vgo", "response.txt", "up", "version.txt"]);
        ld(&there, &["@response.txt"]);
        let bytes = |path: &Path| fs::read(path.join("prog.vgb")).expect("written");
        assert!(bytes(&there) == bytes(&inner), "{name}");
    }
}

/// What `-l` brings is not offered by the library, there as here.
#[test]
fn an_archive_of_a_library_brings_along_what_came_along() {
    const PUBLIC: &str = ".object\n.import other.f()V module\n.function offered.g()V exported\n    CALL function=other.f()V\n    \
        RETURN\n.end\n";
    let folder = objects();
    let inner = folder.path().join("in");
    fs::write(inner.join("offered.vasm"), PUBLIC).expect("written");
    run(env!("CARGO_BIN_EXE_vega-asm"), &inner, &["offered.vasm", "-o", "offered.vgo"]);
    ld(&inner, &["--library", "offered.vgo", "-L../lib", "-lother", "-o", "all.vgb", "--reproduce=all.tar"]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    tar::Archive::new(fs::File::open(inner.join("all.tar")).expect("written"))
        .unpack(elsewhere.path())
        .expect("well-formed");
    let there = elsewhere.path().join("all");
    ld(&there, &["@response.txt"]);
    let bytes = |path: &Path| fs::read(path.join("all.vgb")).expect("written");
    assert!(bytes(&there) == bytes(&inner));
}

/// Whatever form the words have, and wherever the bytes came from.
#[cfg(unix)]
#[test]
fn an_archive_holds_what_was_read_and_all_that_was_said() {
    let folder = objects();
    let at = |name: &str| folder.path().join(name);
    for name in ["out", "in/up/lib"] {
        fs::create_dir_all(at(name)).expect("a folder");
    }
    // In the archive `..` is `up`: one name would stand for two files.
    fs::copy(at("in/main.vgo"), at("in/up/lib/other.vgo")).expect("copied");
    fs::write(at("in/words"), "--output=../out/prog.vgb\n--budget-lock\n../out/lock\n--map=../out/prog.map\n@more\n")
        .expect("written");
    fs::write(at("in/more"), "--time-trace=../out/steps\n--split-debug\n").expect("written");
    let script =
        r#"mkfifo pipe && (cat ../lib/other.vgo > pipe &) && "$0" @words - pipe --reproduce=all.tar < main.vgo"#;
    run("sh", &at("in"), &["-c", script, env!("CARGO_BIN_EXE_vega-ld")]);
    fs::remove_file(at("in/pipe")).expect("there");
    ld(&at("in"), &["up/lib/other.vgo", "../lib/other.vgo", "@words", "--reproduce=again.tar"]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    for (name, files, lock) in [("all", ["pipe", "stdin.vgo"], "lock"), ("again", ["2-up", "up"], "up/out/lock")] {
        let archive = fs::File::open(at("in").join(name).with_extension("tar")).expect("written");
        tar::Archive::new(archive).unpack(elsewhere.path()).expect("well-formed");
        let there = elsewhere.path().join(name);
        files.iter().for_each(|file| assert!(there.join(file).exists(), "{file} of {name}"));
        ld(&there, &["@response.txt"]);
        for (file, same) in [("prog.vgb", "prog.vgb"), ("prog.vgb.debug", "prog.vgb.debug"), ("lock", lock)] {
            let bytes = |path: PathBuf| fs::read(path).expect("written");
            assert!(bytes(at("out").join(file)) == bytes(there.join(same)), "{file} of {name}");
        }
        assert!(there.join("prog.map").exists() && there.join("steps").exists());
    }
}

/// Of a pipe the same bytes are not read again: one that is the output, too, is linked.
#[cfg(unix)]
#[test]
fn a_pipe_is_an_input_also_where_it_is_the_output() {
    let folder = objects();
    let script = r#"mkfifo pipe
        (cat ../lib/other.vgo > pipe; cat pipe > prog.vgb) &
        "$0" main.vgo pipe -o pipe && wait"#;
    let inner = folder.path().join("in");
    run("sh", &inner, &["-c", script, env!("CARGO_BIN_EXE_vega-ld")]);
    ld(&inner, &["main.vgo", "../lib/other.vgo", "-o", "same.vgb"]);
    let bytes = |name: &str| fs::read(inner.join(name)).expect("written");
    assert!(bytes("prog.vgb") == bytes("same.vgb"));
}

#[test]
fn an_archive_does_not_say_who_or_when() {
    let folder = objects();
    let inner = folder.path().join("in");
    let words = ["main.vgo", "../lib/other.vgo", "-o", "prog.vgb", "--reproduce", "all.tar"];
    ld(&inner, &words);
    let first = fs::read(inner.join("all.tar")).expect("written");
    ld(&inner, &words);
    assert!(first == fs::read(inner.join("all.tar")).expect("written"));
}

#[test]
fn the_time_trace_has_all_steps() {
    let folder = objects();
    let inner = folder.path().join("in");
    ld(&inner, &["main.vgo", "../lib/other.vgo", "-o", "prog.vgb", "--time-trace"]);
    ld(&inner, &["main.vgo", "../lib/other.vgo", "-o", "prog.vgb", "--time-trace=steps.json"]);
    for file in ["prog.vgb.time-trace", "steps.json"] {
        let text = fs::read(inner.join(file)).expect("written");
        let document: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        let events = document["traceEvents"].as_array().expect("a list");
        let names: Vec<&str> = events.iter().filter_map(|event| event["name"].as_str()).collect();
        assert_eq!(names, ["read", "symbols", "layouts", "resolve", "reach", "fold", "write", "output", "link"]);
        assert!(events.iter().all(|event| event["ph"] == "X" && event["dur"].is_u64()));
    }
}

/// Killed at any moment, the linker leaves the old file or the new one.
#[cfg(unix)]
#[test]
fn a_killed_linker_leaves_a_whole_file() {
    const ROUNDS: u32 = 200;
    const FUNCTIONS: u32 = 3_000;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (mut imports, mut calls, mut bodies) = (String::new(), String::new(), String::new());
    for number in 0..FUNCTIONS {
        imports += &format!(".import m.f{number}()V module\n");
        calls += &format!("CALL function=m.f{number}()V\n");
        bodies += &format!(".function m.f{number}()V exported\nRETURN\n.end\n");
    }
    let main = format!(".object\n.entry main()V print\n{imports}.function main()V\n{calls}RETURN\n.end\n");
    for (name, text) in [("main", main), ("m", format!(".object\n{bodies}"))] {
        fs::write(at(name), text).expect("written");
        run(env!("CARGO_BIN_EXE_vega-asm"), folder.path(), &[name, "-o", &format!("{name}.vgo")]);
    }
    let words = ["main.vgo", "m.vgo", "-o", "prog.vgb"];
    let start = std::time::Instant::now();
    ld(folder.path(), &words);
    let whole = start.elapsed();
    let new = fs::read(at("prog.vgb")).expect("written");
    let old = b"what was there".to_vec();
    let mut left = [0; 2];
    for round in 0..ROUNDS {
        fs::write(at("prog.vgb"), &old).expect("written");
        let mut linker = Command::new(env!("CARGO_BIN_EXE_vega-ld"));
        let mut linker = linker.args(words).current_dir(folder.path()).spawn().expect("it starts");
        std::thread::sleep(whole * round / ROUNDS * 5 / 4);
        linker.kill().expect("it is killed, or has ended");
        linker.wait().expect("it ends");
        let found = fs::read(at("prog.vgb")).expect("there");
        assert!(found == old || found == new, "round {round}: {} bytes", found.len());
        left[usize::from(found == new)] += 1;
    }
    assert!(left[0] > 0, "it was killed too late each time: {left:?}");
}
