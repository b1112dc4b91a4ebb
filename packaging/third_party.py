"""The licenses of everything that is linked into the executable: crates, and the C library.

`cargo metadata` names the crates. Their license files are in their sources; a text that several
crates share is given once.
"""

import json
import re
import subprocess
from pathlib import Path

NAMES = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)

INTRODUCTION = "The executable arrow-pipes contains code of these Rust crates:"
OTHERS = """\
It also contains code of the standard library of Rust (MIT OR Apache-2.0). The statically linked
executable also contains code of the GNU C library (LGPL-2.1-or-later) and of libgcc
(GPL-3.0-or-later WITH GCC-exception-3.1). The sources of all of them are public, so the executable
can be linked again with another version of the C library."""


def notices(root):
    """The text of the file THIRD-PARTY. `root` is the directory of Cargo.toml."""
    crates = linked_crates(root)
    lines = [f"  {crate['name']} {crate['version']}: {crate['license']}" for crate in crates]
    sections = ["\n".join([INTRODUCTION, "", *lines]), OTHERS]
    sections += [f"{'-' * 80}\n{', '.join(owners)}:\n\n{text}" for text, owners in texts(crates)]
    return "\n\n".join(sections) + "\n"


def linked_crates(root):
    """The crates that the executable is linked from, without this one, by name."""
    command = ["cargo", "metadata", "--locked", "--format-version=1", "--features=remote"]
    command.append("--filter-platform=x86_64-unknown-linux-gnu")
    metadata = json.loads(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    linked, waiting = set(), [metadata["resolve"]["root"]]
    while waiting:
        for dependency in nodes[waiting.pop()]["deps"]:
            name = dependency["pkg"]
            # Procedural macros and build scripts run in the compiler.
            is_macro = any("proc-macro" in target["kind"] for target in packages[name]["targets"])
            is_normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_normal and not is_macro and name not in linked:
                linked.add(name)
                waiting.append(name)
    return sorted((packages[name] for name in linked), key=lambda crate: (crate["name"], crate["version"]))


def texts(crates):
    """License texts and the names of their crates. Spaces and line breaks do not count."""
    found = {}
    for crate in crates:
        for path in license_files(Path(crate["manifest_path"]).parent):
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            found.setdefault(" ".join(text.split()), (text, set()))[1].add(crate["name"])
    return [(text, sorted(owners)) for text, owners in found.values()]


def license_files(directory):
    """Also those of C sources in a directory of their own, such as zstd's."""
    candidates = [*directory.glob("*"), *directory.glob("*/*")]
    return sorted(path for path in candidates if NAMES.match(path.name) and path.is_file())
