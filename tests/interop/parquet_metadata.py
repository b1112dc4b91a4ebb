# pandas, pyarrow and Hugging Face find their metadata after parquet-to-stream | stream-to-parquet, and
# --metadata wins wherever a reader looks.
import base64
import json
import pathlib
import subprocess

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index([10, 20], name="idx"))
frame["word"] = pd.Categorical(["x", "y"])
table = pa.Table.from_pandas(frame)
features = json.dumps({"info": {"features": {"a": {"dtype": "int64", "_type": "Value"}}}})
geo = json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {}})
pairs = {**table.schema.metadata, b"huggingface": features.encode(), b"geo": geo.encode(), b"by": b"them"}
pq.write_table(table.replace_schema_metadata(pairs), "in.parquet")


def through(source, target, *options):
    line = f"set -o pipefail; parquet-to-stream {source} | stream-to-parquet -o {target} {' '.join(options)}"
    subprocess.run(["bash", "-c", line], check=True)


def both(path):
    """The metadata in the footer's own pairs, and inside ARROW:schema."""
    footer = pq.read_metadata(path).metadata
    inside = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(footer.pop(b"ARROW:schema"))))
    return footer, inside.metadata


expected = {key.decode(): value for key, value in {**pairs, b"by": b"me", b"new": b"1"}.items()}
through("in.parquet", "out.parquet", "--metadata", "by=me", "--metadata", "new=1")
through("out.parquet", "again.parquet")
for path in ("out.parquet", "again.parquet"):
    for found in both(path):
        assert {key.decode(): value for key, value in found.items()} == expected, (path, found)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    assert pq.read_table(path).schema.metadata[b"huggingface"].decode() == features
assert both("out.parquet") == both("again.parquet")
# The same input gives the same bytes, though metadata has no order in memory.
through("in.parquet", "first.parquet")
for _ in range(5):
    through("in.parquet", "other.parquet")
    assert open("first.parquet", "rb").read() == open("other.parquet", "rb").read()

# Every tool that hands rows on keeps what the schema says of them.
TOOLS = [
    "stream-cat", "stream-filter TRUE", "stream-head -n 10", "stream-tail -n 10", "stream-sort --by a",
    "stream-rechunk --batch-rows 1", "stream-sample --first 9 --of a --per word", "stream-sample --rows 9", "stream-select '*'",
    "stream-select 'a, word, idx'", "stream-filter -c a,word,idx 'a > 0'", "stream-to-file | file-to-stream", "stream-cat --merge-schema union",
]
for tool in TOOLS:
    line = f"set -o pipefail; parquet-to-stream in.parquet | {tool} >piped.arrows && stream-to-parquet -o piped.parquet piped.arrows"
    subprocess.run(["bash", "-c", line], check=True)
    with pa.ipc.open_stream("piped.arrows") as reader:
        assert reader.schema.metadata[b"huggingface"].decode() == features, tool
    pd.testing.assert_frame_equal(pd.read_parquet("piped.parquet").sort_index(), frame)
    for found in both("piped.parquet"):
        assert found[b"pandas"] == pairs[b"pandas"] and found[b"geo"] == pairs[b"geo"], (tool, found)
subprocess.run(["bash", "-c", "set -o pipefail; parquet-to-stream in.parquet | stream-to-parquet --partition-by a -o tree"], check=True)
paths = list(pathlib.Path("tree").glob("a=*/*.parquet"))
assert len(paths) == 2
for path in paths:
    assert pq.read_schema(path).metadata[b"huggingface"].decode() == features, path
