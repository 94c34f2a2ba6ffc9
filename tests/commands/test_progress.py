"""What a person at a terminal sees while samples are drawn."""

import os
import pty
import re
import subprocess
import sys

from openai_server import Faults, OpenAIServer


def test_a_terminal_shows_a_bar_with_samples_and_tokens_a_second(tmp_path):
    reader, writer = pty.openpty()
    with OpenAIServer(Faults(delay=0.05)) as server:
        command = [sys.executable, "-m", "gendiv", "run", "--model", f"openai:{server.url}#m", "-k", "2", "-n", "4"]
        command += ["--suite", "mini", "--metrics", "length", "--out", str(tmp_path / "run")]
        process = subprocess.Popen(
            command, stderr=writer, stdout=subprocess.PIPE, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"}
        )
        os.close(writer)
        seen = b""
        try:
            while part := os.read(reader, 65536):
                seen += part
        except OSError:  # the terminal's other end is closed
            pass
        stdout, _ = process.communicate(timeout=60)
        os.close(reader)
    assert process.returncode == 0
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert re.search(r"drawing .* 40/40 samples, \d+ tokens/s", shown), shown[-500:]
    assert "scoring mini-instructions/everyday" in shown
    assert b"drawing" not in stdout
