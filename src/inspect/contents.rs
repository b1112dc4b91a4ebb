//! What is said of a column: in one row group or record batch, or of many of them together.

use super::bounds::{Bounds, Ignored};

/// What a footer or header says of a column chunk, or of several together. `None` is "not said".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Values with nulls; of nested columns, what lies at the leaf.
    pub values: Option<u64>,
    /// Nulls among them.
    pub nulls: Option<u64>,
    /// Why a null count that the file states is left out.
    pub nulls_ignored: Option<Ignored>,
    /// What it takes in the file.
    pub stored_bytes: Option<u64>,
    /// What its pages take once decompressed (still encoded).
    pub uncompressed_bytes: Option<u64>,
    /// Names of the encodings in the words of the format, sorted.
    pub encodings: Vec<&'static str>,
    /// Those of the data pages alone: where this is `RLE_DICTIONARY`, no page fell back.
    pub data_encodings: Option<Vec<&'static str>>,
    /// Names of the codecs, sorted.
    pub codecs: Vec<&'static str>,
    /// The bounds of the values that are not null.
    pub bounds: Bounds,
    /// What stands beside it for readers that want only a part.
    pub indexes: Indexes,
}

/// Bloom filters and page indexes: how many column chunks have one, and what these take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indexes {
    /// Column chunks with a bloom filter.
    pub bloom_filters: u64,
    /// What the filters take, with their headers.
    pub bloom_filter_bytes: u64,
    /// Column chunks with a page index (at least the offsets of pages).
    pub page_indexes: u64,
    /// What the page indexes take.
    pub page_index_bytes: u64,
}

impl Indexes {
    /// Those of several together.
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
    /// What several chunks say together. A sum or bound that one chunk leaves open is left open:
    /// half the truth would mislead.
    pub fn of_all<'a>(chunks: impl Iterator<Item = &'a Self> + Clone) -> Self {
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

    /// How many times smaller compression makes it.
    pub fn ratio(&self) -> Option<f64> {
        ratio(self.uncompressed_bytes?, self.stored_bytes?)
    }

    fn has_only_nulls(&self) -> bool {
        self.values.is_some() && self.values == self.nulls
    }
}

/// How many times smaller compression makes it; nothing of nothing has no ratio.
pub(super) fn ratio(uncompressed_bytes: u64, stored_bytes: u64) -> Option<f64> {
    (stored_bytes > 0).then(|| uncompressed_bytes as f64 / stored_bytes as f64)
}

/// Names in sorted order, each once.
pub(super) fn union<'a>(names: impl Iterator<Item = &'a &'static str>) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = names.copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

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
    fn a_chunk_without_statistics_leaves_the_bound_open() {
        let chunks = [chunk(3, 0, Some(5)), chunk(2, 1, None)];
        assert_eq!(Contents::of_all(chunks.iter()).bounds.min, None);
    }

    #[test]
    fn no_chunks_hold_nothing() {
        let all = Contents::of_all([].iter());
        assert_eq!((all.values, all.ratio(), all.bounds.min), (Some(0), None, None));
    }
}
