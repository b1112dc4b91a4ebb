//! The thread that runs the requests. It starts with the first one: a process that reads no object
//! has neither the thread nor its runtime.

use crate::error::{Error, Result};
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use tokio::runtime::{Builder, Handle};
use tokio::task::AbortHandle;

static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);

/// Starts a task in the thread, which goes on until it is done or aborted.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    let handle = match &*runtime {
        Some(handle) => handle,
        None => runtime.insert(start()?),
    };
    Ok(handle.spawn(task).abort_handle())
}

/// A result that the thread will give.
#[derive(Debug)]
pub(super) struct Task<T>(Arc<Slot<T>>);

#[derive(Debug)]
struct Slot<T> {
    result: Mutex<Option<Result<T>>>,
    changed: Condvar,
}

/// Runs a future in the thread.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn begin<T: Send + 'static>(
    future: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<Task<T>> {
    let slot = Arc::new(Slot { result: Mutex::new(None), changed: Condvar::new() });
    let filled = Arc::clone(&slot);
    spawn(async move {
        let result = future.await;
        *filled.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        filled.changed.notify_all();
    })?;
    Ok(Task(slot))
}

/// Runs a future in the thread, and waits for it.
///
/// # Errors
/// Those of the future; the thread cannot be started.
pub(super) fn wait<T: Send + 'static>(
    future: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    begin(future)?.wait()
}

impl<T> Task<T> {
    /// Whether the result is there.
    pub(super) fn is_done(&self) -> bool {
        self.0.result.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// Those of the future.
    pub(super) fn wait(self) -> Result<T> {
        let mut result = self.0.result.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match result.take() {
                Some(result) => return result,
                None => {
                    let waited = self.0.changed.wait(result);
                    result = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

fn start() -> Result<Handle> {
    let cannot = |e| Error::io("cannot start the thread for requests", &e);
    let runtime = Builder::new_current_thread().enable_all().build().map_err(cannot)?;
    let handle = runtime.handle().clone();
    let run = move || runtime.block_on(std::future::pending::<()>());
    std::thread::Builder::new().name("requests".to_owned()).spawn(run).map_err(cannot)?;
    Ok(handle)
}
