//! Work done by threads: jobs in order, crews that share a queue, and one budget for all of them.

mod budget;
pub(crate) mod crew;
mod each;
pub(crate) mod in_order;

pub use budget::Threads;
