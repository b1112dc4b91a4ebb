//! Other programs as real producers and consumers.

mod expressions;
mod functions;
mod sort;
mod types;
