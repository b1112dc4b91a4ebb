//! Arrow streams, through the reader and each kind of writer.

use super::MOST_BATCHES;
use crate::input::{file_of, nowhere, only};
use arrow_pipes::batch::filter::Filter;
use arrow_pipes::options::Operand;
use arrow_pipes::schema::Projection;
use arrow_pipes::stream::{Reader, Writer};
use arrow_pipes::text_format::print::{Printer, RowLayout};
use arrow_pipes::text_format::{csv, json};
use arrow_pipes::{Result, arrow_file};

pub(super) fn run(bytes: &[u8]) -> Result<()> {
    let (_file, operand) = file_of(bytes);
    everything(&operand);
    Ok(())
}

/// Reads a stream or an Arrow file in every way. One that fails in one way may pass in another.
pub(super) fn everything(operand: &Operand) {
    let ways = [stream, file, count, filter, as_json, as_csv, as_table];
    for way in ways {
        // Errors are expected.
        drop(way(operand));
    }
}

fn stream(operand: &Operand) -> Result<()> {
    let mut reader = Reader::open(&only(operand))?;
    let mut writer = Writer::create(nowhere()?, reader.schema())?;
    for _ in 0..MOST_BATCHES {
        let Some(batch) = reader.next_batch()? else { break };
        writer.write(&batch)?;
    }
    writer.finish()
}

fn file(operand: &Operand) -> Result<()> {
    let mut reader = Reader::open_plain(&only(operand))?;
    let options = arrow_file::FileOptions::default();
    let mut writer = arrow_file::Writer::create(nowhere()?, reader.schema(), &options)?;
    for _ in 0..MOST_BATCHES {
        let Some(message) = reader.next_message()? else { break };
        writer.write(&message)?;
    }
    writer.finish()
}

fn count(operand: &Operand) -> Result<()> {
    let mut reader = Reader::open(&only(operand))?;
    while reader.next_row_count()?.is_some() {}
    Ok(())
}

fn filter(operand: &Operand) -> Result<()> {
    let mut reader = Reader::open(&only(operand))?;
    let projection = Projection::try_new(reader.schema(), None)?;
    let mut filter =
        Filter::bind("#1 IS NOT NULL AND #2 = #2", reader.schema(), projection, false)?;
    reader.project(filter.needed().to_vec())?;
    for _ in 0..MOST_BATCHES {
        let Some(batch) = reader.next_undecoded()? else { break };
        filter.apply(batch.num_rows(), |columns, text| batch.columns(columns, text))?;
    }
    Ok(())
}

fn as_json(operand: &Operand) -> Result<()> {
    let mut reader = Reader::open_plain(&only(operand))?;
    let mut writer = json::Writer::create(nowhere()?, reader.schema(), &Default::default())?;
    for _ in 0..MOST_BATCHES {
        let Some(batch) = reader.next_batch()? else { break };
        writer.write(&batch)?;
    }
    writer.finish()
}

fn as_csv(operand: &Operand) -> Result<()> {
    let mut reader = Reader::open_plain(&only(operand))?;
    let mut writer = csv::Writer::create(nowhere()?, reader.schema(), &Default::default())?;
    for _ in 0..MOST_BATCHES {
        let Some(batch) = reader.next_batch()? else { break };
        writer.write(&batch)?;
    }
    writer.finish()
}

fn as_table(operand: &Operand) -> Result<()> {
    let mut reader = Reader::open_plain(&only(operand))?;
    let layout = RowLayout::Table { width: Some(100) };
    let mut printer = Printer::new(nowhere()?, reader.schema(), layout, Default::default());
    for _ in 0..MOST_BATCHES {
        let Some(batch) = reader.next_batch()? else { break };
        printer.write(&batch)?;
    }
    printer.finish()
}
