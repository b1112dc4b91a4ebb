"""Types lines into an interactive shell in a pseudo-terminal, presses TAB, and prints the lines that are
then in its editor, each with a NUL after it. Arguments: the shell, its setup, its home directory, and the
lines as JSON."""

import json
import os
import pty
import select
import sys
import time

SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "__dump() { printf '%s' \"$READLINE_LINE\" >\"$DUMP.part\"; READLINE_LINE=; mv \"$DUMP.part\" \"$DUMP\"; }\n"
        "bind 'set bell-style none'; bind -x '\"\\C-x\\C-p\": __dump'\n",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -Uz compinit; compinit -u -D\n"
        "__dump() { printf '%s' \"$BUFFER\" >$DUMP.part; BUFFER=; mv $DUMP.part $DUMP }\n"
        "zle -N __dump; bindkey -e; bindkey '^X^P' __dump; setopt no_beep interactive_comments\n",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        "function __dump; printf '%s' (commandline | string collect) >$DUMP.part; commandline -r ''; "
        "mv $DUMP.part $DUMP; end\n"
        "bind \\cx\\cp __dump\n",
    ),
}
PATIENCE = 60


def main() -> None:
    shell, setup, directory, lines = sys.argv[1:]
    argv, dump_setup = SHELLS[shell]
    setup_file, dump = os.path.join(directory, "setup"), os.path.join(directory, "dump")
    with open(setup_file, "w", encoding="utf-8") as file:
        file.write(dump_setup + setup + "\nprintf ready >$DUMP\n")
    environment = dict(os.environ, TERM="xterm", DUMP=dump, HOME=directory, LC_ALL="C.UTF-8")
    environment.pop("ENV", None)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, environment)
    log = bytearray()
    assert wait_for(dump, terminal, log, send=f" . {setup_file}\r".encode()) == "ready", log
    found = [
        wait_for(dump, terminal, log, send=line.encode() + b"\t\x18\x10") for line in json.loads(lines)
    ]
    os.close(terminal)
    os.waitpid(pid, 0)
    print("".join(line + "\0" for line in found), end="")


def wait_for(dump: str, terminal: int, log: bytearray, send: bytes) -> str:
    """Types, and waits for the file."""
    os.write(terminal, send)
    end = time.monotonic() + PATIENCE
    while not os.path.exists(dump):
        if end < time.monotonic():
            sys.exit(f"no answer to {send!r}: {log.decode(errors='replace')}")
        readable, _, _ = select.select([terminal], [], [], 0.02)
        if readable:
            log += os.read(terminal, 65536)
    with open(dump, encoding="utf-8") as file:
        text = file.read()
    os.remove(dump)
    return text


if __name__ == "__main__":
    main()
