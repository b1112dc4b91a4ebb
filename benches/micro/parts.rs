//! The parts of the library that are measured: reader, writer, filter, sampler.

use crate::Result;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow_pipes::batch::filter::Filter;
use arrow_pipes::batch::generate::Generator;
use arrow_pipes::batch::sample::FirstSampler;
use arrow_pipes::io::Output;
use arrow_pipes::options::{Destination, InputOptions, Operand, OutputOptions};
use arrow_pipes::schema::Projection;
use arrow_pipes::stream::{Reader, Writer};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The nine mixed columns of `scripts/bench`.
const COLUMNS: &str = "id = 0..4000000, price = random(float64),
    amount = random(int64 0..1000000) nulls 0.1, quantity = random(int64 0..100),
    at = random(timestamp 2020-01-01..2024-01-01), day = random(date 2020-01-01..2024-01-01),
    kind = random(choice 20), name = random(text 4..42), flag = random(bool)";

/// The test data, a stream in a file.
pub(crate) struct Data {
    file: PathBuf,
    pub(crate) stream_bytes: usize,
}

impl Data {
    pub(crate) fn make(place: &Path) -> Result<Self> {
        let file = stream_file(place);
        let output = OutputOptions {
            destination: Destination::from_argument(file.clone().into_os_string()),
            no_sync: true,
            ..OutputOptions::default()
        };
        let mut generator = Generator::parse(COLUMNS, None, 0, 65_536)?;
        let mut writer = Writer::create(Output::create(&output, &[])?, &generator.schema())?;
        while let Some(batch) = generator.next_batch()? {
            writer.write(&batch)?;
        }
        writer.finish()?;
        let stream_bytes = std::fs::metadata(&file)?.len() as usize;
        Ok(Self { file, stream_bytes })
    }

    pub(crate) fn read_mapped(&self) -> Result<(usize, f64)> {
        let begun = Instant::now();
        read(&self.input())?;
        Ok((self.stream_bytes, begun.elapsed().as_secs_f64()))
    }

    /// Filters a mapped file as `stream-filter` does, without writing.
    pub(crate) fn filter(&self, percent: usize) -> Result<(usize, f64)> {
        let begun = Instant::now();
        let mut reader = Reader::open(&self.input())?;
        let projection = Projection::try_new(reader.schema(), None)?;
        let expression = format!("quantity < {percent}");
        let mut filter = Filter::bind(&expression, reader.schema(), projection, false)?;
        reader.project(filter.needed().to_vec())?;
        while let Some(batch) = reader.next_undecoded()? {
            black_box(
                filter.apply(batch.num_rows(), |columns, text| batch.columns(columns, text))?,
            );
        }
        Ok((self.stream_bytes, begun.elapsed().as_secs_f64()))
    }

    fn input(&self) -> InputOptions {
        let operand = Operand::from_argument(self.file.clone().into_os_string());
        InputOptions { operands: vec![operand], ..InputOptions::default() }
    }
}

pub(crate) fn stream_file(place: &Path) -> PathBuf {
    place.join("mixed.arrows")
}

pub(crate) fn read_standard_input() -> Result<()> {
    read(&InputOptions::default())
}

/// Reads every batch and the values of one column.
fn read(input: &InputOptions) -> Result<()> {
    let mut reader = Reader::open(input)?;
    while let Some(batch) = reader.next_batch()? {
        let quantities = batch.column_by_name("quantity").ok_or("no such column")?;
        let values = quantities.as_primitive::<Int64Type>().values();
        black_box(values.iter().fold(0_i64, |sum, value| sum.wrapping_add(*value)));
    }
    Ok(())
}

/// Reads the batches of the file and writes them as a tool does.
pub(crate) fn write_standard_output(place: &Path) -> Result<()> {
    let operand = Operand::from_argument(stream_file(place).into_os_string());
    let input = InputOptions { operands: vec![operand], ..InputOptions::default() };
    let mut reader = Reader::open(&input)?;
    let output = Output::create(&OutputOptions::default(), &[])?;
    let mut writer = Writer::create(output, reader.schema())?;
    while let Some(batch) = reader.next_batch()? {
        writer.write(&batch)?;
    }
    Ok(writer.finish()?)
}

/// Samples the first ten ids of each group in a table with these two columns.
pub(crate) fn sample(table: &str) -> Result<(usize, f64)> {
    let mut generator = Generator::parse(table, None, 0, 65_536)?;
    let mut batches: Vec<RecordBatch> = Vec::new();
    while let Some(batch) = generator.next_batch()? {
        batches.push(batch);
    }
    // Repeated up to a few hundred megabytes: mostly groups and ids that were seen before.
    let once: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
    let turns = (256 << 20) / once + 1;
    let mut sampler = FirstSampler::try_new(&generator.schema(), 10, &[1], &[0])?;
    let begun = Instant::now();
    for _ in 0..turns {
        for batch in &batches {
            black_box(sampler.apply(batch)?);
        }
    }
    Ok((turns * once, begun.elapsed().as_secs_f64()))
}
