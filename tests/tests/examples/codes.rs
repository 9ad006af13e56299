//! Examples that compute checksums and encodings, against the tools that do the same and published values.

use crate::{files, run, text, tool};

#[test]
fn crc32_is_that_of_gzip() {
    for (path, input) in files() {
        let (output, _) = run("crc32.vg", &[], &input);
        let Some(zipped) = tool("gzip", &["-c"], &input) else { return };
        // A gzip file ends with the CRC-32 and the length of what was put in, little-endian.
        let (_, tail) = zipped.split_at(zipped.len() - 8);
        let wanted = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
        assert_eq!(text(&output), format!("{wanted}\n"), "{}", path.display());
    }
    // The check value of the CRC catalogues.
    assert_eq!(text(&run("crc32.vg", &[], b"123456789").0), "3421780262\n");
}

/// Some of the files, and inputs whose lengths lie around the sizes of blocks.
fn inputs() -> Vec<Vec<u8>> {
    let mut inputs: Vec<Vec<u8>> = files().into_iter().step_by(8).map(|(_, input)| input).collect();
    let bytes: Vec<u8> = (0..200u8).map(|n| n.wrapping_mul(151)).collect();
    inputs.extend(
        [0, 1, 2, 3, 54, 55, 56, 57, 58, 63, 64, 65, 113, 114, 119, 120, 128, 199].map(|n| bytes[..n].to_vec()),
    );
    inputs
}

#[test]
fn sha256_is_that_of_sha256sum() {
    // The examples of FIPS 180-4.
    for (input, hash) in [
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ] {
        assert_eq!(text(&run("sha256.vg", &[], input.as_bytes()).0), format!("{hash}  -\n"));
    }
    for input in inputs() {
        let Some(wanted) = tool("sha256sum", &[], &input) else { return };
        assert_eq!(text(&run("sha256.vg", &[], &input).0), text(&wanted));
    }
}

#[test]
fn base64_goes_both_ways() {
    // The examples of RFC 4648.
    for (bytes, letters) in
        [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
    {
        assert_eq!(text(&run("base64.vg", &["encode"], bytes.as_bytes()).0), format!("{letters}\n"));
        assert_eq!(text(&run("base64.vg", &["decode"], letters.as_bytes()).0), bytes);
    }
    for input in inputs() {
        let (letters, _) = run("base64.vg", &["encode"], &input);
        let Some(wanted) = tool("base64", &[], &input) else { return };
        assert_eq!(text(&letters), text(&wanted));
        assert_eq!(run("base64.vg", &["decode"], &letters), (input, "0".to_owned()));
    }
    for wrong in ["Zg=", "Z", "Zg=Z", "=", "Z===", "Zg==Zg==", "Zm9v!"] {
        let (output, status) = run("base64.vg", &["decode"], wrong.as_bytes());
        assert!(text(&output).ends_with("base64: the input is no Base64\n"), "{wrong}");
        assert_eq!(status, "1", "{wrong}");
    }
    assert_eq!(run("base64.vg", &["both"], b"").1, "2");
}

#[test]
fn lz77_gives_back_what_it_took() {
    let long = "the same again and ".repeat(2000).into_bytes();
    for input in inputs().into_iter().chain([long.clone(), vec![0; 40_000]]) {
        let (packed, _) = run("lz77.vg", &["compress"], &input);
        assert!(packed.len() <= input.len() + input.len().div_ceil(8), "it grows by a bit for each byte at most");
        let (unpacked, status) = run("lz77.vg", &["decompress"], &packed);
        assert!((unpacked, status.as_str()) == (input, "0"), "what comes out is what went in");
    }
    assert!(run("lz77.vg", &["compress"], &long).0.len() < long.len() / 7);
    // A group without its items' ends, and a distance to before the beginning.
    for wrong in [&b"\x01"[..], b"\x01\0", b"\x01\0\0", b"\x02a\x01\0"] {
        assert_eq!(run("lz77.vg", &["decompress"], wrong).1, "1", "{wrong:?}");
    }
    assert_eq!(run("lz77.vg", &["decompress"], b"\x02a\0\x01"), (b"aaaaa".to_vec(), "0".to_owned()));
    assert_eq!(run("lz77.vg", &["compress"], &vec![0; (1 << 20) + 1]).1, "1");
}
