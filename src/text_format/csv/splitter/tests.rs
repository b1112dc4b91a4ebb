//! Tests of splitting texts that arrive in pieces.

use super::*;
use crate::options::Dialect;

fn options(delimiter: &str) -> ReadOptions {
    let delimiter = Dialect::parse_delimiter(delimiter).unwrap();
    ReadOptions { dialect: Dialect { delimiter, ..Dialect::default() }, ..ReadOptions::default() }
}

/// Splits a text while the window grows by `step` bytes and is consumed whenever possible. Quoted
/// fields are shown in angle brackets.
fn split(text: &str, step: usize) -> (Vec<Vec<String>>, Option<Fault>) {
    split_by(&options(","), text, step)
}

fn split_by(options: &ReadOptions, text: &str, step: usize) -> (Vec<Vec<String>>, Option<Fault>) {
    let mut splitter = Splitter::new(options, None);
    let (mut window, mut left) = (Vec::new(), text.as_bytes());
    let mut records = Vec::new();
    loop {
        let (now, later) = left.split_at(step.min(left.len()));
        window.extend_from_slice(now);
        left = later;
        splitter.scan(&window, left.is_empty(), 2);
        let field = |span: &Span| {
            let text = String::from_utf8(window[span.range()].to_vec()).unwrap();
            let text = if span.is_doubled() { text.replace("\"\"", "\"") } else { text };
            if span.is_missing() {
                return "~".to_owned();
            }
            if span.is_quoted() { format!("<{text}>") } else { text }
        };
        for record in splitter.spans().chunks(splitter.columns().max(1)) {
            records.push(record.iter().map(field).collect());
        }
        let rows = splitter.rows();
        window.drain(..splitter.whole_bytes());
        splitter.consume();
        if left.is_empty() && rows < 2 {
            return (records, splitter.fault());
        }
    }
}

#[test]
fn records_are_those_of_rfc_4180_however_they_arrive() {
    let text = "a,b\r\n1,\n\"x,\"\"y\"\"\r\nz\",\"\"\n\n,it's \"so\"\n\r\n\"last\",2";
    let expected = [
        vec!["a", "b"],
        vec!["1", ""],
        vec!["<x,\"y\"\r\nz>", "<>"],
        vec!["", "it's \"so\""],
        vec!["<last>", "2"],
    ];
    for step in 1..=text.len() {
        let (records, fault) = split(text, step);
        assert_eq!(
            (records, fault),
            (expected.iter().map(|r| r.iter().map(|f| f.to_string()).collect()).collect(), None),
            "{step}"
        );
    }
}

#[test]
fn an_empty_line_of_one_column_is_a_field() {
    let (records, fault) = split("a\n\n1\n\n", 3);
    assert_eq!((records.concat().join("|"), fault), ("a||1|".to_owned(), None));
}

#[test]
fn leading_empty_lines_are_fields_where_there_is_no_header() {
    for (text, rows, columns) in [("\n\r\n1\n\n", 4, 1), ("\n\n1,2\n\n", 1, 2), ("\n", 0, 0)] {
        let mut options = options(",");
        options.dialect.header = false;
        for step in 1..=text.len() {
            let mut splitter = Splitter::new(&options, None);
            for end in (0..text.len()).step_by(step) {
                splitter.scan(&text.as_bytes()[..end], false, 9);
            }
            splitter.scan(text.as_bytes(), true, 9);
            assert_eq!((splitter.rows(), splitter.columns()), (rows, columns), "{text:?} {step}");
            let texts: Vec<&str> = splitter.spans().iter().map(|s| &text[s.range()]).collect();
            assert_eq!(texts.concat(), if columns == 2 { "12" } else { &"1"[..columns] });
        }
    }
}

#[test]
fn invalid_records_are_reported() {
    for (text, fault) in [
        ("a,b\n1\n", Fault::Ragged { fields: 1 }),
        ("a,b\n1,2,3,4\n", Fault::Ragged { fields: 4 }),
        ("a,b\n\"1\" ,2\n", Fault::BehindQuote),
        ("a,b\n\"1\"x\n", Fault::BehindQuote),
        ("a,b\n\"1\"\"", Fault::OpenQuote),
        ("a,b\n1,\"2\n", Fault::OpenQuote),
    ] {
        for step in 1..=text.len() {
            assert_eq!(split(text, step).1, Some(fault), "{text} {step}");
        }
    }
}

#[test]
fn delimiters_may_be_longer_and_lines_may_be_comments() {
    let mut commented = options("||");
    commented.lines.comment = Some("##".to_owned());
    for step in 1..30 {
        let text = "## a\"||\na||b\n##\n#x|||\"1\n\n\"||\"||y\n## end";
        let (records, fault) = split_by(&commented, text, step);
        assert_eq!(fault, None);
        let shown: Vec<String> = records.iter().map(|record| record.join(" ")).collect();
        assert_eq!(shown, ["a b", "#x |\"1", "<||> y"], "{step}");
    }
}

#[test]
fn records_of_another_length_are_filled_or_cut() {
    let mut both = options(",");
    both.lines.short_rows = ShortRows::Null;
    both.lines.long_rows = LongRows::Drop;
    for step in 1..20 {
        let (records, fault) = split_by(&both, "a,b,c\n1\n\"2\",3,4,5,6\n7,\n", step);
        assert_eq!(fault, None);
        let shown: Vec<String> = records.iter().map(|record| record.join("|")).collect();
        assert_eq!(shown, ["a|b|c", "1|~|~", "<2>|3|4", "7||~"], "{step}");
    }
}

#[test]
fn invalid_records_can_be_skipped() {
    let text = "a,b\n1\n2,3\n\"4\"x,5\n6,7\n8,9,10\n11,\"12\n13,14\n";
    for step in 1..=text.len() {
        let mut splitter = Splitter::new(&options(","), None);
        let (mut passed, mut end) = (Vec::new(), step);
        loop {
            let (window, ended) = (&text.as_bytes()[..end.min(text.len())], text.len() <= end);
            splitter.scan(window, ended, 99);
            match splitter.pass_fault(window, ended) {
                Some(place) => passed.push(&text[place]),
                None if ended && splitter.fault().is_none() => break,
                None => end += step,
            }
        }
        assert_eq!(passed, ["1\n", "\"4\"x,5\n", "8,9,10\n", "11,\"12\n"], "{step}");
        let left: Vec<&str> = splitter.spans().iter().map(|span| &text[span.range()]).collect();
        assert_eq!(left, ["a", "b", "2", "3", "6", "7", "13", "14"], "{step}");
        splitter.remove_rows(&[0, 2]);
        let left: Vec<&str> = splitter.spans().iter().map(|span| &text[span.range()]).collect();
        assert_eq!(left, ["2", "3", "13", "14"], "{step}");
        assert_eq!(splitter.row_at(text.find("13").unwrap()), Some(1));
        assert_eq!(splitter.row_at(text.find("6,7").unwrap()), None);
        assert_eq!(&text[splitter.row_start(1)..splitter.row_end(1)], "13,14");
    }
}
