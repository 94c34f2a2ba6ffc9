"""Calling the command line in this process, as a test sees it: exit code, standard output, standard error."""

import sys

from gendiv.__main__ import main


def calling(monkeypatch, capsys, *first):
    """Return a function that calls `gendiv` with the first words and those it is given."""

    def running(*words):
        monkeypatch.setattr(sys, "argv", ["gendiv", *first, *map(str, words)])
        code = 0
        try:
            code = main() or 0
        except SystemExit as end:
            code = end.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return running
