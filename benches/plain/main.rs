//! The plain baseline of `scripts/bench`: one program per tool, as a good engineer would write it
//! with arrow-rs on the first day, with only the documented readers, writers and kernels. It shares
//! no code with the tools under comparison, and is not installed: `cargo build --bench plain`.

use arrow::array::{AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchReader};
use arrow::compute::filter_record_batch;
use arrow::compute::kernels::cmp::lt;
use arrow::datatypes::{Int64Type, SchemaRef};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::writer::StreamWriter;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, StdoutLock, Write as _};
use std::process::ExitCode;

const USAGE: &str = "\
Usage: plain [--big-pipes] parquet-to-stream FILE
       plain [--big-pipes] file-to-stream FILE
       plain [--big-pipes] stream-filter COLUMN BELOW
       plain [--big-pipes] stream-to-parquet [--sync] FILE
       plain sample [--sync] FROM FILE
       plain count-row-groups FILE
       plain start

--big-pipes enlarges the pipes on standard input and output to 1 MiB; --sync waits for the disk.";

/// Rows per batch read from Parquet: the default of 1,024 is known to be slow.
const BATCH_ROWS: usize = 8192;

/// Ids per group that `sample` keeps.
const SAMPLE_IDS: usize = 10;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut option = |name: &str| {
        let found = arguments.iter().position(|argument| argument == name);
        found.map(|at| arguments.remove(at)).is_some()
    };
    let (big_pipes, sync) = (option("--big-pipes"), option("--sync"));
    if big_pipes {
        // If it is not a pipe, or this is not allowed, its size stays.
        _ = rustix::pipe::fcntl_setpipe_size(io::stdin(), 1 << 20);
        _ = rustix::pipe::fcntl_setpipe_size(io::stdout(), 1 << 20);
    }
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["parquet-to-stream", file] => parquet_to_stream(file),
        ["file-to-stream", file] => file_to_stream(file),
        ["stream-filter", column, below] => stream_filter(column, below),
        ["stream-to-parquet", file] => stream_to_parquet(file, sync),
        ["sample", from, file] => sample(from, file, sync),
        ["count-row-groups", file] => count_row_groups(file),
        ["start"] => Ok(()),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr(), "plain: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parquet_to_stream(file: &str) -> Result<()> {
    let reader = parquet_reader(file)?;
    let mut writer = stream_writer(&reader.schema())?;
    for batch in reader {
        writer.write(&batch?)?;
    }
    Ok(writer.finish()?)
}

fn file_to_stream(file: &str) -> Result<()> {
    let reader = FileReader::try_new(BufReader::new(File::open(file)?), None)?;
    let mut writer = stream_writer(&reader.schema())?;
    for batch in reader {
        writer.write(&batch?)?;
    }
    Ok(writer.finish()?)
}

fn stream_filter(column: &str, below: &str) -> Result<()> {
    let below = Int64Array::new_scalar(below.parse()?);
    let reader = StreamReader::try_new_buffered(io::stdin().lock(), None)?;
    let mut writer = stream_writer(&reader.schema())?;
    for batch in reader {
        let batch = batch?;
        let values = batch.column_by_name(column).ok_or("no such column")?;
        let kept = filter_record_batch(&batch, &lt(values, &below)?)?;
        if 0 < kept.num_rows() {
            writer.write(&kept)?;
        }
    }
    Ok(writer.finish()?)
}

fn stream_to_parquet(file: &str, sync: bool) -> Result<()> {
    let reader = StreamReader::try_new_buffered(io::stdin().lock(), None)?;
    let mut writer = parquet_writer(file, &reader.schema())?;
    for batch in reader {
        writer.write(&batch?)?;
    }
    close(writer, sync)
}

/// The program of the blog post: all rows of the first ten distinct ids per group, in one process.
fn sample(from: &str, file: &str, sync: bool) -> Result<()> {
    let reader = parquet_reader(from)?;
    let mut writer = parquet_writer(file, &reader.schema())?;
    let mut chosen: HashMap<i64, Vec<i64>> = HashMap::new();
    for batch in reader {
        let batch = batch?;
        let groups = int64_column(&batch, "group")?;
        let ids = int64_column(&batch, "id")?;
        let mut keep = Vec::with_capacity(batch.num_rows());
        for (&group, &id) in groups.values().iter().zip(ids.values()) {
            let ids = chosen.entry(group).or_default();
            if !ids.contains(&id) && ids.len() < SAMPLE_IDS {
                ids.push(id);
            }
            keep.push(ids.contains(&id));
        }
        let kept = filter_record_batch(&batch, &BooleanArray::from(keep))?;
        if 0 < kept.num_rows() {
            writer.write(&kept)?;
        }
    }
    close(writer, sync)
}

fn count_row_groups(file: &str) -> Result<()> {
    let reader = SerializedFileReader::new(File::open(file)?)?;
    Ok(writeln!(io::stdout(), "{file}: {}", reader.metadata().num_row_groups())?)
}

fn int64_column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array> {
    let column = batch.column_by_name(name).ok_or("no such column")?;
    Ok(column.as_primitive_opt::<Int64Type>().ok_or("the column is not int64")?)
}

fn parquet_reader(file: &str) -> Result<ParquetRecordBatchReader> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?;
    Ok(builder.with_batch_size(BATCH_ROWS).build()?)
}

fn stream_writer(schema: &SchemaRef) -> Result<StreamWriter<BufWriter<StdoutLock<'static>>>> {
    Ok(StreamWriter::try_new_buffered(io::stdout().lock(), schema)?)
}

fn parquet_writer(file: &str, schema: &SchemaRef) -> Result<ArrowWriter<File>> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .build();
    Ok(ArrowWriter::try_new(File::create(file)?, SchemaRef::clone(schema), Some(properties))?)
}

fn close(writer: ArrowWriter<File>, sync: bool) -> Result<()> {
    let file = writer.into_inner()?;
    if sync {
        file.sync_all()?;
    }
    Ok(())
}
