//! The commands of the debugger for people: a table from which they are found and explained.

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Break,
    Watch,
    Delete,
    Run,
    Continue,
    Step,
    StepInstruction,
    Next,
    Finish,
    Back,
    BackInstruction,
    BackNext,
    BackContinue,
    Print,
    Arena,
    Backtrace,
    Up,
    Down,
    Frame,
    List,
    Disassemble,
    Info,
    Help,
    Quit,
}

/// Name, other names, operands, what it does.
const COMMANDS: &[(Command, &str, &[&str], &str, &str)] = {
    use Command::*;
    &[
        (
            Break,
            "break",
            &["b"],
            "FILE:LINE | LINE | FUNCTION | FUNCTION+OFFSET [if VALUE == VALUE]",
            "stop there, every time, or if that holds",
        ),
        (Watch, "watch", &[], "SLOT | START..END", "stop when its bytes change, or these of the innermost arena"),
        (Delete, "delete", &["d"], "[NUMBER]", "take a breakpoint or watch away, or all"),
        (Run, "run", &["r"], "", "go back to the start"),
        (Continue, "continue", &["c"], "[N]", "go on to the next stop"),
        (Step, "step", &["s"], "[N]", "go on to another line, into calls but those of the library"),
        (StepInstruction, "stepi", &["si"], "[N]", "execute one instruction"),
        (Next, "next", &["n"], "[N]", "go on to another line, over calls"),
        (Finish, "finish", &["fin"], "", "go on until this function returns"),
        (
            Back,
            "back",
            &["reverse-step", "rs"],
            "[N]",
            "go back to the line before, into calls but those of the library",
        ),
        (BackInstruction, "backi", &["reverse-stepi", "rsi"], "[N]", "take one instruction back"),
        (BackNext, "backn", &["reverse-next", "rn"], "[N]", "go back to the line before, over calls"),
        (
            BackContinue,
            "backc",
            &["reverse-continue", "rc"],
            "[N]",
            "go back to the breakpoint before, or the change of bytes that are watched",
        ),
        (Print, "print", &["p"], "[SLOT[.FIELD][[INDEX]]]", "show a value and its bytes; alone, all"),
        (Arena, "arena", &["a"], "", "show the open arenas of the frame as pictures"),
        (
            Backtrace,
            "backtrace",
            &["bt", "where"],
            "[N]",
            "show who called whom; of many, the N innermost, or the outermost with -N",
        ),
        (Up, "up", &[], "[N]", "look at the caller"),
        (Down, "down", &[], "[N]", "look at who was called"),
        (Frame, "frame", &["f"], "[N]", "look at this frame; 0 is the innermost"),
        (List, "list", &["l"], "[LINE | FUNCTION]", "show the source, then what follows"),
        (Disassemble, "disassemble", &["disas"], "[LINE | FUNCTION]", "show the instructions of a function"),
        (Info, "info", &["i"], "WHAT", "show locals, statics, breakpoints, functions, sources, or the frame"),
        (Help, "help", &["h"], "", "show this"),
        (Quit, "quit", &["q"], "", "leave"),
    ]
};

/// The command that words mean, of which the first is its name, another name of it, or the start of one name only.
pub(super) fn find(word: &str, rest: &str) -> Result<Command, String> {
    let named = COMMANDS.iter().find(|(_, name, others, ..)| *name == word || others.contains(&word));
    let mut started = COMMANDS.iter().filter(|(_, name, ..)| name.starts_with(word));
    match (named, started.next(), started.next()) {
        (Some((_, name, _, "", _)), ..) | (None, Some((_, name, _, "", _)), None) if !rest.is_empty() => {
            Err(format!("`{name}` takes nothing, found `{}`", vega_report::quote(rest)))
        }
        (Some((command, ..)), ..) | (None, Some((command, ..)), None) => Ok(*command),
        (None, Some((_, first, ..)), Some((_, second, ..))) => {
            Err(format!("`{word}` may be `{first}` or `{second}`; `help` shows all commands"))
        }
        (None, None, _) => {
            Err(format!("there is no command `{}`; `help` shows all commands", vega_report::quote(word)))
        }
    }
}

/// A line for each command.
pub(super) fn help() -> String {
    let lines = COMMANDS.iter().map(|(_, name, others, operands, words)| {
        let others = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
        (format!("{name}{others} {operands}").trim_end().to_owned(), words)
    });
    let lines: Vec<_> = lines.collect();
    let width = lines.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    lines.iter().map(|(line, words)| format!("{line:<width$}  {words}\n")).collect::<String>()
        + "An empty line does the last command once more.\n"
}
