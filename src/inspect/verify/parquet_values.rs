//! The values of a column chunk: each page is decoded and compared with what its header, the page
//! index and the footer say of it, with the bloom filter and with its type.

use super::fault::{Faults, Kind, Place, not_verified};
use super::page_gate::{Gate, GatedPages};
use super::parquet_found::{Distinct, Found};
use super::parquet_order::Stored;
use super::parquet_page_values::{PageCheck, wrong_nulls};
use super::parquet_pages::PageWalk;
use super::parquet_statistics::ColumnType;
use super::parquet_type_range::wrong_value;
use crate::inspect::bounds::Ignored;
use crate::inspect::exactness::Flags;
use crate::inspect::page_index::PageIndex;
use crate::inspect::parquet::nulls;
use crate::inspect::parquet_type::Meaning;
use crate::parquet_file::bloom_filter;
use crate::parquet_file::chunk::ChunkPages;
use crate::parquet_file::footer::cause;
use crate::parquet_file::page_check::Decoding;
use crate::text::{count, escaped};
use bytes::Bytes;
use parquet::basic::Type as Physical;
use parquet::bloom_filter::Sbbf;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{
    AsBytes, BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;

/// The rows that are decoded at once.
const ROWS: usize = 4096;

/// All rows are decoded, none is skipped.
pub(super) const DECODING: Decoding = Decoding { skips: false, batch_rows: ROWS, first_page: None };

/// A chunk whose values are verified.
pub(super) struct Values<'a> {
    pub(super) file: &'a Bytes,
    pub(super) chunk: &'a ColumnChunkMetaData,
    pub(super) index: &'a PageIndex,
    pub(super) column: &'a ColumnType,
    /// The exactness of the bounds in the footer.
    pub(super) flags: Flags,
    pub(super) rows: u64,
    pub(super) place: Place,
    /// The walk of its headers; none if they are encrypted.
    pub(super) walk: Option<PageWalk<'a>>,
}

/// The checks that see each value.
struct Checks {
    is_text: bool,
    filter: Option<Sbbf>,
    distinct: Option<Distinct>,
    /// A value that the filter misses, and the number of them.
    missed: Option<String>,
    misses: u64,
}

impl Values<'_> {
    /// Decodes and compares all pages.
    pub(super) fn check(self, pages: ChunkPages, faults: &mut Faults) {
        match self.chunk.column_type() {
            Physical::BOOLEAN => self.decode::<BoolType>(pages, faults),
            Physical::INT32 => self.decode::<Int32Type>(pages, faults),
            Physical::INT64 => self.decode::<Int64Type>(pages, faults),
            Physical::INT96 => self.decode::<Int96Type>(pages, faults),
            Physical::FLOAT => self.decode::<FloatType>(pages, faults),
            Physical::DOUBLE => self.decode::<DoubleType>(pages, faults),
            Physical::BYTE_ARRAY => self.decode::<ByteArrayType>(pages, faults),
            Physical::FIXED_LEN_BYTE_ARRAY => self.decode::<FixedLenByteArrayType>(pages, faults),
        }
    }

    fn decode<D: DataType>(mut self, pages: ChunkPages, faults: &mut Faults)
    where
        D::T: Stored,
    {
        let descriptor = self.chunk.column_descr_ptr();
        let gate = Gate::default();
        let most_levels = [descriptor.max_rep_level(), descriptor.max_def_level()];
        let gated = GatedPages { pages, gate: gate.clone(), most_levels };
        let mut reader = ColumnReaderImpl::<D>::new(descriptor, Box::new(gated));
        let mut checks = self.checks();
        let mut whole = Found::default();
        let mut number = 0;
        loop {
            gate.allow();
            let header = self.walk.as_mut().and_then(PageWalk::next_data);
            let place = match &header {
                Some(page) => self.place.clone().page(page.number),
                None => self.place.clone(),
            };
            let page = match self.page(&mut reader, &mut checks, &place, faults) {
                Ok(page) => page,
                Err((kind, what)) => {
                    faults.add(kind, place, what);
                    // The decoder cannot skip the page.
                    return;
                }
            };
            if !gate.is_taken() {
                break;
            }
            // Of bytes, the length may be that of an integer by chance.
            let is_integer = matches!(D::get_physical_type(), Physical::INT32 | Physical::INT64);
            if let Some(what) = is_integer.then(|| wrong_value(self.column, &page)).flatten() {
                faults.add(Kind::Values, place.clone(), what);
            }
            let of_page = PageCheck {
                index: self.index,
                column: self.column,
                is_list: most_levels[0] > 0,
                header: header.as_ref(),
                number,
                place,
            };
            of_page.compare(&page, whole.rows, faults);
            whole.add(&page, self.column.order);
            number += 1;
        }
        self.compare(&whole, checks, faults);
        if let Some(what) = self.column.boundary_order::<D::T>(self.index) {
            faults.add(Kind::PageIndex, self.place.clone(), what);
        }
    }

    fn checks(&self) -> Checks {
        let has_filter = self.chunk.bloom_filter_offset().is_some() && self.walk.is_some();
        let stated = self.chunk.statistics().and_then(|stated| stated.distinct_count_opt());
        Checks {
            is_text: matches!(self.column.meaning, Meaning::Text(_)),
            filter: has_filter.then(|| bloom_filter::load(self.file, self.chunk)).flatten(),
            distinct: stated.map(|_| Distinct::new()),
            missed: None,
            misses: 0,
        }
    }

    /// Decodes the values of one page.
    fn page<D: DataType>(
        &self,
        reader: &mut ColumnReaderImpl<D>,
        checks: &mut Checks,
        place: &Place,
        faults: &mut Faults,
    ) -> Result<Found<D::T>, (Kind, String)>
    where
        D::T: Stored,
    {
        let descriptor = self.chunk.column_descr();
        let most = [descriptor.max_rep_level(), descriptor.max_def_level()];
        let mut found = Found::default();
        let mut is_reported = false;
        let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            values.clear();
            definitions.clear();
            repetitions.clear();
            let read = reader.read_records(
                ROWS,
                Some(&mut definitions),
                Some(&mut repetitions),
                &mut values,
            );
            let (_, _, levels) = read.map_err(|error| self.refusal(&error))?;
            if levels == 0 {
                return Ok(found);
            }
            if let Some(level) =
                wrong_level(&repetitions, most[0]).or_else(|| wrong_level(&definitions, most[1]))
            {
                let what = "it cannot be decoded: it has a level of";
                return Err((Kind::Values, format!("{what} {level}, which the schema does not")));
            }
            found.levels += levels as u64;
            found.values += values.len() as u64;
            found.nulls += (levels - values.len()) as u64;
            let of_leaf = definitions.iter().filter(|level| **level == most[1] - 1).count();
            found.leaf_nulls += if most[1] > 0 { of_leaf as u64 } else { 0 };
            let begun = repetitions.iter().filter(|level| **level == 0).count();
            found.rows += if most[0] > 0 { begun } else { levels } as u64;
            found.range(&values, self.column.order);
            if let Some(what) = checks.values(&values, self.column)
                && !std::mem::replace(&mut is_reported, true)
            {
                faults.add(Kind::Values, place.clone(), what);
            }
        }
    }

    /// The fault that an error is: damage, or a page that needs more than is supported.
    fn refusal(&self, error: &ParquetError) -> (Kind, String) {
        let why = self.cause(&cause(error));
        match error {
            ParquetError::NYI(_) => (Kind::Unverified, not_verified(&why)),
            _ => (Kind::Values, format!("it cannot be decoded: {why}")),
        }
    }

    /// The cause of an error without the name of the column and the page.
    fn cause(&self, text: &str) -> String {
        let column = escaped(&self.chunk.column_path().string());
        let rest = text.strip_prefix(&format!("column \"{column}\": page "));
        let rest = rest.and_then(|rest| rest.split_once(": ")).map(|(_, rest)| rest);
        rest.unwrap_or(text).to_owned()
    }

    /// The null count in the footer, unless the writer is known to compute it wrongly.
    fn stated_nulls(&self, values: u64) -> Option<u64> {
        match nulls(self.chunk, Some(values), &self.column.trust) {
            (None, Some(Ignored::Count)) => self.chunk.statistics()?.null_count_opt(),
            (stated, _) => stated,
        }
    }

    /// Compares the whole chunk with the footer.
    fn compare<T: Stored>(&self, found: &Found<T>, checks: Checks, faults: &mut Faults) {
        let mut add = |kind, what: String| faults.add(kind, self.place.clone(), what);
        // Otherwise page headers have been compared with the footer, and pages with their headers.
        let is_unknown = self.walk.is_none();
        let is_list = self.chunk.column_descr().max_rep_level() > 0;
        if (is_list || is_unknown) && found.rows != self.rows {
            let (found, stated) = (count(found.rows), count(self.rows));
            add(Kind::Count, format!("it has {found} rows, but the row group has {stated}"));
        }
        if is_unknown && u64::try_from(self.chunk.num_values()) != Ok(found.levels) {
            let (found, stated) = (found.levels, self.chunk.num_values());
            add(Kind::Count, format!("it has {found} values, but the footer says {stated}"));
        }
        if let Some(what) =
            self.stated_nulls(found.levels).and_then(|stated| wrong_nulls(stated, found))
        {
            add(Kind::Statistics, what);
        }
        if let Ok(Some(bounds)) = self.column.chunk_bounds(self.chunk, self.flags) {
            self.column.compare(bounds, found, |what| add(Kind::Statistics, what));
        }
        let stated = self.chunk.statistics().and_then(|stated| stated.distinct_count_opt());
        let distinct = checks.distinct.and_then(|distinct| distinct.count());
        if let Some((stated, found)) =
            stated.zip(distinct).filter(|(stated, found)| stated != found)
        {
            let (found, stated) = (count(found), count(stated));
            let what = format!("it has {found} distinct values, but the statistics say {stated}");
            add(Kind::Statistics, what);
        }
        if let Some(value) = checks.missed {
            let misses = count(checks.misses);
            let what = format!("the bloom filter misses {misses} of its values, such as {value}");
            add(Kind::BloomFilter, what);
        }
    }
}

impl Checks {
    /// Checks values; returns a clause about one that is not of its type.
    fn values<T: Stored + AsBytes>(&mut self, values: &[T], column: &ColumnType) -> Option<String> {
        if let Some(filter) = &self.filter {
            for value in values.iter().filter(|value| !filter.check(*value)) {
                self.misses += 1;
                self.missed.get_or_insert_with(|| column.text(value));
            }
        }
        if let Some(distinct) = &mut self.distinct {
            distinct.add(values);
        }
        let is_wrong = |value: &&T| std::str::from_utf8(value.as_bytes()).is_err();
        let wrong = self.is_text.then(|| values.iter().find(is_wrong)).flatten();
        wrong.map(|value| format!("text that is not valid UTF-8: {}", column.text(value)))
    }
}

fn wrong_level(levels: &[i16], most: i16) -> Option<i16> {
    levels.iter().copied().find(|level| !(0..=most).contains(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_within_the_schema() {
        assert_eq!(wrong_level(&[0, 2, 1], 2), None);
        assert_eq!(wrong_level(&[0, 3], 2), Some(3));
    }
}
