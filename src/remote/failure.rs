//! The failure of a request, in one line: the status or the cause, and the way out. URLs are
//! left out: a signed one is a secret.

use crate::error::Error;
use crate::io::FirstRequest;
use object_store::Error as StoreError;

/// The error of a failed request. `credentials` says why access may be denied.
pub(super) fn told(error: &StoreError, credentials: &str) -> Error {
    if let Some(own) = own(error) {
        return own;
    }
    if is_wrong_region(error) {
        return wrong_region();
    }
    let status = status(error);
    Error::failed(match (error, status) {
        (_, Some(404)) => "not found (status 404)".to_owned(),
        (_, Some(status @ (401 | 403))) => {
            format!("access denied (status {status}{}): {credentials}", code(error))
        }
        (_, Some(412)) => changed().to_string(),
        (_, Some(416)) => {
            "the object is empty, or the server refuses ranges (status 416)".to_owned()
        }
        // Of the others, only these two may succeed later.
        (_, Some(status @ 400..=499)) if !matches!(status, 408 | 429) => refusal(status, error),
        (_, Some(status)) => {
            format!("the server failed again and again (status {status}); try again later")
        }
        (_, None) => without_answer(error),
    })
}

/// The message about a request without an answer.
pub(super) fn without_answer(error: &dyn std::error::Error) -> String {
    let mut why = root(error);
    if why.contains("UnknownIssuer") {
        why = "its certificate is from an unknown authority: set SSL_CERT_FILE or AWS_CA_BUNDLE to a file with \
               the authority's certificate"
            .to_owned();
    }
    format!("cannot reach the server: {why}")
}

/// The message about a request that the server does not accept.
pub(super) fn refusal(status: u16, error: &StoreError) -> String {
    format!("the server refuses the request (status {status}{})", code(error))
}

/// The store's name for the failure, after a comma, if it gives one.
pub(super) fn code(error: &StoreError) -> String {
    let text = error.to_string();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let is_name = |code: &str| code.len() < 50 && code.chars().all(|c| c.is_ascii_alphanumeric());
    code.filter(|(code, _)| is_name(code)).map_or_else(String::new, |(code, _)| format!(", {code}"))
}

/// An error of this program, such as that of a command for credentials.
fn own(error: &StoreError) -> Option<Error> {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if let Some(own) = inner.downcast_ref::<Error>() {
            return Some(own.clone());
        }
        cause = inner.source();
    }
    None
}

/// The error of settings that a store does not accept.
pub(super) fn refused(error: StoreError) -> Error {
    let why = root(&error);
    if why.contains("Account must be specified") {
        return Error::failed(
            "no account: set AZURE_STORAGE_ACCOUNT_NAME, or AZURE_STORAGE_CONNECTION_STRING",
        );
    }
    Error::failed(format!("cannot use this URL: {why}"))
}

/// The error of an object that is not the one that was opened.
pub(super) fn changed() -> Error {
    Error::failed("the object was replaced while it was being read; run the command again")
}

/// The error of a bucket whose region is not known.
pub(super) fn wrong_region() -> Error {
    Error::failed("the bucket lies in another region: set AWS_REGION to it")
}

/// The error of a body that ends early, or is longer than was asked for.
pub(super) fn cut(expected: u64, found: u64) -> Error {
    Error::failed(format!(
        "the server sent {found} bytes instead of {expected}, again and again; try again later"
    ))
}

/// Whether a request for a part failed because the server sends only whole objects, or does not say how
/// long they are. A request for the first bytes of an empty object may fail, too.
pub(super) fn needs_whole(error: &StoreError, first: FirstRequest) -> bool {
    let text = error.to_string();
    let is_whole = text.contains("non-partial response") || lacks_length(error);
    let is_empty = first == FirstRequest::Start && status(error) == Some(416);
    is_whole || is_empty || matches!(error, StoreError::NotSupported { .. })
}

/// Whether the server did not say how long its answer is.
pub(super) fn lacks_length(error: &StoreError) -> bool {
    error.to_string().contains("Content-Length")
}

/// The error of a server without an answer, or whose answer ends early.
pub(super) fn unreachable(error: impl std::error::Error) -> Error {
    Error::failed(without_answer(&error))
}

/// Whether the bucket lies in another region than the one that was asked. S3 then redirects to no
/// place, or finds a signature for the wrong region.
pub(super) fn is_wrong_region(error: &StoreError) -> bool {
    let text = error.to_string();
    text.contains("without LOCATION")
        || text.contains("AuthorizationHeaderMalformed")
        || text.contains("PermanentRedirect")
}

/// The innermost cause.
pub(super) fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The status of the response; none if there was no response. The type that has it as a number is
/// private to the crate.
pub(super) fn status(error: &StoreError) -> Option<u16> {
    match error {
        StoreError::NotFound { .. } => Some(404),
        StoreError::Unauthenticated { .. } => Some(401),
        StoreError::PermissionDenied { .. } => Some(403),
        StoreError::Precondition { .. } => Some(412),
        _ => {
            const BEFORE: &str = "status code: ";
            let text = error.to_string();
            let at = text.find(BEFORE)? + BEFORE.len();
            text.get(at..at + 3)?.parse().ok()
        }
    }
}
