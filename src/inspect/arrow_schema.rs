//! The schema of an Arrow file or stream, and the facts about each array in record batch headers.

use super::contents::Contents;
use super::{Column, Field, FileReport, Format, Ipc, Occurs, Part};
use crate::error::Result;
use crate::schema::{inner_fields, type_name};
use crate::stream::converted;
use arrow::datatypes::{DataType, Field as ArrowField, Fields, Metadata, UnionMode};
use arrow_ipc::{CompressionType, Endianness, MetadataVersion, RecordBatch};

/// The facts from the headers of a file or stream so far, array by array.
#[derive(Debug)]
pub(super) struct Described {
    fields: Vec<Field>,
    pub(super) metadata: Vec<(String, Option<String>)>,
    pub(super) ipc: Ipc,
    version: MetadataVersion,
    parts: Vec<Part>,
    /// Sorted; buffers of one batch have the same codec.
    codecs: Vec<&'static str>,
    arrays: Vec<Array>,
    /// Whether some header did not match the schema: then the sums would mislead.
    is_unclear: bool,
}

/// An array of a record batch; the parents of nested arrays are arrays too.
#[derive(Debug)]
struct Array {
    column: Column,
    buffers: Buffers,
    /// Whether the first buffer says which values are null.
    has_validity: bool,
}

/// The number of an array's own buffers.
#[derive(Debug, Clone, Copy)]
enum Buffers {
    Fixed(usize),
    /// Validity, views, and the number of data buffers given in the batch's header.
    Views,
}

impl Described {
    /// Reads the schema of a message or footer. May panic on a foreign schema: call it under
    /// `guard`.
    pub(super) fn new(schema: arrow_ipc::Schema<'_>, version: MetadataVersion) -> Result<Self> {
        let big_endian = schema.endianness() != Endianness::Little;
        let schema = converted(schema)?;
        let mut arrays = Vec::new();
        for field in schema.fields() {
            walk(field, "", version, &mut arrays);
        }
        let metadata = pairs(schema.metadata()).into_iter();
        Ok(Self {
            fields: fields(schema.fields()),
            metadata: metadata.map(|(key, value)| (key, Some(value))).collect(),
            ipc: Ipc {
                version: version_name(version),
                big_endian,
                dictionaries: 0,
                dictionary_bytes: 0,
            },
            version,
            parts: Vec::new(),
            codecs: Vec::new(),
            arrays,
            is_unclear: false,
        })
    }

    /// Whether another schema describes the data in the same way.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.version == other.version
            && self.fields == other.fields
            && self.ipc.big_endian == other.ipc.big_endian
    }

    /// The arrays in the order in which a record batch stores them: each one's path, and whether the
    /// first of its buffers says which values are null.
    pub(super) fn arrays(&self) -> impl Iterator<Item = (&str, bool)> {
        self.arrays.iter().map(|array| (array.column.path.as_str(), array.has_validity))
    }

    /// The number of buffers of each array in a record batch; none if its header does not match the
    /// schema.
    pub(super) fn buffer_counts(&self, batch: RecordBatch<'_>) -> Option<Vec<usize>> {
        self.said_of_each(batch)?;
        let mut variadic = batch.variadicBufferCounts().into_iter().flatten();
        let count = |array: &Array| match array.buffers {
            Buffers::Fixed(count) => Some(count),
            Buffers::Views => usize::try_from(variadic.next()?).ok()?.checked_add(2),
        };
        self.arrays.iter().map(count).collect()
    }

    /// Adds the counts in the header of a record batch of this size.
    ///
    /// # Errors
    /// A negative number of rows, described in a clause.
    pub(super) fn add(&mut self, batch: RecordBatch<'_>, stored_bytes: u64) -> Result<(), String> {
        let number = self.parts.len();
        let rows = u64::try_from(batch.length())
            .map_err(|_| format!("record batch {number} has {} rows", batch.length()))?;
        self.parts.push(Part::of_batch(rows, stored_bytes));
        let codec = codec_name(batch);
        if let Err(place) = self.codecs.binary_search(&codec) {
            self.codecs.insert(place, codec);
        }
        let Some(said) = self.said_of_each(batch) else {
            self.is_unclear = true;
            return Ok(());
        };
        for (array, (values, nulls, bytes)) in self.arrays.iter_mut().zip(said) {
            let contents = &mut array.column.contents;
            contents.values = contents.values.and_then(|sum| sum.checked_add(values));
            contents.nulls = contents.nulls.and_then(|sum| sum.checked_add(nulls));
            contents.stored_bytes = contents.stored_bytes.and_then(|sum| sum.checked_add(bytes));
        }
        Ok(())
    }

    /// The report on the whole file or stream, without warnings.
    pub(super) fn report(
        self,
        path: &str,
        bytes: u64,
        format: impl FnOnce(Ipc) -> Format,
    ) -> FileReport {
        let column = |Array { column, .. }| Column {
            contents: if self.is_unclear {
                Contents::default()
            } else {
                Contents { codecs: self.codecs.clone(), ..column.contents }
            },
            ..column
        };
        let columns = self.arrays.into_iter().map(column).collect();
        FileReport {
            path: path.to_owned(),
            format: format(self.ipc),
            bytes,
            rows: self.parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.rows)),
            parts: self.parts,
            fields: self.fields,
            columns,
            codecs: self.codecs,
            metadata: self.metadata,
            warnings: Vec::new(),
        }
    }

    /// Values, nulls and bytes of each array; none if the header does not match the schema.
    fn said_of_each(&self, batch: RecordBatch<'_>) -> Option<Vec<(u64, u64, u64)>> {
        let mut nodes = batch.nodes()?.iter();
        let mut lengths = batch.buffers()?.iter().map(|buffer| u64::try_from(buffer.length()).ok());
        let mut variadic = batch.variadicBufferCounts().into_iter().flatten();
        let mut said = Vec::with_capacity(self.arrays.len());
        for array in &self.arrays {
            let node = nodes.next()?;
            let buffers = match array.buffers {
                Buffers::Fixed(count) => count,
                Buffers::Views => usize::try_from(variadic.next()?).ok()?.checked_add(2)?,
            };
            let mut bytes: u64 = 0;
            for _ in 0..buffers {
                bytes = bytes.checked_add(lengths.next()??)?;
            }
            let values = u64::try_from(node.length()).ok()?;
            said.push((values, u64::try_from(node.null_count()).ok()?, bytes));
        }
        (nodes.next().is_none() && lengths.next().is_none()).then_some(said)
    }
}

/// The codec of a record batch's buffers.
fn codec_name(batch: RecordBatch<'_>) -> &'static str {
    match batch.compression().map(|compression| compression.codec()) {
        None => "none",
        Some(CompressionType::LZ4_FRAME) => "lz4",
        Some(CompressionType::ZSTD) => "zstd",
        Some(_) => "unknown",
    }
}

fn fields(arrow_fields: &Fields) -> Vec<Field> {
    arrow_fields.iter().map(|field| tree(field)).collect()
}

fn tree(field: &ArrowField) -> Field {
    Field {
        name: field.name().clone(),
        // Without the child fields, which are shown separately.
        type_name: type_name(field.data_type()),
        occurs: if field.is_nullable() { Occurs::Optional } else { Occurs::Required },
        children: inner_fields(field.data_type()).into_iter().map(|inner| tree(inner)).collect(),
        metadata: pairs(field.metadata()),
    }
}

/// Adds the arrays of a field in the order in which a record batch stores them: parents first.
fn walk(field: &ArrowField, parent: &str, version: MetadataVersion, arrays: &mut Vec<Array>) {
    let path = match parent {
        "" => field.name().clone(),
        parent => format!("{parent}.{}", field.name()),
    };
    let (values, nulls, stored_bytes) = (Some(0), Some(0), Some(0));
    let contents = Contents { values, nulls, stored_bytes, ..Contents::default() };
    arrays.push(Array {
        column: Column { path: path.clone(), type_name: type_name(field.data_type()), contents },
        buffers: buffers(field.data_type(), version),
        has_validity: !matches!(
            field.data_type(),
            DataType::Null | DataType::RunEndEncoded(_, _) | DataType::Union(_, _)
        ),
    });
    for child in inner_fields(field.data_type()) {
        walk(child, &path, version, arrays);
    }
}

/// The buffers of a type (Arrow columnar format, "Buffer listing for each layout").
fn buffers(data_type: &DataType, version: MetadataVersion) -> Buffers {
    // Unions had a validity buffer before V5.
    let union_validity = usize::from(version < MetadataVersion::V5);
    Buffers::Fixed(match data_type {
        DataType::Null | DataType::RunEndEncoded(_, _) => 0,
        DataType::Struct(_) | DataType::FixedSizeList(_, _) => 1,
        DataType::Union(_, UnionMode::Sparse) => 1 + union_validity,
        DataType::Union(_, UnionMode::Dense) => 2 + union_validity,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary => 3,
        DataType::ListView(_) | DataType::LargeListView(_) => 3,
        DataType::Utf8View | DataType::BinaryView => return Buffers::Views,
        // Validity and values, offsets or dictionary indices.
        _ => 2,
    })
}

fn pairs(metadata: &Metadata) -> Vec<(String, String)> {
    metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn version_name(version: MetadataVersion) -> &'static str {
    version.variant_name().unwrap_or("unknown")
}
