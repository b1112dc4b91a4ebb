//! The order of rows that a row group declares.
//!
//! Source: parquet.thrift, `SortingColumn`. Rows are compared column by column while the columns have
//! an order and are not repeated; NaN has no place in it and is not compared.

use super::fault::{Faults, Kind, Place};
use super::page_gate::{Gate, GatedPages};
use super::parquet_order::{Order, Stored};
use crate::parquet_file::chunk::ChunkPages;
use parquet::basic::Type as Physical;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type,
    Int64Type,
};
use parquet::file::metadata::SortingColumn;
use parquet::schema::types::ColumnDescPtr;
use std::cmp::Ordering;

/// The rows that are compared at once.
const ROWS: usize = 4096;

/// A column by which rows are sorted.
pub(super) struct SortColumn {
    keys: Box<dyn Keys>,
    descending: bool,
    nulls_first: bool,
}

/// The keys of some rows, one after another.
trait Keys {
    /// Reads the keys of the next rows, and returns their number; none if they cannot be decoded.
    fn read(&mut self) -> Option<usize>;

    /// The order of a row's key and that of the row before it: row 0 follows the last row of the
    /// previous rows. None if one of them has no place in the order.
    fn compare_with_previous(&self, row: usize, nulls_first: bool) -> Option<(bool, Ordering)>;
}

/// The keys of a column of one physical type.
struct TypedKeys<D: DataType> {
    reader: ColumnReaderImpl<D>,
    most_definition: i16,
    order: Order,
    previous: Option<Option<D::T>>,
    keys: Vec<Option<D::T>>,
}

impl SortColumn {
    /// A column of the declared order; none if its values have no order.
    pub(super) fn open(
        declared: &SortingColumn,
        descriptor: ColumnDescPtr,
        order: Order,
        pages: ChunkPages,
    ) -> Option<Self> {
        if order == Order::Undefined || descriptor.max_rep_level() > 0 {
            return None;
        }
        let keys: Box<dyn Keys> = match descriptor.physical_type() {
            Physical::BOOLEAN => keys::<BoolType>(descriptor, order, pages),
            Physical::INT32 => keys::<Int32Type>(descriptor, order, pages),
            Physical::INT64 => keys::<Int64Type>(descriptor, order, pages),
            Physical::INT96 => return None,
            Physical::FLOAT => keys::<FloatType>(descriptor, order, pages),
            Physical::DOUBLE => keys::<DoubleType>(descriptor, order, pages),
            Physical::BYTE_ARRAY => keys::<ByteArrayType>(descriptor, order, pages),
            Physical::FIXED_LEN_BYTE_ARRAY => {
                keys::<FixedLenByteArrayType>(descriptor, order, pages)
            }
        };
        let (descending, nulls_first) = (declared.descending, declared.nulls_first);
        Some(Self { keys, descending, nulls_first })
    }

    /// The order of a row and the row before it in the declared direction.
    fn compare(&self, row: usize) -> Option<Ordering> {
        let (is_null, order) = self.keys.compare_with_previous(row, self.nulls_first)?;
        Some(if self.descending && !is_null { order.reverse() } else { order })
    }
}

/// Compares the rows of a row group; reports the first that is not in order.
pub(super) fn check(mut columns: Vec<SortColumn>, place: Place, faults: &mut Faults) {
    let mut first_row: u64 = 0;
    loop {
        let mut rows = None;
        for column in &mut columns {
            // Damage, and columns of different lengths, are reported by the check of values.
            let Some(read) = column.keys.read() else { return };
            if rows.is_some_and(|rows| rows != read) {
                return;
            }
            rows = Some(read);
        }
        let Some(rows) = rows.filter(|rows| *rows > 0) else { return };
        for row in 0..rows {
            let order = columns.iter().map_while(|column| column.compare(row)).find(|o| o.is_ne());
            if order == Some(Ordering::Less) {
                let row = first_row + row as u64;
                let what = format!("row {row} is not in the declared sort order");
                return faults.add(Kind::Order, place, what);
            }
        }
        first_row += rows as u64;
    }
}

fn keys<D: DataType>(descriptor: ColumnDescPtr, order: Order, pages: ChunkPages) -> Box<dyn Keys>
where
    D::T: Stored,
{
    let most_definition = descriptor.max_def_level();
    let most_levels = [descriptor.max_rep_level(), most_definition];
    let gated = GatedPages { pages, gate: Gate::open(), most_levels };
    let reader = ColumnReaderImpl::<D>::new(descriptor, Box::new(gated));
    let (previous, keys) = (None, Vec::new());
    Box::new(TypedKeys { reader, most_definition, order, previous, keys })
}

impl<D: DataType> Keys for TypedKeys<D>
where
    D::T: Stored,
{
    fn read(&mut self) -> Option<usize> {
        if let Some(last) = self.keys.pop() {
            self.previous = Some(last);
        }
        self.keys.clear();
        let (mut values, mut definitions) = (Vec::new(), Vec::new());
        let (_, _, levels) =
            self.reader.read_records(ROWS, Some(&mut definitions), None, &mut values).ok()?;
        let mut values = values.into_iter();
        if self.most_definition == 0 {
            self.keys.extend(values.map(Some));
        } else {
            let is_value = |level: &i16| *level == self.most_definition;
            self.keys.extend(
                definitions.iter().map(|level| if is_value(level) { values.next() } else { None }),
            );
        }
        Some(levels.min(self.keys.len()))
    }

    fn compare_with_previous(&self, row: usize, nulls_first: bool) -> Option<(bool, Ordering)> {
        let key = self.keys.get(row)?;
        let previous = match row.checked_sub(1) {
            Some(before) => self.keys.get(before)?,
            // The first row of all follows none.
            None => match &self.previous {
                Some(previous) => previous,
                None => return Some((true, Ordering::Equal)),
            },
        };
        let nulls = if nulls_first { Ordering::Less } else { Ordering::Greater };
        match (key, previous) {
            (Some(key), Some(previous)) => Some((false, key.compare(previous, self.order)?)),
            (None, None) => Some((true, Ordering::Equal)),
            (None, Some(_)) => Some((true, nulls)),
            (Some(_), None) => Some((true, nulls.reverse())),
        }
    }
}
