//! The file of rejected records, with their lines and reasons.

use super::dialect::put_quoted;
use crate::error::Result;
use crate::io::Output;
use crate::options::OutputOptions;
use std::io::IoSlice;

/// A file of rejected records: itself delimited text, whose last column is the original record.
#[derive(Debug)]
pub(super) struct Rejects {
    /// `None` if the records are only dropped.
    output: Option<Output>,
    /// Those of the current window.
    waiting: Vec<Reject>,
    count: u64,
}

/// A record that cannot be read.
#[derive(Debug)]
pub(super) struct Reject {
    pub(super) line: u64,
    pub(super) reason: String,
    pub(super) record: Vec<u8>,
}

impl Rejects {
    /// Creates the file, which appears once all inputs are read.
    ///
    /// # Errors
    /// Those of [`Output::create_text`].
    pub(super) fn create(options: &OutputOptions) -> Result<Self> {
        let mut output = Output::create_text(options, &[])?;
        output.write_gathered(&mut [IoSlice::new(b"input,line,reason,record\n")])?;
        Ok(Self { output: Some(output), waiting: Vec::new(), count: 0 })
    }

    /// Drops records without writing them.
    pub(super) fn nowhere() -> Self {
        Self { output: None, waiting: Vec::new(), count: 0 }
    }

    /// The name of the file.
    pub(super) fn name(&self) -> &str {
        self.output.as_ref().map_or("", Output::name)
    }

    pub(super) fn add(&mut self, line: u64, reason: String, record: &[u8]) {
        let end = record.len() - record.iter().rev().take_while(|b| b"\r\n".contains(b)).count();
        self.waiting.push(Reject { line, reason, record: record[..end].to_vec() });
    }

    /// Writes the rejected records of a window, in the order of their lines.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn write(&mut self, input: &str) -> Result<()> {
        let Some(output) = self.output.as_mut().filter(|_| !self.waiting.is_empty()) else {
            self.waiting.clear();
            return Ok(());
        };
        self.waiting.sort_by_key(|reject| reject.line);
        self.count += self.waiting.len() as u64;
        let mut text = Vec::new();
        for Reject { line, reason, record } in self.waiting.drain(..) {
            put_quoted(&mut text, b'"', input.as_bytes());
            text.extend_from_slice(format!(",{line},").as_bytes());
            put_quoted(&mut text, b'"', reason.as_bytes());
            text.push(b',');
            put_quoted(&mut text, b'"', &record);
            text.push(b'\n');
        }
        output.write_gathered(&mut [IoSlice::new(&text)])
    }

    /// Makes the file visible; returns the number of its records.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn finish(self) -> Result<u64> {
        self.output.map_or(Ok(()), Output::commit)?;
        Ok(self.count)
    }
}
