"""Build backend of the Python wheel: maturin, with launchers, manuals, completions and licenses.

A wheel cannot contain links. Each tool is therefore a launcher that runs the executable beside it.
The tools are the files in src/bin, so the launchers are written anew for each wheel. maturin alone
needs them, too: run `python packaging/backend.py` before it.
"""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import third_party

ROOT = Path(__file__).resolve().parent.parent
# `data` in pyproject.toml. scripts/package also takes the manuals and completions from here.
WHEEL = ROOT / "target" / "packaging" / "wheel"

# The completions of a shell, and the files below `share` where it looks for them. bash and fish look
# for a file by the name of the command, zsh for all that begin with `_`.
COMPLETIONS = {
    "arrow-pipes.bash": "bash-completion/completions/COMMAND",
    "_arrow-pipes": "zsh/site-functions/_arrow-pipes",
    "arrow-pipes.fish": "fish/vendor_completions.d/COMMAND.fish",
}


def __getattr__(name):
    """The other hooks are maturin's own."""
    import maturin

    return getattr(maturin, name)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """The hook of PEP 517."""
    import maturin

    write_data()
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def write_data():
    """Writes the files that the wheel installs into `bin` and `share`."""
    shutil.rmtree(WHEEL, ignore_errors=True)
    write_launchers(WHEEL / "scripts")
    share = WHEEL / "data" / "share"
    for page in sorted((ROOT / "man").glob("*.[17]")):
        copy(page, share / "man" / f"man{page.suffix[1:]}" / page.name)
    for name, target in COMPLETIONS.items():
        for command in ["arrow-pipes", *tools()]:
            copy(ROOT / "completions" / name, share / target.replace("COMMAND", command))
    notices = share / "doc" / "arrow-pipes" / "THIRD-PARTY"
    notices.parent.mkdir(parents=True)
    notices.write_text(third_party.notices(ROOT), encoding="utf-8")


def write_launchers(directory):
    """A launcher for each tool."""
    directory.mkdir(parents=True)
    binary = compiled_launcher(directory / "launcher")
    script = (ROOT / "packaging" / "launcher.sh").read_text()
    for tool in tools():
        launcher = directory / tool
        launcher.write_bytes(binary or script.replace("TOOL", tool).encode())
        launcher.chmod(0o755)


def compiled_launcher(path):
    """The launcher in C if it can be compiled here; the shell script works everywhere."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return None
    options = "-Os -s -static -nostdlib -ffreestanding -fno-pie -no-pie -fno-stack-protector"
    options += " -fcf-protection=none -fno-asynchronous-unwind-tables"
    options += " -Wl,-z,noseparate-code -Wl,-z,noexecstack -Wl,--build-id=none"
    source = ROOT / "packaging" / "launcher.c"
    try:
        command = ["cc", *options.split(), "-o", path, source]
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    binary = path.read_bytes()
    path.unlink()
    return binary


def tools():
    return sorted(source.stem for source in (ROOT / "src" / "bin").glob("*.rs"))


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    write_data()
