//! The nodes and buffers that a record batch of a schema must have, compared with a header before
//! anything is decoded: a header that claims rows without having the bytes for them is found here.

use crate::error::{Error, Result};
use crate::schema::inner_fields;
use crate::text::escaped;
use arrow::datatypes::{DataType, FieldRef, Fields, UnionMode};
use arrow_ipc::{MetadataVersion, RecordBatch};
use std::ops::Range;

/// The arrays of a record batch, column by column.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    columns: Vec<Column>,
    arrays: Arrays,
    /// The arrays before each array of views.
    before_views: Vec<Arrays>,
    /// The column of each array of views.
    columns_of_views: Vec<usize>,
}

/// The column, the node and the buffers of an array of views.
#[derive(Debug)]
pub(super) struct Views {
    pub(super) column: usize,
    pub(super) node: usize,
    pub(super) views: usize,
    pub(super) data: Range<usize>,
}

/// A column, and where its arrays begin.
#[derive(Debug, Clone)]
struct Column {
    field: FieldRef,
    /// The arrays of all columns before.
    before: Arrays,
    rows: RowBits,
}

/// The numbers of what headers list.
#[derive(Debug, Clone, Copy, Default)]
struct Arrays {
    nodes: usize,
    /// Without the data buffers of views.
    buffers: usize,
    /// Arrays of views, each of which has a number of data buffers in the header.
    views: usize,
    /// Unions, which had a validity buffer before version 5.
    unions: usize,
}

/// The bits that each row of a column takes in its message, at least.
#[derive(Debug, Clone, Copy)]
enum RowBits {
    /// Any number of rows may take no bytes, as of nulls, runs, and lists of size 0; or it varies
    /// which buffer has them.
    Free,
    /// This number in this buffer of the column, not counting data buffers of views.
    In(usize, u64),
}

impl Layout {
    /// The layout of these columns.
    pub(super) fn of<'a>(fields: impl IntoIterator<Item = &'a FieldRef>) -> Self {
        let (mut columns, mut arrays) = (Vec::new(), Arrays::default());
        let (mut before_views, mut columns_of_views) = (Vec::new(), Vec::new());
        for field in fields {
            let rows = row_bits(field.data_type());
            columns.push(Column { field: field.clone(), before: arrays, rows });
            arrays.add(field.data_type(), &mut before_views);
            columns_of_views.resize(before_views.len(), columns.len() - 1);
        }
        Self { columns, arrays, before_views, columns_of_views }
    }

    /// Compares a header with the layout. `sizes` are the sizes of its buffers after decompression;
    /// `None` if they are not known.
    ///
    /// # Errors
    /// Other numbers of nodes or buffers; a column of other length than the batch, or with too few
    /// bytes for it.
    pub(super) fn check(
        &self,
        batch: &RecordBatch<'_>,
        version: MetadataVersion,
        sizes: Option<&[u64]>,
    ) -> Result<()> {
        // A batch without rows is not decoded, and its producer may have left anything out.
        if batch.length() > 0 {
            self.check_counts(batch, version)?;
        }
        let nodes = batch.nodes().unwrap_or_default();
        let mut data_buffers = DataBuffers::of(batch);
        for column in &self.columns {
            if nodes.len() <= column.before.nodes {
                break;
            }
            let node = nodes.get(column.before.nodes);
            let length = node.length();
            if length != batch.length() {
                return Err(column.damaged(format_args!(
                    "has {length} rows in a record batch of {} rows",
                    batch.length()
                )));
            }
            let first =
                column.before.fixed_buffers(version) + data_buffers.up_to(column.before.views);
            let (RowBits::In(place, bits), Some(sizes)) = (column.rows, sizes) else { continue };
            let place = if column.is_old_union(version) { place + 1 } else { place };
            let size = sizes.get(first + place).copied().unwrap_or_default();
            let needed = u128::from(bits) * u128::from(length.unsigned_abs());
            // Arrow JS leaves out the values of a boolean column that has only nulls.
            if size == 0 && node.null_count() == length {
                continue;
            }
            if u128::from(size) * 8 < needed {
                return Err(column.damaged(format_args!(
                    "has {size} bytes, which are too few for {length} rows"
                )));
            }
        }
        Ok(())
    }

    fn check_counts(&self, batch: &RecordBatch<'_>, version: MetadataVersion) -> Result<()> {
        let views = batch.variadicBufferCounts().unwrap_or_default();
        let nodes = batch.nodes().unwrap_or_default();
        let buffers = batch.buffers().unwrap_or_default();
        if views.iter().any(|count| count < 0) {
            return Err(damaged("a number of data buffers of views is negative"));
        }
        let data_buffers: i64 = views.iter().fold(0, i64::saturating_add);
        let data_buffers = usize::try_from(data_buffers).unwrap_or(usize::MAX);
        let expected = self.arrays.fixed_buffers(version).saturating_add(data_buffers);
        for (what, found, expected) in [
            ("nodes", nodes.len(), self.arrays.nodes),
            ("numbers of data buffers of views", views.len(), self.arrays.views),
            ("buffers", buffers.len(), expected),
        ] {
            if found != expected {
                let why = format!("it has {found} {what}, but its schema needs {expected}");
                return Err(damaged(why));
            }
        }
        Ok(())
    }

    /// Whether there are views, which may share bytes.
    pub(super) fn has_views(&self) -> bool {
        !self.before_views.is_empty()
    }

    /// The arrays of views in a header that was checked.
    pub(super) fn views(&self, batch: &RecordBatch<'_>, version: MetadataVersion) -> Vec<Views> {
        let mut data_buffers = DataBuffers::of(batch);
        let mut views = Vec::with_capacity(self.before_views.len());
        for (before, column) in self.before_views.iter().zip(&self.columns_of_views) {
            let data_before = data_buffers.up_to(before.views);
            let data = data_buffers.up_to(before.views + 1) - data_before;
            let place = before.fixed_buffers(version) + data_before + 1;
            views.push(Views {
                column: *column,
                node: before.nodes,
                views: place,
                data: place + 1..place + 1 + data,
            });
        }
        views
    }

    /// The positions of the nodes of columns, in ascending order.
    pub(super) fn tops(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|column| column.before.nodes)
    }
}

impl Column {
    fn damaged(&self, why: impl std::fmt::Display) -> Error {
        damaged(format!("column \"{}\" {why}", escaped(self.field.name())))
    }

    fn is_old_union(&self, version: MetadataVersion) -> bool {
        version < MetadataVersion::V5 && matches!(self.field.data_type(), DataType::Union(..))
    }
}

impl Arrays {
    fn add(&mut self, data_type: &DataType, before_views: &mut Vec<Self>) {
        use DataType as T;
        if matches!(data_type, T::Utf8View | T::BinaryView) {
            before_views.push(*self);
            self.views += 1;
        }
        self.nodes += 1;
        self.buffers += match data_type {
            T::Null | T::RunEndEncoded(..) => 0,
            T::Struct(_) | T::FixedSizeList(..) | T::Union(_, UnionMode::Sparse) => 1,
            T::Utf8 | T::LargeUtf8 | T::Binary | T::LargeBinary => 3,
            T::ListView(_) | T::LargeListView(_) => 3,
            _ => 2,
        };
        self.unions += usize::from(matches!(data_type, T::Union(..)));
        for inner in inner_fields(data_type) {
            self.add(inner.data_type(), before_views);
        }
    }

    fn fixed_buffers(self, version: MetadataVersion) -> usize {
        self.buffers + if version < MetadataVersion::V5 { self.unions } else { 0 }
    }
}

/// The numbers of data buffers of views in a header, added up from front to back.
struct DataBuffers {
    counts: Vec<i64>,
    views: usize,
    sum: usize,
}

impl DataBuffers {
    fn of(batch: &RecordBatch<'_>) -> Self {
        let counts = batch.variadicBufferCounts().into_iter().flatten().collect();
        Self { counts, views: 0, sum: 0 }
    }

    /// The number of data buffers of the first `views` arrays of views; must not descend.
    fn up_to(&mut self, views: usize) -> usize {
        while self.views < views.min(self.counts.len()) {
            let count = usize::try_from(self.counts[self.views]).unwrap_or_default();
            self.sum = self.sum.saturating_add(count);
            self.views += 1;
        }
        self.sum
    }
}

fn row_bits(data_type: &DataType) -> RowBits {
    use DataType as T;
    match data_type {
        T::Null | T::RunEndEncoded(..) => RowBits::Free,
        T::Boolean => RowBits::In(1, 1),
        T::Utf8 | T::Binary | T::List(_) | T::ListView(_) | T::Map(..) => RowBits::In(1, 32),
        T::LargeUtf8 | T::LargeBinary | T::LargeList(_) | T::LargeListView(_) => RowBits::In(1, 64),
        T::Utf8View | T::BinaryView => RowBits::In(1, 128),
        T::Union(..) => RowBits::In(0, 8),
        T::Dictionary(keys, _) => row_bits(keys),
        T::FixedSizeBinary(width) => in_values(u64::try_from(*width).unwrap_or_default() * 8),
        T::FixedSizeList(item, size) => match row_bits(item.data_type()) {
            RowBits::In(place, bits) if *size > 0 && is_measured(item) => {
                RowBits::In(1 + place, bits.saturating_mul(u64::from(size.unsigned_abs())))
            }
            _ => RowBits::Free,
        },
        T::Struct(fields) => row_bits_of_struct(fields),
        other => in_values(other.primitive_width().unwrap_or_default() as u64 * 8),
    }
}

fn in_values(bits: u64) -> RowBits {
    if bits == 0 { RowBits::Free } else { RowBits::In(1, bits) }
}

/// The bits of the first field that takes any, unless the place of its buffer varies.
fn row_bits_of_struct(fields: &Fields) -> RowBits {
    let mut before = Arrays { buffers: 1, ..Arrays::default() };
    for field in fields {
        match row_bits(field.data_type()) {
            _ if before.views + before.unions > 0 || is_union(field) => break,
            RowBits::In(place, bits) if is_measured(field) => {
                return RowBits::In(before.buffers + place, bits);
            }
            _ => before.add(field.data_type(), &mut Vec::new()),
        }
    }
    RowBits::Free
}

/// Whether the buffer of an inner array shows how many rows there are: that of a union varies, and
/// Arrow JS leaves out booleans that are all null.
fn is_measured(field: &FieldRef) -> bool {
    !is_union(field) && field.data_type() != &DataType::Boolean
}

fn is_union(field: &FieldRef) -> bool {
    matches!(field.data_type(), DataType::Union(..))
}

fn damaged(why: impl std::fmt::Display) -> Error {
    Error::failed(format!("damaged message: {why}"))
}
