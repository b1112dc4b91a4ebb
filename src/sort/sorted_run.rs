//! A sorted run: the positions of its batches in the temporary file.

use crate::spill::Extent;
use std::collections::VecDeque;

/// The positions of the batches of a run, in order.
pub(crate) type Run = VecDeque<Extent>;
