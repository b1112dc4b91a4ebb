//! A multipart upload: parts are sent in the background, several at a time, and become an object when the
//! upload is completed.

use super::in_flight::InFlight;
use super::open_uploads::{self, OpenUpload};
use super::runtime;
use super::target::Target;
use crate::error::{Error, Result};
use object_store::multipart::PartId;
use object_store::{MultipartId, PutPayload};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// An upload that has begun.
#[derive(Debug)]
pub(super) struct Multipart {
    target: Target,
    /// The ID of the upload, when the store has answered.
    id: watch::Receiver<Option<Result<MultipartId>>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    parts: Vec<Option<PartId>>,
    sending: usize,
    tasks: Vec<AbortHandle>,
    failed: Option<Error>,
    /// The process is about to end because of a signal.
    is_given_up: bool,
    completion: Completion,
}

#[derive(Debug, Default)]
enum Completion {
    #[default]
    NotBegun,
    Begun,
    Done(Result<()>),
}

impl Multipart {
    /// Begins an upload, without waiting for the answer.
    ///
    /// # Errors
    /// The system refuses to watch for signals, or to start the thread for requests.
    pub(super) fn begin(target: Target) -> Result<Arc<Self>> {
        let (sender, id) = watch::channel(None);
        let (state, changed) = Default::default();
        let upload = Arc::new(Self { target, id, state, changed });
        let open: Weak<dyn OpenUpload> = Arc::<Self>::downgrade(&upload);
        open_uploads::add(open)?;
        // Never aborted: an upload whose ID is unknown cannot be ended.
        let target = upload.target.clone();
        runtime::spawn(async move {
            sender.send_replace(Some(target.begin().await));
        })?;
        Ok(upload)
    }

    /// The number of parts.
    pub(super) fn parts(&self) -> usize {
        self.lock().parts.len()
    }

    /// Sends the next part in the background, when there is room for it.
    ///
    /// # Errors
    /// A request for an earlier part that failed.
    pub(super) fn put(self: &Arc<Self>, body: PutPayload) -> Result<()> {
        drop(checked(self.lock())?);
        let in_flight = InFlight::wait(body.content_length());
        let mut state = checked(self.lock())?;
        let number = state.parts.len();
        state.parts.push(None);
        state.sending += 1;
        let sending = Sending { upload: Arc::clone(self), _in_flight: in_flight };
        let task = async move {
            let part = sending.upload.send(number, body).await;
            let mut state = sending.upload.lock();
            match part {
                Ok(part) => state.parts[number] = Some(part),
                Err(error) => state.failed = state.failed.take().or(Some(error)),
            }
        };
        // A task that is refused is dropped, which takes the lock.
        drop(state);
        let handle = runtime::spawn(task)?;
        let mut state = self.lock();
        state.tasks.retain(|task| !task.is_finished());
        state.tasks.push(handle);
        Ok(())
    }

    /// Waits until the store has all parts.
    ///
    /// # Errors
    /// A request that failed.
    pub(super) fn wait(&self) -> Result<()> {
        let mut state = self.lock();
        loop {
            state = checked(state)?;
            if state.sending == 0 {
                return Ok(());
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Makes an object of the parts, in the background. All of them were waited for.
    pub(super) fn begin_completion(self: &Arc<Self>) {
        let mut state = self.lock();
        if !matches!(state.completion, Completion::NotBegun) {
            return;
        }
        state.completion = Completion::Begun;
        let upload = Arc::clone(self);
        let spawned = runtime::spawn(async move {
            let completed = upload.completed().await;
            upload.lock().completion = Completion::Done(completed);
            upload.changed.notify_all();
        });
        if let Err(error) = spawned {
            state.completion = Completion::Done(Err(error));
        }
    }

    /// Waits until the object is there.
    ///
    /// # Errors
    /// A request that failed.
    pub(super) fn complete(self: &Arc<Self>) -> Result<()> {
        self.begin_completion();
        let mut state = self.lock();
        loop {
            state = checked(state)?;
            if let Completion::Done(completed) = &state.completion {
                return completed.clone();
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the upload: the store forgets its parts.
    ///
    /// # Errors
    /// A request that failed: the parts may stay.
    pub(super) async fn abort(&self) -> Result<()> {
        let tasks = std::mem::take(&mut self.lock().tasks);
        tasks.iter().for_each(AbortHandle::abort);
        // If it was never begun, nothing is left.
        let Ok(id) = self.id().await else { return Ok(()) };
        self.target.abort(&id).await
    }

    async fn send(&self, number: usize, body: PutPayload) -> Result<PartId> {
        let id = self.id().await?;
        self.target.put_part(&id, number, body).await
    }

    async fn completed(&self) -> Result<()> {
        let id = self.id().await?;
        let parts: Option<Vec<PartId>> = self.lock().parts.clone().into_iter().collect();
        let incomplete = || Error::failed("a part is missing");
        self.target.complete(&id, parts.ok_or_else(incomplete)?).await
    }

    /// The ID of the upload, when it is known.
    async fn id(&self) -> Result<MultipartId> {
        let mut id = self.id.clone();
        let known = id.wait_for(Option::is_some).await;
        let known = known.ok().and_then(|known| known.clone());
        known.unwrap_or_else(|| Err(Error::failed("the thread for requests has ended")))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenUpload for Multipart {
    fn end(self: Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.lock().is_given_up = true;
        Box::pin(async move {
            // There is no time for another try.
            let _stays_open = self.abort().await;
        })
    }
}

/// The state of an upload that goes on. Does not return if a signal ends the process.
///
/// # Errors
/// A request that failed.
fn checked(state: MutexGuard<'_, State>) -> Result<MutexGuard<'_, State>> {
    if state.is_given_up {
        // Others need the lock to end the upload.
        drop(state);
        loop {
            std::thread::park();
        }
    }
    match &state.failed {
        Some(error) => Err(error.clone()),
        None => Ok(state),
    }
}

/// A part on its way; also if its task is aborted, it is so no longer when this is dropped.
struct Sending {
    upload: Arc<Multipart>,
    _in_flight: InFlight,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.upload.lock().sending -= 1;
        self.upload.changed.notify_all();
    }
}
