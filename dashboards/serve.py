"""Starting the dashboard: a free port on this machine, the Streamlit process, the address once it answers.

Imports nothing heavy, so that a command line can use it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from dashboards.home import PROJECT, STATIC

ADDRESS = "127.0.0.1"
SERVER = Path(__file__).resolve().parent / "server.py"
READY_WITHIN_SECONDS = 60


class ServeError(Exception):
    """The dashboard did not start; the message is Japanese."""


def announce(url: str) -> None:
    """Say where the dashboard is."""
    print(f"ダッシュボード: {url}(終わるには Ctrl+C)", flush=True)


def serve(port: int, audience: str, home: Path, on_ready: Callable[[str], None] = announce) -> int:
    """Serve `audience`'s edition of `home` on 127.0.0.1 until stopped; returns the exit code of the server.

    Takes the next free port if `port` is taken; calls `on_ready(url)` once pages can be opened.
    Raises ServeError if it never answers.
    """
    _ensure_fonts()
    url = f"http://{ADDRESS}:{(free := free_port(port))}"
    environment = os.environ | {
        "KASANE_HOME": str(home),
        "KASANE_AUDIENCE": audience,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")])),
    }
    command = [sys.executable, "-m", "streamlit", "run", str(SERVER), f"--server.port={free}"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        _wait_until_ready(server, url)
        on_ready(url)
        code = server.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        server.terminate()
        server.wait()
    return 0 if code == -signal.SIGTERM else code


def _ensure_fonts() -> None:
    """`make setup` has cut the web font already; an environment set up otherwise does it at its first start."""
    if not (STATIC / "fonts.css").exists():
        print("日本語フォントを用意しています(最初の1回だけ)…", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "dashboards.fonts"], cwd=PROJECT, check=False)


def free_port(wanted: int) -> int:
    """`wanted`, or the next port after it that nobody listens on. Raises ServeError after fifty."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                continue
            return port
    raise ServeError(f"ポート {wanted}〜{wanted + 49} はすべて使われています。--port で別の番号を指定してください。")


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise ServeError("ダッシュボードを起動できませんでした。")
        try:
            with urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310 - our own http address
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise ServeError(f"ダッシュボードが{READY_WITHIN_SECONDS}秒たっても応答しません。")
