//! What file-inspect shows.
