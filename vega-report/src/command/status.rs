//! How a command ended, and the number that says so.

use crate::diagnostic::{Diagnostic, Level};

/// How a command ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// All is well.
    #[default]
    Fine,
    /// The input is refused.
    Rejected,
    /// The command line is wrong.
    Usage,
    /// A limit was reached.
    Limit,
    /// The host could not read or write.
    Io,
    /// A fault of the tool itself.
    Internal,
    /// The program trapped.
    Trap,
}

impl Status {
    /// The exit status of the tools that run nothing. A trap, which they can only foresee, is a refusal.
    pub fn tool_code(self) -> u8 {
        match self {
            Status::Fine => 0,
            Status::Rejected | Status::Trap => 1,
            Status::Usage => 2,
            Status::Limit => 4,
            Status::Io => 5,
            Status::Internal => 70,
        }
    }

    /// The exit status of `vegavm` and `vega run`; 0 to 99 belong to the program.
    pub fn run_code(self) -> u8 {
        match self {
            Status::Fine => 0,
            Status::Rejected => 110,
            Status::Usage => 111,
            Status::Trap => 112,
            Status::Limit => 113,
            Status::Io => 114,
            Status::Internal => 119,
        }
    }

    /// An error unless all is well.
    ///
    /// # Errors
    /// It is not.
    pub fn ok(self) -> Result<(), Status> {
        if self == Status::Fine { Ok(()) } else { Err(self) }
    }

    /// Of two statuses the one that says more: a fault of the tool outweighs a file that cannot be read, that a limit, that the
    /// use, and that a refusal.
    #[must_use]
    pub fn graver(self, other: Status) -> Status {
        let weight = |status| match status {
            Status::Fine => 0,
            Status::Rejected | Status::Trap => 1,
            Status::Usage => 2,
            Status::Limit => 3,
            Status::Io => 4,
            Status::Internal => 5,
        };
        if weight(other) > weight(self) { other } else { self }
    }

    /// What a diagnostic makes of a command, by the first letter of its code. Whose words on the command line are wrong says so
    /// itself: codes with `U` are also about files of another kind.
    pub fn of(diagnostic: &Diagnostic) -> Self {
        match (diagnostic.level, diagnostic.code.bytes().next()) {
            (Level::Warning | Level::Note, _) => Status::Fine,
            (Level::Error, Some(b'L')) => Status::Limit,
            (Level::Error, Some(b'I')) => Status::Io,
            (Level::Error, Some(b'B')) => Status::Internal,
            (Level::Error, _) => Status::Rejected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_specification() {
        use Status::*;
        let all = [Fine, Rejected, Usage, Limit, Io, Internal, Trap];
        assert_eq!(all.map(Status::tool_code), [0, 1, 2, 4, 5, 70, 1]);
        assert_eq!(all.map(Status::run_code), [0, 110, 111, 113, 114, 119, 112]);
    }

    #[test]
    fn codes_say_how_a_command_ends() {
        use Status::*;
        let cases = [("L0101", Limit), ("E0101", Rejected), ("I002", Io), ("B0001", Internal), ("", Rejected)];
        for (code, status) in cases {
            assert_eq!(Status::of(&Diagnostic::error(code, "")), status);
            assert_eq!(Status::of(&Diagnostic::warning(code, "")), Fine);
        }
    }
}
