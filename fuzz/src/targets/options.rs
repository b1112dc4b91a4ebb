//! Values of options: schemas and types, sizes, numbers, lists, codecs, formats, specifications.

use super::columns::batch;
use arrow_pipes::Result;
use arrow_pipes::arrow_file::BufferCompression;
use arrow_pipes::batch::generate::Generator;
use arrow_pipes::inspect::Probe;
use arrow_pipes::options::{Dialect, InferRows, NumberList};
use arrow_pipes::parquet_file::{ColumnEncoding, Compression};
use arrow_pipes::schema::{Order, parse_schema, schema_text};
use arrow_pipes::text::{escaped, parse_size_bytes};
use arrow_pipes::text_format::TemporalFormat;

/// A schema that was read is shown as a text that gives the same schema.
pub(super) fn schema(bytes: &[u8]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let schema = parse_schema(text)?;
    let shown = schema_text(&schema);
    assert_eq!(parse_schema(&shown).as_ref(), Ok(&schema), "{shown}");
    Ok(())
}

pub(super) fn values(bytes: &[u8]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    // Each takes other texts, so that most are errors.
    drop(parse_size_bytes(text));
    drop(NumberList::parse(text).map(|list| list.resolve(10, "row group")));
    drop(BufferCompression::parse(text));
    drop(Compression::parse(text));
    drop(ColumnEncoding::parse_pair(text));
    drop(InferRows::parse(text));
    drop((Dialect::parse_delimiter(text), Dialect::parse_quote(text)));
    drop(TemporalFormat::parse(text));
    drop(Probe::parse(text));
    drop(Order::parse(text).and_then(|order| order.bind(batch().schema_ref())));
    drop(Generator::parse(text, Some(3), 0, 1024));
    assert!(!escaped(text).contains(|c: char| c.is_control()));
    Ok(())
}
