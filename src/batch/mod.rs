//! Operations from record batch to record batch, without input or output.
//!
//! - [`filter`]: the rows for which an expression is true.
//! - [`bytes_text`]: text that has not been validated yet.
//! - [`sample`]: the first values of each group, every Nth row, random rows.
//! - [`generate`]: generated tables.
//! - [`limit`]: rows by number.
//! - [`Rechunker`]: batches of another size; [`Merger`]: merges small batches while more are
//!   available.
//! - [`KeyNumbers`]: the distinct keys of a stream, numbered; [`KnownKeys`]: looked up. `groups`
//!   compares rows for them and for [`sample`]; `numbering` is the hash table of `groups`.
//! - [`BatchMessage`]: a batch and the metadata of its message.
//! - [`LastRows`]: the last rows, and all but the last.
//! - [`OrderKeys`], [`OrderCheck`]: rows compared by some columns; [`OrderNumbers`]: by numbers, if
//!   the columns have a fixed width.
//! - [`Dictionaries`]: one dictionary for all batches, each in a `dictionary_pool`.
//! - [`encode`]: dictionary- and run-end-encodes plain columns.
//! - `plain_size`: how large values are when each row has its own.
//! - [`compact`]: releases memory that few rows keep alive.

pub mod bytes_text;
mod canonical;
mod compact;
mod dictionaries;
mod dictionary_pool;
mod encode;
pub mod filter;
pub mod generate;
mod groups;
mod key_numbers;
mod last_rows;
pub mod limit;
mod merger;
mod message;
pub(crate) mod numbering;
mod order;
mod order_numbers;
mod plain_size;
mod rechunk;
pub mod sample;
mod size;

pub(crate) use canonical::{canonical, restored};
pub use compact::{compact, compact_with_dictionaries};
pub use dictionaries::Dictionaries;
pub(crate) use encode::are_shared;
pub use encode::{dictionary_of, encode, encoded_as, run_starts, runs_of, with_keys};
pub use key_numbers::{KeyNumbers, KnownKeys};
pub use last_rows::LastRows;
pub use merger::Merger;
pub use message::BatchMessage;
pub(crate) use order::shortened;
pub use order::{OrderCheck, OrderKeys};
pub use order_numbers::{Numbers, OrderNumber, OrderNumbers};
pub(crate) use plain_size::{
    most_plain_bytes, plain_row_bytes, shares_bytes, shares_items, shares_members, shares_values,
};
pub use rechunk::{BatchLimits, Rechunker};
pub(crate) use size::{
    array_bytes, batch_bytes, block_bytes, bytes_with_dictionaries, vector_bytes,
};
