//! arrow-pipes: all tools in one executable, which runs the tool whose name it is called by.

use arrow_pipes::Result;
use arrow_pipes::command::{Command, Role, Take, Tool, option, show};
use arrow_pipes::toolbox::{NAME, Tools, by_call, by_name, list, page};
use std::ffi::OsString;
use std::process::ExitCode;

// A module per file in src/bin, and TOOLS, a list of their tools.
include!(concat!(env!("OUT_DIR"), "/tools.rs"));

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let called = arguments.next().unwrap_or_default();
    let arguments: Vec<OsString> = arguments.collect();
    if let Some(tool) = by_call(TOOLS, &called) {
        return tool.run(arguments);
    }
    match arguments.split_first().map(|(first, rest)| (by_name(TOOLS, first), rest)) {
        Some((Ok(tool), rest)) => tool.run(rest.to_vec()),
        _ => TOOL.run(arguments),
    }
}

const TOOL: &dyn Tool = &COMMAND.tool(arrow_pipes);

fn arrow_pipes(options: Options) -> Result<()> {
    if let Some(name) = options.tool {
        // It is unknown: main runs those that are known.
        return by_name(TOOLS, &name).map(|_| ());
    }
    if let Some(name) = options.manual {
        return show(&page(TOOLS, &name)?);
    }
    show(&list(TOOLS))
}

#[derive(Default)]
struct Options {
    tool: Option<OsString>,
    manual: Option<OsString>,
}

const COMMAND: Command<Options> = Command {
    name: NAME,
    role: Role::Inspect,
    summary: "run a tool of arrow-pipes, or install them",
    operands: "[TOOL [ARGUMENT...]]",
    description: "",
    options: &[&[option("man", "print the manual page of TOOL").value(
        "TOOL",
        |options, value| {
            options.manual = Some(value.raw());
            Ok(())
        },
    )]],
    take: Take::NoInputs(|options, operand| {
        options.tool.get_or_insert(operand);
        Ok(())
    }),
    memory: "",
    statuses: &[],
    examples: &[],
};
