//! The manual pages, for systems where they are not installed.

use super::Tools;
use super::list::ROLES;
use super::lookup::by_name;
use crate::command::Tool;
use crate::error::Result;
use crate::text::mdoc;
use std::ffi::OsStr;

/// The page of all tools. Between `.\" Begin TITLE` and `.\" End TITLE` there are sections that
/// [`whole`] replaces by those of today's tables.
const WHOLE: &str = include_str!("../../man/arrow-pipes.1");

const EXPRESSIONS: &str = "arrow-expressions";
const EXPRESSIONS_PAGE: &str = include_str!("../../man/arrow-expressions.7");

/// The manual page of this name, in mdoc: of a tool, of all of them (`own`), or of expressions.
///
/// # Errors
/// Unknown names.
pub fn page(tools: &Tools, own: &dyn Tool, name: &OsStr) -> Result<String> {
    if name == own.name() {
        Ok(whole(tools, own))
    } else if name == EXPRESSIONS {
        Ok(EXPRESSIONS_PAGE.to_owned())
    } else {
        Ok(by_name(tools, name)?.manual())
    }
}

/// All pages: the name, the section and the text of each.
pub(super) fn pages(tools: &Tools, own: &dyn Tool) -> Vec<(&'static str, u8, String)> {
    let mut pages =
        vec![(own.name(), 1, whole(tools, own)), (EXPRESSIONS, 7, EXPRESSIONS_PAGE.to_owned())];
    pages.extend(tools.iter().map(|tool| (tool.name(), 1, tool.manual())));
    pages
}

fn whole(tools: &Tools, own: &dyn Tool) -> String {
    let own = own.manual();
    with_sections(WHOLE, |title| match title {
        "TOOLS" => list(tools),
        _ => section(&own, title).to_owned(),
    })
}

/// The page, with other sections between `.\" Begin TITLE` and `.\" End TITLE`.
fn with_sections(page: &str, section: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut is_inside = false;
    for line in page.split_inclusive('\n') {
        is_inside = is_inside && !line.starts_with(".\\\" End ");
        if !is_inside {
            text.push_str(line);
        }
        if let Some(rest) = line.strip_prefix(".\\\" Begin ") {
            text.push_str(&section(rest.split(':').next().unwrap_or_default()));
            is_inside = true;
        }
    }
    text
}

/// The lines of a section without its title.
fn section<'a>(page: &'a str, title: &str) -> &'a str {
    let start = format!("\n.Sh {title}\n");
    let Some((_, rest)) = page.split_once(&start) else { return "" };
    rest.find("\n.Sh ").map_or(rest, |end| &rest[..=end])
}

fn list(tools: &Tools) -> String {
    let mut text = String::new();
    for (role, title) in ROLES {
        text.push_str(&format!(".Ss {title}\n.Bl -tag -width Ds -compact\n"));
        for tool in tools.iter().filter(|tool| tool.role() == role) {
            text.push_str(&format!(".It Xr {} 1\n{}\n", tool.name(), mdoc(tool.summary())));
        }
        text.push_str(".El\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_between_marks_are_replaced() {
        let page = "a\n.\\\" Begin B: by c\nold\n.\\\" End B\nd\n";
        let fresh = with_sections(page, |title| format!("new {title}\n"));
        assert_eq!(fresh, "a\n.\\\" Begin B: by c\nnew B\n.\\\" End B\nd\n");
        assert_eq!(with_sections(&fresh, |_| "old\n".to_owned()), page);
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let page = ".Sh A\na\n.Sh B\nb\n.Ss b\n.Sh C\nc\n";
        assert_eq!(section(page, "B"), "b\n.Ss b\n");
        assert_eq!(section(page, "C"), "c\n");
        assert_eq!(section(page, "D"), "");
    }
}
