//! The columns given on the command line: as text, as a file with such text, or as an Arrow stream
//! or file whose schema is used.

use super::limits::Limits;
use super::messages::Messages;
use crate::arrow_file::MAGIC;
use crate::error::{Error, Result};
use crate::io::Input;
use crate::options::{GivenColumns, Operand};
use crate::schema;
use arrow::datatypes::Schema;
use std::path::Path;

/// Returns the whole schema, and the types of some columns, as given by the options `--schema` and
/// `--types`.
///
/// # Errors
/// Both at once; text that is not a schema; a damaged file. All are usage errors.
pub fn given_columns(given: &GivenColumns) -> Result<(Option<Schema>, Option<Schema>)> {
    if given.schema.is_some() && given.types.is_some() {
        return Err(Error::usage("--types is for schemas that are inferred, not for --schema"));
    }
    if given.schema.is_some() && given.infer_rows.is_some() {
        return Err(Error::usage(
            "--infer-rows is for schemas that are inferred, not for --schema",
        ));
    }
    let schema = given.schema.as_deref().map(given_schema).transpose();
    let types = given.types.as_deref().map(schema::parse_schema).transpose();
    Ok((
        schema.map_err(|e| e.with("--schema").as_usage())?,
        types.map_err(|e| e.with("--types").as_usage())?,
    ))
}

/// The schema of the Arrow stream or file of this name, if there is one; else the result of
/// [`schema::given_schema`].
fn given_schema(value: &str) -> Result<Schema> {
    // A FIFO can be read only once, and is treated as text.
    if !Path::new(value).is_file() {
        return schema::given_schema(value);
    }
    let operand = Operand::Path(value.into());
    let mut input = Input::open(&operand)?;
    let start = input.peek::<6>()?;
    if start != MAGIC && !start.starts_with(&[0xff; 4]) {
        return schema::given_schema(value);
    }
    // A schema in a mapped file takes no more memory than the file has bytes: an eighth of this.
    let limits = Limits::of_bytes(input.remaining_bytes().map(|bytes| bytes.saturating_mul(8)));
    let stream = Messages::open(&operand, None, limits, false)?.begin()?;
    Ok(stream.schema().as_ref().clone())
}
