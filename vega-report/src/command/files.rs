//! Reading inputs and writing outputs; `-` is the standard stream.
//!
//! Of an input no more than [`MOST_BYTES`] are read, so that one without an end does not fill the memory: that is an error of
//! the kind [`io::ErrorKind::FileTooLarge`].

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How many symbolic links in a row are followed.
const LINKS: usize = 40;

/// The most bytes of an input: far more than any source, listing or module of use has.
pub(super) const MOST_BYTES: u64 = 1 << 30;

/// All bytes of a file, or of standard input for `-`.
pub fn read_input(path: &Path) -> io::Result<Vec<u8>> {
    if is_standard_stream(path) {
        return read_to_end(io::stdin().lock(), Vec::new());
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    read_opened(&file, &metadata)
}

/// By what the file system knows a file, whatever path leads to it; nothing where it does not say, and of what is no regular
/// file: of a pipe the same bytes are not read again.
pub type FileNumber = Option<(u64, u64)>;

#[cfg(unix)]
pub(super) fn number(metadata: &Metadata) -> FileNumber {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(super) fn number(_: &Metadata) -> FileNumber {
    None
}

/// Reads many files, one after another: each in as few calls of the system as can be.
#[derive(Debug)]
pub struct FileReader {
    room: Vec<u8>,
}

impl Default for FileReader {
    fn default() -> FileReader {
        FileReader { room: vec![0; FileReader::ROOM] }
    }
}

impl FileReader {
    const ROOM: usize = 1 << 14;

    /// What [`read_input`] gives, and the number of the file.
    pub fn read(&mut self, path: &Path) -> io::Result<(Vec<u8>, FileNumber)> {
        if is_standard_stream(path) {
            return read_input(path).map(|bytes| (bytes, None));
        }
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let number = Some(&metadata).filter(|metadata| metadata.is_file()).and_then(number);
        if !metadata.is_file() || metadata.len() >= FileReader::ROOM as u64 {
            return read_opened(&file, &metadata).map(|bytes| (bytes, number));
        }
        let count = file.read(&mut self.room)?;
        let bytes = self.room.get(..count).unwrap_or_default().to_vec();
        let is_whole = count as u64 == metadata.len();
        Ok((if is_whole { bytes } else { read_to_end(file, bytes)? }, number))
    }
}

fn read_opened(file: &File, metadata: &Metadata) -> io::Result<Vec<u8>> {
    match read_large(file, metadata) {
        Ok(Some(bytes)) => Ok(bytes),
        _ => read_whole(file, metadata),
    }
}

/// Reads a file of which is said how long it is; it may be longer.
fn read_whole(file: &File, metadata: &Metadata) -> io::Result<Vec<u8>> {
    if metadata.len() > MOST_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    read_to_end(file, Vec::with_capacity(metadata.len() as usize))
}

/// These bytes and those that are still to come.
fn read_to_end(input: impl Read, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    input.take((MOST_BYTES + 1).saturating_sub(bytes.len() as u64)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Reads a large regular file on two threads: most of the time goes into pages that are touched for the first time, which
/// two can do at once; both say where they read, so that the file stays at its start. `None`: it is no such file, or was
/// changed meanwhile.
#[cfg(unix)]
fn read_large(file: &File, metadata: &Metadata) -> io::Result<Option<Vec<u8>>> {
    use std::os::unix::fs::FileExt;
    /// What a second thread is worth.
    const LARGE: core::ops::Range<u64> = 1 << 21..MOST_BYTES;
    const PAGE: usize = 4096;
    let is_large = metadata.is_file() && LARGE.contains(&metadata.len());
    if !is_large || std::thread::available_parallelism().is_ok_and(|threads| threads.get() == 1) {
        return Ok(None);
    }
    let length = metadata.len() as usize;
    let mut bytes = vec![0; length];
    let middle = length / 2 / PAGE * PAGE;
    let (first, second) = bytes.split_at_mut(middle);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| file.read_exact_at(second, middle as u64));
        file.read_exact_at(first, 0)?;
        other.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    })?;
    let has_grown = file.read_at(&mut [0], metadata.len())? > 0;
    Ok(if has_grown { None } else { Some(bytes) })
}

#[cfg(not(unix))]
fn read_large(_: &File, _: &Metadata) -> io::Result<Option<Vec<u8>>> {
    Ok(None)
}

/// Writes a file that appears whole or not at all: on failure the old file is as it was, and no temporary file stays.
///
/// The bytes go to a temporary file beside the target, which then takes its place under the old file's permissions (a
/// new file's are those of any new file). Of a symbolic link the target is replaced. What is no regular file (a device,
/// a pipe) is written to directly, `-` is standard output.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_standard_stream(path) {
        let mut output = io::stdout().lock();
        output.write_all(bytes)?;
        return output.flush();
    }
    let target = follow_links(path)?;
    let old = match fs::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    match &old {
        Some(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Some(metadata) if !metadata.is_file() => File::options().write(true).open(&target)?.write_all(bytes),
        _ => replace(&target, bytes, old.as_ref()),
    }
}

/// Whether a path is `-`, which stands for standard input or output.
pub fn is_standard_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The path at the end of a chain of symbolic links; it need not exist.
pub(super) fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        let is_link = fs::symlink_metadata(&target).is_ok_and(|metadata| metadata.is_symlink());
        if !is_link {
            return Ok(target);
        }
        let next = fs::read_link(&target)?;
        target = directory(&target).join(next);
    }
    Err(io::Error::other("too many symbolic links"))
}

fn replace(target: &Path, bytes: &[u8], old: Option<&Metadata>) -> io::Result<()> {
    let mut file = temporary_file(directory(target))?;
    file.write_all(bytes)?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(target).map_err(|failure| failure.error)?;
    Ok(())
}

/// A file that goes away with its value, with the permissions of any new file.
fn temporary_file(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vega-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666)); // the system takes the umask off
    }
    builder.tempfile_in(directory)
}

pub(super) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("readable").flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn writes_and_replaces() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("out");
        for bytes in [&b"one"[..], b"", b"three"] {
            write_whole(&path, bytes)?;
            assert_eq!(read_input(&path)?, bytes);
            assert_eq!(
                FileReader::default().read(&path)?,
                (bytes.to_vec(), path.metadata().ok().as_ref().and_then(number))
            );
        }
        assert_eq!(names(directory.path()), ["out"]);
        Ok(())
    }

    #[test]
    fn a_large_file_is_read_whole() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("large");
        for length in [(1 << 14) - 1, 1 << 14, (1 << 21) - 1, 1 << 21, 5_000_001] {
            let bytes: Vec<u8> = (0..length).map(|at: u32| (at / 251) as u8).collect();
            fs::write(&path, &bytes)?;
            assert!(read_input(&path)? == bytes, "{length} bytes");
            assert!(FileReader::default().read(&path)?.0 == bytes, "{length} bytes");
        }
        Ok(())
    }

    #[test]
    fn failure_leaves_nothing_behind() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let folder = directory.path().join("folder");
        fs::create_dir(&folder)?;
        assert_eq!(write_whole(&folder, b"x").map_err(|error| error.kind()), Err(io::ErrorKind::IsADirectory));
        assert_eq!(
            write_whole(&directory.path().join("no/where"), b"x").map_err(|error| error.kind()),
            Err(io::ErrorKind::NotFound)
        );
        assert_eq!(names(directory.path()), ["folder"]);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_new_ones_usual() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).map(|metadata| metadata.permissions().mode() & 0o7777);
        let directory = tempfile::tempdir()?;
        let (usual, path) = (directory.path().join("usual"), directory.path().join("out"));
        fs::write(&usual, b"")?;
        write_whole(&path, b"new")?;
        assert_eq!(mode(&path)?, mode(&usual)?);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750))?;
        write_whole(&path, b"again")?;
        assert_eq!(mode(&path)?, 0o750);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_their_target_changes() -> io::Result<()> {
        use std::os::unix::fs::symlink;
        let directory = tempfile::tempdir()?;
        let at = |name: &str| directory.path().join(name);
        symlink("target", at("link"))?;
        write_whole(&at("link"), b"made through a dangling link")?;
        write_whole(&at("link"), b"new")?;
        assert!(fs::symlink_metadata(at("link"))?.is_symlink());
        assert_eq!(fs::read(at("target"))?, b"new");
        symlink("circle", at("circle"))?;
        assert!(write_whole(&at("circle"), b"x").is_err());
        assert_eq!(names(directory.path()), ["circle", "link", "target"]);
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_to() -> io::Result<()> {
        write_whole(Path::new("/dev/null"), b"x")?;
        assert!(write_whole(Path::new("/dev/full"), b"x").is_err());
        Ok(())
    }
}
