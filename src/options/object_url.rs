//! URLs among the operands: recognized by their scheme.

use crate::text::escaped;

/// The schemes of the stores that `remote` knows.
const SCHEMES: [&str; 9] = ["http", "https", "s3", "s3a", "gs", "az", "azure", "abfs", "abfss"];

/// The scheme of a text that has the form of a URL.
pub fn url_scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    is_scheme.then_some(scheme)
}

/// Whether a text is the URL of an object that can be read, if the program has the feature `remote`.
pub fn is_object_url(text: &str) -> bool {
    url_scheme(text).is_some_and(|scheme| SCHEMES.contains(&scheme))
}

/// Whether objects with such a URL are read by HTTP alone, without a store that lists them. What
/// follows a `?` is then a query.
pub fn is_http_url(url: &str) -> bool {
    matches!(url_scheme(url), Some("http" | "https"))
}

/// The name of a URL in messages: without the query, which may be a signature, and without a user's
/// name and password.
pub(super) fn shown_url(url: &str) -> String {
    let shown = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = shown.split_once("://") else { return escaped(shown) };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // The account of an Azure URL follows the name of its container.
    let is_azure = scheme.starts_with("ab") || scheme.starts_with("az");
    let host = authority.rsplit('@').next().unwrap_or_default();
    escaped(&format!("{scheme}://{}{path}", if is_azure { authority } else { host }))
}
