//! Objects that are being opened before their turn, so that one does not wait for another.

use crate::io::Opening;
use std::collections::BTreeMap;

/// Begun objects by the number of their file.
#[derive(Debug, Default)]
pub(crate) struct OpenAhead {
    begun: BTreeMap<usize, Box<dyn Opening>>,
    /// The number after the last file that was begun.
    next: usize,
    /// How many were taken.
    taken: usize,
}

/// First requests of 128 KiB in one round trip: 2 MiB.
const MOST_AHEAD: usize = 16;

impl OpenAhead {
    /// Takes the object of a file, if it was begun.
    pub(crate) fn take(&mut self, number: usize) -> Option<Box<dyn Opening>> {
        self.taken += 1;
        self.next = self.next.max(number + 1);
        self.begun.remove(&number)
    }

    /// Whether the object of a file was begun and can be taken without waiting.
    pub(crate) fn is_ready(&self, number: usize) -> bool {
        self.begun.get(&number).is_some_and(|opening| opening.is_ready())
    }

    /// Begins more objects, no more than were taken so far: a reader of few files opens few. `begin`
    /// gives `None` for a file that is not opened.
    pub(crate) fn extend(
        &mut self,
        files: usize,
        mut begin: impl FnMut(usize) -> Option<Box<dyn Opening>>,
    ) {
        while self.next < files && self.begun.len() < MOST_AHEAD.min(self.taken) {
            if let Some(opening) = begin(self.next) {
                self.begun.insert(self.next, opening);
            }
            self.next += 1;
        }
    }
}
