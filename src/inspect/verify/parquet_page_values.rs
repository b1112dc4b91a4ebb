//! The values of one page against its header and its entries in the page index.

use super::fault::{Faults, Kind, Place};
use super::parquet_found::Found;
use super::parquet_order::Stored;
use super::parquet_pages::Walked;
use super::parquet_statistics::ColumnType;
use crate::inspect::exactness::Flags;
use crate::inspect::page_header::Header;
use crate::inspect::page_index::PageIndex;
use crate::inspect::statistics::PageBounds;
use crate::text::count;

/// A page with what is stated about it.
pub(super) struct PageCheck<'a, 'b> {
    pub(super) index: &'a PageIndex,
    pub(super) column: &'a ColumnType,
    pub(super) is_list: bool,
    pub(super) header: Option<&'a Walked<'b>>,
    /// The number among the data pages.
    pub(super) number: usize,
    pub(super) place: Place,
}

impl PageCheck<'_, '_> {
    /// Compares the values of the page with its header and its entries in the page index.
    pub(super) fn compare<T: Stored>(
        &self,
        found: &Found<T>,
        rows_before: u64,
        faults: &mut Faults,
    ) {
        let mut add = |kind, what: String| faults.add(kind, self.place.clone(), what);
        if let Some(header) = self.header.map(|page| &page.header) {
            self.compare_header(header, found, &mut add);
        }
        let index = self.index;
        if let Some(stated) = index.null_pages.get(self.number)
            && *stated != (found.values == 0)
        {
            let what = if *stated { "has only nulls" } else { "has values" };
            let what = format!("the column index says that it {what}, but this is not so");
            add(Kind::PageIndex, what);
        }
        if let Some(what) = index.nulls(self.number).and_then(|stated| wrong_nulls(stated, found)) {
            add(Kind::PageIndex, what);
        }
        if let Some((min, max)) = index.bounds(self.number) {
            let stated = PageBounds { min: Some(min), max: Some(max), are_old: false };
            self.compare_bounds(stated, [None; 2], found, |what| add(Kind::PageIndex, what));
        }
        // The walk of headers compares the first row if each header says how many rows there are.
        let is_known = self.header.is_some_and(|page| page.header.rows.is_some()) || !self.is_list;
        if let Some(location) = index.locations.get(self.number).filter(|_| !is_known)
            && u64::try_from(location.first_row) != Ok(rows_before)
        {
            let stated = location.first_row;
            let what =
                format!("its first row is {rows_before}, but the offset index says {stated}");
            add(Kind::PageIndex, what);
        }
    }

    fn compare_header<T: Stored>(
        &self,
        header: &Header<'_>,
        found: &Found<T>,
        add: &mut impl FnMut(Kind, String),
    ) {
        if let Some(stated) = header.values.filter(|stated| *stated != found.levels) {
            let found = found.levels;
            add(Kind::Count, format!("it has {found} values, but its header says {stated}"));
        }
        if let Some(stated) = header.rows.filter(|stated| *stated != found.rows) {
            let found = found.rows;
            add(Kind::Count, format!("it has {found} rows, but its header says {stated}"));
        }
        if let Some(what) = header.nulls.and_then(|stated| wrong_nulls(stated, found)) {
            add(Kind::Statistics, what);
        }
        if let Some(stated) = header.bounds.stated() {
            let flags = header.bounds.flags;
            self.compare_bounds(stated, flags, found, |what| add(Kind::Statistics, what));
        }
    }

    fn compare_bounds<T: Stored>(
        &self,
        stated: PageBounds<'_>,
        flags: Flags,
        found: &Found<T>,
        mut fault: impl FnMut(String),
    ) {
        let column = self.column;
        match column.page_bounds(stated, flags) {
            Ok(Some(bounds)) => column.compare::<T>(bounds, found, fault),
            Ok(None) => {}
            Err(what) => fault(what.to_owned()),
        }
    }
}

/// A clause about a null count that is wrong. Of nested columns, some writers count only the nulls
/// of the leaf.
pub(super) fn wrong_nulls<T>(stated: u64, found: &Found<T>) -> Option<String> {
    let nulls = found.nulls;
    let is_right = stated == nulls || stated == found.leaf_nulls;
    (!is_right).then(|| format!("it has {} nulls, but {} are stated", count(nulls), count(stated)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_counts_may_leave_out_those_of_parents() {
        assert_eq!(wrong_nulls(1, &Found::<i32> { nulls: 1, ..Found::default() }), None);
        let found = Found::<i32> { nulls: 3, leaf_nulls: 1, ..Found::default() };
        assert_eq!(wrong_nulls(1, &found), None);
        assert_eq!(wrong_nulls(2, &found), Some("it has 3 nulls, but 2 are stated".to_owned()));
    }
}
