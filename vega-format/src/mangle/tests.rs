//! Names there and back, and every way of getting them wrong.

use proptest::prelude::*;

use super::*;

fn tag(one: Tag) -> Type {
    Type::Scalar(one)
}

#[test]
fn names_go_there_and_back() {
    let point = || Type::Struct("geometry.point".into());
    let int_or_bool = || Type::Union([Tag::Int, Tag::Bool].into_iter().collect());
    let cases = [
        ("helloworld(s)V", vec![Type::String], None),
        ("main()V", vec![], None),
        ("main()I", vec![], Some(tag(Tag::Int))),
        ("sum([]I)L", vec![Type::view(tag(Tag::Int))], Some(tag(Tag::Long))),
        ("geometry.norm(14geometry.point)d", vec![point()], Some(tag(Tag::Decimal))),
        ("io.put(<IZ>)V", vec![int_or_bool()], None),
        (
            "f((IZ)[]s{16})<IZ>",
            vec![Type::Tuple(vec![tag(Tag::Int), tag(Tag::Bool)]), Type::view(Type::Text(16))],
            Some(int_or_bool()),
        ),
        (
            "f([][4][3]I)(14geometry.pointI)",
            vec![Type::view(Type::array(Type::array(tag(Tag::Int), 3), 4))],
            Some(Type::Tuple(vec![point(), tag(Tag::Int)])),
        ),
        (
            "f(([2147483647]Bs{1}))s",
            vec![Type::Tuple(vec![Type::array(tag(Tag::Byte), MOST_ELEMENTS), Type::Text(1)])],
            Some(Type::String),
        ),
        ("größe.Δ(7größe)<iILfdZBc>", vec![Type::Struct("größe".into())], Some(Type::Union(Mask::from_bits(255)))),
        ("_(iILfdZBc)V", Tag::ALL.map(tag).to_vec(), None),
    ];
    for (text, parameters, result) in cases {
        let Some((name, _)) = text.split_once('(') else { panic!("{text}") };
        let signature = Signature { name: name.into(), parameters, result };
        assert_eq!(mangle(&signature), text);
        assert_eq!(parse(text), Ok(signature));
    }
}

/// What `parse` says of a name, and where.
fn refusal(name: &str) -> (usize, String) {
    match parse(name) {
        Err(error) => (error.position, error.kind.to_string()),
        Ok(signature) => panic!("`{name}` is read as {signature}"),
    }
}

/// Rows S23 to S25 of the bad inputs, and their kin: position, name, words.
const MALFORMED: &str = "
2 f(5poin => found 4 bytes, wanted the 5 that the length before a struct's name says
7 f(5poin)V => found `)`, wanted a letter, digit or `_` of the struct's name, or as many bytes as its length says
2 f(0)V => found a number that starts with 0, wanted 1 or more without leading zeroes
2 f(05point)V => found a number that starts with 0, wanted 1 or more without leading zeroes
2 f(99999999999point)V => found 7 bytes, wanted the 99999999999 that the length before a struct's name says
2 f(4294967301point)V => found 7 bytes, wanted the 4294967301 that the length before a struct's name says
2 f(18446744073709551621point)V => found 7 bytes, wanted the 18446744073709551615 that the length before a struct's name says
2 f(1ö)V => found a length of 1 that ends inside a character, wanted one that ends after a character
5 f(3a.)V => found `)`, wanted an identifier
5 f(3a. b)V => found ` `, wanted an identifier
3 f(2.a)V => found `.`, wanted an identifier
2 f(5 => found 0 bytes, wanted the 5 that the length before a struct's name says

0  => found the end of the name, wanted an identifier
1 f => found the end of the name, wanted `(`
2 f( => found the end of the name, wanted a type or `)`
3 f() => found the end of the name, wanted a type or `V`
3 f(s => found the end of the name, wanted a type or `)`
0 (s)V => found `(`, wanted an identifier
1 f)s(V => found `)`, wanted `(`
0 .f()V => found `.`, wanted an identifier
2 a..f()V => found `.`, wanted an identifier
2 a.()V => found `(`, wanted an identifier
0 1f()V => found `1`, wanted an identifier
1 a f()V => found ` `, wanted `(`
1 f	()V => found `\\t`, wanted `(`

2 f(x)V => found `x`, wanted a type or `)`
3 f()x => found `x`, wanted a type or `V`
2 f(ä)V => found `ä`, wanted a type or `)`
2 f(V)V => found `V`, wanted a type or `)`
4 f()VV => found `V`, wanted the end of the name
4 f()II => found `I`, wanted the end of the name
4 f(I) V => found ` `, wanted a type or `V`
4 f([]V)V => found `V`, wanted a type
3 f((V))V => found `V`, wanted a type
3 f(())V => found `)`, wanted a type
4 f((I => found the end of the name, wanted a type or `)`

5 f([][0]I)V => found a number that starts with 0, wanted 1 or more without leading zeroes
5 f([][2147483648]I)V => found 2147483648, wanted at most 2147483647
6 f([]s{4294967296})V => found 4294967296, wanted at most 2147483647
5 f([][-1]I)V => found `-`, wanted a number
6 f([][4I)V => found `I`, wanted `]`
7 f([]s{4)V => found `)`, wanted `}`

3 f(<>)V => found `>`, wanted the letter of a scalar type
4 f(<I>)V => found a union of one type, wanted two or more
4 f(<ZI>)V => found `I` after `Z`, wanted the members of a union in tag order, each once
4 f(<II>)V => found `I` after `I`, wanted the members of a union in tag order, each once
4 f(<Is>)V => found `s`, wanted the letter of a scalar type or `>`
3 f(<<IZ>Z>)V => found `<`, wanted the letter of a scalar type
5 f(<IZ => found the end of the name, wanted the letter of a scalar type or `>`

1 ae\u{301}()V => found an identifier that is not in normal form C, wanted the composed spelling
3 f(3e\u{301})V => found an identifier that is not in normal form C, wanted the composed spelling
";

#[test]
fn malformed_names_are_refused_at_their_byte() {
    for line in MALFORMED.lines().filter(|line| !line.is_empty()) {
        let (name, message) = line.split_once(" => ").expect(line);
        let (position, name) = name.split_once(' ').expect(line);
        assert_eq!(refusal(name), (position.parse().expect(line), message.to_string()), "{line}");
        assert!(!parse(name).is_err_and(|error| error.is_limit()), "{line}");
    }
}

/// The tables of examples in the specification say what the code does.
#[test]
fn the_specification_has_the_same_examples() {
    let page = include_str!("../../../spec/mangling.md");
    let rows = |heading: &str| -> Vec<Vec<String>> {
        let table = page.split_once(heading).expect(heading).1;
        let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let cells = |line: &str| {
            line.replace("\\|", "\0").split('|').map(|cell| cell.trim().trim_matches('`').replace('\0', "|")).collect()
        };
        lines.map(cells).collect()
    };
    let (accepted, refused) = (rows("| signature | mangled name |"), rows("| refused | at | because |"));
    assert!(accepted.len() > 8 && refused.len() > 8);
    for row in accepted {
        let signature = parse(&row[2]).expect(&row[2]);
        assert_eq!((signature.to_string(), mangle(&signature)), (row[1].clone(), row[2].clone()));
    }
    for row in refused {
        assert_eq!(refusal(&row[1]).0.to_string(), row[2], "{}", row[1]);
    }
}

/// Every sort in every place: `permits` and the grammar agree.
#[test]
fn types_stand_only_where_they_belong() {
    let sorts = [
        ("I", Sort::Scalar),
        ("s", Sort::String),
        ("[]I", Sort::View),
        ("[4]I", Sort::Array),
        ("s{16}", Sort::Text),
        ("5point", Sort::Struct),
        ("(IZ)", Sort::Tuple),
        ("<IZ>", Sort::Union),
    ];
    let places = [
        ("f(", ")V", Place::Parameter),
        ("f()", "", Place::Result),
        ("f([]", ")V", Place::ViewElement),
        ("f([][2]", ")V", Place::ArrayElement),
        ("f((", "))V", Place::TupleElement),
        ("f((I", "))V", Place::TupleElement),
    ];
    for (text, sort) in sorts {
        assert_eq!(mangle_type(&parse_type(text).expect(text)), text);
        for (before, after, place) in places {
            let found = parse(&format!("{before}{text}{after}"));
            if place.permits(sort) {
                assert!(found.is_ok(), "{sort} as {place}");
            } else {
                let kind = NameErrorKind::Misplaced { found: sort, place };
                assert_eq!(found, Err(NameError { position: before.len(), kind }), "{sort} as {place}");
            }
        }
    }
    assert_eq!(refusal("f()[]I").1, "found a view as a result, wanted a scalar, string, struct, tuple or union");
    assert_eq!(refusal("f([][]I)V").0, 4);
    assert_eq!(
        parse_type(""),
        Err(NameError { position: 0, kind: NameErrorKind::Unexpected { found: None, wanted: Wanted::Type } })
    );
}

/// The refusal of a name that exceeds a limit.
fn limit<T>(limit: NameLimit, position: usize, value: usize, maximum: usize) -> Result<T, NameError> {
    Err(NameError { position, kind: NameErrorKind::Limit { limit, value, maximum } })
}

/// Rows S26 and S27.
#[test]
fn limits_are_refused_with_their_figures() {
    let long = "a".repeat(65_536);
    assert_eq!(parse(&long), limit(NameLimit::Length, 4_096, 65_536, 4_096));
    assert!(parse(&format!("{}()V", "a".repeat(4_093))).is_ok());
    assert_eq!(parse(&format!("{}()V", "a".repeat(4_094))), limit(NameLimit::Length, 4_096, 4_097, 4_096));

    let wide = |count| format!("f({})V", "I".repeat(count));
    assert!(parse(&wide(255)).is_ok());
    assert_eq!(parse(&wide(256)), limit(NameLimit::Parameters, 257, 256, 255));
    assert_eq!(parse(&wide(300)), limit(NameLimit::Parameters, 257, 300, 255));

    let deep = |levels| format!("f({}I{})V", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&deep(64)).is_ok());
    assert_eq!(parse(&deep(65)), limit(NameLimit::Nesting, 66, 65, 64));
    assert_eq!(parse(&deep(2_000)), limit(NameLimit::Nesting, 66, 65, 64));
    assert_eq!(parse_type(&"(".repeat(4_096)), limit(NameLimit::Nesting, 64, 65, 64));
    assert_eq!(parse_type(&"[1]".repeat(100)), limit(NameLimit::Nesting, 192, 65, 64));
    for (opener, count) in [("[]", 524_288), ("(", 100_000), ("<", 100_000), ("[1]", 100_000)] {
        let bytes = opener.len() * count;
        assert_eq!(parse_type(&opener.repeat(count)), limit(NameLimit::Length, 4_096, bytes, 4_096));
    }

    assert_eq!(
        parse(&wide(300)).map_err(|error| (error.is_limit(), error.to_string())),
        Err((true, "found 300 parameters, wanted at most 255, at byte 257".to_string()))
    );
}

/// What `mangle` makes of signatures that break the rules is no name.
#[test]
fn signatures_against_the_rules_have_no_name() {
    let int = || tag(Tag::Int);
    let types = [
        Type::Tuple(vec![]),
        Type::Union(Mask::EMPTY),
        Type::Union(Tag::Int.mask()),
        Type::view(Type::view(int())),
        Type::view(Type::array(int(), 0)),
        Type::view(Type::array(int(), u32::MAX)),
        Type::view(Type::Text(0)),
        Type::Struct(String::new()),
        Type::Struct("a..b".into()),
        Type::Struct("e\u{301}".into()),
    ];
    for one in types {
        let signature = Signature { name: "f".into(), parameters: vec![one], result: None };
        assert!(parse(&mangle(&signature)).is_err(), "{signature}");
    }
}

fn any_path() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-zA-Z_\u{e4}\u{e9}\u{394}\u{5b57}][a-zA-Z0-9_\u{f1}\u{4e2d}]{0,6}", 1..4)
        .prop_map(|identifiers| identifiers.join("."))
}

/// Types that may stand in views, arrays and tuples.
fn any_element() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        prop::sample::select(Tag::ALL.to_vec()).prop_map(Type::Scalar),
        any_path().prop_map(Type::Struct),
        (1..=MOST_ELEMENTS).prop_map(Type::Text),
    ];
    leaf.prop_recursive(6, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..5).prop_map(Type::Tuple),
            (inner, 1..=MOST_ELEMENTS).prop_map(|(element, length)| Type::array(element, length)),
        ]
    })
}

fn any_result() -> impl Strategy<Value = Type> {
    let direct = any_element().prop_filter("wrapped", |one| !matches!(one, Type::Array(..) | Type::Text(_)));
    let union = any::<u8>().prop_map(Mask::from_bits).prop_filter("two", |mask| mask.count() > 1);
    prop_oneof![direct, Just(Type::String), union.prop_map(Type::Union)]
}

fn any_signature() -> impl Strategy<Value = Signature> {
    let parameter = prop_oneof![any_result(), any_element().prop_map(Type::view)];
    (any_path(), prop::collection::vec(parameter, 0..5), prop::option::of(any_result()))
        .prop_map(|(name, parameters, result)| Signature { name, parameters, result })
}

proptest! {
    #[test]
    fn the_short_way_through_a_path_is_that_of_the_grammar(text in "[a-b0A_.(é\\u{301}]{0,6}") {
        if let Some(length) = ascii_path(text.as_bytes()) {
            let whole = general_path(&text).ok();
            prop_assert_eq!(whole, text.split_at_checked(length).map(|(name, rest)| (rest, name)));
        }
        prop_assert_eq!(path(&text).ok(), general_path(&text).ok());
    }

    #[test]
    fn every_signature_has_one_name(signature in any_signature()) {
        let name = mangle(&signature);
        prop_assume!(name.len() <= MOST_LENGTH);
        prop_assert_eq!(parse(&name), Ok(signature));
    }

    #[test]
    fn every_type_has_one_form(one in any_element()) {
        let form = mangle_type(&one);
        prop_assume!(form.len() <= MOST_LENGTH);
        prop_assert_eq!(parse_type(&form), Ok(one));
    }

    #[test]
    fn every_accepted_text_is_the_name_of_its_signature(text in "\\PC{0,40}|[a-c.]{1,3}\\([\\[\\](){}<>0-9iILfdZBcsVab.]{0,16}\\)[\\[\\](){}<>0-9iILfdZBcsVab]{1,4}") {
        match parse(&text) {
            Ok(signature) => prop_assert_eq!(mangle(&signature), text),
            Err(error) => prop_assert!(text.is_char_boundary(error.position)),
        }
    }

    #[test]
    fn a_damaged_name_is_refused_or_another_name(signature in any_signature(), place: prop::sample::Index, with in "[\\[\\](){}<>0-9IsVZ.a\u{301}\u{fc}]{0,2}") {
        let mut text = mangle(&signature);
        let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
        let start = *place.get(&starts);
        let width = text[start..].chars().next().map_or(0, char::len_utf8);
        text.replace_range(start..start + width, &with);
        match parse(&text) {
            Ok(signature) => prop_assert_eq!(mangle(&signature), text),
            Err(error) => prop_assert!(text.is_char_boundary(error.position)),
        }
    }
}
