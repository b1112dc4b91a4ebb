//! A flat column of one row group, decoded without undoing the encoding of the file: runs of
//! dictionary indices become runs, dictionaries stay dictionaries, and plain values are filled and
//! gathered rather than looked up one by one.
//!
//! Pages in other encodings are decoded by the `parquet` crate and encoded afterwards, so that
//! every chunk can be read in every output encoding. Not for nested columns.

use super::column_builder::{ColumnBuilder, failed};
use super::output_encoding::OutputEncoding;
use super::page_values::{FlatColumn, PageValues};
use super::rle_bit_packed::{RleBitPackedDecoder, Segment};
use arrow::array::{Array, ArrayRef};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::Result;

/// A column that is being decoded.
pub(crate) struct EncodedColumnReader {
    column: FlatColumn,
    pages: Box<dyn PageReader>,
    page: Option<CurrentPage>,
    output: Box<dyn ColumnBuilder>,
    has_dictionary: bool,
}

/// The rest of a data page.
struct CurrentPage {
    rows: usize,
    values: PageContents,
}

enum PageContents {
    /// Dictionary indices, and the definition levels if some rows may be null.
    Indices(RleBitPackedDecoder, Option<RleBitPackedDecoder>),
    Decoded(PageValues),
}

/// The number of rows of a page that the `parquet` crate decodes at once: the row count is a claim,
/// so memory is not allocated for all of it.
const DECODED_ROWS: usize = 1 << 13;

impl EncodedColumnReader {
    /// Creates a decoder for the pages of a chunk of the column.
    pub(crate) fn new(
        column: FlatColumn,
        pages: Box<dyn PageReader>,
        shape: &OutputEncoding,
    ) -> Self {
        let output = shape.output(&column.data_type);
        Self { column, pages, page: None, output, has_dictionary: false }
    }

    /// The next `rows` rows, fewer if the column ends.
    ///
    /// # Errors
    /// A damaged page.
    pub(crate) fn next(&mut self, rows: usize) -> Result<ArrayRef> {
        let mut left = rows;
        while left > 0 {
            let (true, Some(page)) = (self.open_page()?, &mut self.page) else { break };
            left -= page.pass(left, self.output.as_mut())?;
        }
        self.output.finish()
    }

    /// Skips rows; whole pages are skipped without decoding.
    ///
    /// # Errors
    /// A damaged page.
    pub(crate) fn skip(&mut self, rows: usize) -> Result<()> {
        let mut left = rows;
        while left > 0 {
            if self.page.as_ref().is_none_or(|page| page.rows == 0) {
                let next = self.pages.peek_next_page()?;
                let whole = next.filter(|page| !page.is_dict).and_then(|page| page.num_levels);
                if let Some(count) = whole.filter(|count| (1..=left).contains(count)) {
                    self.pages.skip_next_page()?;
                    left -= count;
                    continue;
                }
            }
            let (true, Some(page)) = (self.open_page()?, &mut self.page) else { break };
            left -= page.pass(left, &mut SkipRows)?;
        }
        Ok(())
    }

    /// Advances to the page that contains the next row. Returns `false` at the end.
    fn open_page(&mut self) -> Result<bool> {
        while self.page.as_ref().is_none_or(|page| page.rows == 0) {
            let Some(page) = self.pages.get_next_page()? else { return Ok(false) };
            if let Page::DictionaryPage { buf, num_values, .. } = &page {
                self.output.set_dictionary(self.column.dictionary(buf, *num_values)?);
                self.has_dictionary = true;
            } else {
                self.page = Some(self.started(page)?);
            }
        }
        Ok(true)
    }

    fn started(&self, page: Page) -> Result<CurrentPage> {
        let rows = page.num_values() as usize;
        let is_coded =
            matches!(page.encoding(), Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
        let parts = if is_coded && self.has_dictionary { self.parts(&page)? } else { None };
        let values = match parts {
            Some((levels, indices)) => {
                let levels =
                    levels.map(|levels| RleBitPackedDecoder::try_new(levels, 1)).transpose()?;
                // A page of only nulls may have no bytes after its levels.
                let (width, indices) = match indices.split_first() {
                    Some((width, _)) => (*width, indices.slice(1..)),
                    None => (0, indices),
                };
                PageContents::Indices(RleBitPackedDecoder::try_new(indices, width)?, levels)
            }
            None if is_coded => return Err(failed("dictionary indices without a dictionary")),
            None => PageContents::Decoded(self.column.values(page, DECODED_ROWS.min(rows.max(1)))?),
        };
        Ok(CurrentPage { rows, values })
    }

    /// The definition levels and the values of a data page.
    fn parts(&self, page: &Page) -> Result<Option<(Option<Bytes>, Bytes)>> {
        let short = || failed("damaged page: it ends early");
        let cut = |bytes: &Bytes, start: usize, end: usize| {
            let is_there = start <= end && end <= bytes.len();
            is_there.then(|| bytes.slice(start..end)).ok_or_else(short)
        };
        match page {
            Page::DataPage { buf, .. } if !self.column.is_optional => Ok(Some((None, buf.clone()))),
            Page::DataPage { buf, def_level_encoding: Encoding::RLE, .. } => {
                let (length, _) = buf.split_first_chunk::<4>().ok_or_else(short)?;
                let end = (u32::from_le_bytes(*length) as usize).saturating_add(4);
                Ok(Some((Some(cut(buf, 4, end)?), cut(buf, end, buf.len())?)))
            }
            Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, .. } => {
                let start = *rep_levels_byte_len as usize;
                let end = start.saturating_add(*def_levels_byte_len as usize);
                let levels = cut(buf, start, end)?;
                let levels = self.column.is_optional.then_some(levels);
                Ok(Some((levels, cut(buf, end, buf.len())?)))
            }
            _ => Err(failed("levels in a deprecated encoding")),
        }
    }
}

impl CurrentPage {
    /// Passes up to `most` rows of the page to the output. Returns their number.
    fn pass(&mut self, most: usize, output: &mut dyn ColumnBuilder) -> Result<usize> {
        let rows = self.rows.min(most);
        self.rows -= rows;
        match &mut self.values {
            PageContents::Indices(indices, None) => pass_indices(indices, rows, output)?,
            PageContents::Indices(indices, Some(levels)) => {
                let mut left = rows;
                while left > 0 {
                    left -= match levels.next(left)? {
                        Segment::RowRange(level, count) => {
                            pass_level(indices, level, count, output)?;
                            count
                        }
                        Segment::Values(levels) => {
                            for part in levels.chunk_by(|one, other| one == other) {
                                pass_level(indices, part[0], part.len(), output)?;
                            }
                            levels.len()
                        }
                    };
                }
            }
            PageContents::Decoded(values) => {
                let mut left = rows;
                while left > 0 {
                    let missing = || failed("damaged page: values are missing");
                    let array = values.next(left)?.ok_or_else(missing)?;
                    left -= array.len();
                    output.array(&array)?;
                }
            }
        }
        Ok(rows)
    }
}

fn pass_level(
    indices: &mut RleBitPackedDecoder,
    level: u32,
    rows: usize,
    output: &mut dyn ColumnBuilder,
) -> Result<()> {
    if level == 0 {
        return output.nulls(rows);
    }
    pass_indices(indices, rows, output)
}

fn pass_indices(
    indices: &mut RleBitPackedDecoder,
    rows: usize,
    output: &mut dyn ColumnBuilder,
) -> Result<()> {
    let mut left = rows;
    while left > 0 {
        left -= match indices.next(left)? {
            Segment::RowRange(index, count) => {
                output.run(index, count)?;
                count
            }
            Segment::Values(indices) => {
                output.indices(indices)?;
                indices.len()
            }
        };
    }
    Ok(())
}

/// An output that discards skipped rows.
struct SkipRows;

impl ColumnBuilder for SkipRows {
    fn set_dictionary(&mut self, _values: ArrayRef) {}

    fn run(&mut self, _index: u32, _rows: usize) -> Result<()> {
        Ok(())
    }

    fn indices(&mut self, _indices: &[u32]) -> Result<()> {
        Ok(())
    }

    fn nulls(&mut self, _rows: usize) -> Result<()> {
        Ok(())
    }

    fn array(&mut self, _values: &ArrayRef) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        Err(failed("nothing was decoded"))
    }
}
