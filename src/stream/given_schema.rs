//! The schema that somebody names on a command line: by a text, by a file that holds one, or by an
//! Arrow stream or file whose schema it shall be.

use super::messages::Messages;
use crate::arrow_file::MAGIC;
use crate::endpoint::Operand;
use crate::error::Result;
use crate::io::Input;
use crate::schema;
use arrow::datatypes::Schema;
use std::path::Path;

/// The schema of the Arrow stream or file of this name, if there is one; else what
/// [`schema::given_schema`] makes of the value.
///
/// # Errors
/// A stream or file that is damaged; those of [`schema::given_schema`].
pub fn given_schema(value: &str) -> Result<Schema> {
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
