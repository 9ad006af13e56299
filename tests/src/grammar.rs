//! The grammar on the page of the language, as data: what it derives, and sentences of it.
//!
//! It is read from the page itself. Words of the page's lexical rules (`name`, `integer`, `text` …) are tokens here, as
//! the lexer has them, and so is `end`.

use std::collections::{BTreeMap, HashSet};
use vegac::lexer::{Token, TokenKind};

/// Rules whose words are tokens of the lexer.
const LEXICAL: &[&str] = &["name", "integer", "hex", "decimal", "char", "text", "digits", "end", "newline"];

/// The binary operators: behind one a statement goes on in the next line.
const OPERATORS: &[&str] =
    &["*", "/", "%", "+", "-", "<<", ">>", ">>>", "&", "^", "|", "<", "<=", ">", ">=", "==", "!=", "&&", "||"];

/// What a sentence is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A word or sign, or a lexical rule.
    Token(String),
    Rule(usize),
}

/// Rules in Backus-Naur form: repetitions and choices inside of rules have rules of their own.
#[derive(Debug, Default)]
pub struct Grammar {
    names: Vec<String>,
    /// The alternatives of each rule.
    rules: Vec<Vec<Vec<Part>>>,
}

/// Reads EBNF.
struct Reader<'a> {
    words: Vec<&'a str>,
    at: usize,
    grammar: Grammar,
    numbers: BTreeMap<String, usize>,
}

impl Grammar {
    /// Reads rules as the page has them.
    ///
    /// # Errors
    /// What is not as it should be.
    pub fn read(text: &str) -> Result<Grammar, String> {
        let mut reader = Reader { words: words(text), at: 0, grammar: Grammar::default(), numbers: BTreeMap::new() };
        while reader.at < reader.words.len() {
            let name = reader.next()?.to_owned();
            reader.expect("=")?;
            let rule = reader.rule(&name);
            let alternatives = reader.alternatives()?;
            reader.expect(";")?;
            reader.grammar.rules[rule] = alternatives;
        }
        let grammar = reader.grammar;
        // Rules of words alone are the lexer's.
        let mut needed = vec![grammar.number("file")];
        let mut next = 0;
        while let Some(rule) = needed.get(next).copied() {
            next += 1;
            if grammar.rules[rule].is_empty() {
                return Err(format!("nothing says what `{}` is", grammar.names[rule]));
            }
            for part in grammar.rules[rule].iter().flatten() {
                if let Part::Rule(inner) = part
                    && !needed.contains(inner)
                {
                    needed.push(*inner);
                }
            }
        }
        Ok(grammar)
    }

    fn number(&self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("the page has no `{name}`"))
    }
}

/// The words of the EBNF; comments are left out.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '(' if rest.starts_with("(*") => {
                rest = rest.split_once("*)").map_or("", |(_, behind)| behind).trim_start();
                continue;
            }
            '"' | '\'' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            _ if first.is_alphanumeric() => {
                rest.find(|other: char| !other.is_alphanumeric() && other != '_').unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<&'a str, String> {
        self.at += 1;
        self.words.get(self.at - 1).copied().ok_or_else(|| "the grammar ends too early".to_owned())
    }

    fn peek(&self) -> &'a str {
        self.words.get(self.at).copied().unwrap_or_default()
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        match self.next()? {
            found if found == wanted => Ok(()),
            found => Err(format!("`{found}` where `{wanted}` should be")),
        }
    }

    fn rule(&mut self, name: &str) -> usize {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let number = self.fresh(name, Vec::new());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn fresh(&mut self, name: &str, alternatives: Vec<Vec<Part>>) -> usize {
        self.grammar.names.push(name.to_owned());
        self.grammar.rules.push(alternatives);
        self.grammar.rules.len() - 1
    }

    fn alternatives(&mut self) -> Result<Vec<Vec<Part>>, String> {
        let mut alternatives = vec![self.sequence()?];
        while self.peek() == "|" {
            self.at += 1;
            alternatives.push(self.sequence()?);
        }
        Ok(alternatives)
    }

    fn sequence(&mut self) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        loop {
            let word = self.peek();
            match word {
                "" | ";" | "|" | ")" | "]" | "}" => return Ok(parts),
                "(" | "[" | "{" => {
                    self.at += 1;
                    let mut inner = self.alternatives()?;
                    let close = match word {
                        "(" => ")",
                        "[" => "]",
                        _ => "}",
                    };
                    self.expect(close)?;
                    let rule = self.fresh(word, Vec::new());
                    if word == "{" {
                        inner.iter_mut().for_each(|parts| parts.insert(0, Part::Rule(rule)));
                    }
                    if word != "(" {
                        inner.push(Vec::new());
                    }
                    self.grammar.rules[rule] = inner;
                    parts.push(Part::Rule(rule));
                }
                _ => {
                    self.at += 1;
                    let literal = word.strip_prefix(['"', '\'']).and_then(|word| word.strip_suffix(['"', '\'']));
                    parts.push(match literal {
                        Some(literal) => Part::Token(literal.to_owned()),
                        None if LEXICAL.contains(&word) => Part::Token(word.to_owned()),
                        None => Part::Rule(self.rule(word)),
                    });
                }
            }
        }
    }
}

// Whether a text is a sentence.

/// A token as the grammar sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lexical(&'static str),
    Spelled,
    /// The end of a statement.
    End,
}

impl Word {
    fn is(&self, wanted: &str) -> bool {
        match (self.kind, wanted) {
            (Kind::End, wanted) => matches!(wanted, "end" | "newline"),
            (Kind::Lexical("integer"), "digits") => self.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'),
            // Some words are words of the grammar only where it has them: `limit`.
            (Kind::Lexical(kind), wanted) => kind == wanted || kind == "name" && self.text == wanted,
            (Kind::Spelled, wanted) => self.text == wanted,
        }
    }
}

/// The words of a text: line ends where they end a statement, and none where they may be left out.
pub fn words_of(text: &str, tokens: &[Token]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let end = Word { kind: Kind::End, text: "end".to_owned() };
    for token in tokens {
        let text = token.text(text);
        let lines_matter = open.last().is_none_or(|open| open == "{");
        let goes_on = words.last().is_none_or(|last| {
            last.kind == Kind::End
                || matches!(last.text.as_str(), "{" | "," | "=" | "->")
                || last.kind == Kind::Spelled && (OPERATORS.contains(&last.text.as_str()) || last.text.ends_with('='))
        });
        if (token.starts_line() && lines_matter || token.kind == TokenKind::Semicolon) && !goes_on {
            words.push(end.clone());
        }
        if matches!(token.kind, TokenKind::BraceClose | TokenKind::End) {
            words.pop_if(|last| last.kind == Kind::End);
        }
        if matches!(token.kind, TokenKind::End | TokenKind::Semicolon) {
            continue;
        }
        match text {
            "(" | "[" | "{" => open.push(text.to_owned()),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
        let kind = match token.kind {
            TokenKind::Name => Kind::Lexical("name"),
            TokenKind::Integer => Kind::Lexical("integer"),
            TokenKind::Hex => Kind::Lexical("hex"),
            TokenKind::Decimal => Kind::Lexical("decimal"),
            TokenKind::Char => Kind::Lexical("char"),
            TokenKind::String => Kind::Lexical("text"),
            _ => Kind::Spelled,
        };
        words.push(Word { kind, text: text.to_owned() });
    }
    words
}

/// A rule that is half read: which, the alternative, how much of it, and where it began.
type Item = (usize, usize, usize, usize);

/// What was found up to a place, in order and for looking up.
#[derive(Default)]
struct Found {
    items: Vec<Item>,
    seen: HashSet<Item>,
}

impl Found {
    fn add(&mut self, item: Item) {
        if self.seen.insert(item) {
            self.items.push(item);
        }
    }
}

impl Grammar {
    /// Whether words are a sentence of a rule (Earley, 1970).
    ///
    /// # Errors
    /// The words before which no sentence goes on.
    pub fn derives(&self, rule: &str, words: &[Word]) -> Result<(), String> {
        let start = self.number(rule);
        let empty = self.empty_rules();
        let mut found: Vec<Found> = (0..=words.len()).map(|_| Found::default()).collect();
        (0..self.rules[start].len()).for_each(|alternative| found[0].add((start, alternative, 0, 0)));
        for place in 0..=words.len() {
            let mut next = 0;
            while let Some(&(rule, alternative, read, began)) = found[place].items.get(next) {
                next += 1;
                match self.rules[rule][alternative].get(read) {
                    None => {
                        for at in 0..found[began].items.len() {
                            let (outer, other, read, origin) = found[began].items[at];
                            if self.rules[outer][other].get(read) == Some(&Part::Rule(rule)) {
                                found[place].add((outer, other, read + 1, origin));
                            }
                        }
                    }
                    Some(Part::Rule(inner)) => {
                        (0..self.rules[*inner].len())
                            .for_each(|alternative| found[place].add((*inner, alternative, 0, place)));
                        if empty.contains(inner) {
                            found[place].add((rule, alternative, read + 1, began));
                        }
                    }
                    Some(Part::Token(token)) => {
                        let word = words.get(place);
                        if word.is_some_and(|word| word.is(token)) {
                            found[place + 1].add((rule, alternative, read + 1, began));
                        }
                        let may_be_missing = word.is_none_or(|word| word.text == "}" && word.kind == Kind::Spelled);
                        if token == "end" && may_be_missing {
                            found[place].add((rule, alternative, read + 1, began));
                        }
                    }
                }
            }
        }
        let is_whole = |item: &Item| item.0 == start && item.3 == 0 && item.2 == self.rules[item.0][item.1].len();
        if found[words.len()].items.iter().any(is_whole) {
            return Ok(());
        }
        let last = found.iter().rposition(|found| !found.items.is_empty()).unwrap_or(0);
        let around = words.iter().skip(last.saturating_sub(12)).take(16).map(|word| word.text.as_str());
        Err(format!("it does not derive: {}", around.collect::<Vec<_>>().join(" ")))
    }

    fn empty_rules(&self) -> HashSet<usize> {
        let mut empty = HashSet::new();
        loop {
            let before = empty.len();
            for (rule, alternatives) in self.rules.iter().enumerate() {
                let is_empty = |part: &Part| matches!(part, Part::Rule(rule) if empty.contains(rule));
                if alternatives.iter().any(|parts| parts.iter().all(is_empty)) {
                    empty.insert(rule);
                }
            }
            if empty.len() == before {
                return empty;
            }
        }
    }
}

// Sentences.

/// Makes sentences; the same number gives the same ones.
pub struct Sentences<'g> {
    grammar: &'g Grammar,
    /// How deep a sentence of each rule must be at least.
    depths: Vec<u32>,
    state: u64,
    text: String,
}

impl<'g> Sentences<'g> {
    /// Sentences that begin with a number.
    pub fn new(grammar: &'g Grammar, seed: u64) -> Sentences<'g> {
        let mut depths = vec![u32::MAX; grammar.rules.len()];
        loop {
            let before = depths.clone();
            for (rule, alternatives) in grammar.rules.iter().enumerate() {
                let depth = alternatives.iter().map(|parts| depth_of(&depths, parts).saturating_add(1)).min();
                depths[rule] = depth.unwrap_or(u32::MAX);
            }
            if depths == before {
                return Sentences { grammar, depths, state: seed, text: String::new() };
            }
        }
    }

    /// A sentence of a rule, about so deep.
    pub fn make(&mut self, rule: &str, depth: u32) -> String {
        self.text.clear();
        self.rule(self.grammar.number(rule), depth, true);
        core::mem::take(&mut self.text)
    }

    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.state >> 33) as usize) % end.max(1)
    }

    /// `structs`: whether a struct literal may stand here, which it may not in the head of a loop or condition.
    fn rule(&mut self, rule: usize, depth: u32, structs: bool) {
        let grammar = self.grammar;
        let alternatives = &grammar.rules[rule];
        let is_struct = |parts: &Vec<Part>| parts.first() == Some(&Part::Rule(grammar.number("structval")));
        let fitting: Vec<&Vec<Part>> = alternatives
            .iter()
            .filter(|parts| structs || !is_struct(parts))
            .filter(|parts| depth_of(&self.depths, parts) < depth)
            .collect();
        let shortest = alternatives
            .iter()
            .filter(|parts| structs || !is_struct(parts))
            .min_by_key(|parts| depth_of(&self.depths, parts));
        let chosen = match fitting.len() {
            0 => shortest,
            count => fitting.get(self.below(count)).copied(),
        };
        let structs = structs && grammar.names[rule] != "head";
        let mut open = 0;
        for part in chosen.into_iter().flatten() {
            match part {
                Part::Rule(inner) => {
                    let inside = structs || open > 0 || grammar.names[*inner] == "block";
                    let inside = inside && grammar.names[*inner] != "head";
                    self.rule(*inner, depth.saturating_sub(1), inside);
                }
                Part::Token(token) => {
                    match token.as_str() {
                        "(" | "[" | "{" => open += 1,
                        ")" | "]" | "}" => open -= 1,
                        _ => {}
                    }
                    self.token(token);
                }
            }
        }
    }

    fn token(&mut self, token: &str) {
        let choices: &[&str] = match token {
            "name" => &["a", "point", "total", "x1", "ä"],
            "integer" => &["0", "7", "12l", "3b", "1_000s"],
            "hex" => &["0xFF", "0x1_0l"],
            "decimal" => &["1.5", "2.0f"],
            "char" => &["'a'", r"'\n'", r"'\u{e9}'"],
            "text" => &["\"hi\"", r#""a \"b\"""#, "\"\""],
            "digits" => &["0", "1"],
            "end" => &["\n", ";"],
            "newline" => &["\n"],
            other => {
                self.text.push_str(other);
                self.text.push(' ');
                return;
            }
        };
        let chosen = choices[self.below(choices.len())];
        self.text.push_str(chosen);
        self.text.push(' ');
    }
}

fn depth_of(depths: &[u32], parts: &[Part]) -> u32 {
    let depth = |part: &Part| match part {
        Part::Token(_) => 0,
        Part::Rule(rule) => depths[*rule],
    };
    parts.iter().map(depth).max().unwrap_or(0)
}
