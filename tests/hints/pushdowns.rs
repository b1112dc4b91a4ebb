//! What a filter asks of a Parquet file through the pipe changes no answer, whatever the file says
//! about its pages.

use super::conditions::condition;
use super::run::{Form, Order, Run, same_content};
use super::tables::Tables;
use super::{asked, in_threads, random};
use crate::support::{Tool, Workplace};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The pushdowns of the normal run: 20 seconds on two cores.
const PUSHDOWNS: usize = 300;

/// How the files are written: their row groups, pages, statistics and filters.
const LAYOUTS: [&str; 6] = [
    "--row-group-rows 100 --data-page-bytes 200B",
    "--row-group-rows 700 --data-page-bytes 100B --statistics chunk",
    "--row-group-rows 300 --statistics none",
    "--row-group-rows 50 --bloom id",
    "--data-page-bytes 300B --bloom id --encode-dictionary none",
    "--row-group-rows 1000 --encode-dictionary all --dictionary-page-bytes 100B",
];

#[test]
fn random_pushdowns_change_no_answer() {
    let tables = Tables::new(6);
    for table in 0..tables.count() {
        for (layout, options) in LAYOUTS.iter().enumerate() {
            let name = format!("f{table}-{layout}.parquet");
            let words = options.split(' ').chain(["-o", &name]);
            let input = std::fs::read(tables.place().file(&format!("t{table}.arrows"))).unwrap();
            tables.place().tool("stream-to-parquet").args(words).pipe_in(input).run().succeeds();
            make_large(tables.place(), &name);
        }
    }
    let used = AtomicUsize::new(0);
    let pushdowns = asked(PUSHDOWNS);
    in_threads("pushdown", pushdowns, |number| {
        let mut random = random(number);
        let table = random.below(tables.count());
        let columns = tables.columns(table);
        let condition = condition(columns, &mut random, false).text;
        let file = format!("f{table}-{}.parquet", random.below(LAYOUTS.len()));
        let column = columns[random.below(columns.len())].quoted();
        let last = match random.below(4) {
            0 => words(&["stream-count"]),
            1 => words(&["stream-select", &format!("id AS number, {column}")]),
            2 => words(&["stream-select", "id AS x"]),
            _ => words(&["stream-to-json", "--nan", "string"]),
        };
        let form = if last[0] == "stream-select" { Form::Stream } else { Form::Bytes };
        let filter = words(&["stream-filter", &condition]);
        let piped = [words(&["parquet-to-stream", &file]), filter, last.clone()];
        let pushed = [words(&["parquet-to-stream", &file, "-w", &condition]), last];
        let off = Run::of(&piped, tables.path(), false, Order::ReadersFirst);
        let on = Run::of(&piped, tables.path(), true, Order::ReadersFirst);
        if off.first_bytes != on.first_bytes {
            used.fetch_add(1, Ordering::Relaxed);
        }
        let differs = |how: &str, run: &Run| {
            let found = if (&run.statuses, &run.messages) == (&off.statuses, &off.messages) {
                same_content(&off.output, &run.output, form)
            } else {
                Err(format!("{:?} and without {:?}", run.messages, off.messages))
            };
            found.map_err(|why| format!("{how}: {piped:?}\n{why}"))
        };
        differs("hints", &on)?;
        // A column may have the name of the number of another.
        if off.statuses != [Some(0); 3] || number % 3 != 0 {
            return Ok(());
        }
        let mut by_hand = Run::of(&pushed, tables.path(), false, Order::ReadersFirst);
        by_hand.statuses.insert(1, Some(0));
        by_hand.messages.insert(1, String::new());
        differs("-w", &by_hand)
    });
    let used = used.into_inner();
    assert!(pushdowns / 2 < used, "{used} of {pushdowns} pushdowns were used");
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Makes a file so large that its reader waits for a hint: a hole before the footer.
fn make_large(place: &Workplace, name: &str) {
    let line = format!(
        "file={name}; bytes=$(stat -c %s $file)
         footer=$(( $(tail -c 8 $file | od -An -t u4 -N 4) + 8 ))
         tail -c $footer $file >footer; truncate -s $(( bytes - footer )) $file
         truncate -s 5M $file; cat footer >>$file"
    );
    Tool::program("bash", place.path()).args(["-c", &line]).run().succeeds();
}
