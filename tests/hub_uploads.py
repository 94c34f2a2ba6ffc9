"""A double of the Hugging Face hub for uploads, on a loopback port: it keeps what it is sent.

`with UploadHub() as hub:` and `HF_ENDPOINT=hub.url` in the environment of the process that uploads.
"""

import base64
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "hf_a-token-that-nobody-may-see"  # noqa: S105  it opens nothing


@dataclass
class Commit:
    """One commit as it came: where to, its message, its files, and whether it is a pull request."""

    repository: str
    summary: str
    files: Mapping[str, bytes]
    pull_request: bool


@dataclass
class UploadHub:
    """The hub.

    Attributes:
        large: size in bytes from which on a file is asked for by the protocol of large files.
        forbidden: refuse every repository.
        created: what `create_repo` sent, repository by repository; a second time is told that it is there.
        commits: in the order they came.
        tokens: every Authorization header.
    """

    large: int = 10**9
    forbidden: bool = False
    created: dict[str, dict[str, object]] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def __enter__(self) -> "UploadHub":
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hub.tokens.add(self.headers["Authorization"])
                status, answer = hub.answer(urlsplit(self.path), self._body())
                self._send(status, json.dumps(answer).encode())

            def do_PUT(self) -> None:
                hub.blobs[self.path.rpartition("/")[2]] = self._body()
                self._send(200, b"")

            def do_GET(self) -> None:
                self._send(404, b"{}")

            def _body(self) -> bytes:
                return self.rfile.read(int(self.headers["Content-Length"] or 0))

            def _send(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, address: object, body: bytes) -> tuple[int, object]:
        path = address.path
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if self.forbidden:
            return 403, {"error": "You don't have the rights to create a repository under the namespace 'org'"}
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        if path.endswith("/info/lfs/objects/batch"):
            return 200, {"transfer": "basic", "objects": [self._large(one) for one in json.loads(body)["objects"]]}
        kind, repository = path.split("/")[2], "/".join(path.split("/")[3:5])
        if "/preupload/" in path:
            modes = [(file["path"], file["size"] >= self.large) for file in json.loads(body)["files"]]
            return 200, {
                "files": [
                    {"path": name, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
                    for name, large in modes
                ]
            }
        return self._commit(f"{kind}/{repository}", body, pull_request="create_pr" in parse_qs(address.query))

    def _create(self, asked: dict[str, object]) -> tuple[int, object]:
        name = f"{asked['type']}s/{asked['organization']}/{asked['name']}"
        there = name in self.created
        self.created.setdefault(name, asked)
        return 409 if there else 200, {"url": f"{self.url}/{name}"}

    def _large(self, asked: dict[str, object]) -> dict[str, object]:
        return {**asked, "actions": {"upload": {"href": f"{self.url}/blobs/{asked['oid']}"}}}

    def _commit(self, repository: str, body: bytes, pull_request: bool) -> tuple[int, object]:
        lines = [json.loads(line) for line in body.splitlines()]
        files = {}
        for line in lines[1:]:
            value = line["value"]
            large = line["key"] == "lfsFile"
            files[value["path"]] = self.blobs[value["oid"]] if large else base64.b64decode(value["content"])
        self.commits.append(Commit(repository, lines[0]["value"]["summary"], files, pull_request))
        oid = f"{len(self.commits):040x}"
        answer = {"commitUrl": f"{self.url}/{repository}/commit/{oid}", "commitOid": oid}
        if pull_request:
            answer["pullRequestUrl"] = f"{self.url}/{repository.removeprefix('models/')}/discussions/1"
        return 200, answer
