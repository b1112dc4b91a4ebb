//! The list of all tools.

use super::{NAME, Tools};
use crate::command::{Role, indented};

/// The tools by their places in a pipeline, a line each.
pub fn list(tools: &Tools) -> String {
    let width = tools.iter().map(|tool| tool.name().len()).max().unwrap_or(0);
    let mut text = format!(
        "{NAME}: small programs that speak Arrow IPC streams over stdin and stdout\n\n\
         Usage: {NAME} TOOL [ARGUMENT...]\n"
    );
    for (role, title) in ROLES {
        text.push_str(&format!("\n{title}:\n"));
        for tool in tools.iter().filter(|tool| tool.role() == role) {
            let name = format!("  {:width$}  ", tool.name());
            text.push_str(&indented(&name, tool.summary(), width + 4));
        }
    }
    text.push_str(&format!(
        "\n`{NAME} TOOL -h` lists the options of a tool, `{NAME} -h` its own.\n"
    ));
    text
}

/// The places in a pipeline, in its order, and their titles.
pub(super) const ROLES: [(Role, &str); 4] = [
    (Role::Input, "Input"),
    (Role::Transform, "Transform"),
    (Role::Output, "Output"),
    (Role::Inspect, "Inspect"),
];
