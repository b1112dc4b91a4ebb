//! Stated statistics of column chunks and pages against the values.

use super::fault::{Faults, Kind, Place, shown};
use super::parquet_found::Found;
use super::parquet_order::{Order, Stored};
use crate::inspect::bounds::Ignored;
use crate::inspect::exactness::Flags;
use crate::inspect::page_index::PageIndex;
use crate::inspect::parquet_type::Meaning;
use crate::inspect::statistics::{self, PageBounds};
use crate::parquet_file::statistics_validity::{ColumnTrust, Doubt};
use crate::text::count;
use parquet::basic::Type as Physical;
use parquet::file::metadata::ColumnChunkMetaData;
use std::cmp::Ordering;

/// The type of a column, and which of its statistics are believed. Those that every reader ignores
/// are not compared: bounds in an undefined order, and those of writers with a known bug.
#[derive(Debug, Clone)]
pub(super) struct ColumnType {
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    pub(super) order: Order,
    pub(super) trust: ColumnTrust,
}

/// Bounds as they are stated, with whether each is one of the values.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatedBounds<'a> {
    pub(super) min: Option<&'a [u8]>,
    pub(super) max: Option<&'a [u8]>,
    pub(super) flags: Flags,
}

impl ColumnType {
    /// The bounds of a chunk that are compared, or a clause about a wrong length.
    pub(super) fn chunk_bounds<'a>(
        &self,
        chunk: &'a ColumnChunkMetaData,
        flags: Flags,
    ) -> Result<Option<StatedBounds<'a>>, &'static str> {
        let Some(stated) = chunk.statistics() else { return Ok(None) };
        let bounds =
            StatedBounds { min: stated.min_bytes_opt(), max: stated.max_bytes_opt(), flags };
        if bounds.min.is_none() && bounds.max.is_none() {
            return Ok(None);
        }
        believed(self.trust.bounds(stated), bounds)
    }

    /// The bounds of a page, likewise.
    pub(super) fn page_bounds<'a>(
        &self,
        stated: PageBounds<'a>,
        flags: Flags,
    ) -> Result<Option<StatedBounds<'a>>, &'static str> {
        if self.physical == Physical::INT96 {
            return Ok(None);
        }
        let bounds = StatedBounds { min: stated.min, max: stated.max, flags };
        let kept = stated.statistics(self.physical);
        let trusted = self.trust.page_bounds(&kept);
        if !matches!(trusted, Err(Doubt::Order | Doubt::Writer(_)))
            && (stated.min.is_some() != kept.min_bytes_opt().is_some()
                || stated.max.is_some() != kept.max_bytes_opt().is_some())
        {
            return Err(WRONG_LENGTH);
        }
        believed(trusted, bounds)
    }

    fn shown(&self, stored: &[u8]) -> String {
        let value = statistics::value(stored, self.physical, self.meaning);
        value.map_or_else(|| "an unknown value".to_owned(), |value| shown(&value))
    }

    /// A stored value for people.
    pub(super) fn text(&self, value: &impl Stored) -> String {
        self.shown(&value.stored())
    }

    /// Compares bounds with the values they are of.
    pub(super) fn compare<T: Stored>(
        &self,
        bounds: StatedBounds<'_>,
        found: &Found<T>,
        mut fault: impl FnMut(String),
    ) {
        let sides = [
            ("minimum", bounds.min, bounds.flags[0], &found.min, Ordering::Greater),
            ("maximum", bounds.max, bounds.flags[1], &found.max, Ordering::Less),
        ];
        for (name, stated, is_exact, found, wrong) in sides {
            let Some((stated, found)) = stated.zip(found.as_ref()) else { continue };
            let Some(bound) = T::from_stored(stated) else { continue };
            let order = bound.compare(found, self.order);
            let (stated, found) = (self.shown(stated), self.text(found));
            if order == Some(wrong) {
                fault(format!("the {name} is {found}, but the statistics say {stated}"));
            } else if is_exact == Some(true) && order.is_some_and(Ordering::is_ne) {
                let what =
                    format!("the {name} is {found}, but the statistics say exactly {stated}");
                fault(what);
            }
        }
    }

    /// Checks the order of the pages that the column index declares.
    pub(super) fn boundary_order<T: Stored>(&self, index: &PageIndex) -> Option<String> {
        let (name, wrong) = match index.boundary_order? {
            1 => ("ascending", Ordering::Greater),
            2 => ("descending", Ordering::Less),
            _ => return None,
        };
        let mut last: Option<(T, T)> = None;
        for page in 0..index.null_pages.len() {
            let Some((min, max)) = index.bounds(page) else { continue };
            let stated = PageBounds { min: Some(min), max: Some(max), are_old: false };
            let bounds = self.page_bounds(stated, [None; 2]).ok()??;
            let bounds = (T::from_stored(bounds.min?)?, T::from_stored(bounds.max?)?);
            let is_wrong = |one: &T, next: &T| one.compare(next, self.order) == Some(wrong);
            if last.is_some_and(|(min, max)| is_wrong(&min, &bounds.0) || is_wrong(&max, &bounds.1))
            {
                return Some(format!(
                    "the column index says that its pages are {name}, but data page {page} is not"
                ));
            }
            last = Some(bounds);
        }
        None
    }

    /// Checks the statistics of a chunk alone, without its values.
    pub(super) fn check_stated(
        &self,
        chunk: &ColumnChunkMetaData,
        place: &Place,
        faults: &mut Faults,
    ) {
        let mut add = |what: &str| faults.add(Kind::Statistics, place.clone(), what);
        let values = u64::try_from(chunk.num_values()).ok();
        let nulls = chunk.statistics().and_then(|stated| stated.null_count_opt());
        if let Some((nulls, values)) = nulls.zip(values).filter(|(nulls, values)| values < nulls) {
            add(&format!("{} nulls among {} values", count(nulls), count(values)));
        }
        let Some(stated) = chunk.statistics() else { return };
        match self.chunk_bounds(chunk, [None; 2]) {
            Err(what) => add(what),
            Ok(Some(_)) => {
                let bounds = statistics::bounds(stated, self.meaning, Ok(()));
                if bounds.ignored == Some(Ignored::Inverted) {
                    add("the minimum is greater than the maximum");
                }
            }
            Ok(None) => {}
        }
    }
}

const WRONG_LENGTH: &str = "the minimum or maximum has the wrong length";

fn believed(
    trusted: Result<(), Doubt>,
    bounds: StatedBounds<'_>,
) -> Result<Option<StatedBounds<'_>>, &'static str> {
    match trusted {
        Ok(()) => Ok(Some(bounds)),
        Err(Doubt::Length) => Err(WRONG_LENGTH),
        Err(Doubt::Order | Doubt::Writer(_) | Doubt::Count) => Ok(None),
    }
}
