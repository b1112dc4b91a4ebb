"""Serves the files of a directory by HTTP on a free port of the loopback, whose number it prints.

The first part of a path says how: `plain`, `no-ranges`, `chunked` (no ranges, no length), `busy` (every second answer is a 503),
`failing` (all are), `cut` (every second body ends early), `replaced` (after the first answer the object
is another one), `heedless` (the same, without regard to If-Match), `unnamed` (no ETag), `forbidden`.
`elsewhere` (a bucket in the region eu-north-1), `nowhere` (one that does not say in which), `credentials` (keys, as a container gets them).
Each answer is a line in `requests.log`: status, range, bytes sent, and whose request it is: the access key
and the region of its signature, and `pays` if the requester pays; the method and the path.
"""

import collections
import http.server
import json
import pathlib
import re
import sys
import threading

root = pathlib.Path(sys.argv[1])
asked = collections.Counter()
lock = threading.Lock()


def span(header, size):
    """The range of a Range header; none if it is not satisfiable."""
    first, last = re.fullmatch(r"bytes=(\d*)-(\d*)", header).groups()
    if first == "":
        return (max(0, size - int(last)), size) if 0 < int(last) and 0 < size else None
    end = min(int(last) + 1, size) if last else size
    return (int(first), end) if int(first) < end else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers=(), body=b"", sent=None):
        body = body if self.command == "GET" else b""
        with lock, open(root / "requests.log", "a") as log:
            length = len(body if sent is None else sent)
            range_ = self.headers.get("Range", "-")
            print(status, range_, length, self.whose(), self.command, self.path, file=log)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if sent is None else sent)
        if sent is not None:
            self.close_connection = True

    def whose(self):
        signed = re.search(r"Credential=([^/]+)/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        whose = "@".join(signed.groups()) if signed else "-"
        return whose + (":pays" if self.headers.get("x-amz-request-payer") else "")

    def answer_in_chunks(self, headers, body):
        with lock, open(root / "requests.log", "a") as log:
            print(200, self.headers.get("Range", "-"), len(body), self.whose(), self.command, self.path, file=log)
        self.send_response(200)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), 10_000):
            part = body[start : start + 10_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def do_POST(self):
        self.do_GET()

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        _, how, name = (self.path.split("?")[0] + "/").split("/", 2)
        name = name.removesuffix("/")
        if how == "nowhere":
            return self.answer(301, body=b"<Code>PermanentRedirect</Code>")
        if how == "elsewhere" and not self.whose().endswith("@eu-north-1"):
            return self.answer(301, [("x-amz-bucket-region", "eu-north-1")], b"<Code>PermanentRedirect</Code>")
        if how == "credentials":
            keys = {"AccessKeyId": "CONTAINER", "SecretAccessKey": "s", "Token": "t"}
            keys["Expiration"] = "2999-01-01T00:00:00Z"
            return self.answer(200, body=json.dumps(keys).encode())
        file = root / name
        if not file.exists():
            return self.answer(404, body=b"no such object")
        content = file.read_bytes()
        requested = self.headers.get("Range")
        with lock:
            before = asked[how]
            asked[how] += 1
        if how == "forbidden":
            return self.answer(403, body=b"<Error>secret</Error>")
        if how == "failing" or (how == "busy" and before % 2 == 0):
            return self.answer(503, body=b"slow down")
        is_new = how in ("replaced", "heedless") and 0 < before
        etag = '"second"' if is_new else '"first"'
        matches = self.headers.get("If-Match", etag) == etag
        if not matches and how != "heedless":
            return self.answer(412)
        headers = [] if how == "unnamed" else [("ETag", etag)]
        if how == "chunked":
            return self.answer_in_chunks(headers, content)
        if requested is None or how == "no-ranges":
            return self.answer(200, headers, content)
        found = span(requested, len(content))
        if found is None:
            return self.answer(416, headers)
        start, end = found
        headers.append(("Content-Range", f"bytes {start}-{end - 1}/{len(content)}"))
        body = content[start:end]
        sent = body[: len(body) // 2] if how == "cut" and before % 2 == 0 else None
        return self.answer(206, headers, body, sent)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
