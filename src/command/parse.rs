//! Parses a command line according to a table; the only place that uses lexopt.

use super::group::{Presence, Shared, Typed};
use super::table::{Command, Take};
use crate::error::{Error, Result};
use crate::options::{Operand, is_object_url, url_scheme};
use crate::text::{did_you_mean, escaped, similar};
use lexopt::Arg;
use std::ffi::OsString;

/// The request of a command line.
#[derive(Debug)]
pub(super) enum Request<O, S> {
    Run(O, S),
    ShortHelp,
    LongHelp,
    Version,
}

impl<O: Default> Command<O> {
    /// Parses the arguments, without the program's name.
    pub(super) fn parse<S: Shared>(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Request<O, S>> {
        let (mut options, mut shared) = (O::default(), S::default());
        let (mut operands, mut given) = (Vec::new(), Vec::new());
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(|e| wrong(&e))? {
            let name = match argument {
                Arg::Short('h') => return without_value(parser, Request::ShortHelp),
                Arg::Long("help") => return without_value(parser, Request::LongHelp),
                Arg::Short('V') | Arg::Long("version") => {
                    return without_value(parser, Request::Version);
                }
                Arg::Value(operand) => {
                    operands.push(operand);
                    continue;
                }
                Arg::Short(letter) => format!("-{letter}"),
                Arg::Long(name) => format!("--{name}"),
            };
            let mut value = |presence| match presence {
                Presence::Required => parser.value().map(Some).map_err(|e| wrong(&e)),
                Presence::Optional => Ok(parser.optional_value()),
            };
            let mut typed = Typed { name, value: &mut value, given: &mut given };
            let own = self.options.iter().find_map(|flags| typed.set(flags, &mut options));
            let set = own.or_else(|| shared.set(&mut typed));
            set.unwrap_or_else(|| Err(self.unknown::<S>(&typed.name)))?;
        }
        let replaces_stdin = operands.is_empty() && shared.replaces_stdin();
        let mut inputs = self.inputs(operands, &mut options)?;
        if replaces_stdin {
            inputs.clear();
        }
        shared.set_inputs(&inputs);
        Ok(Request::Run(options, shared))
    }

    /// Returns the operands that are inputs, and stores the others in the options.
    fn inputs(&self, operands: Vec<OsString>, options: &mut O) -> Result<Vec<Operand>> {
        let mut operands = operands.into_iter();
        let mut first_input = None;
        match self.take {
            Take::Inputs => {}
            Take::FirstThenInputs(set) => {
                if let Some(first) = operands.next() {
                    first_input = set(options, first)?;
                }
            }
            Take::NoInputs(set) => {
                operands.try_for_each(|operand| set(options, operand))?;
                return Ok(Vec::new());
            }
        }
        let inputs = first_input.into_iter().chain(operands);
        let inputs = inputs.map(|input| operand(self.name, input));
        let inputs: Vec<Operand> = inputs.collect::<Result<_>>()?;
        if inputs.iter().filter(|input| **input == Operand::Stdin).count() > 1 {
            return Err(Error::usage("standard input (-) may be given only once"));
        }
        Ok(if inputs.is_empty() { vec![Operand::Stdin] } else { inputs })
    }

    fn unknown<S: Shared>(&self, typed: &str) -> Error {
        let mut message = format!("unknown option \"{}\"", escaped(typed));
        let options = self.describe::<S>().options;
        let near = similar(typed.trim_start_matches('-'), options.iter().map(|option| option.long));
        match near.first() {
            Some(name) if typed.starts_with("--") => {
                message.push_str(&did_you_mean([format!("--{name}")]))
            }
            // As in `head -5`.
            _ if typed.chars().nth(1).is_some_and(|digit| digit.is_ascii_digit())
                && options.iter().any(|option| option.short == Some('n')) =>
            {
                message.push_str("; use -n to give a number of rows");
            }
            _ if matches!(self.take, Take::FirstThenInputs(_)) => {
                message.push_str(&format!(
                    " ({} -h lists them; put -- before an expression that begins with -)",
                    self.name
                ));
            }
            _ => message.push_str(&format!(" ({} -h lists them)", self.name)),
        }
        Error::usage(message)
    }
}

/// The request of an option that ends the command line, such as `--help`; refuses `--help=1`.
fn without_value<O, S>(
    mut parser: lexopt::Parser,
    request: Request<O, S>,
) -> Result<Request<O, S>> {
    // The parser reports an unused value when it is asked for the next argument.
    parser.next().map_err(|e| wrong(&e))?;
    Ok(request)
}

/// An operand. A URL that no program with this name reads is refused, with advice on how to read the object.
fn operand(tool: &str, input: OsString) -> Result<Operand> {
    let input = Operand::from_argument(input);
    let Operand::Path(path) = &input else { return Ok(input) };
    let text = path.to_string_lossy();
    let Some(scheme) = url_scheme(&text).filter(|_| !path.exists()) else { return Ok(input) };
    let way_out = match scheme {
        "file" => "give the path without file://".to_owned(),
        "http" | "https" | "ftp" => format!("pipe it: curl -fL '{}' | {tool}", escaped(&text)),
        "s3" => format!("pipe it: aws s3 cp '{}' - | {tool}", escaped(&text)),
        "gs" => format!("pipe it: gcloud storage cat '{}' | {tool}", escaped(&text)),
        _ => "download it first".to_owned(),
    };
    let needs = "URLs need a build with the feature remote";
    let why = if is_object_url(&text) { needs } else { "such URLs are not supported" };
    Err(Error::usage(format!("\"{}\" is a URL, and {why}; {way_out}", escaped(&text))))
}

fn wrong(cause: &lexopt::Error) -> Error {
    let message = match cause {
        lexopt::Error::MissingValue { option: Some(option) } => {
            format!("{option} needs a value")
        }
        lexopt::Error::UnexpectedValue { option, value } => {
            format!("{option} does not take a value (\"{}\")", escaped(&value.to_string_lossy()))
        }
        other => escaped(&other.to_string()),
    };
    Error::usage(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::shared_options::Common;
    use crate::command::table::{Flag, Role, option};
    use crate::command::value::store;
    use crate::options::Destination;

    #[derive(Debug, Default)]
    struct Options {
        words: Vec<OsString>,
        rows: u64,
    }

    const ROWS: Flag<Options> = option("rows", "")
        .short('n')
        .value("ROWS", |options, value| store(&mut options.rows, value.count()));

    fn command(take: Take<Options>) -> Command<Options> {
        Command {
            name: "tool",
            role: Role::Transform,
            summary: "",
            operands: "",
            description: "",
            options: &[&[ROWS]],
            take,
            completes: &[],
            memory: "",
            statuses: &[],
            examples: &[],
        }
    }

    fn parsed(take: Take<Options>, line: &str) -> Result<(Options, Common)> {
        match command(take).parse(line.split_whitespace().map(OsString::from))? {
            Request::Run(options, common) => Ok((options, common)),
            other => panic!("{other:?}"),
        }
    }

    fn push(options: &mut Options, word: OsString) -> Result<()> {
        options.words.push(word);
        Ok(())
    }

    #[test]
    fn own_and_shared_options_may_be_anywhere() {
        let (options, common) = parsed(Take::Inputs, "a -n3 --output=b - --progress").unwrap();
        assert_eq!(options.rows, 3);
        assert_eq!(common.output.destination, Destination::Path("b".into()));
        assert!(common.progress.shown && !common.output.force);
        assert_eq!(common.input.operands, [Operand::Path("a".into()), Operand::Stdin]);
    }

    #[test]
    fn operands_are_inputs_unless_the_tool_takes_them() {
        let words = |take, line| {
            let (options, common) = parsed(take, line).unwrap();
            (options.words.len(), common.input.operands)
        };
        assert_eq!(words(Take::Inputs, ""), (0, vec![Operand::Stdin]));
        let first = || {
            Take::FirstThenInputs(|options, word| {
                if word == "b" { Ok(Some(word)) } else { push(options, word).map(|()| None) }
            })
        };
        let input = || Operand::Path("b".into());
        assert_eq!(words(first(), "a"), (1, vec![Operand::Stdin]));
        assert_eq!(words(first(), "a b"), (1, vec![input()]));
        assert_eq!(words(first(), "b b"), (0, vec![input(), input()]));
        assert_eq!(words(Take::NoInputs(push), "a b"), (2, vec![]));
    }

    #[test]
    fn an_unknown_option_is_reported_with_a_similar_one() {
        let message = |line| parsed(Take::Inputs, line).unwrap_err().to_string();
        assert_eq!(message("--row 1"), "unknown option \"--row\" (did you mean --rows?)");
        assert_eq!(message("--ouput b"), "unknown option \"--ouput\" (did you mean --output?)");
        assert_eq!(message("--verison"), "unknown option \"--verison\" (did you mean --version?)");
        assert_eq!(message("-5"), "unknown option \"-5\"; use -n to give a number of rows");
        assert_eq!(message("-x"), "unknown option \"-x\" (tool -h lists them)");
    }

    #[test]
    fn help_and_version_take_no_value() {
        let request = |line: &str| {
            let arguments = line.split_whitespace().map(OsString::from);
            command(Take::Inputs).parse::<Common>(arguments).map_err(|error| error.to_string())
        };
        for (line, message) in [
            ("--help=1", "--help does not take a value (\"1\")"),
            ("--version=1", "--version does not take a value (\"1\")"),
            ("--help=", "--help does not take a value (\"\")"),
            ("-h=1", "-h does not take a value (\"1\")"),
            ("-V=1", "-V does not take a value (\"1\")"),
        ] {
            assert_eq!(request(line).unwrap_err(), message, "{line}");
        }
        assert!(matches!(request("--help a --none"), Ok(Request::LongHelp)));
        assert!(matches!(request("-hV"), Ok(Request::ShortHelp)));
        assert!(matches!(request("-V a"), Ok(Request::Version)));
    }
}
