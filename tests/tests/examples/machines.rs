//! Examples that compute something without much input, against published answers or the same in another language.

use crate::{root, run, text, tool};

/// The same game in another language.
fn life(generations: usize) -> String {
    const WIDTH: usize = 32;
    const HEIGHT: usize = 16;
    let mut board = vec![[false; WIDTH]; HEIGHT];
    for (x, y) in [(1, 0), (2, 1), (0, 2), (1, 2), (2, 2), (20, 8), (21, 8), (22, 8)] {
        board[y][x] = true;
    }
    for _ in 0..generations {
        let before = board.clone();
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let around = (0..9)
                    .filter(|place| *place != 4)
                    .filter(|place| before[(y + place / 3 + HEIGHT - 1) % HEIGHT][(x + place % 3 + WIDTH - 1) % WIDTH]);
                let around = around.count();
                board[y][x] = around == 3 || around == 2 && before[y][x];
            }
        }
    }
    let row =
        |row: &[bool; WIDTH]| row.iter().map(|cell| if *cell { '#' } else { '.' }).chain(['\n']).collect::<String>();
    board.iter().map(row).collect()
}

#[test]
fn life_goes_on() {
    for generations in [0, 1, 2, 7, 64] {
        let (output, _) = run("life.vg", &[&generations.to_string()], b"");
        assert_eq!(text(&output), life(generations), "after {generations} generations");
    }
    // A glider comes back after four generations, one cell further both ways; a blinker after two.
    let (output, _) = run("life.vg", &["4"], b"");
    let mut rows = vec![".".repeat(32); 16];
    for (y, row) in [
        (1, "..#............................."),
        (2, "...#............................"),
        (3, ".###............................"),
    ] {
        rows[y] = row.to_owned();
    }
    rows[8] = "....................###.........".to_owned();
    assert_eq!(text(&output), rows.join("\n") + "\n");
}

#[test]
fn the_tour_shows_what_it_says() {
    let (output, _) = run("tour.vg", &[], b"");
    let expected = std::fs::read_to_string(root().join("examples/tour.out")).expect("its output is written down");
    assert_eq!(text(&output), expected);
}

#[test]
fn brainfuck_runs_what_is_known() {
    let hello =
        "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.";
    assert_eq!(text(&run("brainfuck.vg", &[hello], b"").0), "Hello World!\n");
    assert_eq!(text(&run("brainfuck.vg", &[",[.,]"], b"as it comes").0), "as it comes");
    let squares = "++++[>+++++<-]>[<+++++>-]+<+[>[>+>+<<-]++>>[<<+>>-]>>>[-]++>[-]+>>>+[[-]++++++>>>]<<<[[<++++++++<++>>-]+<.<[>----\
                   <-]<]<<[>>>>>[>>>[-]+++++++++<[>-<-]+++++++++>[-[<->-]+[<<<]]<[>+<-]>]<<-]<<-]";
    let wanted: String = (0..=100).map(|n| format!("{}\n", n * n)).collect();
    assert_eq!(text(&run("brainfuck.vg", &[squares], b"").0), wanted);
    for wrong in ["[", "]", "[[]", "<", "+[>+]", &"+".repeat(10_001)] {
        assert_eq!(run("brainfuck.vg", &[wrong], b"").1, "1", "{wrong}");
    }
}

#[test]
fn primes_are_counted() {
    for (limit, wanted) in [
        ("-5", "0 primes up to -5\n"),
        ("1", "0 primes up to 1\n"),
        ("2", "1 primes up to 2\nthe greatest is 2\n"),
        ("9", "4 primes up to 9\nthe greatest is 7\n"),
        ("100000", "9592 primes up to 100000\nthe greatest is 99991\n"),
        ("2000000", "148933 primes up to 2000000\nthe greatest is 1999993\n"),
    ] {
        assert_eq!(text(&run("primes.vg", &[limit], b"").0), wanted);
    }
}

#[test]
fn factors_are_those_of_the_tool() {
    let small = (1..=60).map(|n: i64| n.to_string());
    let large = ["1001", "65536", "1000003", "999999000001", "9223372036854775807"].map(str::to_owned);
    let numbers: Vec<String> = small.chain(large).collect();
    let words: Vec<&str> = numbers.iter().map(String::as_str).collect();
    if let Some(wanted) = tool("factor", &words, b"") {
        assert_eq!(text(&run("factor.vg", &words, b"").0), text(&wanted));
    }
    assert_eq!(run("factor.vg", &[], b""), (Vec::new(), "0".to_owned()));
    assert_eq!(run("factor.vg", &["6", "0", "7"], b""), (b"6: 2 3\n".to_vec(), "1".to_owned()));
}

#[test]
fn nbody_keeps_the_energy_of_the_benchmarks_game() {
    assert_eq!(text(&run("nbody.vg", &["1000"], b"").0), "-0.169075164\n-0.169087605\n");
}

#[test]
fn queens_stand_in_as_many_ways_as_is_known() {
    for (n, ways) in [(1, 1), (2, 0), (3, 0), (4, 2), (5, 10), (6, 4), (7, 40), (8, 92), (9, 352)] {
        let (output, _) = run("queens.vg", &[&n.to_string()], b"");
        let (board, count) = (text(&output), format!("{ways} ways\n"));
        assert!(board.ends_with(&count), "{n} queens: {board}");
        assert_eq!(board.matches('Q').count(), if ways > 0 { n } else { 0 });
    }
    assert!(text(&run("queens.vg", &["4"], b"").0).starts_with(".Q..\n...Q\nQ...\n..Q.\n"));
    assert_eq!(run("queens.vg", &["17"], b"").1, "1");
}

/// The picture comes from the same arithmetic in another language.
#[test]
fn mandelbrot_draws_the_picture() {
    let expected =
        std::fs::read_to_string(root().join("examples/mandelbrot.out")).expect("the picture is written down");
    assert_eq!(text(&run("mandelbrot.vg", &[], b"").0), expected);
}

#[test]
fn matrix_multiplies() {
    assert_eq!(text(&run("matrix.vg", &[], b"1 2\n3 4\n\n5 6\n7 8\n").0), "19 22\n43 50\n");
    let entry = |row: usize, column: usize| ((row * 7 + column * 13) % 31) as f64 / 8.0 - 1.5;
    let rows = |rows: usize, columns: usize| -> String {
        let row = |row| (0..columns).map(|column| entry(row, column).to_string()).collect::<Vec<_>>().join(" ") + "\n";
        (0..rows).map(row).collect()
    };
    for (n, m, k) in [(1, 1, 1), (1, 5, 2), (3, 1, 3), (20, 30, 10), (64, 64, 64)] {
        let cell = |row, column| (0..m).map(|i| entry(row, i) * entry(i, column)).sum::<f64>().to_string();
        let row = |row| (0..k).map(|column| cell(row, column)).collect::<Vec<_>>().join(" ") + "\n";
        let wanted: String = (0..n).map(row).collect();
        let input = rows(n, m) + "\n" + &rows(m, k);
        assert_eq!(text(&run("matrix.vg", &[], input.as_bytes()).0), wanted, "{n} x {m} by {m} x {k}");
    }
    for wrong in
        ["", "1 2", "1 2\n3\n\n1\n2\n", "1 x\n\n1\n1\n", "1 2\n\n1 2\n", &(rows(65, 1) + "\n1\n"), &rows(1, 65)]
    {
        assert_eq!(run("matrix.vg", &[], wrong.as_bytes()).1, "1", "{wrong}");
    }
}

/// What `cargo xtask bench run` measures, with as little work as each can be given that has an answer to check.
#[test]
fn kernels_compute_what_they_do_in_c() {
    for (name, n, answer) in [
        ("fib", "10", "55"),
        ("sieve", "1", "348513"),
        ("matmul", "1", "47520"),
        ("nbody", "10", "-112116712205"),
        ("qsort", "1", "248229"),
        ("crc32", "1", "3237380889"),
        ("particles", "10", "841485"),
        ("collatz", "1000", "216339"),
    ] {
        let (output, _) = run(&format!("../bench/kernels/{name}.vg"), &[n], b"");
        assert_eq!(text(&output).trim(), answer, "{name} {n}");
    }
}
