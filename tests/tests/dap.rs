//! `vegavm --dap` as an editor drives it: real messages to the real binary, one after another.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use vega_tests::{module, tools};

const SOURCE: &str = "\
struct point { x: int, y: int }

fn sum(values: []int) -> int {
    alloc 16 {
        total = 0
        at = point { x = 3, y = 4 }
        for value in values {
            total += value
        }
        return total + at.x
    }
}

alloc 12 {
    values: int[3] = [1, 2, 3]
    print(sum(values))
    print(values[sum(values)])
}
";

/// Reads a message; `None` at the end, or if it is none.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut header = String::new();
    while !header.ends_with("\r\n\r\n") {
        output.read_line(&mut header).ok().filter(|read| *read > 0)?;
    }
    let length: usize = header.trim().strip_prefix("Content-Length: ")?.parse().ok()?;
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// An adapter and what it has said that nobody asked for yet.
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    events: VecDeque<Value>,
    sequence: u64,
}

impl Editor {
    fn new() -> Editor {
        let mut command = Command::new(tools::path("vegavm").expect("it is built"));
        let mut child = command.arg("--dap").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, messages) = mpsc::channel();
        std::thread::spawn(move || while read(&mut output).is_some_and(|message| sender.send(message).is_ok()) {});
        Editor { input: child.stdin.take(), child, output: messages, events: VecDeque::new(), sequence: 0 }
    }

    /// The next message. One that does not come fails the test, rather than to let it hang.
    fn read(&mut self) -> Value {
        self.output.recv_timeout(Duration::from_secs(60)).expect("a message")
    }

    /// Sends a request; gives the body of its answer, or the words that refuse it.
    fn ask(&mut self, command: &str, arguments: Value) -> Result<Value, String> {
        self.sequence += 1;
        let request = json!({ "seq": self.sequence, "type": "request", "command": command, "arguments": arguments });
        let text = request.to_string();
        let input = self.input.as_mut().expect("it is there");
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).and_then(|()| input.flush()).expect("a pipe");
        loop {
            let message = self.read();
            if message["type"] == "event" {
                self.events.push_back(message);
                continue;
            }
            assert_eq!((&message["request_seq"], &message["command"]), (&request["seq"], &request["command"]));
            return match message["success"] == true {
                true => Ok(message["body"].clone()),
                false => Err(message["message"].as_str().unwrap_or_default().to_owned()),
            };
        }
    }

    fn good(&mut self, command: &str, arguments: Value) -> Value {
        self.ask(command, arguments).unwrap_or_else(|words| panic!("{command}: {words}"))
    }

    /// Waits for an event; gives its body. Those before it are dropped.
    fn event(&mut self, name: &str) -> Value {
        loop {
            let message = self.events.pop_front().unwrap_or_else(|| self.read());
            if message["event"] == name {
                return message["body"].clone();
            }
        }
    }

    /// Sends a request that goes on; gives why and on which line it stops.
    fn go(&mut self, command: &str) -> (String, u64) {
        self.good(command, json!({ "threadId": 1 }));
        self.stopped()
    }

    fn stopped(&mut self) -> (String, u64) {
        let body = self.event("stopped");
        let frames = self.good("stackTrace", json!({ "threadId": 1 }));
        let line = frames["stackFrames"][0]["line"].as_u64().expect("a line");
        (body["reason"].as_str().expect("a reason").to_owned(), line)
    }

    /// The variables of a scope of a frame, as `name: type = value`.
    fn variables(&mut self, frame: u64, scope: usize) -> Vec<String> {
        let scopes = self.good("scopes", json!({ "frameId": frame }));
        let reference = scopes["scopes"][scope]["variablesReference"].clone();
        self.listed(&reference)
    }

    fn listed(&mut self, reference: &Value) -> Vec<String> {
        let told = self.good("variables", json!({ "variablesReference": reference }));
        let told = told["variables"].as_array().expect("a list").clone();
        let text = |field: &Value| field.as_str().unwrap_or_default().to_owned();
        told.iter()
            .map(|one| format!("{}: {} = {}", text(&one["name"]), text(&one["type"]), text(&one["value"])))
            .collect()
    }
}

/// A folder with a source and its program.
fn folder(source: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = module::compile("prog.vg", source.as_bytes()).accepted().expect("it is accepted");
    fs::write(folder.path().join("prog.vg"), source).expect("a file");
    fs::write(folder.path().join("prog.vgb"), bytes).expect("a file");
    folder
}

fn launch(editor: &mut Editor, folder: &tempfile::TempDir, more: Value) {
    let able = editor.good("initialize", json!({ "adapterID": "vega", "linesStartAt1": true }));
    assert!(able["supportsStepBack"] == true && able["supportsConfigurationDoneRequest"] == true);
    let mut arguments = json!({ "program": folder.path().join("prog.vgb") });
    arguments.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    editor.good("launch", arguments);
    editor.event("initialized");
}

#[test]
fn a_session_from_start_to_end() {
    let folder = folder(SOURCE);
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({}));
    let path = folder.path().join("prog.vg");
    let lines = [
        json!({ "line": 8 }),
        json!({ "line": 99 }),
        json!({ "line": 8, "condition": "totl > 1" }),
        json!({ "line": 8, "hitCondition": "2" }),
    ];
    let set = editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": lines }))["breakpoints"]
        .clone();
    assert_eq!((&set[0]["verified"], &set[0]["line"], &set[1]["verified"]), (&json!(true), &json!(8), &json!(false)));
    let words = "there is no variable `totl` in the function; did you mean `total`?";
    assert_eq!(set[2], json!({ "verified": false, "message": words }));
    assert_eq!(set[3], json!({ "verified": false, "message": "`hitCondition` is not understood" }));
    editor.good("setExceptionBreakpoints", json!({ "filters": [] }));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("breakpoint".to_owned(), 8));

    let frames = editor.good("stackTrace", json!({ "threadId": 1 }))["stackFrames"].clone();
    assert_eq!((&frames[0]["name"], &frames[1]["name"]), (&json!("sum([]int) -> int"), &json!("main()")));
    assert_eq!((&frames[0]["source"]["path"], &frames[1]["line"]), (&json!(path), &json!(16)));
    let variables = editor.variables(1, 0);
    for wanted in ["values: []int = [1, 2, 3]", "total: int = 0", "at: point = point { x = 3, y = 4 }"] {
        assert!(variables.iter().any(|found| found == wanted), "{wanted}: {variables:?}");
    }
    assert!(editor.variables(2, 0).contains(&"values: int[3] = [1, 2, 3]".to_owned()));
    assert!(editor.variables(1, 1).iter().any(|register| register.starts_with("ip: ")));
    let at = editor.good("evaluate", json!({ "expression": "at", "frameId": 1 }));
    assert_eq!(at["result"], "point { x = 3, y = 4 }");
    assert_eq!(editor.listed(&at["variablesReference"]), ["x: int = 3", "y: int = 4"]);
    assert_eq!(editor.good("evaluate", json!({ "expression": "values[2]", "frameId": 2 }))["result"], "3");
    assert!(editor.ask("evaluate", json!({ "expression": "nothing", "frameId": 1 })).is_err());

    let info =
        editor.good("dataBreakpointInfo", json!({ "variablesReference": at["variablesReference"], "name": "y" }));
    assert_eq!(info["dataId"], "at.y");
    // A name means what the reference beside it says.
    let outer = editor.good("scopes", json!({ "frameId": 2 }))["scopes"].clone();
    let [variables, registers] = [0, 1].map(|scope: usize| outer[scope]["variablesReference"].clone());
    for reference in [&variables, &registers] {
        let asked = json!({ "variablesReference": reference, "name": "total" });
        assert!(editor.ask("dataBreakpointInfo", asked).is_err());
    }
    // The argument was taken by the callee.
    let told = editor.listed(&registers);
    assert!(told.iter().any(|register| register == "stack:  = "), "{told:?}");
    let watched = json!({ "breakpoints": [{ "dataId": "total" }, { "dataId": "at.z" }] });
    let watched = editor.good("setDataBreakpoints", watched)["breakpoints"].clone();
    assert_eq!((&watched[0]["verified"], &watched[1]["verified"]), (&json!(true), &json!(false)));
    assert_eq!(editor.go("continue"), ("data breakpoint".to_owned(), 9));
    editor.good("setDataBreakpoints", json!({ "breakpoints": [] }));
    assert_eq!(editor.go("stepBack"), ("breakpoint".to_owned(), 8));
    assert_eq!(editor.go("next"), ("step".to_owned(), 9));
    assert_eq!(editor.go("stepBack"), ("breakpoint".to_owned(), 8));
    assert_eq!(editor.go("continue"), ("breakpoint".to_owned(), 8));
    assert_eq!(editor.good("evaluate", json!({ "expression": "total", "frameId": 1 }))["result"], "1");
    assert_eq!(editor.go("reverseContinue"), ("breakpoint".to_owned(), 8));
    assert_eq!(editor.good("evaluate", json!({ "expression": "total", "frameId": 1 }))["result"], "0");
    editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": [{ "line": 17 }] }));
    editor.good("continue", json!({ "threadId": 1 }));
    assert_eq!(editor.event("output")["output"], "9");
    assert_eq!(editor.stopped(), ("breakpoint".to_owned(), 17));
    assert_eq!(editor.go("stepIn").1, 4);
    assert_eq!(editor.go("stepOut").1, 17);

    editor.good("continue", json!({ "threadId": 1 }));
    let stopped = editor.event("stopped");
    assert_eq!(
        (&stopped["reason"], stopped["text"].as_str().map(|text| text.contains("T011"))),
        (&json!("exception"), Some(true))
    );
    assert_eq!(editor.good("exceptionInfo", json!({ "threadId": 1 }))["exceptionId"], "T011");
    assert_eq!(editor.go("stepBack").1, 17);
    editor.good("continue", json!({ "threadId": 1 }));
    assert_eq!(editor.event("stopped")["reason"], "exception");
    editor.good("continue", json!({ "threadId": 1 }));
    assert_eq!(editor.event("exited")["exitCode"], 112);
    editor.event("terminated");
    editor.good("terminate", json!({}));
    editor.good("disconnect", json!({}));
    assert_eq!(editor.child.wait().expect("it ends").code(), Some(0));
}

/// Of two with one name, that of the caller is none that can be watched.
#[test]
fn variables_of_callers_are_not_those_of_callees() {
    let source = "\
fn down(n: int) {
    alloc 4 {
        left = n
        if left > 0 { down(left - 1) }
        left = 0
    }
}
down(1)
";
    let folder = folder(source);
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({}));
    let path = folder.path().join("prog.vg");
    editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": [{ "line": 5 }] }));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("breakpoint".to_owned(), 5));
    for (frame, known) in [(1, json!("left")), (2, Value::Null)] {
        let scopes = editor.good("scopes", json!({ "frameId": frame }))["scopes"].clone();
        let asked = json!({ "variablesReference": scopes[0]["variablesReference"], "name": "left" });
        assert_eq!(editor.good("dataBreakpointInfo", asked)["dataId"], known, "{frame}");
        let asked = json!({ "frameId": frame, "name": "left" });
        assert_eq!(editor.good("dataBreakpointInfo", asked)["dataId"], known, "{frame}");
    }
}

/// They are a scope of their own, where there are any, and are watched in every function.
#[test]
fn static_variables_are_shown() {
    let folder = folder("static 8 { turns = 1 }\nfn turn() {\n    turns += 1\n}\nfn main() {\n    turn()\n}\n");
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({ "stopOnEntry": true }));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("entry".to_owned(), 6));
    let scopes = editor.good("scopes", json!({ "frameId": 1 }))["scopes"].clone();
    let scope = &scopes[2];
    assert_eq!(scope["name"], "Static variables");
    assert_eq!(editor.listed(&scope["variablesReference"]), ["static1: int = 1"]);
    let watched = json!({ "name": "static1", "variablesReference": scope["variablesReference"] });
    let id = editor.good("dataBreakpointInfo", watched)["dataId"].clone();
    editor.good("setDataBreakpoints", json!({ "breakpoints": [{ "dataId": id }] }));
    assert_eq!(editor.go("continue"), ("data breakpoint".to_owned(), 4));
    assert_eq!(editor.good("evaluate", json!({ "expression": "static1", "frameId": 1 }))["result"], "2");
    assert_eq!(editor.go("reverseContinue"), ("data breakpoint".to_owned(), 3));
    assert_eq!(editor.good("evaluate", json!({ "expression": "static1", "frameId": 1 }))["result"], "1");
}

/// One that does not end is paused, and one whose editor goes away leaves nothing running.
#[test]
fn endless_programs_are_interrupted() {
    let folder = folder("alloc 4 {\n    n = 0\n    while true {\n        n = 1 - n\n    }\n}\n");
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({ "stopOnEntry": true }));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("entry".to_owned(), 1));
    editor.good("continue", json!({ "threadId": 1 }));
    editor.good("pause", json!({ "threadId": 1 }));
    assert_eq!(editor.event("stopped")["reason"], "pause");
    // While it runs, requests are answered, and what they set holds from then on.
    editor.good("continue", json!({ "threadId": 1 }));
    assert_eq!(editor.good("threads", json!({}))["threads"][0]["id"], 1);
    let path = folder.path().join("prog.vg");
    editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": [{ "line": 4 }] }));
    assert_eq!(editor.stopped(), ("breakpoint".to_owned(), 4));
    editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": [] }));
    editor.good("continue", json!({ "threadId": 1 }));
    editor.good("restart", json!({}));
    assert_eq!(editor.stopped(), ("entry".to_owned(), 1));
    editor.good("continue", json!({ "threadId": 1 }));
    editor.input = None;
    assert_eq!(editor.child.wait().expect("it ends").code(), Some(0));
}

/// A step over a call is the same step after a request came in the midst of it.
#[test]
fn requests_on_the_way_change_no_step() {
    let folder = folder(
        "fn lasting() -> int {\n    alloc 8 {\n        n = 0\n        while n < 3000000 {\n            n += 1\n        }\n        return n\n    }\n}\nprint(lasting())\nprint(1)\n",
    );
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({ "stopOnEntry": true }));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("entry".to_owned(), 10));
    editor.good("next", json!({ "threadId": 1 }));
    for _ in 0..3 {
        editor.good("threads", json!({}));
    }
    assert_eq!(editor.stopped(), ("step".to_owned(), 11));
}

/// A program that trapped and is started again traps again.
#[test]
fn a_program_is_started_again_at_its_trap() {
    let folder = folder("fn main(n: int) {\n    print(7 / n)\n}\n");
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({ "args": ["0"] }));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("exception".to_owned(), 2));
    editor.good("restart", json!({}));
    assert_eq!(editor.stopped(), ("exception".to_owned(), 2));
}

/// An editor may count lines and columns from 0.
#[test]
fn lines_are_counted_as_the_editor_does() {
    let folder = folder("fn main(n: int) {\n    print(n)\n    print(n)\n}\n");
    let mut editor = Editor::new();
    editor.good("initialize", json!({ "linesStartAt1": false, "columnsStartAt1": false }));
    let program = folder.path().join("prog.vgb");
    editor.good("launch", json!({ "program": program, "args": ["1"] }));
    let path = folder.path().join("prog.vg");
    let set = editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": [{ "line": 2 }] }));
    assert_eq!(set["breakpoints"][0]["line"], 2);
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("breakpoint".to_owned(), 2));
    let frames = editor.good("stackTrace", json!({ "threadId": 1 }));
    assert_eq!(frames["stackFrames"][0]["column"], 0);
}

#[test]
fn what_cannot_be_launched_is_refused() {
    let mut editor = Editor::new();
    assert!(editor.ask("threads", json!({})).is_err());
    for arguments in [json!({}), json!({ "program": "/nowhere.vgb" }), json!({ "program": "/dev/null" })] {
        assert!(editor.ask("launch", arguments).is_err());
    }
    let folder = folder("fn main(n: int) -> int { return n }");
    let program = folder.path().join("prog.vgb");
    for (arguments, found) in [(json!([7]), "7"), (json!("7"), "\"7\"")] {
        let refused = editor.ask("launch", json!({ "program": program, "args": arguments }));
        assert_eq!(refused, Err(format!("`args`: found `{found}`, wanted a list of texts")));
    }
    let refused = editor.ask("launch", json!({ "program": program, "args": ["7"], "input": 7 }));
    assert_eq!(refused, Err("`input`: found `7`, wanted the name of a file".to_owned()));
    let refused = editor.ask("launch", json!({ "program": "/nowhere.vgb" }));
    assert_eq!(refused, Err("`/nowhere.vgb`: cannot be read: no such file or directory".to_owned()));
    editor.good("disconnect", json!({}));
    assert_eq!(editor.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_breakpoint_waits_for_its_condition() {
    let folder = folder(SOURCE);
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({}));
    let path = folder.path().join("prog.vg");
    let lines = [json!({ "line": 8, "condition": "total > 2" })];
    let set = editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": lines }));
    assert_eq!(set["breakpoints"][0]["verified"], json!(true));
    editor.good("configurationDone", json!({}));
    assert_eq!(editor.stopped(), ("breakpoint".to_owned(), 8));
    assert!(editor.variables(1, 0).contains(&"total: int = 3".to_owned()));
}

/// Without debugging there are no breakpoints, no stop at the entry, and a trap is the end.
#[test]
fn what_only_runs_stops_nowhere() {
    let folder = folder(SOURCE);
    let mut editor = Editor::new();
    launch(&mut editor, &folder, json!({ "noDebug": true, "stopOnEntry": true }));
    let path = folder.path().join("prog.vg");
    let set =
        editor.good("setBreakpoints", json!({ "source": { "path": path }, "breakpoints": [json!({ "line": 8 })] }));
    assert_eq!(set["breakpoints"][0]["verified"], json!(false));
    editor.good("configurationDone", json!({}));
    let ended = editor.event("exited");
    assert_eq!(ended["exitCode"], json!(112));
    editor.event("terminated");
}
