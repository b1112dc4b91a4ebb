//! Other programs as real producers and consumers.

mod expressions;
mod functions;
mod select;
mod sort;
mod types;
