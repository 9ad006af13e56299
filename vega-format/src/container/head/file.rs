//! The head of a file that is read where it stands: only where there are files.

use super::{Head, read};
use crate::error::FormatError;
use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};
use thiserror::Error;

/// Why the head of a file cannot be read.
#[derive(Debug, Error)]
pub enum HeadError {
    /// The bytes do not come.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// They are no head.
    #[error(transparent)]
    Format(#[from] FormatError),
}

impl Head {
    /// Reads the head of a file of which the rest stays where it is.
    ///
    /// # Errors
    /// The bytes cannot be read, or they are malformed, or the file is shorter or longer than they say.
    pub fn of_file(mut file: impl Read + Seek) -> Result<Head, HeadError> {
        let length = file.seek(SeekFrom::End(0))?;
        read(length, |at, count| {
            let mut bytes = vec![0; count];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut bytes)?;
            Ok(Cow::Owned(bytes))
        })
    }
}
