//! Replaces `spliced_pages` on systems without `vmsplice`: everything is written with plain
//! `write`.

use rustix::fd::BorrowedFd;
use std::io::IoSlice;

/// No write is this large.
pub(super) const LEAST_BYTES: usize = usize::MAX;

#[derive(Debug, Default)]
pub(super) struct SplicedPages;

impl SplicedPages {
    pub(super) fn write(
        &mut self,
        _pipe: BorrowedFd<'_>,
        _slices: &[IoSlice<'_>],
    ) -> rustix::io::Result<usize> {
        Ok(0)
    }
}
