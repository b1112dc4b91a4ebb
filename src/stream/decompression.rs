//! Decompresses the columns of a batch in threads. Not for uncompressed buffers, which are used in
//! place.

use crate::error::{Error, Result};
use crate::schema::batch_of;
use crate::threads::Threads;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::Schema;
use std::sync::Arc;

/// Columns are taken one by one; with more columns than this, several at a time, because decoding
/// one column means skipping all others.
const MOST_PIECES: usize = 64;

/// Decodes the columns of a batch, given as positions in the schema. `decode` runs in these threads
/// (default: one per core), but in no more than there are processors.
///
/// # Errors
/// The error of the first column that has one.
pub(super) fn decode_in_threads(
    threads: Option<&Threads>,
    columns: &[usize],
    schema: &Schema,
    decode: impl Fn(&[usize]) -> Result<RecordBatch> + Sync,
) -> Result<RecordBatch> {
    let per_core = Threads::per_core();
    let threads = threads.unwrap_or(&per_core);
    let most = threads.count().min(per_core.count()).min(columns.len());
    if most < 2 {
        return decode(columns);
    }
    let pieces = columns.chunks(columns.len().div_ceil(MOST_PIECES));
    let mut workers = vec![(); most];
    let done =
        threads.each("damaged record batch", &mut workers, pieces, |(), piece| decode(piece))?;
    let mut rows = 0;
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
    for piece in done {
        rows = piece.num_rows();
        arrays.extend_from_slice(piece.columns());
    }
    let schema = schema.project(columns);
    let batch = schema.and_then(|schema| batch_of(&Arc::new(schema), arrays, rows));
    batch.map_err(|e| Error::failed(format!("damaged record batch: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{InputOptions, Operand};
    use crate::stream::Reader;
    use arrow::array::{DictionaryArray, Int64Array, StringArray};
    use arrow::datatypes::Int32Type;
    use arrow_ipc::CompressionType;
    use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
    use std::collections::HashSet;
    use std::sync::Mutex;

    /// Incompressible numbers, so that the bodies are large, in many columns.
    fn batch() -> RecordBatch {
        let mut number = 1_u64;
        let mut random = || {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            number
        };
        let mut columns: Vec<(String, ArrayRef)> = Vec::new();
        for column in 0..70 {
            let values: Int64Array = (0..1000).map(|_| Some((random() >> 1) as i64)).collect();
            columns.push((format!("number {column}"), Arc::new(values)));
        }
        let texts: Vec<String> = (0..1000).map(|_| random().to_string()).collect();
        columns.push(("text".to_owned(), Arc::new(StringArray::from(texts))));
        let few: Vec<Option<&str>> = (0..1000).map(|n| ["a", "b"].get(n % 3).copied()).collect();
        let few: DictionaryArray<Int32Type> = few.into_iter().collect();
        columns.push(("few".to_owned(), Arc::new(few)));
        RecordBatch::try_from_iter(columns).unwrap()
    }

    fn read(bytes: &[u8], columns: Option<Vec<usize>>) -> Result<Vec<RecordBatch>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let operands = vec![Operand::Path(file.path().to_owned())];
        let mut reader = Reader::open(&InputOptions { operands, ..InputOptions::default() })?;
        columns.map_or(Ok(()), |columns| reader.project(columns))?;
        std::iter::from_fn(|| reader.next_batch().transpose()).collect()
    }

    #[test]
    fn as_many_threads_as_were_said() {
        let batch = batch();
        let columns: Vec<usize> = (0..batch.num_columns()).collect();
        for most in 1..4 {
            let threads = Mutex::new(HashSet::new());
            let decoded =
                decode_in_threads(Some(&Threads::new(most)), &columns, &batch.schema(), |some| {
                    threads.lock().unwrap().insert(std::thread::current().id());
                    Ok(batch.project(some).unwrap())
                });
            assert_eq!(decoded.unwrap(), batch);
            assert!((1..=most).contains(&threads.into_inner().unwrap().len()));
        }
    }

    #[test]
    fn columns_come_as_they_were_and_in_order() {
        let batch = batch();
        for codec in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
            let options = IpcWriteOptions::default().try_with_compression(Some(codec)).unwrap();
            let mut writer =
                StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
            writer.write(&batch).unwrap();
            writer.write(&batch.slice(7, 900)).unwrap();
            let mut stream = writer.into_inner().unwrap();
            assert!(6 * crate::stream::decoder::LEAST_BYTES_FOR_THREADS < stream.len());
            assert_eq!(read(&stream, None).unwrap(), [batch.clone(), batch.slice(7, 900)]);
            for columns in [vec![71, 3, 70], vec![5], (0..72).rev().collect()] {
                let expected = batch.project(&columns).unwrap();
                assert_eq!(read(&stream, Some(columns)).unwrap()[0], expected);
            }
            // A frame begins after the length at the start of its buffer.
            let length = 8000_i64.to_le_bytes();
            let last = stream.windows(8).rposition(|bytes| bytes == length);
            let Some(place) = last else { continue };
            stream[place + 8..place + 16].fill(0xff);
            let error = read(&stream, None).unwrap_err().to_string();
            assert!(error.contains("damaged record batch"), "{error}");
        }
    }
}
