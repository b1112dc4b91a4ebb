//! The sink of an encoder. It remembers its own errors, because the writer keeps only their texts,
//! and a closed pipe must be distinguished from a full disk.

use crate::error::Error;
use crate::io::Output;
use crate::parquet_file::cause::cause;
use parquet::errors::ParquetError;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// The error of a sink, carried past the writer, which may keep only its text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            let copy = match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            };
            // An interrupted call is retried.
            if error.kind() != io::ErrorKind::Interrupted
                && let Ok(mut place) = self.0.lock()
            {
                *place = Some(copy);
            }
        })
    }

    /// The error of the output, called `name` in messages, or else the error of the writer.
    pub(crate) fn error(&self, name: &str, error: &ParquetError) -> Error {
        match self.0.lock().ok().and_then(|mut place| place.take()) {
            Some(own) => Error::write(name, &own),
            None => Error::failed(format!("cannot write {name}: {}", cause(error))),
        }
    }
}

/// An output that remembers why a write failed.
pub(crate) struct Sink {
    /// None once it has been taken.
    output: Option<Output>,
    /// Bytes not yet written. Takes no memory between row groups: hundreds of files may be open.
    buffer: Vec<u8>,
    /// The number of bytes at the end that stay in `buffer`, so that they can still be changed.
    held_bytes: usize,
    failure: Failure,
}

/// The number of bytes written at a time.
const BUFFER_BYTES: usize = 64 << 10;

impl Sink {
    pub(crate) fn new(output: Output) -> Self {
        let (output, failure) = (Some(output), Failure::default());
        Self { output, buffer: Vec::new(), held_bytes: 0, failure }
    }

    /// Holds back the last `bytes` bytes written from now on.
    pub(crate) fn hold_end(&mut self, bytes: usize) {
        self.held_bytes = bytes;
    }

    /// The bytes that were held back.
    pub(crate) fn end(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    pub(crate) fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The output, unless it was taken.
    pub(crate) fn output(&mut self) -> io::Result<&mut Output> {
        self.output.as_mut().ok_or_else(closed)
    }

    /// Takes the output after writing everything to it; later writes fail.
    ///
    /// # Errors
    /// I/O errors; an output that was already taken.
    pub(crate) fn take_output(&mut self) -> io::Result<Output> {
        self.held_bytes = 0;
        self.flush()?;
        self.output.take().ok_or_else(closed)
    }

    /// Writes the bytes of the buffer that are not held back.
    fn write_buffer(&mut self) -> io::Result<()> {
        let bytes = self.buffer.len().saturating_sub(self.held_bytes);
        let output = self.output.as_mut().ok_or_else(closed)?;
        output.write_all(&self.buffer[..bytes])?;
        self.buffer.drain(..bytes);
        Ok(())
    }
}

fn closed() -> io::Error {
    io::Error::other("the file is closed")
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most_bytes = BUFFER_BYTES + self.held_bytes;
        if most_bytes < self.buffer.len() + bytes.len() {
            let result = self.write_buffer();
            self.failure.note(result)?;
        }
        if self.held_bytes == 0 && bytes.len() >= BUFFER_BYTES {
            let result = self.output().and_then(|output| output.write(bytes));
            return self.failure.note(result);
        }
        self.buffer.reserve_exact(most_bytes.saturating_sub(self.buffer.len()));
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.write_buffer();
        if self.held_bytes == 0 {
            self.buffer = Vec::new();
        }
        let result = result.and_then(|()| self.output().and_then(Write::flush));
        self.failure.note(result)
    }
}
