//! An object that is read at ranges: what was announced is fetched ahead, everything else when it is
//! needed.

use super::extents::{Extents, Found};
use super::location::Location;
use super::request::{self, First, Version};
use super::runtime;
use crate::error::{Error, Result};
use crate::io::{FirstRequest, Opened, Opening, RangedBytes, too_short};
use bytes::Bytes;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// An object whose version is fixed when it is opened.
#[derive(Debug)]
pub(super) struct Object(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    location: Location,
    version: Version,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    extents: Extents,
    /// The first error. A reader that ignores it, because it reads what it could do without, gets it
    /// again with the next read: otherwise an answer might depend on which request failed.
    failed: Option<Error>,
}

/// An object whose first request is on its way.
#[derive(Debug)]
pub(super) struct BegunObject {
    task: runtime::Task<Option<First>>,
}

/// Begins to open an object.
///
/// # Errors
/// The thread for requests cannot be started.
pub(super) fn begin(location: Location, first: FirstRequest) -> Result<BegunObject> {
    Ok(BegunObject { task: runtime::begin(request::first(location, first))? })
}

impl Opening for BegunObject {
    fn is_ready(&self) -> bool {
        self.task.is_done()
    }

    fn wait(self: Box<Self>) -> Result<Opened> {
        let first = self.task.wait()?;
        let Some(First { location, version, start, bytes }) = first else {
            return Ok(Opened::Whole);
        };
        let mut state = State::default();
        state.extents.pin(start, bytes);
        let (state, changed) = (Mutex::new(state), Condvar::new());
        let object = Object(Arc::new(Shared { location, version, state, changed }));
        Ok(Opened::Ranges(Arc::new(object)))
    }
}

impl Object {
    fn is_outside(&self, range: &Range<u64>) -> bool {
        range.end < range.start || self.size() < range.end
    }

    /// The bytes of a range, when they have arrived.
    fn waited(&self, range: &Range<u64>) -> Result<(Bytes, MutexGuard<'_, State>)> {
        if self.is_outside(range) {
            return Err(too_short(self.size(), range));
        }
        let mut state = self.0.lock();
        loop {
            if let Some(failed) = &state.failed {
                return Err(failed.clone());
            }
            match state.extents.find(range, self.size()) {
                Found::Here(bytes) => return Ok((bytes, state)),
                Found::Missing(missing) => self.0.request(&mut state, &missing),
                Found::Coming => {
                    state.extents.want(range);
                    let waited = self.0.changed.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl RangedBytes for Object {
    fn size(&self) -> u64 {
        self.0.version.size
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes> {
        let (bytes, mut state) = self.waited(&range)?;
        state.extents.passed(&range);
        self.0.fetch_planned(&mut state);
        Ok(bytes)
    }

    fn rest(&self, start: u64, least: u64) -> Result<Bytes> {
        let least = start..start.saturating_add(least).min(self.size()).max(start);
        let (first, state) = self.waited(&least)?;
        let all = start..state.extents.end_at_hand(start);
        let found =
            if least.end < all.end { state.extents.find(&all, self.size()) } else { Found::Coming };
        Ok(if let Found::Here(all) = found { all } else { first })
    }

    fn at_hand(&self, range: Range<u64>) -> Option<Bytes> {
        if self.is_outside(&range) {
            return None;
        }
        let found = self.0.lock().extents.find(&range, self.size());
        match found {
            Found::Here(bytes) => Some(bytes),
            Found::Coming | Found::Missing(_) => None,
        }
    }

    fn fetches(&self) -> bool {
        true
    }

    fn fetch(&self, ranges: &[Range<u64>]) {
        let size = self.size();
        let inside = ranges.iter().map(|range| range.start.min(size)..range.end.min(size));
        let inside: Vec<Range<u64>> = inside.filter(|range| range.start < range.end).collect();
        let mut state = self.0.lock();
        state.extents.plan(&inside);
        self.0.fetch_planned(&mut state);
    }

    fn forget(&self, ranges: &[Range<u64>]) {
        let mut state = self.0.lock();
        state.extents.forget(ranges);
        self.0.fetch_planned(&mut state);
    }

    /// Nothing: bytes are dropped when they were read, if others need the room, or forgotten.
    fn release(&self, _range: Range<u64>) {}
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch_planned(self: &Arc<Self>, state: &mut State) {
        while state.failed.is_none()
            && let Some(range) = state.extents.next_request()
        {
            self.request(state, &range);
        }
    }

    fn request(self: &Arc<Self>, state: &mut State, range: &Range<u64>) {
        state.extents.requested(range);
        let (shared, range) = (Arc::clone(self), range.clone());
        let task = async move {
            let start = range.start;
            let part = request::part(&shared.location, &shared.version, range).await;
            let mut state = shared.lock();
            match part {
                Ok(bytes) => {
                    state.extents.arrived(start, bytes);
                    shared.fetch_planned(&mut state);
                }
                Err(error) => state.failed = state.failed.take().or(Some(error)),
            }
            drop(state);
            shared.changed.notify_all();
        };
        if let Err(error) = runtime::spawn(task) {
            state.failed = Some(error);
        }
    }
}
