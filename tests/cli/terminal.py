#!/usr/bin/env python3
"""Runs a program at a terminal: waits for words, types an answer, prints all that was shown, ends as the program did.

usage: terminal.py '[["words to wait for", "answer"], ...]' PROGRAM [ARGUMENT ...]
"""

import json
import os
import pty
import select
import sys
import time

PATIENCE = 60  # seconds, for the words to appear


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown, seen = b"", 0
    deadline = time.monotonic() + PATIENCE
    while True:
        if steps and steps[0][0].encode() in shown[seen:]:
            seen = len(shown)
            os.write(terminal, steps.pop(0)[1].encode() + b"\n")
            deadline = time.monotonic() + PATIENCE
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if ready:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                piece = b""
            if not piece:
                break
            shown += piece
        elif time.monotonic() > deadline:
            os.kill(child, 9)
            break
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    _, status = os.waitpid(child, 0)
    if steps:
        sys.exit(f"never shown: {steps[0][0]!r}")
    sys.exit(os.waitstatus_to_exitcode(status))


main()
