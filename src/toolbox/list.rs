//! The list of all tools.

use super::{NAME, Tools};
use crate::command::Role;

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
            text.push_str(&format!("  {:width$}  {}\n", tool.name(), tool.summary()));
        }
    }
    text.push_str(&format!(
        "\n`{NAME} TOOL -h` lists the options of a tool, `{NAME} -h` its own.\n"
    ));
    text
}

const ROLES: [(Role, &str); 4] = [
    (Role::Input, "Input"),
    (Role::Transform, "Transform"),
    (Role::Output, "Output"),
    (Role::Inspect, "Inspect"),
];
