//! What a directory or a pattern stands for: its files in natural order, and the keys that their
//! paths hold (`year=2024/month=07`).
//!
//! Not for what is in the files: it opens none.
//!
//! - [`hive`]: keys as parts of paths, in both directions.

pub mod hive;
