"""One job of the remote benchmark with another program: `peer.py NAME URL COLUMNS|- LOW HIGH`."""

import sys

name, url, columns, low, high = sys.argv[1:]
wanted = None if columns == "-" else [column.strip() for column in columns.split(",")]
counts = low == "count"
rows = None if low in ("-", "count") else (int(low), int(high))

if name == "duckdb":
    import pathlib

    import duckdb
    import duckdb_extension_httpfs

    place = pathlib.Path(duckdb_extension_httpfs.__file__).parent / "extensions"
    connection = duckdb.connect()
    connection.execute(f"LOAD '{place}/v{duckdb.__version__}/httpfs.duckdb_extension'")
    if counts:
        query = f"SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{url}')"
        print(connection.execute(query).fetchone())
    else:
        condition = f"WHERE id >= {rows[0]} AND id < {rows[1]}" if rows else ""
        query = f"SELECT {', '.join(wanted or ['*'])} FROM '{url}' {condition}"
        for batch in connection.execute(query).to_arrow_reader(1 << 17):
            pass
elif name == "polars":
    import polars

    if counts:
        print(polars.scan_parquet(url).select(polars.len()).collect())
        sys.exit()
    frame = polars.scan_parquet(url)
    if rows:
        frame = frame.filter((polars.col("id") >= rows[0]) & (polars.col("id") < rows[1]))
    if wanted:
        frame = frame.select(wanted)
    for batch in frame.collect_batches(maintain_order=True):
        pass
elif name == "pyarrow":
    import fsspec
    import pyarrow.dataset
    import pyarrow.fs
    import pyarrow.parquet

    files = pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(fsspec.filesystem("http")))
    if counts:
        print(pyarrow.parquet.ParquetFile(files.open_input_file(url)).num_row_groups)
        sys.exit()
    dataset = pyarrow.dataset.dataset(url, filesystem=files, format="parquet")
    field = pyarrow.dataset.field("id")
    condition = (field >= rows[0]) & (field < rows[1]) if rows else None
    for batch in dataset.to_batches(columns=wanted, filter=condition):
        pass
