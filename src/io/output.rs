//! Output: standard output, a FIFO or device, or a file that appears complete or not at all.

use super::closed_descriptors::was_closed;
use super::directory::StagedFile;
use super::input::Input;
use super::objects::NewObject;
use super::output_checks::{duplicated, refuse_own_input, refuse_terminal};
use super::output_target::{OutputTarget, Sending, open_path};
use super::spliced_pages::{self, SplicedPages};
use super::write_back::WriteBack;
use super::{heap, pipe, signals};
use crate::error::{Error, Result};
use crate::options::{Destination, Operand, OutputOptions};
use rustix::fd::AsFd;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::ops::Range;
use std::path::Path;

/// An open output. If it is dropped without [`Output::commit`], it leaves no file; bytes already
/// written to a pipe stay there, without the end marker that would make them complete.
#[derive(Debug)]
pub struct Output {
    name: String,
    way: OutputTarget,
    sync: bool,
    /// Set for a file that will be synced to disk when it is committed.
    write_back: Option<WriteBack>,
}

/// IOV_MAX on Linux and macOS.
const MOST_SLICES: usize = 1024;

impl Output {
    /// Opens a destination. `inputs` are the operands that the same process reads: a file that is
    /// appended to while it is read would never end.
    ///
    /// # Errors
    /// A terminal without `force` (exit status 2); a file that cannot be created; an output that is
    /// also an input.
    pub fn create(options: &OutputOptions, inputs: &[Operand]) -> Result<Self> {
        heap::keep_pages();
        signals::make_file_size_limit_an_error();
        let name = options.destination.name();
        let mut way = match &options.destination {
            Destination::Stdout if was_closed(1) => {
                return Err(Error::failed(format!("cannot write {name}: it is closed")));
            }
            Destination::Stdout => {
                OutputTarget::Direct(duplicated(rustix::stdio::stdout(), &name)?)
            }
            Destination::Path(path) => open_path(path, &name, options.must_be_new)?,
            Destination::Url(url) => {
                OutputTarget::Object(Sending::create(url, &name, options.must_be_new)?)
            }
        };
        if let OutputTarget::Direct(file) = way {
            refuse_terminal(&file, &name, options.force)?;
            refuse_own_input(&file, &name, inputs)?;
            way = if pipe::is_pipe(&file) {
                pipe::enlarge(&file);
                OutputTarget::Pipe(file, SplicedPages::default())
            } else {
                OutputTarget::Direct(file)
            };
        }
        let sync = !options.no_sync;
        let waits = sync && matches!(way, OutputTarget::Pending(_));
        Ok(Self { name, way, sync, write_back: waits.then(WriteBack::default) })
    }

    /// The name to show in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens a destination for text, which may be a terminal.
    ///
    /// # Errors
    /// Those of [`Output::create`], except for the terminal.
    pub fn create_text(options: &OutputOptions, inputs: &[Operand]) -> Result<Self> {
        Self::create(&OutputOptions { force: true, ..options.clone() }, inputs)
    }

    /// The width of the output in columns, if it is a terminal that reports it.
    pub fn terminal_columns(&self) -> Option<usize> {
        let size = rustix::termios::tcgetwinsize(self.file()?).ok()?;
        (size.ws_col > 0).then_some(usize::from(size.ws_col))
    }

    /// Whether the output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.file().is_some_and(rustix::termios::isatty)
    }

    /// Writes all slices, in as few system calls as possible.
    ///
    /// # Errors
    /// A closed pipe; other I/O errors.
    pub fn write_gathered(&mut self, mut slices: &mut [IoSlice<'_>]) -> Result<()> {
        // Skips empty slices at the front, for which no byte can be written.
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            match self.write_vectored(slices) {
                Ok(0) => return Err(self.failure(&io::ErrorKind::WriteZero.into())),
                Ok(written) => IoSlice::advance_slices(&mut slices, written),
                Err(e) => return Err(self.failure(&e)),
            }
        }
        Ok(())
    }

    /// Writes a text and empties it.
    ///
    /// # Errors
    /// As [`Self::write_gathered`].
    pub fn drain(&mut self, text: &mut Vec<u8>) -> Result<()> {
        self.write_gathered(&mut [IoSlice::new(text)])?;
        text.clear();
        Ok(())
    }

    /// Writes a part of a regular file. Where the system supports it, the bytes do not pass through
    /// this process: a pipe gets the pages of the file, another file gets a copy made by the
    /// kernel.
    ///
    /// # Errors
    /// A closed pipe; a file that has become shorter; other I/O errors.
    pub fn move_from(&mut self, input: &Input, mut range: Range<usize>) -> Result<()> {
        let (Some(from), Some(map)) = (input.file(), input.mapping()) else {
            return Err(Error::failed(format!("cannot read {}: not a regular file", input.name())));
        };
        while !range.is_empty() {
            let moved = match &self.way {
                OutputTarget::Pipe(to, _) => pipe::splice(from, range.start, to, range.len()),
                OutputTarget::Direct(to) => pipe::send_file(from, range.start, to, range.len()),
                OutputTarget::Pending(to) => {
                    pipe::send_file(from, range.start, to.file(), range.len())
                }
                OutputTarget::Staged(_) | OutputTarget::Object(_) => Err(rustix::io::Errno::NOSYS),
            };
            match moved {
                Ok(0) => {
                    let cause = io::ErrorKind::UnexpectedEof.into();
                    return Err(Error::io(format_args!("cannot read {}", input.name()), &cause));
                }
                Ok(length) => {
                    range.start += length;
                    if let (OutputTarget::Pending(to), Some(write_back)) =
                        (&self.way, &mut self.write_back)
                    {
                        write_back.add(to.file(), length);
                    }
                }
                // Not every file system and device supports this; a real error occurs again in the
                // plain write.
                Err(_) => {
                    return self.write_gathered(&mut [IoSlice::new(&map.bytes()[range])]);
                }
            }
        }
        Ok(())
    }

    /// Completes the output: a file gets its name now.
    ///
    /// # Errors
    /// I/O errors.
    pub fn commit(self) -> Result<()> {
        match self.way {
            OutputTarget::Pending(pending) => pending.commit(self.sync),
            OutputTarget::Direct(_) | OutputTarget::Pipe(..) => Ok(()),
            OutputTarget::Staged(_) => self.finish_staged().map(drop),
            OutputTarget::Object(sending) => sending.commit(&self.name),
        }
    }

    /// Closes the descriptor of a file of a directory until the file is written again, and gives the
    /// memory of an object back. Other outputs stay open, because their names may lead elsewhere by then.
    ///
    /// # Errors
    /// I/O errors of a temporary file.
    pub fn suspend(&mut self) -> Result<()> {
        match &mut self.way {
            OutputTarget::Staged(staged) => staged.close(),
            OutputTarget::Object(sending) => sending.object.suspend()?,
            OutputTarget::Direct(_) | OutputTarget::Pipe(..) | OutputTarget::Pending(_) => {}
        }
        Ok(())
    }

    /// The path of a file of a directory, relative to the directory; `None` for other outputs.
    pub fn path_in_directory(&self) -> Option<&Path> {
        match &self.way {
            OutputTarget::Staged(staged) => Some(staged.path()),
            OutputTarget::Object(sending) => sending.path.as_deref(),
            OutputTarget::Direct(_) | OutputTarget::Pipe(..) | OutputTarget::Pending(_) => None,
        }
    }

    /// A file of a directory that is being written; `sync` says whether it will be synced to disk.
    pub(super) fn staged(name: String, file: StagedFile, sync: bool) -> Self {
        let write_back = sync.then(WriteBack::default);
        // Its directory is synced as a whole.
        Self { name, way: OutputTarget::Staged(file), sync: false, write_back }
    }

    /// An object among others below a prefix.
    pub(super) fn sending(name: String, sending: Sending) -> Self {
        Self { name, way: OutputTarget::Object(sending), sync: false, write_back: None }
    }

    /// The object that is written, if it is one.
    pub(super) fn into_object(self) -> Option<Box<dyn NewObject>> {
        match self.way {
            OutputTarget::Object(sending) => Some(sending.object),
            _ => None,
        }
    }

    /// Marks the file as complete, so that its directory may appear. Returns its length in bytes; 0
    /// for an output that is not a file of a directory.
    pub(super) fn finish_staged(self) -> Result<u64> {
        match self.way {
            OutputTarget::Staged(staged) => {
                staged.finish().map_err(|e| Error::write(&self.name, &e))
            }
            OutputTarget::Direct(_)
            | OutputTarget::Pipe(..)
            | OutputTarget::Pending(_)
            | OutputTarget::Object(_) => self.commit().map(|()| 0),
        }
    }

    /// The error for a failed write, with the output's name.
    pub fn failure(&self, cause: &io::Error) -> Error {
        // Bytes of a mapped file are written from their place in the mapping.
        if cause.raw_os_error() == Some(libc::EFAULT) {
            let why = "an input file was shortened, or its disk failed, while it was read";
            return Error::failed(format!("cannot write {}: {why}", self.name));
        }
        Error::write(&self.name, cause)
    }

    /// `None` for a file of a directory and an object: the one may be closed, the other has no descriptor, and
    /// both are neither a terminal nor a pipe.
    pub(super) fn file(&self) -> Option<&File> {
        match &self.way {
            OutputTarget::Direct(file) | OutputTarget::Pipe(file, _) => Some(file),
            OutputTarget::Pending(pending) => Some(pending.file()),
            OutputTarget::Staged(_) | OutputTarget::Object(_) => None,
        }
    }
}

/// For writers that accept any sink. Unlike the standard library's standard output, it does not
/// search for line breaks and does not buffer.
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if let OutputTarget::Pipe(file, fresh_pages) = &mut self.way
            && slices.iter().map(|slice| slice.len()).sum::<usize>() >= spliced_pages::LEAST_BYTES
        {
            let written = fresh_pages.write(file.as_fd(), slices)?;
            if written > 0 {
                return Ok(written);
            }
        }
        let file = match &mut self.way {
            OutputTarget::Direct(file) | OutputTarget::Pipe(file, _) => file,
            OutputTarget::Pending(pending) => pending.file(),
            OutputTarget::Staged(staged) => staged.open()?,
            OutputTarget::Object(sending) => return sending.write(slices),
        };
        // A gathered write takes at most IOV_MAX slices.
        let slices = &slices[..slices.len().min(MOST_SLICES)];
        let length = pipe::write_patiently(file, || rustix::io::writev(file, slices))?;
        if let Some(write_back) = &mut self.write_back {
            write_back.add(file, length);
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &Path, text: &str) {
        let destination = Destination::Path(path.to_owned());
        let options = OutputOptions { destination, ..OutputOptions::default() };
        let mut output = Output::create(&options, &[]).unwrap();
        output.write_gathered(&mut [IoSlice::new(text.as_bytes())]).unwrap();
        output.commit().unwrap();
    }

    #[test]
    fn a_link_stays_a_link_and_what_it_names_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real"), directory.path().join("link"));
        std::os::unix::fs::symlink("real", &link).unwrap();
        // At first the link is dangling.
        for text in ["first", "second"] {
            written(&link, text);
            assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(std::fs::read_to_string(&real).unwrap(), text);
        }
    }

    #[test]
    fn nothing_can_be_written() {
        let mut output = Output::create_text(&OutputOptions::default(), &[]).unwrap();
        output.write_gathered(&mut []).unwrap();
        output.write_gathered(&mut [IoSlice::new(b""), IoSlice::new(b"")]).unwrap();
    }

    #[test]
    fn names_as_long_as_the_system_allows_can_be_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x".repeat(255));
        for text in ["first", "second"] {
            written(&path, text);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
