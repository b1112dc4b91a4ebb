//! A file mapped into memory: read without copying, and given back page by page after use.

use super::bytes_read;
use super::mapped_names::MappedName;
use crate::error::{Error, Result};
use bytes::Bytes;
use memmap2::{Advice, Mmap, UncheckedAdvice};
use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A read-only mapping of a whole regular file.
///
/// If another process shortens the file while it is mapped, this one ends with exit status 1 and a
/// message that names the file (`memory_faults`). No partial output becomes visible then, because
/// outputs appear only when they are complete.
#[derive(Clone)]
pub struct MappedFile {
    map: Arc<NamedMap>,
    bytes: Bytes,
    passed: Arc<Mutex<Passed>>,
    is_counted: bool,
}

/// A mapping that a signal handler can name; the name is dropped before the mapping ends.
struct NamedMap {
    _name: MappedName,
    map: Mmap,
}

/// Lent ranges that are no longer in use, collected until giving them back is worth the call.
#[derive(Default)]
struct Passed {
    /// The smallest range that contains them all.
    around: Range<usize>,
    bytes: usize,
}

/// A range of a mapping whose bytes were copied, one part after another. Its pages are given back
/// like those of lent ranges.
#[derive(Debug, Default)]
pub(super) struct Copied(Range<usize>);

impl Copied {
    /// Copies bytes of the file from `position` on, as many as there are and fit; advances the
    /// position and counts them as read. Returns their number.
    pub(super) fn read(
        &mut self,
        file: &MappedFile,
        position: &mut usize,
        bytes: &mut [u8],
    ) -> usize {
        let part = *position..*position + bytes.len().min(file.len() - *position);
        bytes[..part.len()].copy_from_slice(&file.bytes()[part.clone()]);
        bytes_read::add(part.len());
        *position = part.end;
        let length = part.len();
        self.add(file, part);
        length
    }

    fn add(&mut self, file: &MappedFile, part: Range<usize>) {
        if self.0.end == part.start {
            self.0.end = part.end
        } else {
            self.0 = part
        }
        if self.0.len() >= RELEASE_BYTES {
            file.release(self.0.clone());
            self.0.start = self.0.end;
        }
    }
}

/// Used pages are given back in steps of this many bytes: small against the memory a tool needs
/// anyway, large against the cost of the call (a few microseconds).
const RELEASE_BYTES: usize = 1 << 20;

/// A fault also maps the cached pages around it: 64 KiB by default (Linux's `fault_around_bytes`),
/// or a huge page's worth if the cache contains huge pages. When `release` did not reach back this
/// far, each batch left 16 KiB mapped that had been given back: 48 MiB after 1.6 GB.
const FAULT_AROUND_BYTES: usize = 2 << 20;

impl MappedFile {
    /// Maps the file at a path.
    ///
    /// # Errors
    /// A file that cannot be opened, or is not a regular file.
    pub fn open(path: &Path) -> Result<Self> {
        crate::io::heap::keep_pages();
        let what = || format!("cannot open {}", crate::text::escaped(&path.to_string_lossy()));
        let file = File::open(path).map_err(|e| Error::io(what(), &e))?;
        let metadata = file.metadata().map_err(|e| Error::io(what(), &e))?;
        if metadata.is_dir() {
            return Err(Error::failed(format!("{}: is a directory", what())));
        }
        if !metadata.is_file() {
            return Err(Error::failed(format!("{}: not a regular file", what())));
        }
        Self::from_file(&file, &path.to_string_lossy()).map_err(|e| Error::io(what(), &e))
    }

    /// Maps an open regular file; `name` is for messages.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn from_file(file: &File, name: &str) -> std::io::Result<Self> {
        // SAFETY: the mapping is read-only and shared, and lives as long as every `Bytes` made from
        // it (they hold the same Arc). Its memory can change only when another process writes the
        // file; everything read from it is checked like any untrusted input, and decoded values are
        // validated by arrow. A file that shrinks raises SIGBUS, which ends the process.
        let map = unsafe { Mmap::map(file)? };
        let _refused = map.advise(Advice::Sequential);
        let addresses = map.as_ptr().addr()..map.as_ptr().addr() + map.len();
        let map = Arc::new(NamedMap { _name: MappedName::new(addresses, name), map });
        let bytes = Bytes::from_owner(Mapping(Arc::clone(&map)));
        Ok(Self { map, bytes, passed: Arc::default(), is_counted: false })
    }

    /// Marks it as a copy of piped data that was already counted as read.
    pub(super) fn counted(self) -> Self {
        Self { is_counted: true, ..self }
    }

    /// Whether all of its bytes were already counted as read.
    pub fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// The whole file; slices of it share the mapping.
    pub fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    pub(super) fn shared_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// A range of the file, whose pages are given back when it is no longer in use. Giving them
    /// back earlier would fault them in again, and they would stay. It is empty if the file has no
    /// such range.
    pub fn lend(&self, range: Range<usize>) -> Bytes {
        Bytes::from_owner(Lent { file: self.clone(), range })
    }

    /// The size of the file in bytes, at the time it was mapped.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the file is empty.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Gives the pages of a range of bytes back to the system, so that resident memory stays flat
    /// however large the file is. Reading them again is allowed and faults them in from the page
    /// cache. Pages shortly before the range are given back, too, because a fault after them has
    /// mapped them again.
    pub fn release(&self, range: Range<usize>) {
        let end = range.end.min(self.len());
        // The few pages of a small file go with its mapping, which is dropped as quickly.
        if end <= range.start || self.len() < FAULT_AROUND_BYTES {
            return;
        }
        let start = range.start.saturating_sub(FAULT_AROUND_BYTES);
        // SAFETY: for a shared read-only file mapping, MADV_DONTNEED only drops page-table entries;
        // a later read faults the same bytes in from the file, so no reference ever sees other
        // contents than before.
        let _refused = unsafe {
            self.map.map.unchecked_advise_range(UncheckedAdvice::DontNeed, start, end - start)
        };
    }
}

impl fmt::Debug for MappedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedFile").field("len", &self.len()).finish()
    }
}

/// Lets `Bytes` share the mapping.
struct Mapping(Arc<NamedMap>);

/// A part of the mapping that is in use.
struct Lent {
    file: MappedFile,
    range: Range<usize>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.file.map.map.get(self.range.clone()).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut passed = self.file.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.around = match passed.bytes {
            0 => self.range.clone(),
            // Ranges come back nearly in order. A part between them that is still in use is faulted
            // in again, and given back with its own range.
            _ => self.range.start.min(passed.around.start)..self.range.end.max(passed.around.end),
        };
        passed.bytes += self.range.len();
        if passed.bytes >= RELEASE_BYTES {
            let Passed { around, .. } = std::mem::take(&mut *passed);
            drop(passed);
            self.file.release(around);
        }
    }
}

impl AsRef<[u8]> for Mapping {
    fn as_ref(&self) -> &[u8] {
        &self.0.map
    }
}
