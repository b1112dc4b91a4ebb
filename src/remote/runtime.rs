//! The thread that runs the requests. It starts with the first one: a process that reads no object
//! has neither the thread nor its runtime.

use crate::error::{Error, Result};
use std::future::Future;
use std::sync::{Mutex, PoisonError, mpsc};
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

/// Runs a future in the thread, and waits for it.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn wait<T: Send + 'static>(
    future: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = mpsc::channel();
    spawn(async move {
        // A receiver that is gone waits for nothing.
        let _unwanted = sender.send(future.await);
    })?;
    receiver.recv().unwrap_or_else(|_| Err(Error::failed("the thread for requests has ended")))
}

fn start() -> Result<Handle> {
    let cannot = |e| Error::io("cannot start the thread for requests", &e);
    let runtime = Builder::new_current_thread().enable_all().build().map_err(cannot)?;
    let handle = runtime.handle().clone();
    let run = move || runtime.block_on(std::future::pending::<()>());
    std::thread::Builder::new().name("requests".to_owned()).spawn(run).map_err(cannot)?;
    Ok(handle)
}
