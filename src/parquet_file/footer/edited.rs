//! Footers with edited statistics, for tests: as foreign and faulty writers produce them.

use super::Tail;
use crate::parquet_file::thrift::{Structure, WireType, structure_list};
use bytes::Bytes;

/// The field of a column chunk's metadata that holds its statistics.
pub(crate) const STATISTICS: i64 = 12;
/// Fields of `Statistics`.
pub(crate) const NULL_COUNT: i64 = 3;
pub(crate) const MAX_VALUE: i64 = 5;
pub(crate) const MIN_VALUE: i64 = 6;

/// The file with another writer, and with the metadata of its only column chunk edited.
pub(crate) fn edited(
    file: &[u8],
    created_by: &str,
    edit: impl FnOnce(&mut Structure<'_>),
) -> Vec<u8> {
    const META_DATA: i64 = 3;
    const CREATED_BY: i64 = 6;
    let end = file.len() - 8;
    let tail = Tail::read(&Bytes::copy_from_slice(file)).unwrap();
    let start = end - tail.footer.len();
    let mut footer = Structure::read(&file[start..end]).unwrap();
    footer.set_binary(CREATED_BY, created_by.as_bytes());
    let row_groups = footer.get(4, WireType::LIST).unwrap().to_vec();
    let mut row_groups = structure_list(&row_groups).unwrap();
    let chunks = row_groups[0].get(1, WireType::LIST).unwrap().to_vec();
    let mut chunks = structure_list(&chunks).unwrap();
    let metadata = chunks[0].get(META_DATA, WireType::STRUCT).unwrap().to_vec();
    let mut metadata = Structure::read(&metadata).unwrap();
    edit(&mut metadata);
    chunks[0].set(META_DATA, WireType::STRUCT, metadata.to_bytes());
    row_groups[0].set_structures(1, &chunks);
    footer.set_structures(4, &row_groups);
    let footer = footer.to_bytes();
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [&file[..start], &footer, &length, b"PAR1"].concat()
}

/// The file with another writer, and with the statistics of its only column chunk edited.
pub(crate) fn with_statistics(
    file: &[u8],
    created_by: &str,
    edit: impl FnOnce(&mut Structure<'_>),
) -> Vec<u8> {
    edited(file, created_by, |chunk| {
        let statistics = chunk.get(STATISTICS, WireType::STRUCT).unwrap().to_vec();
        let mut statistics = Structure::read(&statistics).unwrap();
        edit(&mut statistics);
        chunk.set(STATISTICS, WireType::STRUCT, statistics.to_bytes());
    })
}
