//! The unit of the INT96 timestamps of a file, as far as it can be known before rows are read.
//!
//! Spark and Impala write dates such as 9999-12-31 for "no end". Most writers store INT96 with a
//! dictionary, which holds every value of its chunk. In other chunks the first page is checked.

use super::checked_pages::CheckedPages;
use super::columns::finest_unit;
use super::encryption::{DecryptedChunk, Encryption};
use super::pages::FilePages;
use crate::error::{Error, guard};
use crate::io::RangedBytes;
use arrow::datatypes::TimeUnit;
use bytes::Bytes;
use parquet::basic::{Encoding, Type as PhysicalType};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;

/// The maximum number of chunks that are checked: a dictionary is usually 1 MiB at most.
const MOST_CHUNKS: usize = 64;

/// The finest unit that holds all INT96 timestamps of a file; `None` if it has no such column. A
/// chunk that cannot be read is ignored here and reported when it is read.
pub(crate) fn finest_int96_unit(
    file: &Arc<dyn RangedBytes>,
    metadata: &ParquetMetaData,
    encryption: Option<&Encryption>,
) -> Option<TimeUnit> {
    let schema = metadata.file_metadata().schema_descr();
    let is_int96 = |leaf: &usize| schema.column(*leaf).physical_type() == PhysicalType::INT96;
    let leaves: Vec<usize> = (0..schema.num_columns()).filter(is_int96).collect();
    if leaves.is_empty() {
        return None;
    }
    let chunks = (0..metadata.num_row_groups())
        .flat_map(|number| leaves.iter().map(move |leaf| (number, *leaf)));
    let pages = FilePages::new(Arc::clone(file));
    let units = chunks.take(MOST_CHUNKS).filter_map(|(number, leaf)| {
        let chunk = metadata.row_group(number).column(leaf);
        let start = chunk.byte_range().0;
        let decrypted = encryption.and_then(|encryption| encryption.chunk(number, leaf, start));
        unit_of_chunk(pages.clone(), chunk, decrypted)
    });
    // Coarser units come first in the order of the type.
    let unit = units.min().unwrap_or(TimeUnit::Nanosecond);
    file.release(0..file.size());
    Some(unit)
}

fn unit_of_chunk(
    pages: FilePages,
    chunk: &ColumnChunkMetaData,
    decrypted: Option<DecryptedChunk>,
) -> Option<TimeUnit> {
    let unit = guard("INT96", || {
        let pages = Arc::new(CheckedPages::new(pages, chunk, false, decrypted));
        let page = SerializedPageReader::new(pages, chunk, 0, None)
            .and_then(|mut pages| pages.get_next_page())
            .map_err(|error| Error::failed(error.to_string()))?;
        let column = chunk.column_descr();
        let levels = [column.max_rep_level(), column.max_def_level()];
        let values = page.and_then(|page| plain_values(&page, levels));
        Ok(values.map(|values| finest_unit(&values)))
    });
    unit.ok().flatten()
}

/// The values of a page that stores them plain.
fn plain_values(page: &Page, levels: [i16; 2]) -> Option<Bytes> {
    match page {
        Page::DictionaryPage { buf, .. } => Some(buf.clone()),
        Page::DataPage { buf, encoding: Encoding::PLAIN, .. } => {
            // Levels are preceded by their length in bytes.
            let mut start = 0;
            for _ in levels.into_iter().filter(|level| *level > 0) {
                let length = buf.get(start..)?.first_chunk::<4>()?;
                start = start.checked_add(4)?.checked_add(u32::from_le_bytes(*length) as usize)?;
            }
            (start <= buf.len()).then(|| buf.slice(start..))
        }
        Page::DataPageV2 { buf, encoding: Encoding::PLAIN, .. } => {
            let Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } = page else {
                return None;
            };
            let start = (*def_levels_byte_len as usize) + (*rep_levels_byte_len as usize);
            (start <= buf.len()).then(|| buf.slice(start..))
        }
        _ => None,
    }
}
