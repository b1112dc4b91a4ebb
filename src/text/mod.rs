//! Text for people: sizes (`128MiB`), counts, table columns, names made safe for a terminal, words for
//! a manual; and the cursor that small grammars of options are parsed with.
//!
//! Not for data: `text_format` formats values as CSV or JSON.

mod cursor;
mod escape;
pub(crate) mod fit;
mod known_format;
mod mdoc;
mod quantity;
mod similar;
mod table;

pub(crate) use cursor::{Cursor, Unclosed};
pub use escape::{Cut, escaped, shortened};
pub use known_format::known_format;
pub use mdoc::mdoc;
pub use quantity::{count, counted, parse_size_bytes, size};
pub use similar::{did_you_mean, similar};
pub(crate) use table::{
    Align, GAP, Layout, ShownColumn, Wish, aligned_line, append_aligned, append_spaces, table,
};
