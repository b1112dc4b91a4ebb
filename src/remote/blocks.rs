//! The body of a response from its start to its end, for servers that send only whole objects.

use super::failure;
use super::location::Location;
use super::runtime;
use crate::error::Result;
use crate::io::{Blocks, count_request};
use crate::options::is_http_url;
use bytes::Bytes;
use futures_util::StreamExt;
use object_store::{GetOptions, GetResult};
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A body that is being received.
#[derive(Debug)]
pub(super) struct Body {
    receiver: Receiver<Result<Bytes>>,
}

/// Frames of a body, of 8 to 64 KiB each, that wait to be read.
const MOST_WAITING: usize = 64;

/// Asks for an object.
///
/// # Errors
/// An object that cannot be read.
pub(super) fn of(url: &str, location: Location) -> Result<Body> {
    let url = url.to_owned();
    let answer = runtime::begin(async move { answer(&url, &location).await })?.wait()?;
    let (sender, receiver) = channel(MOST_WAITING);
    let _ends_by_itself = match answer {
        Answer::Stored(result, credentials) => runtime::spawn(send(*result, credentials, sender))?,
        Answer::WithoutLength(response) => runtime::spawn(send_all(*response, sender))?,
    };
    Ok(Body { receiver })
}

enum Answer {
    Stored(Box<GetResult>, Arc<str>),
    /// From a server that does not say how long its answer is, which the store does not accept.
    WithoutLength(Box<reqwest::Response>),
}

async fn answer(url: &str, location: &Location) -> Result<Answer> {
    let error = match location.store.get_opts(&location.path, GetOptions::default()).await {
        Ok(result) => {
            return Ok(Answer::Stored(Box::new(result), Arc::clone(&location.credentials)));
        }
        Err(error) => error,
    };
    if !failure::lacks_length(&error) || !is_http_url(url) {
        return Err(failure::told(&error, &location.credentials));
    }
    let told = |error: reqwest::Error| failure::unreachable(error.without_url());
    let response = reqwest::get(url).await.and_then(reqwest::Response::error_for_status);
    response.map(|response| Answer::WithoutLength(Box::new(response))).map_err(told)
}

/// Sends the frames of a body whose end only the transfer shows.
async fn send_all(mut response: reqwest::Response, sender: Sender<Result<Bytes>>) {
    let mut found = 0;
    loop {
        let frame = match response.chunk().await {
            Ok(None) => return count_request(found),
            Ok(Some(frame)) => Ok(frame),
            Err(error) => Err(failure::unreachable(error.without_url())),
        };
        found += frame.as_ref().map_or(0, |frame| frame.len() as u64);
        let has_failed = frame.is_err();
        if sender.send(frame).await.is_err() || has_failed {
            return;
        }
    }
}

/// Sends the frames of a body; it ends early if the reader is gone.
async fn send(result: GetResult, credentials: Arc<str>, sender: Sender<Result<Bytes>>) {
    let (expected, mut found) = (result.meta.size, 0);
    let mut frames = result.into_stream();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|error| failure::told(&error, &credentials));
        found += frame.as_ref().map_or(0, |frame| frame.len() as u64);
        let has_failed = frame.is_err();
        if sender.send(frame).await.is_err() || has_failed {
            return;
        }
    }
    count_request(found);
    if found != expected {
        let _unread = sender.send(Err(failure::cut(expected, found))).await;
    }
}

impl Blocks for Body {
    fn is_ready(&self) -> bool {
        !self.receiver.is_empty() || self.receiver.is_closed()
    }

    fn next(&mut self) -> Result<Bytes> {
        loop {
            match self.receiver.blocking_recv() {
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(frame) => return frame,
                None => return Ok(Bytes::new()),
            }
        }
    }
}
