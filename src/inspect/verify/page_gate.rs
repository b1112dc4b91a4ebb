//! Pages of a column chunk that are passed to a decoder one at a time, so that the caller knows which
//! page the values are from.

use crate::parquet_file::chunk::ChunkPages;
use crate::text::count;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The values of lists that are decoded at once in any file; larger files may have larger pages. Usual
/// pages have up to a few hundred thousand; a few bytes may claim 2^31.
const MOST_LIST_VALUES: u64 = 1 << 24;

/// How many data pages the decoder may take, and how many it took.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate {
    allowed: Arc<AtomicU64>,
    taken: Arc<AtomicU64>,
}

impl Gate {
    /// A gate that lets all pages pass.
    pub(super) fn open() -> Self {
        Self { allowed: Arc::new(AtomicU64::new(u64::MAX)), taken: Arc::default() }
    }

    /// Lets the decoder take another data page.
    pub(super) fn allow(&self) {
        self.allowed.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the decoder took the last page that it may take.
    pub(super) fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed) == self.allowed.load(Ordering::Relaxed)
    }
}

/// The pages of a chunk behind a gate.
pub(super) struct GatedPages {
    pub(super) pages: ChunkPages,
    pub(super) gate: Gate,
    /// The maximum repetition and definition level.
    pub(super) most_levels: [i16; 2],
}

impl GatedPages {
    /// The most values of lists in a page that is decoded.
    fn most_list_values(&self) -> u64 {
        MOST_LIST_VALUES.max(self.pages.values_in_memory())
    }
}

impl PageReader for GatedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        if self.gate.is_taken() {
            return Ok(None);
        }
        let page = self.pages.get_next_page()?;
        if let Some(page) = page.as_ref().filter(|page| page.is_data_page()) {
            let (values, most) = (u64::from(page.num_values()), self.most_list_values());
            if self.most_levels[0] > 0 && most < values {
                let (values, most) = (count(values), count(most));
                return Err(ParquetError::NYI(format!(
                    "it has {values} values in lists, more than the {most} that are decoded at once"
                )));
            }
            self.gate.taken.fetch_add(1, Ordering::Relaxed);
        }
        Ok(page.map(|page| without_null_count(page, self.most_levels)))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

/// The same page in the layout of version 1, which has no count of nulls: the decoder of the `parquet`
/// crate believes the count of version 2 in some encodings, and not all writers count right.
fn without_null_count(page: Page, [most_repetition, most_definition]: [i16; 2]) -> Page {
    let Page::DataPageV2 {
        buf,
        num_values,
        encoding,
        def_levels_byte_len,
        rep_levels_byte_len,
        ..
    } = &page
    else {
        return page;
    };
    let levels = |start: u32, bytes: u32| {
        let start = usize::try_from(start).ok()?;
        buf.get(start..start.checked_add(usize::try_from(bytes).ok()?)?)
    };
    let repetitions = levels(0, *rep_levels_byte_len);
    let definitions = levels(*rep_levels_byte_len, *def_levels_byte_len);
    let (Some(repetitions), Some(definitions)) = (repetitions, definitions) else { return page };
    if most_definition == 0 {
        return page;
    }
    let mut bytes = Vec::with_capacity(8 + buf.len());
    if most_repetition > 0 {
        bytes.extend_from_slice(&rep_levels_byte_len.to_le_bytes());
        bytes.extend_from_slice(repetitions);
    }
    bytes.extend_from_slice(&def_levels_byte_len.to_le_bytes());
    bytes.extend_from_slice(definitions);
    bytes.extend_from_slice(&buf[repetitions.len() + definitions.len()..]);
    Page::DataPage {
        buf: bytes.into(),
        num_values: *num_values,
        encoding: *encoding,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    }
}

impl Iterator for GatedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
