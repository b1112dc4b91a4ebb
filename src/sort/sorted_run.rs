//! A sorted run: rows in order, in memory or in a temporary file.

use crate::spill::Extent;
use std::collections::VecDeque;

/// The positions of the batches of a run, in order.
pub(crate) type Run = VecDeque<Extent>;
