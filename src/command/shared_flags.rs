//! Options that several tools have, each of which keeps the value in its own place.

use super::table::{Flag, option};
use super::value::Value;
use crate::completion::Complete;
use crate::error::Result;

/// `-n`: an end after a number of rows.
pub const fn limit<O>(details: &'static str, set: fn(&mut O, Value) -> Result<()>) -> Flag<O> {
    option("limit", "stop after ROWS rows").short('n').details(details).value("ROWS", set)
}

/// `--merge-schema`: how the schemas of several inputs become one.
pub const fn merge_schema<O>(
    details: &'static str,
    known: Complete,
    set: fn(&mut O, Value) -> Result<()>,
) -> Flag<O> {
    option("merge-schema", "merge schemas: strict (default) or union")
        .details(details)
        .completes(known)
        .value("HOW", set)
}

/// `--max-message-bytes`: the largest message of an Arrow stream or file.
pub const fn max_message_bytes<O>(set: fn(&mut O, Value) -> Result<()>) -> Flag<O> {
    option("max-message-bytes", "refuse messages larger than SIZE (default 2GiB)")
        .details(
            "A message is a record batch, a dictionary or a schema. The limit applies to the bytes \
             that are held in memory: those of a pipe or a compressed input, and those of buffers \
             after decompression. Files are mapped, so their uncompressed messages may be larger. \
             Further limits follow from it: metadata may have an eighth of it, and each row or list \
             element that takes no bytes, such as a null of type null, counts as 64. Values that \
             rows share may have four times as many bytes, counted for each row, where rows are \
             compared, computed with or written one by one; see arrow-pipes(1).",
        )
        .value("SIZE", set)
}

/// `--functions`: the list of the functions of expressions.
pub const fn functions<O>(set: fn(&mut O)) -> Flag<O> {
    option("functions", "list the functions of expressions").switch(set)
}
