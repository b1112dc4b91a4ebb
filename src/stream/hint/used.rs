//! The part of a reader's hint that a tool can use beside its own columns, condition and limit.

use super::{Encodings, Hint, means_the_same};
use crate::expression::Predicate;
use crate::options::Selection;
use crate::schema::Projection;
use arrow::datatypes::Schema;

/// The columns and rows that are written: those that were selected and that the reader needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Ascending positions among the selected columns.
    pub columns: Vec<usize>,
    /// The selection's own expression and that of the reader.
    pub predicate: Option<String>,
    /// The maximum number of rows.
    pub limit: Option<u64>,
    /// The part of the hint that leaves out something.
    pub hint: Hint,
}

impl Hint {
    /// Adds the hint to a selection, whose columns are those of `projection` and whose bound
    /// expression is `own`; `whole` is the schema of the input. The reader's expression is used
    /// unless rows are counted, an expression may fail, or a name refers to another column of the
    /// input; its limit only if no expression selects rows.
    #[must_use]
    pub fn used(
        &self,
        selection: &Selection,
        own: Option<&Predicate>,
        projection: &Projection,
        whole: &Schema,
    ) -> Used {
        let all: Vec<usize> = (0..projection.schema().fields().len()).collect();
        let columns = self.columns.clone().filter(|columns| *columns != all);
        let counts_rows = selection.skip > 0 || selection.limit.is_some();
        let may_add = !counts_rows && !own.is_some_and(Predicate::can_fail);
        let added = self.predicate.clone();
        let added = added.filter(|text| may_add && means_the_same(text, projection, whole));
        let predicate = match (selection.predicate.as_deref(), added.as_deref()) {
            (Some(own), Some(added)) => Some(format!("({own}\n) AND ({added}\n)")),
            (own, added) => own.or(added).map(str::to_owned),
        };
        let fewer = |limit: &u64| selection.limit.is_none_or(|own| *limit < own);
        let limit = self.limit.filter(|limit| predicate.is_none() && fewer(limit));
        Used {
            columns: columns.clone().unwrap_or(all),
            predicate,
            limit: limit.or(selection.limit),
            hint: Self { columns, predicate: added, limit, encodings: Encodings::None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field};

    fn used(hint: &Hint, selection: &Selection) -> Used {
        let field = |name| Field::new(name, DataType::Int64, true);
        let whole = Schema::new(vec![field("a"), field("b"), field("c")]);
        let projection = Projection::try_new(&whole, selection.columns.as_deref()).unwrap();
        let own = selection.predicate.as_ref().map(|text| Predicate::bind(text, &whole).unwrap());
        hint.used(selection, own.as_ref(), &projection, &whole)
    }

    fn hint(predicate: Option<&str>, limit: Option<u64>) -> Hint {
        Hint { predicate: predicate.map(str::to_owned), limit, ..Hint::default() }
    }

    #[test]
    fn a_hint_narrows_a_selection() {
        let everything = Selection::default();
        assert_eq!(used(&Hint::default(), &everything).hint, Hint::default());
        let all = Hint { columns: Some(vec![0, 1, 2]), ..Hint::default() };
        assert_eq!(used(&all, &everything).hint, Hint::default());
        let found = used(&Hint::of_columns(&[1]), &everything);
        let one = Hint { columns: Some(vec![1]), ..Hint::default() };
        assert_eq!((found.columns, found.hint), (vec![1], one));
        let own = Selection { predicate: Some("a > 1".to_owned()), ..Selection::default() };
        let found = used(&hint(Some("b = 2"), Some(7)), &own);
        assert_eq!(found.predicate.as_deref(), Some("(a > 1\n) AND (b = 2\n)"));
        assert_eq!((found.limit, found.hint), (None, hint(Some("b = 2"), None)));
        let own = Selection { limit: Some(9), skip: 2, ..Selection::default() };
        assert_eq!(used(&hint(None, Some(7)), &own).limit, Some(7));
        assert_eq!(used(&hint(None, Some(10)), &own).limit, Some(9));
        assert_eq!(used(&hint(None, Some(10)), &own).hint, Hint::default());
    }

    #[test]
    fn an_expression_is_not_added_where_it_would_change_the_result() {
        let next = hint(Some("b = 2"), None);
        for (columns, predicate, skip, limit) in [
            (None, None, 1, None),
            (None, None, 0, Some(5)),
            // It may fail in rows that the other expression leaves out.
            (None, Some("a + 1 > 1"), 0, None),
            // The column is not written, so the name is another one.
            (Some(vec!["a".to_owned()]), None, 0, None),
        ] {
            let predicate = predicate.map(str::to_owned);
            let own = Selection { columns, predicate: predicate.clone(), skip, limit };
            let found = used(&next, &own);
            assert_eq!((found.predicate, found.hint), (predicate, Hint::default()), "{own:?}");
        }
    }
}
