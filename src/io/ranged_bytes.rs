//! Bytes at ranges: what a reader of columnar files needs of a file, wherever the file lies.

use super::mapped_file::MappedFile;
use crate::error::{Error, Result};
use bytes::Bytes;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A file of known size whose bytes are read at ranges.
///
/// A mapped file has all of its bytes at hand; an object behind a network has those that were
/// fetched. Both give the same bytes for the same range until the file is closed, or an error.
pub trait RangedBytes: fmt::Debug + Send + Sync {
    /// The size of the file in bytes.
    fn size(&self) -> u64;

    /// The bytes of a range.
    ///
    /// # Errors
    /// A range that ends after the file; a request that failed.
    fn read(&self, range: Range<u64>) -> Result<Bytes>;

    /// The bytes from `start` on that are at hand, at least `least` of them; fewer only if the file
    /// ends before. For structures whose length is known only when they have been read.
    ///
    /// # Errors
    /// A start after the end of the file; a request that failed.
    fn rest(&self, start: u64, least: u64) -> Result<Bytes>;

    /// The bytes of a range if reading them costs no request; `None` otherwise, and for a range that
    /// is not in the file.
    fn at_hand(&self, range: Range<u64>) -> Option<Bytes>;

    /// Whether bytes have to be fetched, so that it pays to say early which are needed, and not to
    /// read those that are not.
    fn fetches(&self) -> bool {
        false
    }

    /// Says which ranges will be read soon, in this order, so that they can be fetched ahead.
    fn fetch(&self, ranges: &[Range<u64>]);

    /// Says that ranges given to [`RangedBytes::fetch`] are not read any more.
    fn forget(&self, ranges: &[Range<u64>]);

    /// Gives memory back that bytes of a range occupy and nothing uses. Reading them again is
    /// allowed.
    fn release(&self, range: Range<u64>);
}

/// Most headers take less: one of a page with long statistics takes more. Fewer bytes do if they are
/// at hand: those that follow the last page of a column chunk may not be.
const HEADER_BYTES: u64 = 4 << 10;

/// A structure that is not complete in this many bytes is damaged.
const MOST_HEADER_BYTES: u64 = 16 << 20;

/// Reads a structure of unknown length that begins at `start`: `read` is called with more and more
/// bytes until it finds a whole structure. `None` if it finds none.
///
/// # Errors
/// Those of [`RangedBytes::rest`].
pub fn read_at<T>(
    file: &dyn RangedBytes,
    start: u64,
    mut read: impl FnMut(&Bytes) -> Option<T>,
) -> Result<Option<T>> {
    let mut least = 1;
    loop {
        let bytes = file.rest(start, least)?;
        let found = read(&bytes);
        let length = bytes.len() as u64;
        let is_all = file.size() <= start.saturating_add(length) || MOST_HEADER_BYTES <= length;
        if found.is_some() || is_all {
            return Ok(found);
        }
        least = length.saturating_mul(4).max(HEADER_BYTES);
    }
}

/// The error for bytes that a file does not have.
pub(crate) fn too_short(size: u64, range: &Range<u64>) -> Error {
    let Range { start, end } = range;
    Error::failed(format!(
        "the file is too short: it has {size} bytes, and bytes {start} to {end} are needed"
    ))
}

/// Bytes of the whole file: nothing is fetched or released.
impl RangedBytes for Bytes {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes> {
        self.at_hand(range.clone()).ok_or_else(|| too_short(self.size(), &range))
    }

    fn rest(&self, start: u64, _least: u64) -> Result<Bytes> {
        self.read(start..self.size().max(start))
    }

    fn at_hand(&self, range: Range<u64>) -> Option<Bytes> {
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        (range.start <= range.end && range.end <= self.len()).then(|| self.slice(range))
    }

    fn fetch(&self, _ranges: &[Range<u64>]) {}

    fn forget(&self, _ranges: &[Range<u64>]) {}

    fn release(&self, _range: Range<u64>) {}
}

/// Slices of the mapping. The system reads ahead by itself.
impl RangedBytes for MappedFile {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes> {
        self.shared_bytes().read(range)
    }

    fn rest(&self, start: u64, least: u64) -> Result<Bytes> {
        self.shared_bytes().rest(start, least)
    }

    fn at_hand(&self, range: Range<u64>) -> Option<Bytes> {
        self.shared_bytes().at_hand(range)
    }

    fn fetch(&self, _ranges: &[Range<u64>]) {}

    fn forget(&self, _ranges: &[Range<u64>]) {}

    fn release(&self, range: Range<u64>) {
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        self.release(place(range.start)..place(range.end));
    }
}

impl From<MappedFile> for Arc<dyn RangedBytes> {
    fn from(file: MappedFile) -> Self {
        Arc::new(file)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::Mutex;

    /// A file that gives no more than it is asked for, and notes what that is.
    #[derive(Debug)]
    pub(crate) struct Sparing {
        bytes: Bytes,
        reads: Mutex<Vec<Range<u64>>>,
    }

    impl Sparing {
        pub(crate) fn new(bytes: Bytes) -> Arc<Self> {
            Arc::new(Self { bytes, reads: Mutex::default() })
        }

        /// The ranges that were read since the last call.
        pub(crate) fn take_reads(&self) -> Vec<Range<u64>> {
            std::mem::take(&mut *self.reads.lock().unwrap())
        }
    }

    impl RangedBytes for Sparing {
        fn size(&self) -> u64 {
            self.bytes.size()
        }

        fn read(&self, range: Range<u64>) -> Result<Bytes> {
            self.reads.lock().unwrap().push(range.clone());
            self.bytes.read(range)
        }

        fn rest(&self, start: u64, least: u64) -> Result<Bytes> {
            self.read(start..self.size().min(start + least))
        }

        fn at_hand(&self, _range: Range<u64>) -> Option<Bytes> {
            None
        }

        fn fetch(&self, _ranges: &[Range<u64>]) {}

        fn forget(&self, _ranges: &[Range<u64>]) {}

        fn release(&self, _range: Range<u64>) {}
    }

    #[test]
    fn a_mapped_file_has_all_bytes_at_hand() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"0123456789").unwrap();
        let file: Arc<dyn RangedBytes> = MappedFile::open(file.path()).unwrap().into();
        assert_eq!(file.size(), 10);
        assert_eq!(file.read(2..5).unwrap(), "234");
        assert_eq!(file.rest(7, 1).unwrap(), "789");
        assert_eq!(file.rest(10, 1).unwrap(), "");
        assert_eq!(file.at_hand(0..10).unwrap(), "0123456789");
        assert_eq!(file.at_hand(5..11), None);
        file.release(0..u64::MAX);
        assert_eq!(file.read(0..1).unwrap(), "0");
        let error = file.read(5..11).unwrap_err().to_string();
        assert_eq!(error, "the file is too short: it has 10 bytes, and bytes 5 to 11 are needed");
        let swapped = Range { start: 5, end: 4 };
        assert!(file.rest(11, 0).is_err() && file.read(swapped).is_err());
        assert!(file.read(u64::MAX - 1..u64::MAX).is_err());
    }

    #[test]
    fn a_structure_of_unknown_length_is_read_with_as_many_bytes_as_it_needs() {
        let mut text = vec![b'a'; 100_000];
        text[70_000] = b'.';
        let file = Sparing::new(text.into());
        let end = |bytes: &Bytes| bytes.iter().position(|byte| *byte == b'.');
        assert_eq!(read_at(&*file, 10, end), Ok(Some(69_990)));
        assert_eq!(file.take_reads(), [10..11, 10..4_106, 10..16_394, 10..65_546, 10..100_000]);
        assert_eq!(read_at(&*file, 80_000, end), Ok(None));
        assert_eq!(read_at(&*file, 100_000, end), Ok(None));
        assert!(read_at(&*file, 100_001, end).is_err());
    }
}
