//! The columns that somebody names on a command line: by a text, by a file that holds one, or by an
//! Arrow stream or file whose schema it shall be.

use super::messages::Messages;
use crate::arrow_file::MAGIC;
use crate::endpoint::{GivenColumns, Operand};
use crate::error::{Error, Result};
use crate::io::Input;
use crate::schema;
use arrow::datatypes::Schema;
use std::path::Path;

/// The whole schema, and the types of some columns, as the options `--schema` and `--types` name
/// them.
///
/// # Errors
/// Both at once, text that is no schema, a file that is damaged: faults of the command line.
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

/// The schema of the Arrow stream or file of this name, if there is one; else what
/// [`schema::given_schema`] makes of the value.
fn given_schema(value: &str) -> Result<Schema> {
    // A FIFO can be read once only, and is taken for text.
    if !Path::new(value).is_file() {
        return schema::given_schema(value);
    }
    let operand = Operand::Path(value.into());
    let start = Input::open(&operand)?.peek::<6>()?;
    if start != MAGIC && !start.starts_with(&[0xff; 4]) {
        return schema::given_schema(value);
    }
    let stream = Messages::open(&operand, None)?.begin()?;
    Ok(stream.schema().as_ref().clone())
}
