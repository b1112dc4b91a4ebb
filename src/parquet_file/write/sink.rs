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
}

impl Sink {
    pub(super) fn new(output: Output, failure: &Failure) -> Self {
        Self { output: Some(output), failure: failure.clone() }
    }

    pub(super) fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The output, unless it was taken.
    pub(super) fn output(&mut self) -> io::Result<&mut Output> {
        self.output.as_mut().ok_or_else(|| io::Error::other("the file is closed"))
    }

    /// The output, of which nothing is left here: whatever is written then is refused.
    pub(super) fn take_output(&mut self) -> Option<Output> {
        self.output.take()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.output().and_then(|output| output.write(bytes));
        self.failure.note(result)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let result = self.output().and_then(|output| output.write_vectored(slices));
        self.failure.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.output().and_then(Write::flush);
        self.failure.note(result)
    }
}
