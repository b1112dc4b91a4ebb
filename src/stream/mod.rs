//! The Arrow IPC streaming format: messages one after another, a schema first, an end marker last.
//!
//! The end marker is the commit: [`Writer`] writes it only after complete success, [`Reader`]
//! requires it. Follows the "IPC Streaming Format" section of the Arrow columnar format.
//!
//! - [`framing`]: where a message begins and ends, and how a stream may end.
//! - [`Reader`]: inputs → record batches; `Arrived`: one that is decoded column by column. `checks` looks at foreign lengths before they are believed, `unreadable` names the column of a type that is not known.
//! - [`MergedReader`]: inputs opened at once → record batches under one schema.
//! - [`given_columns`]: a schema by a text, or by a stream that has it.
//! - [`WholeFiles`]: files → an output, moved as bytes.
//! - [`Writer`]: record batches → an output; `annotated` adds the metadata of single batches. It lets go of what is no longer pointed at.

mod annotated;
mod arrived;
mod checks;
mod decoder;
mod decompression;
pub mod framing;
mod given_columns;
mod merged;
mod messages;
mod picked;
mod reader;
mod unreadable;
mod whole_files;
mod writer;

pub use crate::schema::MergeSchema;
pub use given_columns::given_columns;
pub use merged::MergedReader;
pub use reader::Reader;
pub use whole_files::WholeFiles;
pub use writer::Writer;
