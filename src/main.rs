//! arrow-pipes: all tools in one executable, which runs the tool whose name it is called by.

use arrow_pipes::command::{
    Command, Complete, Example, Flag, Role, Take, Tool, Value, names, option, show,
};
use arrow_pipes::completion::{REQUEST, Shell};
use arrow_pipes::toolbox::{
    NAME, Tools, answer, by_call, by_name, install, list, page, script, uninstall,
};
use arrow_pipes::{Error, Result};
use std::ffi::{OsStr, OsString};
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
    if arguments.first().is_some_and(|first| first == REQUEST) {
        return answer(TOOLS, TOOL, &arguments);
    }
    match arguments.split_first().map(|(first, rest)| (by_name(TOOLS, first), rest)) {
        Some((Ok(tool), rest)) => tool.run(rest.to_vec()),
        // An option after an unknown tool is not one of the executable.
        Some((Err(_), _)) if !is_option(&arguments[0]) => TOOL.run(vec![arguments[0].clone()]),
        _ => TOOL.run(arguments),
    }
}

fn is_option(argument: &OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"-")
}

const TOOL: &dyn Tool = &COMMAND.tool(arrow_pipes);

fn arrow_pipes(options: Options) -> Result<()> {
    if let (Some((option, _)), Some(operand)) = (&options.action, &options.tool) {
        let operand = operand.to_string_lossy();
        return Err(Error::usage(format!("--{option} does not take a second operand ({operand})")));
    }
    if let Some(name) = options.tool {
        // main runs a known one.
        by_name(TOOLS, &name)?;
        return Err(Error::usage("the name of a tool must be the first argument"));
    }
    let text = match options.action {
        Some((_, action)) => action()?,
        None => list(TOOLS),
    };
    show(&text)
}

#[derive(Default)]
struct Options {
    tool: Option<OsString>,
    /// The option that was given, and what it does.
    action: Option<(&'static str, Action)>,
}

/// Returns the text to be shown.
type Action = Box<dyn FnOnce() -> Result<String>>;

impl Options {
    fn act(
        &mut self,
        option: &'static str,
        action: impl FnOnce() -> Result<String> + 'static,
    ) -> Result<()> {
        match self.action.replace((option, Box::new(action))) {
            Some((other, _)) => {
                Err(Error::usage(format!("--{option} cannot be combined with --{other}")))
            }
            None => Ok(()),
        }
    }
}

const COMMAND: Command<Options> = Command {
    name: NAME,
    role: Role::Inspect,
    summary: "small programs that speak Arrow IPC streams over stdin and stdout",
    operands: "[TOOL] [ARGUMENT...]",
    description: "All tools are one executable, arrow-pipes. It runs the tool whose name it is \
                  called by: a link to it that is named stream-head is the command stream-head. \
                  The option --install makes these links. Without links, name the tool in the \
                  first argument, as in arrow-pipes stream-head -n 5.\n\n\
                  Without arguments, arrow-pipes lists the tools.",
    options: &[&[INSTALL, UNINSTALL, MAN, COMPLETIONS]],
    take: Take::NoInputs(|options, operand| {
        options.tool.get_or_insert(operand);
        Ok(())
    }),
    completes: &[],
    memory: "That of the tool that is run.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "install the commands into prefix/bin, and manuals and completions into prefix/share",
            line: "arrow-pipes --install prefix/bin",
        },
        Example { purpose: "remove them again", line: "arrow-pipes --uninstall prefix/bin" },
        Example {
            purpose: "run tools without installing them",
            line: "arrow-pipes stream-generate 'id = 0..3' | arrow-pipes stream-print",
        },
        Example {
            purpose: "store a manual page, to be read with man ./stream-head.1",
            line: "arrow-pipes --man stream-head >stream-head.1",
        },
    ],
};

const INSTALL: Flag<Options> = option("install", "link all tools into DIRECTORY")
    .details(
        "Makes a symbolic link for each tool, and one for arrow-pipes itself if it is elsewhere. If \
         DIRECTORY is named bin, the manuals are written to share/man beside it, where man \
         finds them if DIRECTORY is in PATH, and the completions of bash, zsh and fish to the \
         directories in share where these shells look for them. Missing directories are made. If a file of another \
         program is in the place of one of these files, it is reported and nothing is made. Run it \
         again after an upgrade: manuals and completions of another version are replaced, and so \
         is a link to another copy of arrow-pipes.",
    )
    .completes(Complete::Directory)
    .value("DIRECTORY", |options, value| {
        let directory = directory(value)?;
        options.act("install", move || install(TOOLS, TOOL, directory.as_ref()))
    });

const UNINSTALL: Flag<Options> = option("uninstall", "remove what --install made for DIRECTORY")
    .details(
        "Removes the links to the executable, the manuals and completions, and the directories in share that \
         --install made, if they are empty. All other files stay, and so does the executable.",
    )
    .completes(Complete::Directory)
    .value("DIRECTORY", |options, value| {
        let directory = directory(value)?;
        options.act("uninstall", move || uninstall(TOOLS, TOOL, directory.as_ref()))
    });

const MAN: Flag<Options> = option("man", "print the manual page of TOOL")
    .details(
        "The page is in mdoc, for systems where the manuals are not installed. TOOL may also be \
         arrow-pipes or arrow-expressions.",
    )
    .completes(Complete::Choices(|| TOOLS.iter().map(|tool| tool.name()).collect()))
    .value("TOOL", |options, value| {
        let name = value.raw();
        options.act("man", move || page(TOOLS, TOOL, &name))
    });

const COMPLETIONS: Flag<Options> =
    option("completions", "print the completions for SHELL: bash, zsh or fish")
        .details("A startup file can load them, see arrow-pipes(1).")
        .completes(Complete::Choices(|| names(Shell::NAMES)))
        .value("SHELL", |options, value| {
            let shell = value.one_of(Shell::NAMES)?;
            options.act("completions", move || Ok(script(shell, TOOLS)))
        });

fn directory(value: Value) -> Result<OsString> {
    let directory = value.raw();
    // From an unset shell variable, for example.
    if directory.is_empty() { Err(Error::usage("\"\" is not a directory")) } else { Ok(directory) }
}
