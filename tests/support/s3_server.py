"""Serves the Parquet files of a directory from the bucket `bucket` of moto's S3, on a free port of the
loopback, whose number it prints. Prints `none` if moto is not installed."""

import pathlib
import sys
import threading

try:
    import boto3
    from moto.server import ThreadedMotoServer
except ImportError:
    sys.exit(print("none"))

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
store = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="us-east-1",
    aws_access_key_id="id",
    aws_secret_access_key="secret",
)
store.create_bucket(Bucket="bucket")
for file in pathlib.Path(sys.argv[1]).glob("*.parquet"):
    store.upload_file(str(file), "bucket", f"below/{file.name}")
print(port, flush=True)
threading.Event().wait()
