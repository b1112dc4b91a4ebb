//! A `PageIterator` of the `parquet` crate over a single column chunk.

use parquet::column::page::{PageIterator, PageReader};
use parquet::errors::Result;

/// The single chunk of a column in a row group.
pub(crate) struct OneChunk(pub(crate) Option<Box<dyn PageReader>>);

impl Iterator for OneChunk {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneChunk {}
