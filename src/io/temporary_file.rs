//! A temporary file without a name: written at its end, readable anywhere, gone with the process.

use super::mapped_file::MappedFile;
use super::signals;
use super::spool::temporary_directory;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::buffer::Buffer;
use bytes::Bytes;
use rustix::io::Errno;
use std::fs::File;
use std::io::{ErrorKind, IoSlice, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// A file for data that does not fit into memory. It is unlinked when it is created, so that
/// nothing is left over, however the process ends.
#[derive(Debug)]
pub struct TemporaryFile {
    file: File,
    directory: PathBuf,
    length: u64,
}

impl TemporaryFile {
    /// Creates a file in `directory`, else in `$TMPDIR`, else in `/var/tmp`, which is on disk where
    /// `/tmp` may be memory.
    ///
    /// # Errors
    /// A directory that does not exist or is not writable.
    pub fn create(directory: Option<&Path>) -> Result<Self> {
        signals::make_file_size_limit_an_error();
        let directory = temporary_directory(directory);
        let file = tempfile::tempfile_in(&directory);
        let file = file.map_err(|e| failed("make a temporary file in", &directory, &e))?;
        Ok(Self { file, directory, length: 0 })
    }

    /// Appends the buffers; returns the offset at which they start.
    ///
    /// # Errors
    /// I/O errors, such as a full disk.
    pub fn append(&mut self, buffers: &[Buffer]) -> Result<u64> {
        let start = self.length;
        let filled = buffers.iter().filter(|buffer| !buffer.is_empty());
        let mut slices: Vec<IoSlice<'_>> = filled.map(|buffer| IoSlice::new(buffer)).collect();
        let mut left = &mut slices[..];
        while !left.is_empty() {
            match self.file.write_vectored(left) {
                Ok(0) => return Err(self.cannot_write(&ErrorKind::WriteZero.into())),
                Ok(written) => {
                    self.length += written as u64;
                    IoSlice::advance_slices(&mut left, written);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(self.cannot_write(&e)),
            }
        }
        Ok(start)
    }

    /// Appends bytes; returns the offset at which they start.
    ///
    /// # Errors
    /// Those of [`TemporaryFile::append`].
    pub fn append_bytes(&mut self, bytes: Vec<u8>) -> Result<u64> {
        self.append(&[Buffer::from_vec(bytes)])
    }

    /// Reads `length` bytes from the offset `place`.
    ///
    /// # Errors
    /// I/O errors; an offset past the end.
    pub fn read(&self, place: u64, length: usize) -> Result<Buffer> {
        let mut bytes: Vec<u8> = Vec::with_capacity(length);
        while bytes.len() < length {
            let at = place + bytes.len() as u64;
            // The buffer is not filled with zeros first: the kernel writes into it.
            match rustix::io::pread(
                self.file.as_fd(),
                rustix::buffer::spare_capacity(&mut bytes),
                at,
            ) {
                Ok(0) => return Err(self.cannot_read(&ErrorKind::UnexpectedEof.into())),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(self.cannot_read(&e.into())),
            }
        }
        Ok(Buffer::from_vec(bytes).slice_with_length(0, length))
    }

    /// All bytes so far, in place: they take no memory that the system could not give to others.
    ///
    /// # Errors
    /// A file that cannot be mapped.
    pub fn mapped(&self) -> Result<Bytes> {
        let map = MappedFile::from_file(&self.file, "temporary data");
        map.map(|map| map.bytes()).map_err(|e| self.cannot_read(&e))
    }

    fn cannot_write(&self, cause: &std::io::Error) -> Error {
        failed("write temporary data to", &self.directory, cause)
    }

    fn cannot_read(&self, cause: &std::io::Error) -> Error {
        failed("read temporary data in", &self.directory, cause)
    }
}

fn failed(what: &str, directory: &Path, cause: &std::io::Error) -> Error {
    let directory = escaped(&directory.to_string_lossy());
    let error = Error::io(format_args!("cannot {what} {directory}"), cause);
    match Errno::from_io_error(cause) {
        // The limit on open files is the same elsewhere.
        Some(Errno::MFILE | Errno::NFILE) => error,
        _ => Error::failed(format!("{error} (use --temporary-directory to choose another place)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_anywhere_and_has_no_name() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = TemporaryFile::create(Some(directory.path())).unwrap();
        let buffer = |text: &str| Buffer::from(text.as_bytes());
        assert_eq!(file.append(&[buffer("ab"), buffer(""), buffer("cd")]).unwrap(), 0);
        assert_eq!(file.append(&[buffer("ef")]).unwrap(), 4);
        assert_eq!(file.read(1, 4).unwrap().as_slice(), b"bcde");
        assert!(file.read(5, 2).is_err());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn another_place_is_named_where_it_helps() {
        let told = |errno: Errno| failed("make", Path::new("/x"), &errno.into()).to_string();
        assert!(
            told(Errno::NOSPC).ends_with("(use --temporary-directory to choose another place)")
        );
        assert_eq!(told(Errno::MFILE), "cannot make /x: too many open files");
    }

    #[test]
    fn a_directory_that_is_not_there_is_told() {
        let error = TemporaryFile::create(Some(Path::new("/no/such"))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot make a temporary file in /no/such: no such file or directory \
             (use --temporary-directory to choose another place)"
        );
    }
}
