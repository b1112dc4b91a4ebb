//! The bytes of an object that were not sent yet, in memory or in a temporary file.

use crate::error::Result;
use crate::io::TemporaryFile;
use bytes::Bytes;
use object_store::PutPayload;
use std::sync::{Arc, Mutex, PoisonError};

/// A temporary file that is made when it is needed. Its bytes are not given back before its end.
pub(super) type Spool = Arc<Mutex<Option<TemporaryFile>>>;

/// Bytes in their order: those in the file come first.
#[derive(Debug)]
pub(super) struct Body {
    spool: Spool,
    /// Where bytes are in the file, and how many.
    spooled: Vec<(u64, usize)>,
    memory: Vec<u8>,
    bytes: usize,
}

impl Body {
    pub(super) fn new(spool: Spool) -> Self {
        Self { spool, spooled: Vec::new(), memory: Vec::new(), bytes: 0 }
    }

    /// The number of bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    /// The number of bytes in memory.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory.len()
    }

    /// Adds bytes. `expected` is the size to which the body grows.
    pub(super) fn push(&mut self, bytes: &[u8], expected: usize) {
        // A body of unknown size doubles; the next part of a long object is as long as the others.
        if self.memory.is_empty() {
            self.memory.reserve_exact(expected.max(bytes.len()));
        }
        self.memory.extend_from_slice(bytes);
        self.bytes += bytes.len();
    }

    /// Moves the bytes in memory to the file.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn spool(&mut self) -> Result<()> {
        let memory = std::mem::take(&mut self.memory);
        if memory.is_empty() {
            return Ok(());
        }
        let mut spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *spool {
            Some(file) => file,
            None => spool.insert(TemporaryFile::create(None)?),
        };
        let length = memory.len();
        self.spooled.push((file.append_bytes(memory)?, length));
        Ok(())
    }

    /// Takes all bytes.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn take(&mut self) -> Result<PutPayload> {
        let mut pieces: Vec<Bytes> = Vec::new();
        if !self.spooled.is_empty() {
            let spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
            let file = spool.as_ref().map(TemporaryFile::mapped).transpose()?.unwrap_or_default();
            let spooled = self.spooled.drain(..);
            pieces.extend(spooled.map(|(start, length)| {
                let start = start as usize;
                file.slice(start..start + length)
            }));
        }
        pieces.push(std::mem::take(&mut self.memory).into());
        self.bytes = 0;
        Ok(pieces.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_their_order_in_memory_and_in_the_file() {
        let spool = Spool::default();
        let (mut a, mut b) = (Body::new(Arc::clone(&spool)), Body::new(spool));
        let taken = |body: &mut Body| Bytes::from(body.take().unwrap());
        a.push(b"one ", 0);
        a.spool().unwrap();
        b.push(b"other", 0);
        b.spool().unwrap();
        a.push(b"two ", 0);
        a.spool().unwrap();
        a.push(b"three", 9);
        assert_eq!((a.len(), a.memory_bytes()), (13, 5));
        assert_eq!(taken(&mut a), "one two three");
        assert_eq!((a.len(), taken(&mut a)), (0, Bytes::new()));
        assert_eq!(taken(&mut b), "other");
    }
}
