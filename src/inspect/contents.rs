//! The facts about a column, in one row group or record batch or in several together.

use super::bounds::{Bounds, Ignored};

/// The facts about a column chunk in a footer or header, or about several together. `None` means
/// not stated.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Contents {
    /// The number of values including nulls; for a nested column, of the leaf.
    pub(super) values: Option<u64>,
    /// The number of nulls.
    pub(super) nulls: Option<u64>,
    /// Why a stated null count is ignored.
    pub(super) nulls_ignored: Option<Ignored>,
    /// The size in the file.
    pub(super) stored_bytes: Option<u64>,
    /// The size of the decompressed (but still encoded) pages.
    pub(super) uncompressed_bytes: Option<u64>,
    /// The format's names of the encodings, sorted.
    pub(super) encodings: Vec<&'static str>,
    /// The encodings of the data pages alone: if this is just `RLE_DICTIONARY`, no page fell back.
    pub(super) data_encodings: Option<Vec<&'static str>>,
    /// The names of the codecs, sorted.
    pub(super) codecs: Vec<&'static str>,
    /// The bounds of the non-null values.
    pub(super) bounds: Bounds,
    /// The indexes for readers that need only a part.
    pub(super) indexes: Indexes,
}

/// Bloom filters and page indexes: the number of column chunks that have them, and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Indexes {
    /// The number of column chunks with a bloom filter.
    pub(super) bloom_filters: u64,
    /// The size of the filters, including headers.
    pub(super) bloom_filter_bytes: u64,
    /// The number of column chunks with a page index (at least an offset index).
    pub(super) page_indexes: u64,
    /// The size of the page indexes.
    pub(super) page_index_bytes: u64,
}

impl Indexes {
    /// The sums over several column chunks.
    pub(super) fn of_all(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            bloom_filters: sum.bloom_filters + one.bloom_filters,
            bloom_filter_bytes: sum.bloom_filter_bytes.saturating_add(one.bloom_filter_bytes),
            page_indexes: sum.page_indexes + one.page_indexes,
            page_index_bytes: sum.page_index_bytes.saturating_add(one.page_index_bytes),
        })
    }
}

impl Contents {
    /// Combines several chunks. A sum, min or max that one chunk lacks is left out, because a
    /// partial result would mislead.
    pub(super) fn of_all<'a>(chunks: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let with_values = chunks.clone().filter(|chunk| !chunk.has_only_nulls());
        let sum = |part: fn(&Self) -> Option<u64>| chunks.clone().map(part).sum::<Option<u64>>();
        Self {
            values: sum(|c| c.values),
            nulls: sum(|c| c.nulls),
            nulls_ignored: chunks.clone().filter_map(|c| c.nulls_ignored).max(),
            stored_bytes: sum(|c| c.stored_bytes),
            uncompressed_bytes: sum(|c| c.uncompressed_bytes),
            encodings: union(chunks.clone().flat_map(|c| &c.encodings)),
            data_encodings: chunks
                .clone()
                .map(|c| c.data_encodings.as_ref())
                .collect::<Option<Vec<_>>>()
                .map(|all| union(all.into_iter().flatten())),
            codecs: union(chunks.clone().flat_map(|c| &c.codecs)),
            bounds: Bounds::of_all(with_values.map(|c| &c.bounds)),
            indexes: Indexes::of_all(chunks.map(|c| c.indexes)),
        }
    }

    /// The compression ratio.
    pub(super) fn ratio(&self) -> Option<f64> {
        ratio(self.uncompressed_bytes?, self.stored_bytes?)
    }

    fn has_only_nulls(&self) -> bool {
        self.values.is_some() && self.values == self.nulls
    }
}

/// The compression ratio; none if nothing is stored.
pub(super) fn ratio(uncompressed_bytes: u64, stored_bytes: u64) -> Option<f64> {
    (stored_bytes > 0).then(|| uncompressed_bytes as f64 / stored_bytes as f64)
}

/// The distinct names, sorted.
pub(super) fn union<'a>(names: impl Iterator<Item = &'a &'static str>) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = names.copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::value::Value;

    fn chunk(values: u64, nulls: u64, min: Option<i64>) -> Contents {
        Contents {
            values: Some(values),
            nulls: Some(nulls),
            bounds: Bounds { min: min.map(Value::Signed), ..Bounds::default() },
            ..Contents::default()
        }
    }

    #[test]
    fn bounds_span_all_chunks() {
        let chunks = [chunk(3, 0, Some(5)), chunk(2, 1, Some(-7)), chunk(4, 4, None)];
        let all = Contents::of_all(chunks.iter());
        assert_eq!(
            (all.values, all.nulls, all.bounds.min),
            (Some(9), Some(5), Some(Value::Signed(-7)))
        );
    }

    #[test]
    fn a_chunk_without_statistics_makes_the_bound_unknown() {
        let chunks = [chunk(3, 0, Some(5)), chunk(2, 1, None)];
        assert_eq!(Contents::of_all(chunks.iter()).bounds.min, None);
    }

    #[test]
    fn without_chunks_there_are_no_values() {
        let all = Contents::of_all([].iter());
        assert_eq!((all.values, all.ratio(), all.bounds.min), (Some(0), None, None));
    }
}
