"""Encrypted Parquet files of pyarrow and of the official corpus, read with keys from a file.

Arguments: `written`, or `official` and the directory of the corpus. Prints what differs.
"""
import base64
import io
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

failures = []


def fail(*what):
    failures.append(what)
    print(*what, sep="\n    ")


def ours(*arguments):
    run = subprocess.run(["parquet-to-stream", *arguments], capture_output=True)
    table = ipc.open_stream(io.BytesIO(run.stdout)).read_all() if run.returncode == 0 else None
    return table, run.stderr.decode()


def keys_in(name, *lines):
    with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return name


class Unwrapped(pe.KmsClient):
    """A service that wraps nothing: keys are seen as they are made."""

    def wrap_key(self, key, master):
        return base64.b64encode(key).decode() + "@" + master

    def unwrap_key(self, wrapped, master):
        return base64.b64decode(wrapped.split("@")[0])


class Recording(Unwrapped):
    made = {}

    def wrap_key(self, key, master):
        Recording.made[master] = key
        return super().wrap_key(key, master)


def sample():
    count = 20_000
    return pa.table({
        "id": pa.array(range(count), pa.int64()),
        "name": pa.array([None if n % 11 == 0 else f"name {n % 50}" for n in range(count)]),
        "unique": pa.array([f"{n * 7919:08x}" for n in range(count)]),
        "flag": pa.array([n % 3 == 0 for n in range(count)]),
        "list": pa.array([[n, None, n + 1][: n % 4] or None for n in range(count)], pa.list_(pa.int32())),
        "part": pa.array([{"x": n / 2, "y": str(n)} for n in range(count)]),
    })


# Each column has a key of its own.
COLUMNS = {"c1": "id", "c2": "name", "c3": "part.x", "c4": "list.list.element"}


def write(table, name, algorithm, plaintext_footer, bits, columns, **options):
    config = pe.EncryptionConfiguration(
        footer_key="f",
        column_keys={key: [path] for key, path in COLUMNS.items()} if columns else {},
        uniform_encryption=not columns,
        encryption_algorithm=algorithm,
        plaintext_footer=plaintext_footer,
        double_wrapping=False,
        data_key_length_bits=bits,
    )
    Recording.made = {}
    factory = pe.CryptoFactory(lambda config: Recording())
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(name, table.schema, encryption_properties=properties, **options) as writer:
        writer.write_table(table, row_group_size=6000)
    return dict(Recording.made)


def written():
    table = sample()
    number = 0
    for algorithm in ["AES_GCM_V1", "AES_GCM_CTR_V1"]:
        for plaintext_footer, columns, bits in [
            (False, False, 128),
            (False, True, 256),
            (True, True, 128),
            (True, False, 192),
        ]:
            number += 1
            options = [
                {},
                {"data_page_version": "2.0", "compression": "zstd", "data_page_size": 3000},
                {"use_dictionary": False, "compression": "none", "write_page_index": True},
            ][number % 3]
            name = f"{algorithm}-{number}.parquet"
            try:
                made = write(table, name, algorithm, plaintext_footer, bits, columns, **options)
            except OSError as why:
                fail(name, "pyarrow cannot write it", why)
                continue
            one_file(table, name, made, plaintext_footer, columns)


def key_line(master, key, number):
    """In hexadecimal digits or base64; a column by its path or by what it is in."""
    text = key.hex() if number % 2 else base64.b64encode(key).decode()
    return f"footer {text}" if master == "f" else f"column {COLUMNS[master].split('.list')[0]} {text}"


def one_file(table, name, made, plaintext_footer, columns):
    lines = [key_line(master, key, number) for number, (master, key) in enumerate(made.items())]
    keys = keys_in("keys", *lines)
    found, told = ours("--key-file", keys, name)
    if found is None or told:
        return fail(name, told)
    if not found.equals(table):
        return fail(name, "other values")
    for options in [
        ["-w", "id % 1000 = 7 AND name IS NOT NULL"],
        ["-w", "id BETWEEN 5990 AND 6010", "-c", "unique,part.y"],
        ["--dictionary", "auto", "-c", "name"],
        ["--runs", "auto", "-c", "flag,name"],
        ["-j", "3", "--skip", "7000", "-n", "9000"],
        ["--batch-rows", "777", "-c", "list"],
    ]:
        found, told = ours("--key-file", keys, *options, name)
        pq.write_table(table, "plain.parquet", row_group_size=6000)
        expected, _ = ours(*options, "plain.parquet")
        if found is None or found.combine_chunks().to_pylist() != expected.to_pylist():
            fail(name, options, told)
    damaged(name, keys, None if columns else table)
    if columns:
        some_keys(table, name, lines, plaintext_footer)


def damaged(name, keys, table):
    """A changed byte is an error, or what it changes is not encrypted; it never ends the process."""
    content = bytearray(open(name, "rb").read())
    for place in range(5, len(content), len(content) // 25):
        changed = bytearray(content)
        changed[place] ^= 0x10
        open("damaged.parquet", "wb").write(changed)
        run = subprocess.run(["parquet-to-stream", "--key-file", keys, "damaged.parquet"], capture_output=True)
        if run.returncode not in (0, 1) or (run.returncode == 1) != (run.stderr.count(b"\n") == 1):
            fail(name, place, run.returncode, run.stderr)
        # Pages have no tag in CTR; and columns without keys are not encrypted.
        if "GCM_V1" in name and table is not None and run.returncode == 0:
            if not ipc.open_stream(run.stdout).read_all().equals(table):
                fail(name, place, "other values without an error")


def some_keys(table, name, lines, plaintext_footer):
    """Columns whose keys are there are read; the others are errors that name them."""
    rest = [c for c in table.column_names if c in ("unique", "flag")]
    none = keys_in("none", "# nothing")
    found, told = ours("--key-file", none, "-c", ",".join(rest), name)
    if plaintext_footer:
        if found is None or not found.equals(table.select(rest)):
            fail(name, "without keys", told)
        found, told = ours("-c", ",".join(rest), name)
        if found is None or not found.equals(table.select(rest)):
            fail(name, "without a key file", told)
        _, told = ours("-c", "id", name)
        why = "it is encrypted, and no keys are given (--key-file); choose others with -c\n"
        if told != f'parquet-to-stream: {name}: column "id" cannot be read: {why}':
            fail(name, told)
        _, told = ours("--key-file", none, "-c", "part", name)
        if 'column "part" cannot be read: it is encrypted, and the key file has no key for it (column part.x KEY); the key is wrapped: its key management service can unwrap it; choose' not in told:
            fail(name, told)
    elif found is not None or "the footer is encrypted, and the key file has no key for it (footer KEY); the key" not in told:
        fail(name, "without keys", told)
    wrong = base64.b64encode(b"0123456789abcdef").decode()
    lines = [line for line in lines if not line.startswith("column id ")]
    keys_in("wrong", f"column id {wrong}", *lines)
    found, told = ours("--key-file", "wrong", "-c", "id", name)
    if 'column "id" cannot be read: it cannot be decrypted: its key does not match' not in told:
        fail(name, "with a wrong key", told)
    found, told = ours("--key-file", "wrong", "-c", "name,flag", name)
    if found is None or not found.equals(table.select(["name", "flag"])):
        fail(name, "beside a wrong key", told)
    shown = subprocess.run(["file-inspect", "--key-file", "wrong", name], capture_output=True, text=True)
    if "20,000" not in shown.stdout or 'column "id" cannot be read' not in shown.stdout:
        fail(name, shown.stdout, shown.stderr)


def aad_prefixes():
    key = b"0123456789abcdef"
    line = f"footer {key.hex()}"
    table = pa.table({"a": pa.array([1, None, 3])})
    for stored in [True, False]:
        properties = pe.create_encryption_properties(key, aad_prefix=b"x y", store_aad_prefix=stored)
        with pq.ParquetWriter("aad.parquet", table.schema, encryption_properties=properties) as writer:
            writer.write_table(table)
        for lines, works in [
            ([line], stored),
            ([line, "aad-prefix x y"], True),
            ([line, "aad-prefix other"], False),
        ]:
            found, told = ours("--key-file", keys_in("keys", *lines), "aad.parquet")
            if (found is not None and found.equals(table)) != works:
                fail("AAD prefix", stored, lines, told)
            if not works and "AAD prefix" not in told:
                fail("AAD prefix", stored, lines, told)


def official(directory):
    """All samples hold the same rows; pyarrow reads those that are encrypted by one key."""
    digits = "1234567890" * 4
    keys = {}
    for bits, folder in [(128, ""), (256, "aes256/")]:
        size = bits // 8
        lines = [f"footer {('0' + digits)[:size].encode().hex()}", "aad-prefix tester"]
        if bits == 128:
            lines += [f"column double_field {b'1234567890123450'.hex()}", f"id kc2 {b'1234567890123451'.hex()}"]
        else:
            lines += [f"id kc{n} {(digits[:31] + str(n + 1)).encode().hex()}" for n in range(1, 9)]
        keys[folder] = keys_in(f"keys{bits}", *lines)
    properties = pe.create_decryption_properties(b"0123456789012345")
    expected = pq.read_table(
        f"{directory}/uniform_encryption.parquet.encrypted",
        decryption_properties=properties,
        coerce_int96_timestamp_unit="us",
    )
    count = 0
    for folder, key_file in keys.items():
        for name in sorted(os.listdir(f"{directory}/{folder}")):
            if not name.endswith(".encrypted") or name.startswith("_") or "external" in name:
                continue
            path = f"{directory}/{folder}{name}"
            found, told = ours("--key-file", key_file, "--int96", "us", path)
            if found is None:
                fail(path, told)
                continue
            count += 1
            if "bloom_filter" not in name:
                compare(path, found, expected)
            elif found["double_field"].to_pylist() != [n + 0.5 for n in range(len(found))]:
                fail(path, found["double_field"])
    if count < 12:
        fail("only", count, "files")


def compare(path, found, expected):
    for name in found.column_names:
        one, two = found[name], expected[name]
        # The times are before the year 1, which Python has no dates for.
        if pa.types.is_timestamp(one.type):
            one, two = one.cast(pa.int64()), two.cast(pa.int64())
        if one.to_pylist() != two.to_pylist():
            fail(path, name, one.slice(0, 3).to_pylist(), two.slice(0, 3).to_pylist(), one.type, two.type)


if sys.argv[1] == "written":
    written()
    aad_prefixes()
else:
    official(sys.argv[2])
sys.exit(1 if failures else 0)
