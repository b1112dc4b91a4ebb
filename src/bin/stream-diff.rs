//! stream-diff: what changed between two tables.

use arrow_pipes::any_file::AnyReader;
use arrow_pipes::command::{
    Command, Common, Complete, Progress, Role, SpillOptions, Spills, Take, Threads, Tool, Value,
    names, option, store, suffixes,
};
use arrow_pipes::diff::{
    Changes, DiffOptions, DiffPlan, Duplicates, InputOrder, Resources, Side, Tables, Wanted,
    compare, compare_unordered, is_sorted,
};
use arrow_pipes::error::guard;
use arrow_pipes::io::fail_with_status;
use arrow_pipes::options::{InputOptions, Operand};
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::{Error, Result};
use std::cell::RefCell;
use std::process::ExitCode;

#[path = "stream-diff/description.rs"]
mod description;
#[path = "stream-diff/sink.rs"]
mod sink;

use description::{DESCRIPTION, EXAMPLES, KEY};
use sink::{Form, Sink, verdict};

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(diff);

fn diff(
    options: Options,
    spill: SpillOptions<Options>,
    threads: Threads,
    common: Common,
) -> Result<()> {
    // As in diff, 1 means that the tables differ, and 2 any trouble.
    fail_with_status(2);
    let work = || differences(options, spill, threads, common);
    guard("internal error, please report it", work).map_err(Error::as_trouble)
}

fn differences(
    options: Options,
    spill: SpillOptions<Options>,
    threads: Threads,
    common: Common,
) -> Result<()> {
    let inputs = options.inputs(&common.input)?;
    let options = Options { diff: options.diff_options(&inputs), ..options };
    let open = |input| AnyReader::open_table(input, &threads);
    let (mut old, mut new) = (open(&inputs[0])?, open(&inputs[1])?);
    let plan = DiffPlan::bind(&options.diff, old.schema(), new.schema())?;
    // Writers of pipes wait for hints only for a short time.
    old.promise(Hint::of_columns(&plan.columns(Side::Old)), Until::End);
    new.promise(Hint::of_columns(&plan.columns(Side::New)), Until::End);
    let (form, operands) = ((options.form()?, options.is_summary), &common.input.operands);
    let created = Sink::create(form, &plan, &common.output, operands, |line| COMMAND.tell(line));
    let mut sink = match created {
        // Without a reader, only the exit status is left.
        Err(error) if error.is_reader_gone() => None,
        created => Some(created?),
    };
    let progress = RefCell::new(Progress::start(COMMAND.name, common.progress, None));
    let order = |side, input| options.order(&plan, side, input, &threads);
    let orders = if options.is_unordered {
        [InputOrder::Any; 2]
    } else {
        [order(Side::Old, &inputs[0])?, order(Side::New, &inputs[1])?]
    };
    for (reader, side) in [(&mut old, Side::Old), (&mut new, Side::New)] {
        reader.settle()?;
        reader.project(plan.columns(side))?;
    }
    let resources = Resources {
        memory_bytes: spill.memory_bytes(),
        temporary_directory: spill.temporary_directory,
        threads: threads.clone(),
    };

    let next = |reader: &mut AnyReader| {
        let batch = reader.next_message()?.map(|message| message.batch);
        progress.borrow_mut().add(batch.as_ref().map_or(0, |batch| batch.num_rows()));
        Ok(batch)
    };
    let (mut next_old, mut next_new) = (|| next(&mut old), || next(&mut new));
    let tables = Tables { old: &mut next_old, new: &mut next_new };
    let limit = options.limit.or(sink.as_ref().and_then(Sink::default_limit));
    let mut left = limit.unwrap_or(u64::MAX);
    let wanted = match &sink {
        Some(sink) if !sink.is_summary() && left > 0 => Wanted::Rows,
        _ => Wanted::Counts,
    };
    let mut shown = 0;
    let mut report = |changes: &Changes| {
        let Some(open) = &mut sink else { return Ok(Wanted::Nothing) };
        let first = changes.first(usize::try_from(left).unwrap_or(usize::MAX));
        match open.write(&first) {
            // The exit status is known.
            Err(error) if error.is_reader_gone() => return Ok(Wanted::Nothing),
            written => written?,
        }
        (left, shown) = (left - first.len() as u64, shown + first.len() as u64);
        Ok(if left == 0 { Wanted::Counts } else { Wanted::Rows })
    };
    let counts = if options.is_unordered {
        compare_unordered(&plan, tables, &resources, wanted, &mut report)?
    } else {
        compare(&plan, tables, orders, &resources, wanted, &mut report)?
    };
    match sink.map_or(Ok(()), |sink| sink.finish(&counts, &plan, shown)) {
        Err(error) if !error.is_reader_gone() => return Err(error),
        _ => {}
    }
    progress.into_inner().finish();
    verdict(&counts, &plan)
}

#[derive(Default)]
struct Options {
    diff: DiffOptions,
    is_sorted: bool,
    is_unordered: bool,
    is_json: bool,
    is_stream: bool,
    is_summary: bool,
    limit: Option<u64>,
}

impl Options {
    /// Both tables as inputs.
    fn inputs(&self, input: &InputOptions) -> Result<[InputOptions; 2]> {
        let [old, new] = &input.operands[..] else {
            return Err(Error::usage("expected two tables (try: stream-diff --key id OLD NEW)"));
        };
        let message = if self.is_unordered && !self.diff.key.is_empty() {
            "--ignore-order compares whole rows; omit --key"
        } else if self.is_unordered && (self.is_sorted || self.diff.tolerance.is_some()) {
            "--ignore-order cannot be combined with --sorted or --tolerance"
        } else if self.is_unordered && self.diff.duplicates == Duplicates::InOrder {
            "--ignore-order counts equal rows; omit --duplicates"
        } else if !self.is_unordered && self.diff.key.is_empty() {
            "missing --key COLUMNS (try --key id, or --ignore-order)"
        } else {
            let of = |operand: &Operand| InputOptions {
                operands: vec![operand.clone()],
                ..input.clone()
            };
            return Ok([of(old), of(new)]);
        };
        Err(Error::usage(message))
    }

    fn diff_options(&self, inputs: &[InputOptions; 2]) -> DiffOptions {
        let name =
            |input: &InputOptions| input.operands.first().map_or_else(String::new, Operand::name);
        DiffOptions { names: [name(&inputs[0]), name(&inputs[1])], ..self.diff.clone() }
    }

    fn form(&self) -> Result<Form> {
        match (self.is_json, self.is_stream) {
            (true, true) => Err(Error::usage("--json cannot be combined with --stream")),
            (_, true) if self.is_summary => {
                Err(Error::usage("--summary cannot be combined with --stream"))
            }
            (true, false) => Ok(Form::Json),
            (false, true) => Ok(Form::Stream),
            (false, false) => Ok(Form::Text),
        }
    }

    /// The order of a table's rows. Inputs that can be read twice are looked through.
    fn order(
        &self,
        plan: &DiffPlan,
        side: Side,
        input: &InputOptions,
        threads: &Threads,
    ) -> Result<InputOrder> {
        if self.is_sorted {
            return Ok(InputOrder::Sorted);
        }
        let is_read_once = |operand: &Operand| match operand {
            Operand::Path(path) => path.exists() && !path.is_dir() && !path.is_file(),
            Operand::Stdin | Operand::Url(_) => true,
        };
        if input.operands.iter().any(is_read_once) {
            return Ok(InputOrder::Any);
        }
        let mut reader = AnyReader::open_table(input, threads)?;
        reader.project(plan.key_columns(side))?;
        let mut next = || Ok(reader.next_message()?.map(|message| message.batch));
        let is_sorted = is_sorted(plan, side, &mut next)?;
        Ok(if is_sorted { InputOrder::Sorted } else { InputOrder::Any })
    }
}

impl Spills for Options {
    const REST: &str = "Rows that must be sorted and do not fit are written to temporary files.";
}

const DUPLICATES: &[(&str, Duplicates)] =
    &[("refuse", Duplicates::Refused), ("in-order", Duplicates::InOrder)];

fn tolerance(value: Value) -> Result<f64> {
    value.try_map(|text| {
        let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
        number.ok_or_else(|| Error::usage("expected a number of 0 or more (try 1e-9)"))
    })
}

const COMMAND: Command<Options> = Command {
    name: "stream-diff",
    role: Role::Inspect,
    summary: "show what changed between two tables",
    operands: "OLD NEW",
    description: DESCRIPTION,
    options: &[&[
        option("key", "compare the rows that are equal in COLUMNS: id,day")
            .short('k')
            .details(KEY)
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.diff.key, value.names())),
        option("ignore-order", "compare whole rows, in any order, without a key")
            .details(
                "Equal rows are counted: a row that OLD has twice and NEW once was removed once. \
                 Rows are compared by a digest of 128 bits. Those that only OLD has come first.",
            )
            .switch(|options| options.is_unordered = true),
        option("columns", "compare only these columns: price,city")
            .short('c')
            .details("In addition to the key. Default: all.")
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.diff.columns, value.names())),
        option("exclude", "do not compare these columns")
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.diff.exclude, value.names())),
        option("tolerance", "let floating-point numbers differ by NUMBER: 1e-9")
            .details(
                "Two numbers are equal if their difference is at most NUMBER, or at most NUMBER \
                 times the larger of them. This applies to columns of numbers, not to numbers in \
                 lists and structs.",
            )
            .value("NUMBER", |options, value| store(&mut options.diff.tolerance, tolerance(value))),
        option("duplicates", "rows with one key: refuse (default) or in-order")
            .details(
                "With in-order, the first row with a key is compared with the first one of the \
                 other table, the second with the second, and so on.",
            )
            .completes(Complete::Choices(|| names(DUPLICATES)))
            .value("HOW", |options, value| {
                store(&mut options.diff.duplicates, value.one_of(DUPLICATES))
            }),
        option("sorted", "both tables are sorted by key")
            .details(
                "Ascending, nulls last, as stream-sort(1) does. A row that breaks the order is an \
                 error. Pipes are then compared as they arrive.",
            )
            .switch(|options| options.is_sorted = true),
        option("limit", "show only the first ROWS differing rows")
            .short('n')
            .details("All are counted. Default: 100 on a terminal, otherwise all.")
            .value("ROWS", |options, value| store(&mut options.limit, value.count())),
        option("summary", "show only how the schemas and how many rows differ")
            .details("Also in how many rows each column changed. With --json, as an object.")
            .switch(|options| options.is_summary = true),
        option("json", "write an object for each difference, one per line")
            .details(
                "Rows have the members of --stream, without those of the schemas: objects with \
                 column, and its types old and new.",
            )
            .switch(|options| options.is_json = true),
        option("stream", "write differing rows as an Arrow stream")
            .details(
                "Its columns are change (removed, added or changed), the keys, old and new, structs \
                 of the compared columns, and columns, the names of those that changed. Differences \
                 of the schemas are reported on standard error.",
            )
            .switch(|options| options.is_stream = true),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::TABLES)],
    memory: "A few batches of each table, if both are sorted by key. Otherwise --memory (default 512 \
             MiB) and up to a fifth more for the rows that are sorted; the rest is in temporary \
             files. Rows that both tables have at the same places are not sorted with \
             --ignore-order.",
    statuses: &[
        (0, "the tables are the same"),
        (1, "the tables differ"),
        (2, "invalid command line, or any failure"),
    ],
    examples: EXAMPLES,
};
