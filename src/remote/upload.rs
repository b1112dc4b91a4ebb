//! An object being written: its bytes are collected to parts and sent while others are written.

use super::body::{Body, Spool};
use super::in_flight::part_bytes;
use super::multipart::Multipart;
use super::runtime;
use super::target::Target;
use crate::error::{Error, Result};
use crate::io::NewObject;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Duration;

/// If it is dropped before its commit, its parts are removed from the store.
#[derive(Debug)]
pub(super) struct Upload {
    target: Target,
    body: Body,
    written: u64,
    /// None before the first part is full.
    multipart: Option<Arc<Multipart>>,
    /// Small objects are sent as a part, too.
    in_parts: bool,
    is_finished: bool,
    is_over: bool,
}

/// An upload that cannot be ended in this time stays.
const ABORTING: Duration = Duration::from_secs(10);

const LEFT_OPEN: &str = "its upload could not be ended, so the store keeps the parts until a lifecycle \
                         rule removes them";

impl Upload {
    /// Starts an object that is one request if it is small.
    pub(super) fn start(target: Target) -> Self {
        Self::start_in_spool(target, Spool::default(), false)
    }

    /// The same for one of many objects, which share a file for what does not fit into memory.
    pub(super) fn start_in_spool(target: Target, spool: Spool, in_parts: bool) -> Self {
        let (body, multipart, in_parts) = (Body::new(spool), None, in_parts && target.has_parts());
        Self { target, body, written: 0, multipart, in_parts, is_finished: false, is_over: false }
    }

    fn part_bytes(&self) -> usize {
        part_bytes(self.multipart.as_ref().map_or(0, |multipart| multipart.parts()))
    }

    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let part_bytes = self.part_bytes();
            let held =
                if self.target.has_parts() { self.body.len() } else { self.body.memory_bytes() };
            let (now, later) = rest.split_at(rest.len().min(part_bytes.saturating_sub(held)));
            // The first part may be all there is.
            let expected = self.multipart.as_ref().map_or(0, |_| part_bytes);
            self.body.push(now, expected);
            self.written += now.len() as u64;
            rest = later;
            if held + now.len() < part_bytes {
                continue;
            }
            if self.target.has_parts() { self.send_part()? } else { self.body.spool()? }
        }
        Ok(())
    }

    fn send_part(&mut self) -> Result<()> {
        let body = self.body.take()?;
        match &self.multipart {
            Some(multipart) => multipart.put(body),
            None => {
                let multipart = Multipart::begin(self.target.clone())?;
                self.multipart.insert(multipart).put(body)
            }
        }
    }

    fn finished(&mut self) -> Result<()> {
        let is_last = self.multipart.is_some() && 0 < self.body.len();
        if !self.is_finished && (is_last || (self.in_parts && self.multipart.is_none())) {
            self.send_part()?;
        }
        self.is_finished = true;
        Ok(())
    }

    fn waited(&mut self) -> Result<()> {
        self.finished()?;
        self.multipart.as_ref().map_or(Ok(()), |multipart| multipart.wait())
    }

    fn committed(&mut self) -> Result<()> {
        self.waited()?;
        if let Some(multipart) = &self.multipart {
            return multipart.complete();
        }
        let (target, body) = (self.target.clone(), self.body.take()?);
        runtime::wait(async move { target.put(body).await })
    }

    /// The error, after the upload has been ended. If that is impossible, the error says so.
    fn ended(&mut self, error: Error) -> Error {
        match self.abort() {
            Ok(()) => error,
            Err(_) => Error::failed(format!("{error} ({LEFT_OPEN})")),
        }
    }

    fn abort(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        let Some(multipart) = self.multipart.take() else { return Ok(()) };
        runtime::wait(async move {
            let aborted = tokio::time::timeout(ABORTING, multipart.abort()).await;
            aborted.unwrap_or_else(|_| Err(Error::failed("no answer")))
        })
    }
}

impl NewObject for Upload {
    fn write(&mut self, slices: &[IoSlice<'_>]) -> Result<()> {
        let mut slices = slices.iter();
        slices.try_for_each(|slice| self.take(slice)).map_err(|error| self.ended(error))
    }

    fn suspend(&mut self) -> Result<()> {
        self.body.spool().map_err(|error| self.ended(error))
    }

    fn finish(&mut self) -> Result<u64> {
        self.finished().map_err(|error| self.ended(error))?;
        Ok(self.written)
    }

    fn wait(&mut self) -> Result<()> {
        self.waited().map_err(|error| self.ended(error))
    }

    fn begin_commit(&mut self) {
        if let Some(multipart) = &self.multipart {
            multipart.begin_completion();
        }
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        let committed = self.committed();
        committed.map_err(|error| self.ended(error))?;
        self.is_over = true;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // The failure that led here is reported.
        let _left_open = self.abort();
    }
}
