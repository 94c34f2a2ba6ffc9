"""A double of the Hugging Face hub: data sets with commits, branches, files and faults, on a loopback port.

It answers what the hub's own client asks when it resolves a revision and fetches a file: enough to run the real loading
code against, `HF_ENDPOINT` pointing here.
"""

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

INFO = re.compile(r"/api/datasets/(?P<id>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?")
TREE = re.compile(r"/api/datasets/(?P<id>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(?:/(?P<path>.*))?")
PATHS = re.compile(r"/api/datasets/(?P<id>[^/]+/[^/]+)/paths-info/(?P<revision>[^/]+)")
FILE = re.compile(r"/datasets/(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass
class Repository:
    """One data set.

    Attributes:
        commits: files by commit, each its bytes by path.
        branches: commits by the names of branches and tags.
        fault: "gated" or "private" or an HTTP status that answers everything.
    """

    commits: dict[str, dict[str, bytes]]
    branches: dict[str, str] = field(default_factory=dict)
    fault: str | int | None = None


class HubServer:
    """The server; use it as a context. `asked` holds (method, path) of every request."""

    def __init__(self, **repositories: Repository) -> None:
        self.repositories = {name.replace("__", "/"): repository for name, repository in repositories.items()}
        self.asked: list[tuple[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.answer(self)

            do_HEAD = do_POST = do_GET  # noqa: N815  the names that http.server looks for

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        """What HF_ENDPOINT is to be."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()

    def answer(self, request):
        """Answer one request as the hub does."""
        url = urlsplit(request.path)
        path = unquote(url.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        self.asked.append((request.command, path))
        found = next((match for form in (TREE, PATHS, FILE, INFO) if (match := form.fullmatch(path))), None)
        repository = self.repositories.get(found["id"]) if found else None
        if repository is None or repository.fault == "private":
            return _say(request, 401, {"error": "Invalid username or password."}, {"X-Error-Code": "RepoNotFound"})
        if isinstance(repository.fault, int):
            return _say(request, repository.fault, {"error": "fault"})
        if repository.fault == "gated" and found.re is FILE:
            return _say(request, 403, {"error": "gated"}, {"X-Error-Code": "GatedRepo"})
        revision = found["revision"] or "main"
        commit = repository.branches.get(revision, revision)
        if commit not in repository.commits:
            return _say(request, 404, {"error": "no revision"}, {"X-Error-Code": "RevisionNotFound"})
        files = repository.commits[commit]
        if found.re is INFO:
            siblings = [{"rfilename": name} for name in files]
            return _say(request, 200, {"id": found["id"], "sha": commit, "siblings": siblings, "tags": []})
        if found.re is TREE:
            return _tree(request, files, found["path"], deep="recursive=true" in url.query.lower())
        if found.re is PATHS:
            asked = parse_qs(body.decode()).get("paths") or json.loads(body or b"{}").get("paths", [])
            return _say(request, 200, [_entry(name, files[name]) for name in asked if name in files])
        if found["path"] not in files:
            return _say(request, 404, {"error": "no entry"}, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
        content = files[found["path"]]
        return _send(request, 200, content, {"ETag": f'"{_etag(content)}"', "X-Repo-Commit": commit})


def _tree(request, files, path, deep):
    """Answer what a folder holds: its files and folders, or, with `deep`, all files below it."""
    below = f"{path.strip('/')}/" if path else ""
    inside = {name: content for name, content in files.items() if name.startswith(below)}
    if not inside:
        return _say(request, 404, {"error": "no entry"}, {"X-Error-Code": "EntryNotFound"})
    entries = [_entry(name, content) for name, content in inside.items() if deep or "/" not in name[len(below) :]]
    folders = {below + name[len(below) :].partition("/")[0] for name in inside if "/" in name[len(below) :]}
    entries += [{"type": "directory", "oid": _etag(name.encode()), "size": 0, "path": name} for name in folders]
    return _say(request, 200, entries)


def _etag(content):
    return hashlib.sha1(content).hexdigest()  # noqa: S324  as git names files


def _entry(name, content):
    return {"type": "file", "oid": _etag(content), "size": len(content), "path": name}


def _say(request, status, value, headers=None):
    _send(request, status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


def _send(request, status, content, headers):
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(content)
