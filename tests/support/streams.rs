//! Streams in memory, written and read with arrow-ipc alone, not with the code under test.

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use std::sync::Arc;

/// A batch of int64 columns without nulls.
pub(crate) fn int64_batch(columns: &[(&str, Vec<i64>)]) -> RecordBatch {
    let columns = columns.iter().map(|(name, values)| {
        let array: ArrayRef = Arc::new(Int64Array::from(values.clone()));
        (*name, array, false)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// The batches as a stream with its end marker.
pub(crate) fn stream_of(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The batches as an Arrow IPC file.
pub(crate) fn file_of(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The batches of a stream, which must end with the end marker.
#[track_caller]
pub(crate) fn read_stream(bytes: &[u8]) -> Vec<RecordBatch> {
    assert!(bytes.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), "the stream has no end marker");
    StreamReader::try_new(bytes, None).unwrap().collect::<Result<_, _>>().unwrap()
}
