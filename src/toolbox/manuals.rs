//! The manual pages, for systems where they are not installed.

use super::Tools;
use super::lookup::by_name;
use crate::error::Result;
use std::ffi::OsStr;

/// The manual page of this name, in mdoc: of a tool, of all of them, or of expressions.
///
/// # Errors
/// Unknown names.
pub fn page(tools: &Tools, name: &OsStr) -> Result<String> {
    let whole = WHOLE.iter().find(|(known, _)| name == *known);
    whole.map_or_else(|| Ok(by_name(tools, name)?.manual()), |(_, page)| Ok((*page).to_owned()))
}

/// The pages that are not the page of one tool.
const WHOLE: [(&str, &str); 2] = [
    ("arrow-pipes", include_str!("../../man/arrow-pipes.1")),
    ("arrow-expressions", include_str!("../../man/arrow-expressions.7")),
];
