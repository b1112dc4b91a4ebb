"""A process becomes a server that somebody else wrote, so that who ends the one ends the other."""

import os
import random
import re
import signal
import socket
import time


def become(command, place, prepare=lambda endpoint: None, endpoint=None, **environment):
    """Becomes the server; a child waits until it answers, prepares it, and prints its port. What the server says
    is in `server.log`; among it is its endpoint, if that is not given."""
    said = place / "server.log"
    said.touch()
    if os.fork() == 0:
        server = os.getppid()
        try:
            endpoint = endpoint or said_endpoint(said, server)
            wait_for(endpoint, said, server)
            prepare(endpoint)
            print(endpoint.split(":")[-1], flush=True)
        except Exception as error:
            print(f"{command[0]}: {error}", flush=True)
            os.kill(server, signal.SIGKILL)
        os._exit(0)
    log = os.open(said, os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.execve(command[0], [str(word) for word in command], {**os.environ, **environment})


def free_endpoint():
    """An endpoint for a server that does not say its port: one that no client gets by chance."""
    with socket.socket() as probe:
        while True:
            port = random.randrange(20_000, 32_000)
            try:
                probe.bind(("127.0.0.1", port))
                return f"http://127.0.0.1:{port}"
            except OSError:
                pass


def attempts(said, server):
    for _ in range(6000):
        if os.getppid() != server:
            raise ChildProcessError(f"it ended: {said.read_text()[-500:]}")
        yield
        time.sleep(0.01)
    raise TimeoutError("it does not answer")


def said_endpoint(said, server):
    for _ in attempts(said, server):
        endpoint = re.search(r"http://127\.0\.0\.1:[1-9][0-9]*\b", said.read_text())
        if endpoint:
            return endpoint[0]


def wait_for(endpoint, said, server):
    for _ in attempts(said, server):
        try:
            return socket.create_connection(("127.0.0.1", int(endpoint.split(":")[-1]))).close()
        except ConnectionRefusedError:
            pass
