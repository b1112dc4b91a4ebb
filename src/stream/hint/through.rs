//! The hint of a reader, translated by a tool into its own: what the tool needs of its input so
//! that its reader gets what it needs.

use super::{Encodings, Hint};
use crate::batch::filter::Filter;
use crate::expression::{Predicate, SelectList, renamed};
use crate::schema::Projection;
use arrow::datatypes::Schema;
use std::collections::BTreeSet;

/// The way in which a tool passes on the rows of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// It passes all on in their order.
    Same,
    /// It passes all on in another order, which does not depend on rows that are left out.
    Reordered,
    /// Which rows it passes on depends on others: their number, their groups.
    Counted,
    /// It passes on the first ones and then stops reading.
    First(u64),
}

impl Hint {
    /// The hint of a tool that passes all columns on, and itself reads `keys` of them.
    #[must_use]
    pub fn through(&self, keys: &[usize], rows: Rows) -> Self {
        let columns = self.columns.as_ref().map(|columns| {
            let all: BTreeSet<usize> = columns.iter().chain(keys).copied().collect();
            all.into_iter().collect()
        });
        let predicate = self.predicate.clone();
        let predicate = predicate.filter(|_| matches!(rows, Rows::Same | Rows::Reordered));
        let limit = match rows {
            Rows::Same => self.limit,
            Rows::Reordered | Rows::Counted => None,
            Rows::First(rows) => Some(self.limit.map_or(rows, |limit| limit.min(rows))),
        };
        Self { columns, predicate, limit, encodings: self.encodings }
    }

    /// The hint of a tool with a filter of the rows, whose expression is `text` if it has one. The
    /// reader that gave this hint gets the columns of `projection`, of which the filter may pass on
    /// fewer; `whole` is the schema of the input. `rows` is what happens to the rows that it keeps.
    #[must_use]
    pub fn through_filter(
        &self,
        text: Option<&str>,
        invert: bool,
        filter: &Filter,
        projection: &Projection,
        whole: &Schema,
        rows: Rows,
    ) -> Self {
        let needed = filter.needed();
        let columns = (needed.len() < whole.fields().len()).then(|| needed.to_vec());
        let mut hint = Self { columns, encodings: self.encodings, ..Self::default() };
        // Rows in messages are counted, so none may be missing if there may be messages.
        if filter.can_fail() {
            return hint;
        }
        let own = text.map(|text| {
            if invert { format!("NOT coalesce({text}\n, FALSE)") } else { text.to_owned() }
        });
        let next = self.through(&[], rows).predicate;
        let next = next.as_deref().filter(|text| means_the_same(text, projection, whole));
        hint.predicate = match (own, next) {
            (Some(own), Some(next)) => Some(format!("({own}\n) AND ({next}\n)")),
            (own, next) => own.or(next.map(str::to_owned)),
        };
        hint
    }

    /// The hint of a tool that computes a select list. The reader that gave this hint asks for
    /// columns of `whole`, of which `narrowed` computes some; `input` is the schema of the input.
    #[must_use]
    pub fn through_select(
        &self,
        whole: &SelectList,
        narrowed: &SelectList,
        input: &Schema,
    ) -> Self {
        let needed = narrowed.columns();
        let columns = (needed.len() < input.fields().len()).then(|| needed.to_vec());
        let is_sure = !whole.can_fail();
        let limit = self.limit.filter(|_| is_sure && whole.keeps_rows());
        let predicate = self.predicate.as_deref().filter(|_| is_sure).and_then(|text| {
            let name = |place| Some(input.field(whole.source(place)?).name().clone());
            let text = renamed(text, whole.schema(), name)?;
            let output = Predicate::bind(self.predicate.as_deref()?, whole.schema()).ok()?;
            let predicate = Predicate::bind(&text, input).ok()?;
            let sources = output.columns().iter().map(|place| whole.source(*place));
            let sources: BTreeSet<usize> = sources.collect::<Option<_>>()?;
            let is_same = sources.iter().eq(predicate.columns());
            (is_same && !predicate.can_fail()).then_some(text)
        });
        Self { columns, predicate, limit, encodings: self.encodings }
    }

    /// The hint of a tool that reads only these columns and passes none on.
    #[must_use]
    pub fn of_columns(columns: &[usize]) -> Self {
        let columns: BTreeSet<usize> = columns.iter().copied().collect();
        Self { columns: Some(columns.into_iter().collect()), ..Self::of_plain_values() }
    }

    /// The hint of a tool that writes the values of all columns as plain ones.
    #[must_use]
    pub fn of_plain_values() -> Self {
        Self { encodings: Encodings::All, ..Self::default() }
    }
}

/// Whether an expression on the output columns of a projection is one on the input columns, too,
/// and cannot raise an error.
pub fn means_the_same(text: &str, projection: &Projection, whole: &Schema) -> bool {
    let output = Predicate::bind(text, projection.schema());
    output.is_ok_and(|output| {
        Predicate::bind(text, whole).is_ok_and(|input| {
            !input.can_fail() && projection.is_same(output.columns(), input.columns())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field};

    fn schema() -> Schema {
        let field = |name, data_type| Field::new(name, data_type, true);
        Schema::new(vec![
            field("id", DataType::Int64),
            field("city", DataType::Utf8),
            field("price", DataType::Float64),
        ])
    }

    fn hint(columns: Option<&[usize]>, predicate: Option<&str>, limit: Option<u64>) -> Hint {
        let (columns, predicate) = (columns.map(<[usize]>::to_vec), predicate.map(str::to_owned));
        Hint { columns, predicate, limit, encodings: Encodings::None }
    }

    fn with_encodings(hint: Hint) -> Hint {
        Hint { encodings: Encodings::All, ..hint }
    }

    #[test]
    fn tools_that_pass_columns_on_add_their_own() {
        let next = hint(Some(&[2]), Some("price > 1"), Some(9));
        let columns = Some(&[0, 2][..]);
        assert_eq!(next.through(&[0], Rows::Same), hint(columns, Some("price > 1"), Some(9)));
        assert_eq!(next.through(&[0], Rows::Reordered), hint(columns, Some("price > 1"), None));
        assert_eq!(next.through(&[0], Rows::Counted), hint(columns, None, None));
        assert_eq!(next.through(&[0], Rows::First(10)), hint(columns, None, Some(9)));
        assert_eq!(Hint::default().through(&[0], Rows::First(10)), hint(None, None, Some(10)));
        assert_eq!(Hint::default().through(&[0], Rows::Same), Hint::default());
        assert_eq!(Hint::of_columns(&[2, 0]), with_encodings(hint(columns, None, None)));
        assert_eq!(Hint::of_columns(&[]), with_encodings(hint(Some(&[]), None, None)));
    }

    fn through_filter(next: &Hint, text: &str, invert: bool, columns: Option<&[&str]>) -> Hint {
        through_filter_of(next, text, invert, columns, Rows::Same)
    }

    fn through_filter_of(
        next: &Hint,
        text: &str,
        invert: bool,
        columns: Option<&[&str]>,
        rows: Rows,
    ) -> Hint {
        let schema = schema();
        let names: Option<Vec<String>> =
            columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let projection = Projection::try_new(&schema, names.as_deref()).unwrap();
        let all = projection.schema().fields().len();
        let wanted = next.columns.clone().unwrap_or_else(|| (0..all).collect());
        let narrowed = projection.narrowed(&schema, &wanted);
        let filter = Filter::bind(text, &schema, narrowed, invert).unwrap();
        next.through_filter(Some(text), invert, &filter, &projection, &schema, rows)
    }

    #[test]
    fn a_filter_asks_for_its_rows_unless_they_may_raise_an_error() {
        let none = Hint::default();
        assert_eq!(through_filter(&none, "id < 3", false, None), hint(None, Some("id < 3"), None));
        let inverted = "NOT coalesce(id < 3\n, FALSE)";
        assert_eq!(through_filter(&none, "id < 3", true, None), hint(None, Some(inverted), None));
        Predicate::bind(inverted, &schema()).unwrap();
        // Messages name rows by their numbers.
        assert_eq!(through_filter(&none, "id + 1 < 3", false, None), Hint::default());
        let count = Hint::of_columns(&[]);
        let expected = with_encodings(hint(Some(&[0]), Some("id < 3"), None));
        assert_eq!(through_filter(&count, "id < 3", false, None), expected);
        let next = hint(Some(&[1]), Some("city = 'x'"), Some(4));
        let expected = hint(Some(&[0, 1]), Some("(id < 3\n) AND (city = 'x'\n)"), None);
        assert_eq!(through_filter(&next, "id < 3", false, None), expected);
    }

    #[test]
    fn a_filter_that_counts_the_rows_it_keeps_asks_for_all_of_them() {
        let next = hint(Some(&[1]), Some("city = 'x'"), None);
        let expected = hint(Some(&[0, 1]), Some("id < 3"), None);
        for rows in [Rows::Counted, Rows::First(5)] {
            assert_eq!(through_filter_of(&next, "id < 3", false, None, rows), expected);
        }
    }

    #[test]
    fn the_rows_of_the_next_reader_are_asked_for_by_names_that_mean_the_same() {
        let next = hint(None, Some("#1 = 'x'"), None);
        let expected = hint(Some(&[0, 1]), Some("id < 3"), None);
        assert_eq!(through_filter(&next, "id < 3", false, Some(&["city"])), expected);
        let next = hint(None, Some("city = 'x'"), None);
        let expected = hint(Some(&[0, 1]), Some("(id < 3\n) AND (city = 'x'\n)"), None);
        assert_eq!(through_filter(&next, "id < 3", false, Some(&["city"])), expected);
    }

    fn through_select(next: &Hint, list: &str) -> Hint {
        let list = SelectList::bind(list, &schema(), false).unwrap();
        let all: Vec<usize> = (0..list.schema().fields().len()).collect();
        let narrowed = list.only(&list.kept(next.columns.as_ref().unwrap_or(&all))).unwrap();
        next.through_select(&list, &narrowed, &schema())
    }

    #[test]
    fn a_select_list_renames_what_the_next_reader_asks_for() {
        let next = hint(Some(&[1]), Some("town = 'x'"), Some(4));
        let expected = hint(Some(&[1]), Some("city = 'x'"), Some(4));
        assert_eq!(through_select(&next, "id, city AS town"), expected);
        // It is computed, so it is no column of the input.
        let expected = hint(Some(&[1]), None, Some(4));
        assert_eq!(through_select(&next, "id, upper(city) AS town"), expected);
        // The product may overflow in any row, so all rows and its column are needed.
        let expected = hint(Some(&[0, 1]), None, None);
        assert_eq!(through_select(&next, "id * 2 AS twice, city AS town"), expected);
        assert_eq!(through_select(&Hint::of_columns(&[]), "id, city"), Hint::of_columns(&[]));
        // The other "id" is a number of the input.
        let next = hint(None, Some("id > 1"), None);
        let expected = hint(Some(&[0, 2]), Some("price > 1"), None);
        assert_eq!(through_select(&next, "price AS id, id AS price"), expected);
    }
}
