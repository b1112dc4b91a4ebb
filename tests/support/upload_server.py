"""A small S3 with faults, which speaks Google's language, too, on a free port of the loopback, whose number it prints.

It keeps objects and multipart uploads in memory. The bucket says how it answers: `good`, and

- `fails-N`: the request that starts an upload, the N-th part (from 1) and all after it get status 500;
- `complete-fails`: the request that completes an upload does; `halfway`: it does after three such requests;
- `cuts`: the connection is cut after half of the body of each part, the first time;
- `loses`: every part, every completion and every plain object is stored, but the first time the answer is
  a cut connection;
- `vanishes-N`: from the N-th part on, every connection is closed without an answer;
- `stalls-N`: the N-th part and all after it are read, and not answered;
- `elsewhere`: as a bucket in the region eu-north-1;
- `heedless`: as a store that knows no conditions.

`GET /_state` tells what is there as JSON: the objects with their MD5, the open uploads, and the requests.
`PUT /_seed/BUCKET/KEY` stores an object without faults. `GET /_wait/N` answers when N parts have come.
"""

import hashlib
import http.server
import json
import re
import threading
import urllib.parse

lock = threading.Condition()
objects = {}
uploads = {}
requests = []
seen = set()
counts = {"parts": 0, "uploads": 0, "completed": 0}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def cut(self):
        self.close_connection = True
        self.connection.close()

    def error(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def body(self, length=None):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0) if length is None else length)

    def once(self, *what):
        """Whether this happens for the first time."""
        with lock:
            is_new = what not in seen
            seen.add(what)
        return is_new

    def fault(self, kind, number=0):
        """Says what goes wrong with a request, after it was counted."""
        how, _, first = self.bucket.partition("-")
        if kind == "complete":
            with lock:
                counts["completed"] += 1
                is_late = self.bucket == "halfway" and 3 < counts["completed"]
            if is_late or self.bucket == "complete-fails":
                return "500"
        if how == "fails" and first.isdigit():
            if int(first) <= number or (kind == "start" and first == "0"):
                return "500"
        if how == "vanishes" and counts["parts"] >= int(first):
            return "vanish"
        if how == "stalls" and kind == "part" and int(first) <= number:
            return "stall"
        return None

    def is_elsewhere(self):
        """Whether the bucket is in another region than that of the signature; the answer then says in which."""
        is_there = self.bucket != "elsewhere" or "/eu-north-1/" in self.headers.get("Authorization", "")
        if not is_there:
            body = b"<Error><Code>PermanentRedirect</Code></Error>"
            self.answer(301, body, [("x-amz-bucket-region", "eu-north-1")])
        return not is_there

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(url.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        if path == "/_state":
            with lock:
                state = {
                    "objects": {k: hashlib.md5(v[0]).hexdigest() for k, v in objects.items()},
                    "uploads": [u["key"] for u in uploads.values()],
                    "parts": counts["parts"],
                    "begun": counts["uploads"],
                    "requests": requests,
                }
                return self.answer(200, json.dumps(state).encode())
        if path.startswith("/_wait/"):
            with lock:
                lock.wait_for(lambda: int(path[7:]) <= counts["parts"], timeout=60)
            return self.answer(200)
        self.bucket, _, key = path.strip("/").partition("/")
        if self.fault("get") == "vanish":
            return self.cut()
        if self.is_elsewhere():
            return
        if "list-type" in query:
            return self.list(query)
        with lock:
            found = objects.get(f"{self.bucket}/{key}")
        if found is None:
            return self.error(404, "NoSuchKey")
        body, meta, etag = found
        modified = ("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        headers = [("ETag", etag), modified, *meta.items()]
        requested = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if requested:
            first, last = requested.groups()
            start = int(first) if first else max(0, len(body) - int(last))
            end = min(int(last) + 1, len(body)) if first and last else len(body)
            headers.append(("Content-Range", f"bytes {start}-{end - 1}/{len(body)}"))
            return self.answer(206, body[start:end], headers)
        self.answer(200, body, headers)

    def do_HEAD(self):
        self.do_GET()

    def list(self, query):
        prefix = query.get("prefix", "")
        with lock:
            names = [k.partition("/")[2] for k in objects if k.startswith(self.bucket + "/")]
        names = sorted(name for name in names if name.startswith(prefix))
        after = query.get("continuation-token", "")
        names = [name for name in names if after < name]
        most = int(query.get("max-keys", 1000))
        page, more = names[:most], len(names) > most
        found = "".join(
            f"<Contents><Key>{name.replace('&', '&amp;')}</Key><Size>1</Size><ETag>x</ETag>"
            "<LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
            for name in page
        )
        token = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if more else ""
        text = f"<ListBucketResult>{found}{token}<KeyCount>{len(page)}</KeyCount></ListBucketResult>"
        self.answer(200, text.encode())

    def meta(self):
        return {k: v for k, v in self.headers.items() if k.lower().startswith(("x-amz-meta-", "x-goog-meta-"))}

    def is_refused(self, name):
        conditions = self.headers.get("If-None-Match"), self.headers.get("x-goog-if-generation-match")
        is_new_only = conditions in (("*", None), (None, "0")) and self.bucket != "heedless"
        return is_new_only and name in objects

    def do_PUT(self):
        url = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(url.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if path.startswith("/_seed/"):
            body = self.body()
            with lock:
                objects[path[7:]] = (body, {}, '"seed"')
            return self.answer(200)
        self.bucket, _, key = path.strip("/").partition("/")
        name = f"{self.bucket}/{key}"
        if "uploadId" in query:
            return self.part(query["uploadId"], int(query["partNumber"]))
        if self.fault("put") == "vanish":
            return self.cut()
        body = self.body()
        if self.is_elsewhere():
            return
        with lock:
            requests.append(f"put {key} {len(body)}")
            if self.is_refused(name):
                return self.error(412, "PreconditionFailed")
            objects[name] = (body, self.meta(), '"single"')
        if self.bucket == "loses" and self.once("put", name):
            return self.cut()
        self.answer(200, headers=[("ETag", '"single"'), ("x-goog-generation", "1")])

    def part(self, upload, number):
        with lock:
            if self.once_locked("counted", upload, number):
                counts["parts"] += 1
                lock.notify_all()
        fault = self.fault("part", number)
        if fault == "vanish":
            return self.cut()
        length = int(self.headers["Content-Length"])
        if self.bucket == "cuts" and self.once("cut", upload, number):
            self.body(length // 2)
            return self.cut()
        body = self.body(length)
        if len(body) < length:
            return self.cut()
        if fault == "500":
            return self.error(500, "InternalError")
        if fault == "stall":
            threading.Event().wait(60)
            return self.cut()
        with lock:
            if upload not in uploads:
                return self.error(404, "NoSuchUpload")
            uploads[upload]["parts"][number] = body
            requests.append(f"part {number} {len(body)}")
        if self.bucket == "loses" and self.once("lost", upload, number):
            return self.cut()
        self.answer(200, headers=[("ETag", f'"{number}"')])

    def once_locked(self, *what):
        is_new = what not in seen
        seen.add(what)
        return is_new

    def do_POST(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.bucket, _, key = urllib.parse.unquote(url.path).strip("/").partition("/")
        name, body = f"{self.bucket}/{key}", self.body()
        if self.is_elsewhere():
            return
        if "delete" in query:
            keys = [key.replace("&amp;", "&") for key in re.findall(r"<Key>(.*?)</Key>", body.decode())]
            with lock:
                for key in keys:
                    requests.append(f"delete {key}")
                    objects.pop(f"{self.bucket}/{key}", None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return self.answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())
        kind = "start" if "uploads" in query else "complete"
        fault = self.fault(kind)
        if fault == "vanish":
            return self.cut()
        if fault == "500":
            return self.error(500, "InternalError")
        with lock:
            if kind == "start":
                counts["uploads"] += 1
                upload = f"upload{counts['uploads']}"
                uploads[upload] = {"key": name, "parts": {}, "meta": self.meta()}
                requests.append(f"start {key}")
                text = f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
                return self.answer(200, text.encode())
            upload = query["uploadId"]
            if upload not in uploads:
                return self.error(404, "NoSuchUpload")
            if self.is_refused(name):
                return self.error(412, "PreconditionFailed")
            parts = uploads[upload]["parts"]
            wanted = [int(n) for n in re.findall(rb"<PartNumber>(\d+)</PartNumber>", body)]
            small = [n for n in wanted[:-1] if len(parts[n]) < 5 << 20]
            if wanted != sorted(parts) or small:
                return self.error(400, "EntityTooSmall" if small else "InvalidPart")
            del uploads[upload]["parts"]
            objects[name] = (b"".join(parts[n] for n in wanted), uploads.pop(upload)["meta"], f'"x-{len(wanted)}"')
            requests.append(f"complete {key}")
        if self.bucket == "loses" and self.once("completed", upload):
            return self.cut()
        self.answer(200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")

    def do_DELETE(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.bucket, _, key = urllib.parse.unquote(url.path).strip("/").partition("/")
        if self.fault("delete") == "vanish":
            return self.cut()
        with lock:
            if "uploadId" in query:
                requests.append(f"abort {key}")
                if uploads.pop(query["uploadId"], None) is None:
                    return self.error(404, "NoSuchUpload")
            else:
                requests.append(f"delete {key}")
                objects.pop(f"{self.bucket}/{key}", None)
        self.answer(204)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
