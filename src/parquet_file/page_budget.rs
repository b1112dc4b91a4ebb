//! The memory that the pages of a file may take together: decompressed, and for the lengths of their
//! values. Column chunks may share the bytes of one page, and zstd and brotli shrink a constant page to a
//! few bytes: 66 KB can decompress to 40 GiB.

use crate::text::size;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Pages of this size are read whatever their size in the file is. Pages are 1 MiB as a rule.
const FREE_BYTES: u64 = 256 << 20;

/// Beyond that, pages may be this much larger than the whole file. Data of some use shrinks to 1 %
/// at best.
const MOST_RATIO: u64 = 1024;

/// The purpose of memory that is taken from the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// A decompressed page.
    Page,
    /// The lengths of the values in a page.
    Lengths,
}

/// The bytes that the pages in memory may take, and those that they take.
#[derive(Debug)]
pub(crate) struct PageBudget {
    most: u64,
    taken: AtomicU64,
}

impl PageBudget {
    /// The budget of a file of this size.
    pub(crate) fn of_file(bytes: u64) -> Self {
        let most = FREE_BYTES.saturating_add(bytes.saturating_mul(MOST_RATIO));
        Self { most, taken: AtomicU64::new(0) }
    }

    /// The bytes that it has when nothing is taken.
    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    /// Takes bytes that are about to be allocated.
    ///
    /// # Errors
    /// More bytes than are left.
    pub(crate) fn take(self: &Arc<Self>, bytes: u64, use_: Use) -> Result<Taken> {
        let before = self.taken.fetch_add(bytes, Ordering::Relaxed);
        let taken = Taken { budget: Arc::clone(self), bytes };
        let all = before.saturating_add(bytes);
        if all <= self.most {
            return Ok(taken);
        }
        let is_alone = bytes > self.most;
        let others = if is_alone { "" } else { "together with other pages, " };
        let all = size(if is_alone { bytes } else { all });
        let most = size(self.most);
        let claim = match use_ {
            Use::Page => "it claims to decompress to",
            Use::Lengths => "the lengths of its values take",
        };
        Err(ParquetError::NYI(format!(
            "{others}{claim} {all}; a file of this size may use {most}; choose \
             fewer columns with -c"
        )))
    }
}

/// Bytes of the budget, which are given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    budget: Arc<PageBudget>,
    bytes: u64,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Taken {
    /// The decompressed page, which gives the bytes back when nothing uses it any more.
    pub(crate) fn with(self, page: Bytes) -> Bytes {
        Bytes::from_owner(HeldPage { page, _taken: self })
    }
}

struct HeldPage {
    page: Bytes,
    _taken: Taken,
}

impl AsRef<[u8]> for HeldPage {
    fn as_ref(&self) -> &[u8] {
        &self.page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_given_back_with_the_last_slice_of_a_page() {
        let budget = Arc::new(PageBudget::of_file(1 << 20));
        let page = budget.take(1 << 30, Use::Page).unwrap().with(Bytes::from_static(b"page"));
        let error = budget.take(1 << 30, Use::Page).unwrap_err().to_string();
        assert!(error.contains("together with other pages, it claims"), "{error}");
        let slice = page.slice(1..2);
        drop(page);
        assert!(budget.take(1 << 30, Use::Page).is_err());
        drop(slice);
        let error = budget.take(2 << 30, Use::Page).unwrap_err().to_string();
        assert!(error.contains(": it claims to decompress to 2"), "{error}");
        assert!(budget.take(1 << 30, Use::Page).is_ok());
    }
}
