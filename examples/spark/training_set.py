"""A training set from a table in Spark: as many random rows of each class, without test users, shuffled.

    spark-submit training_set.py EVENTS OUTPUT

Written as a notebook: each `# %%` begins a cell.
"""

# %% The table: events of users, with a class that is rare in places.
import shlex
import sys

from pyspark.sql import SparkSession

import arrow_pipes
import arrow_pipes.spark

events_path, output_path = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
events = spark.read.parquet(events_path)

# %% Each row for itself: users of the test set are left out, the same on every machine, and features
# are computed. No rows move.
features = arrow_pipes.spark.pipe(
    events,
    """stream-filter 'hash(user_id, 1) % 10 <> 0' |
       stream-select 'event_id, user_id, class, CAST(price AS REAL) AS price, extract(hour FROM at) AS hour'""",
)

# %% 200 random rows of each class, so that rare classes are as well represented as frequent ones. Spark
# brings the rows of a class to one task; sorted there, they are the same sample each time.
sample = arrow_pipes.spark.pipe(
    features,
    "stream-sort --by event_id | stream-sample --rows 200 --per class --seed 1",
    group_by="class",
)

# %% The sample is small: it leaves Spark as Arrow data, is shuffled on this machine, and becomes one file
# for the training loop.
arrow_pipes.sink(
    sample.toArrow(),
    f"stream-sort --by event_id | stream-sample --shuffle --seed 2 | stream-to-parquet -o {shlex.quote(output_path)}",
)
