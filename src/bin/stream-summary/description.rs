//! The description of the tool.

pub(super) const DESCRIPTION: &str =
    "Reads Arrow IPC streams from standard input or files and shows what is in each column: nulls, \
     distinct values, the smallest and the largest value, mean, standard deviation, quantiles, a \
     small histogram, the most frequent values, lengths. The input is read once.

     For a quick look, FILE may also be a Parquet file, delimited text or JSON, recognized by its \
     content. parquet-to-stream(1), csv-to-stream(1) and json-to-stream(1) have the options for \
     those formats.

     The text is a table of all columns, followed by tables of numbers, their quantiles, times, \
     texts, and frequent values. Numbers have six digits there, and times whole seconds; --json and \
     --stream have all. On a terminal, \
     lines are cut to its width; COLUMNS in the environment sets another. The fields of a struct \
     follow it as columns of their own, named a.b; a field of a null struct is null. Dictionary- \
     and run-end encoded columns are summarized by their values.

     A ~ precedes what is estimated. Up to 10,000 distinct values of a column are counted; their \
     number is then estimated by HyperLogLog, with a standard error of 0.8 % (997 of 1000 \
     estimates are within 2.4 %). Quantiles of up to 8192 values are exact; then they are values whose \
     rank is off by less than 0.5 % of all values. Beyond 10,000 distinct values, each value that \
     makes up 0.3 % of a column is among the most frequent, and its rows are off by less than \
     0.4 % of all. Beyond half a million values, histograms, quantiles and frequent values are \
     those of a sample of at least 262,144, which these errors include. The smallest and largest \
     value, nulls, means, deviations and lengths are always exact. The same rows in the same order \
     give the same summary, whatever their batches, their encodings and --threads.

     Frequent values with equal rows are in order. Values are equal as in stream-count(1): NaN \
     equals NaN, -0 equals 0. Quantiles, mean, deviation, smallest and largest do not include NaN; \
     mean, deviation and histogram do not include infinite numbers. The deviation is that of a \
     sample. A quantile is one of the values: the smallest that is at least as large as that share \
     of all. A histogram has up to 16 bins of equal width from the smallest to the largest value. \
     Lengths are in characters, bytes or elements. Nested values are not compared: they have no \
     distinct and frequent values.

     Each object of --json and each row of --stream has these members: column, type (utf8), rows, \
     nulls, distinct (int64), distinct_exact (bool), true (int64: true values of a boolean), min, \
     q05, q25, q50, q75, q95, max (utf8 in the stream: the text that stream-to-json(1) writes), \
     quantiles_exact (bool), mean, deviation (float64), nan, infinite, shortest (int64), \
     mean_length (float64), longest (int64), top (list of struct of value and rows), top_exact \
     (bool), histogram (struct of from, to and a list of rows). The type of a column decides which \
     of them exist; others are null in the stream and missing in JSON.";
