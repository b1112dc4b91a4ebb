//! Fits tables to the width of a terminal: cells are shortened, and the least important columns are
//! left out and named below. Without a terminal, nothing is shortened.

use super::escape::{Cut, escaped, shortened};
use super::table::{Align, Layout, ShownColumn, Wish, natural_widths, table};
use unicode_width::UnicodeWidthStr;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    header: &'static str,
    align: Align,
    give: Give,
}

/// The part of a column to drop on a narrow terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Give {
    Nothing,
    /// The middle of long cells: the ends of paths are most informative, the last one in
    /// particular.
    Middle,
    /// The end of long cells: the start of values is most informative.
    End,
    /// The whole column; the lowest number goes first.
    All(u8),
}

impl Column {
    /// A number that is always shown in full.
    pub(crate) const fn number(header: &'static str) -> Self {
        Self { header, align: Align::Right, give: Give::Nothing }
    }

    /// A short text that is always shown in full.
    pub(crate) const fn text(header: &'static str) -> Self {
        Self { header, align: Align::Left, give: Give::Nothing }
    }

    /// A path or dotted name, which may lose its middle.
    pub(crate) const fn path(header: &'static str) -> Self {
        Self { header, align: Align::Left, give: Give::Middle }
    }

    /// A value, which may lose its end.
    pub(crate) const fn value(header: &'static str) -> Self {
        Self { header, align: Align::Left, give: Give::End }
    }

    /// The same column, but left out if the terminal is too narrow; the lowest number goes first.
    pub(crate) const fn unless_narrow(self, order: u8) -> Self {
        Self { give: Give::All(order), ..self }
    }
}

impl Give {
    /// Names identify a line, so they may be wider than values.
    fn wish(self, wanted: usize) -> Wish {
        let (share, least, order) = match self {
            Self::Nothing => (1, wanted, None),
            Self::Middle => (2, 2 * LEAST_WIDTH, None),
            Self::End => (1, LEAST_WIDTH, None),
            Self::All(order) => (1, wanted, Some(order.into())),
        };
        Wish { wanted, least, share, order }
    }
}

/// The narrowest readable value; names need twice as much. Columns are left out before cells get
/// narrower than this.
const READABLE_WIDTH: usize = 11;

/// The narrowest cell on any terminal: less would be meaningless.
const LEAST_WIDTH: usize = 6;

/// A column of a table of items, and its cell for an item.
pub(crate) type CellsOf<T> = (Column, fn(&T) -> String);

/// A table of items. Only their cells are kept.
#[derive(Debug)]
pub(crate) struct Table<T> {
    columns: Vec<CellsOf<T>>,
    rows: Vec<Vec<String>>,
}

impl<T> Table<T> {
    pub(crate) fn new(columns: Vec<CellsOf<T>>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, item: &T) {
        self.rows.push(self.columns.iter().map(|(_, cell)| cell(item)).collect());
    }

    /// Adds all items.
    pub(crate) fn of<'a>(mut self, items: impl IntoIterator<Item = &'a T>) -> Self
    where
        T: 'a,
    {
        items.into_iter().for_each(|item| self.add(item));
        self
    }

    /// The header and the rows, as [`fitted`] lays them out.
    pub(crate) fn lines(&self, width: Option<usize>) -> Vec<String> {
        let columns: Vec<Column> = self.columns.iter().map(|(column, _)| *column).collect();
        fitted(&columns, &self.rows, width)
    }
}

/// Lays out escaped rows below their headers, in at most `width` terminal columns if possible. The
/// widest columns are shortened first.
pub(crate) fn fitted(
    columns: &[Column],
    rows: &[Vec<String>],
    width: Option<usize>,
) -> Vec<String> {
    let headers = columns.iter().map(|column| column.header.to_owned()).collect();
    // Escaping makes cells longer, so it comes first; escaping twice changes nothing.
    let mut rows: Vec<Vec<String>> = std::iter::once(&headers)
        .chain(rows)
        .map(|row| row.iter().map(|cell| escaped(cell)).collect())
        .collect();
    let widths = natural_widths(columns.len(), &rows);
    let wishes = columns.iter().zip(widths).map(|(column, width)| column.give.wish(width));
    let layout = Layout::new(&wishes.collect::<Vec<_>>(), width, READABLE_WIDTH, |_| 0);
    for ShownColumn { place, width } in &layout.shown {
        match columns[*place].give {
            Give::Middle => shorten_paths(&mut rows, *place, *width),
            Give::End => {
                for row in &mut rows {
                    row[*place] = shortened(&row[*place], Cut::End, *width);
                }
            }
            Give::Nothing | Give::All(_) => {}
        }
    }
    let places: Vec<usize> = layout.shown.iter().map(|column| column.place).collect();
    for row in &mut rows {
        *row = places.iter().map(|place| std::mem::take(&mut row[*place])).collect();
    }
    let align: Vec<Align> = places.iter().map(|place| columns[*place].align).collect();
    let mut lines = table(&align, &rows);
    // The bar, which has no header, is only decoration.
    let omitted = layout.omitted.iter().map(|place| columns[*place].header);
    let omitted: Vec<&str> = omitted.filter(|header| !header.is_empty()).collect();
    if !omitted.is_empty() {
        lines.push(format!("(too narrow for: {})", omitted.join(", ")));
    }
    lines
}

/// Shortens paths so that they remain distinguishable: common directories go first, and of adjacent
/// paths with the same end, the start is shown.
fn shorten_paths(rows: &mut [Vec<String>], place: usize, width: usize) {
    let Some((_, below)) = rows.split_first_mut() else { return };
    let paths: Vec<String> = below.iter().map(|row| row[place].clone()).collect();
    if paths.iter().all(|path| path.width() <= width) {
        return;
    }
    let directories = shared_directories(&paths);
    for (number, row) in below.iter_mut().enumerate() {
        let mut path = paths[number].clone();
        if directories > 2 && width < path.width() {
            path.replace_range(..directories - 1, "…");
        }
        let neighbours = [number.checked_sub(1), Some(number + 1)].into_iter().flatten();
        let neighbours = neighbours.filter_map(|number| paths.get(number));
        let alike = neighbours.map(|other| shared_end(&paths[number], other)).max().unwrap_or(0);
        // The part of the end that is kept must be longer than the common end.
        let cut = if 3 * width <= 4 * alike { Cut::LateMiddle } else { Cut::Middle };
        row[place] = shortened(&path, cut, width);
    }
}

/// The length in bytes of the directories that all paths have in common.
fn shared_directories(paths: &[String]) -> usize {
    let Some((first, others)) = paths.split_first().filter(|(_, others)| !others.is_empty()) else {
        return 0;
    };
    let shared = others.iter().fold(first.as_str(), |shared, path| {
        let same = shared.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        &shared[..shared.floor_char_boundary(same)]
    });
    shared.rfind('/').map_or(0, |slash| slash + 1)
}

/// The number of characters in the common end of two different texts.
fn shared_end(a: &str, b: &str) -> usize {
    if a == b {
        return 0;
    }
    a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] =
        [Column::path("path"), Column::value("value"), Column::number("count").unless_narrow(0)];

    fn row(cells: [&str; 3]) -> Vec<String> {
        cells.map(str::to_owned).to_vec()
    }

    #[test]
    fn shortened_paths_remain_distinguishable() {
        let paths = |names: &[&str], width| {
            let rows: Vec<_> = names.iter().map(|name| vec![(*name).to_owned()]).collect();
            fitted(&[Column::path("path")], &rows, Some(width))[1..].to_vec()
        };
        assert_eq!(paths(&["/data/2024/part-0001.parquet"], 12), ["/d…1.parquet"]);
        assert_eq!(paths(&["short"], 12), ["short"]);
        let spark = ["a/b/part-0-3f0c7a5e.parquet", "a/b/part-1-3f0c7a5e.parquet"];
        assert_eq!(paths(&spark, 16), ["…/part-0-3f0…uet", "…/part-1-3f0…uet"]);
        assert_eq!(
            paths(&["a/long-name-1.parquet", "b/long-name-2.parquet"], 13),
            ["a/…1.parquet", "b/…2.parquet"]
        );
    }

    #[test]
    fn lines_fit_and_the_widest_column_is_shortened_first() {
        let rows = [row([&"x".repeat(100), "日本語日本語日本語日本語", "1"])];
        let lines = fitted(&COLUMNS, &rows, Some(44));
        assert!(lines.iter().all(|line| line.width() <= 44), "{lines:?}");
        assert!(lines[1].contains("  日本語日本…  ") && lines[1].ends_with("    1"), "{lines:?}");
    }

    #[test]
    fn columns_are_left_out_and_named_before_cells_become_unreadable() {
        let rows = [row([&"x".repeat(100), "a longer value than fits", "1"])];
        let lines = fitted(&COLUMNS, &rows, Some(36));
        assert!(lines.iter().all(|line| line.width() <= 36), "{lines:?}");
        assert_eq!(lines[2], "(too narrow for: count)");
    }

    #[test]
    fn without_a_terminal_nothing_is_shortened() {
        let rows = [row([&"x".repeat(1000), &"y".repeat(1000), "1"])];
        assert_eq!(fitted(&COLUMNS, &rows, None)[1].len(), 2009);
    }
}
