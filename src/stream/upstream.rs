//! The way back from an input to the program that writes it, if the input is a pipe.

use super::hint::{Hint, Until, are_on, identity};
use crate::io::{Input, MOST_MESSAGE_BYTES, PipeEnd};

/// The writer of one input.
#[derive(Debug)]
pub(super) struct Upstream {
    end: PipeEnd,
    /// Whether a hint or the mark of one is on the pipe.
    is_heard: bool,
    /// The identity of the hint that was given.
    given: Option<u64>,
}

impl Upstream {
    /// Tells the writer at once that a hint may come.
    pub(super) fn of(input: &Input) -> Option<Self> {
        let end = if are_on() { input.pipe_end()? } else { return None };
        end.mark();
        Some(Self { end, is_heard: true, given: None })
    }

    /// Gives a hint that refers to a schema.
    pub(super) fn give(&mut self, hint: &Hint, until: Until, schema: u64) {
        if until == Until::Enough && self.end.has_name() {
            return;
        }
        let message = hint.to_bytes(schema, MOST_MESSAGE_BYTES);
        self.given = Some(identity(&message));
        self.end.publish(&message);
        self.is_heard = true;
    }

    /// The identity of the hint that was given.
    pub(super) fn given(&self) -> Option<u64> {
        self.given
    }

    /// Must be called before the first message after the schema is waited for: a hint that was not
    /// given by then is not given any more, and the writer need not wait for it.
    pub(super) fn awaited(&mut self) {
        if self.given.is_none() {
            self.withdraw();
        }
    }

    /// Must be called when the first message after the schema has come: a hint is for the writers
    /// that this process will read to their end. A FIFO may get another writer and another reader
    /// after that end, but not before, so nothing is left in it that they could find. A pipe
    /// without a name stays with its writers.
    pub(super) fn begun(&mut self) {
        if self.is_heard && self.end.has_name() {
            self.withdraw();
        }
    }

    fn withdraw(&mut self) {
        if std::mem::take(&mut self.is_heard) {
            self.end.withdraw();
        }
    }

    /// How many bytes have come and were not read.
    pub(super) fn waiting_bytes(&self) -> u64 {
        self.end.readable_bytes()
    }
}
