//! Other programs as real producers and consumers.

mod expressions;
mod files;
mod functions;
mod json;
mod select;
mod sort;
mod types;
