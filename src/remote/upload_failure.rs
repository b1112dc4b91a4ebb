//! The failure of an upload, in one line: the status or the cause, and the way out. URLs are left out: a
//! signed one is a secret.

use super::failure::{code, is_wrong_region, refusal, root, status, without_answer, wrong_region};
use crate::error::Error;
use object_store::Error as StoreError;
use object_store::client::HttpError;
use std::time::Duration;

/// A request that failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// By the answer of the server, or because there was none.
    Store(StoreError),
    /// The server did not answer for this long.
    Silence(Duration),
}

impl Failure {
    /// Whether the server says that there is no such object, or no such upload.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Store(error) if status(error) == Some(404))
    }

    /// Whether the server has not answered, as after a connection that was cut.
    pub(super) fn is_without_answer(&self) -> bool {
        matches!(self, Self::Store(error) if status(error).is_none())
    }

    /// Whether the server says that the object exists.
    fn is_existing(&self) -> bool {
        let Self::Store(error) = self else { return false };
        matches!(error, StoreError::AlreadyExists { .. }) || status(error) == Some(412)
    }

    /// The error. `credentials` says why access may be denied.
    pub(super) fn told(&self, must_be_new: bool, credentials: &str) -> Error {
        if must_be_new && self.is_existing() {
            return exists();
        }
        let error = match self {
            Self::Store(error) => error,
            Self::Silence(time) => {
                let seconds = time.as_secs();
                return Error::failed(format!(
                    "the server did not answer for {seconds} seconds; try again later"
                ));
            }
        };
        if is_wrong_region(error) {
            return wrong_region();
        }
        Error::failed(match status(error) {
            Some(404) => "not found (status 404): does the bucket or container exist?".to_owned(),
            Some(status @ (401 | 403)) => {
                format!("access denied (status {status}{}): {credentials}", code(error))
            }
            Some(status @ (405 | 501)) => format!("the server takes no uploads (status {status})"),
            Some(413) => "the object is too large for the server (status 413)".to_owned(),
            Some(status @ (409 | 412)) => {
                format!(
                    "another process writes this object (status {status}); run the command again"
                )
            }
            Some(status @ 400..=499) if !matches!(status, 408 | 429) => refusal(status, error),
            Some(status) => {
                format!("the server failed again and again (status {status}); try again later")
            }
            None if is_of_connection(error) => without_answer(error),
            None => format!("the answer of the server is not that of a store: {}", root(error)),
        })
    }
}

/// The error of an object that must be new.
pub(super) fn exists() -> Error {
    Error::failed("it exists already (--existing overwrite replaces it)")
}

/// Whether a request failed on its way.
fn is_of_connection(error: &StoreError) -> bool {
    let causes =
        std::iter::successors(Some(error as &dyn std::error::Error), |cause| cause.source());
    causes.into_iter().any(|cause| cause.is::<HttpError>())
}
