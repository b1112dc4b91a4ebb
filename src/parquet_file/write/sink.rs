//! The sink of an encoder, which remembers its own errors: the writer keeps only texts of them, and a
//! closed pipe has to be told from a full disk.

use parquet::errors::ParquetError;
use std::io::{self, IoSlice, Write};
use std::sync::{Arc, Mutex};

use crate::error::Error;
use crate::io::Output;
use crate::parquet_file::cause::cause;

/// What the sink said, carried past the writer, which may keep only a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            let copy = match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            };
            // An interrupted call is made again.
            if error.kind() != io::ErrorKind::Interrupted
                && let Ok(mut place) = self.0.lock()
            {
                *place = Some(copy);
            }
        })
    }

    /// The failure of an output that messages call `name`, else what the writer says.
    pub(super) fn told(&self, name: &str, error: &ParquetError) -> Error {
        match self.0.lock().ok().and_then(|mut place| place.take()) {
            Some(own) => Error::write(name, &own),
            None => Error::failed(format!("cannot write {name}: {}", cause(error))),
        }
    }
}

/// An output that notes why it refused.
pub(super) struct Sink {
    /// None once it was taken.
    output: Option<Output>,
    failure: Failure,
    /// How many bytes at the end wait in `held`, so that they can still be changed.
    held_bytes: usize,
    held: Vec<u8>,
}

/// Bytes that wait are written in parts of this size.
const PART_BYTES: usize = 1 << 20;

impl Sink {
    pub(super) fn new(output: Output, failure: &Failure) -> Self {
        Self { output: Some(output), failure: failure.clone(), held_bytes: 0, held: Vec::new() }
    }

    /// Holds back the last `bytes` bytes of what is written from now on.
    pub(super) fn hold_end(&mut self, bytes: usize) {
        self.held_bytes = bytes;
    }

    /// The bytes that were held back.
    pub(super) fn end(&mut self) -> &mut [u8] {
        &mut self.held
    }

    fn hold(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held_bytes + PART_BYTES <= self.held.len() {
            self.release(self.held.len() - self.held_bytes)?;
        }
        Ok(bytes.len())
    }

    fn release(&mut self, bytes: usize) -> io::Result<()> {
        let part: Vec<u8> = self.held.drain(..bytes).collect();
        let result = self.output().and_then(|output| output.write_all(&part));
        self.failure.note(result)
    }

    pub(super) fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The output, unless it was taken.
    pub(super) fn output(&mut self) -> io::Result<&mut Output> {
        self.output.as_mut().ok_or_else(closed)
    }

    /// The output with all that was held back, of which nothing is left here: whatever is written then
    /// is refused.
    ///
    /// # Errors
    /// An output that refuses, or that was taken.
    pub(super) fn take_output(&mut self) -> io::Result<Output> {
        self.release(self.held.len())?;
        self.output.take().ok_or_else(closed)
    }
}

fn closed() -> io::Error {
    io::Error::other("the file is closed")
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if 0 < self.held_bytes {
            return self.hold(bytes);
        }
        let result = self.output().and_then(|output| output.write(bytes));
        self.failure.note(result)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if 0 < self.held_bytes {
            return slices.iter().try_fold(0, |bytes, slice| Ok(bytes + self.hold(slice)?));
        }
        let result = self.output().and_then(|output| output.write_vectored(slices));
        self.failure.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.output().and_then(Write::flush);
        self.failure.note(result)
    }
}
