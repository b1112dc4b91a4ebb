//! The Arrow IPC streaming format: a schema, then messages, then an end marker.
//!
//! The end marker is the commit: [`Writer`] writes it only after complete success, and [`Reader`]
//! requires it. Follows the "IPC Streaming Format" section of the Arrow columnar format.
//!
//! - [`framing`]: where a message begins and ends, and how a stream may end.
//! - `messages`: the messages of one input, a stream or a file; `batch_selection` skips some.
//! - `decoder`: messages → columns. `checks` verifies untrusted lengths before they are used:
//!   against the `layout` of the schema, and against `limits`. `column_types` checks schemas,
//!   `unreadable` names the column with an unknown type; `decompression` uses threads.
//! - `byte_order`: big-endian messages → messages in the order of this machine.
//! - `absent_values`: buffers that a producer left out because all rows are null.
//! - [`Reader`]: inputs → record batches; `undecoded_batch`: a batch decoded column by column.
//! - `verified_messages`: messages decoded one by one, so that damage to one leaves the others.
//! - [`MergedReader`]: inputs opened at once → record batches under one schema.
//! - `column_options` ([`given_columns`]): a schema given as text, or by a stream that has it.
//! - [`WholeFiles`]: files → an output, moved as bytes.
//! - [`Writer`]: record batches → an output. It drops data that is no longer referenced.

mod absent_values;
mod batch_selection;
mod byte_order;
mod checks;
mod column_options;
mod column_types;
mod decoder;
mod decompression;
mod file_messages;
pub mod framing;
pub mod hint;
mod layout;
mod limits;
mod merged;
mod messages;
mod pass_on;
mod reader;
mod undecoded_batch;
mod unreadable;
mod upstream;
pub(crate) mod verified_messages;
mod whole_files;
mod writer;

pub use byte_order::converted;
pub use column_options::given_columns;
pub(crate) use limits::Limits;
pub use merged::MergedReader;
pub use pass_on::{HintedSource, Passed, pass_on, pass_on_without_keys};
pub use reader::Reader;
pub use whole_files::WholeFiles;
pub use writer::{GivenHint, Writer};
