"""Serves the files below a directory from the bucket `bucket` of moto's S3, as objects below `below/`, on a
free port of the loopback, whose number it prints. Prints `none` if moto is not installed. A second argument
is the number of objects in a page of a list. Each answer is a line in `requests.log`: status, range, bytes
sent, method, path."""

import os
import pathlib
import sys
import threading

root = pathlib.Path(sys.argv[1])
if 2 < len(sys.argv):
    os.environ["MOTO_S3_DEFAULT_MAX_KEYS"] = sys.argv[2]
try:
    import boto3
    import werkzeug.serving
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
except ImportError:
    sys.exit(print("none"))

lock = threading.Lock()
served = DomainDispatcherApplication(create_backend_app)


def logged(environ, start_response):
    answer = {}

    def start(status, headers, *rest):
        answer.update(status=status.split(" ")[0], headers={k.lower(): v for k, v in headers})
        return start_response(status, headers, *rest)

    body = served(environ, start)
    query = environ.get("QUERY_STRING", "")
    path = environ["PATH_INFO"] + ("?" + query if query else "")
    length = answer["headers"].get("content-length", "0")
    asked = environ.get("HTTP_RANGE", "-")
    with lock, open(root / "requests.log", "a") as log:
        print(answer["status"], asked, length, "-", environ["REQUEST_METHOD"], path, file=log)
    return body


class Quiet(werkzeug.serving.WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_):
        pass


server = werkzeug.serving.make_server("127.0.0.1", 0, logged, threaded=True, request_handler=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_port
store = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="us-east-1",
    aws_access_key_id="id",
    aws_secret_access_key="secret",
)
store.create_bucket(Bucket="bucket")
for file in sorted(root.rglob("*")):
    if file.is_file() and file.name != "requests.log":
        store.upload_file(str(file), "bucket", f"below/{file.relative_to(root)}")
(root / "requests.log").unlink()
print(port, flush=True)
threading.Event().wait()
