//! The values of a page in the plain encoding, behind room for its levels.

/// The plain encoding of values. A page without nulls is not copied to put its levels in front.
#[derive(Debug)]
pub(crate) struct PlainValues {
    /// Room, values, and then bytes that are left from earlier pages.
    bytes: Vec<u8>,
    end: usize,
    /// A page whose levels do not fit in the room.
    copy: Vec<u8>,
}

/// The levels of a page without nulls take fewer bytes.
const ROOM_BYTES: usize = 16;

impl Default for PlainValues {
    fn default() -> Self {
        Self { bytes: vec![0; ROOM_BYTES], end: ROOM_BYTES, copy: Vec::new() }
    }
}

impl PlainValues {
    /// The bytes of the values.
    pub(crate) fn len(&self) -> usize {
        self.end - ROOM_BYTES
    }

    /// Adds encoded values.
    pub(crate) fn append(&mut self, values: &[u8]) {
        self.add(values.len(), 0)[..values.len()].copy_from_slice(values);
    }

    /// Adds `length` bytes to be filled; `slack` more may be changed.
    pub(super) fn add(&mut self, length: usize, slack: usize) -> &mut [u8] {
        let start = self.end;
        self.end += length;
        if self.bytes.len() < self.end + slack {
            self.bytes.resize((self.end + slack).max(2 * self.bytes.len()), 0);
        }
        &mut self.bytes[start..self.end + slack]
    }

    /// The page: encoded levels, if there are any, and the values.
    pub(crate) fn page(&mut self, levels: &[u8]) -> &[u8] {
        if let Some(start) = ROOM_BYTES.checked_sub(levels.len()) {
            self.bytes[start..ROOM_BYTES].copy_from_slice(levels);
            return &self.bytes[start..self.end];
        }
        self.copy.clear();
        self.copy.extend_from_slice(levels);
        self.copy.extend_from_slice(&self.bytes[ROOM_BYTES..self.end]);
        &self.copy
    }

    /// Starts the next page.
    pub(crate) fn clear(&mut self) {
        self.end = ROOM_BYTES;
    }
}
