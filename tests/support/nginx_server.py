"""Serves the files in a directory by nginx, as a web server with HTTPS does, and prints its port; prints `none` if
nginx is not installed. Beside the files, `ca.pem` is the authority that the server's certificate is from, and
`requests.log` has a line per answer: status, range, bytes sent, method, path.

Plain HTTP on the same port is redirected to HTTPS. The process becomes nginx."""

import datetime
import ipaddress
import os
import pathlib
import shutil
import sys

from server_process import become, free_endpoint

program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID
except ImportError:
    program = None
if program is None:
    sys.exit(print("none"))

place = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)


def certificate(name, key, issuer, issuer_key, *extensions):
    as_name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    made = (
        x509.CertificateBuilder()
        .subject_name(as_name(name))
        .issuer_name(as_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    for extension in extensions:
        made = made.add_extension(extension, critical=False)
    return made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
constraints = x509.BasicConstraints(ca=True, path_length=None)
names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
authority = certificate("tests", authority_key, "tests", authority_key, constraints)
(place / "ca.pem").write_bytes(authority)
(place / "server.pem").write_bytes(certificate("server", key, "tests", authority_key, names))
(place / "key.pem").write_bytes(
    key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
)

endpoint = free_endpoint()
port = endpoint.split(":")[-1]
(place / "nginx.conf").write_text(f"""
daemon off;
master_process off;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{ worker_connections 256; }}
http {{
    log_format requests '$status $http_range $body_bytes_sent - $request_method $request_uri';
    access_log {place}/requests.log requests;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    default_type application/octet-stream;
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {place}/server.pem;
        ssl_certificate_key {place}/key.pem;
        error_page 497 =307 https://127.0.0.1:{port}$request_uri;
        root {place};
        location /compressed/ {{
            alias {place}/;
            gzip on;
            gzip_types *;
            gzip_min_length 1;
        }}
        location /moved/ {{ rewrite ^/moved/(.*)$ /$1 redirect; }}
        location /circle/ {{ return 302 $request_uri; }}
        location /put/ {{
            dav_methods PUT;
            create_full_put_path on;
        }}
    }}
}}
""")
become([program, "-p", f"{place}/", "-c", place / "nginx.conf", "-e", place / "error.log"], place, endpoint=endpoint)
