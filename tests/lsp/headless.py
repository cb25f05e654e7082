"""Says what an edit does to a project, by way of the language server and before anything is saved.

    headless.py SERVER FILE OLD NEW

opens FILE, replaces OLD by NEW in memory, and prints what the server shows afterwards, one line for
each complaint. Nothing is written. It ends with 1 if there is an error among them. Python's standard
library is all it needs, so it runs in any CI job as it is.
"""

import json
import pathlib
import subprocess
import sys
import urllib.parse


class Server:
    """A server and what it has shown so far."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.shown = {}
        self.last = 0

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == self.last and "method" not in message:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']['message']}")
                return message["result"]

    def read(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise SystemExit("the server hung up")
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.shown[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def settle(self):
        """Waits until the server has nothing left to do."""
        while not self.command("seeknal.serverStatus")["idle"]:
            pass

    def command(self, name, *arguments):
        params = {"command": name, "arguments": list(arguments)}
        return self.request("workspace/executeCommand", params)

    def close(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(timeout=60)


def main(program, name, old, new):
    path = pathlib.Path(name).resolve()
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"{name} does not hold {old!r}")
    server = Server([program, "--stdio"])
    server.request("initialize", {"processId": None, "capabilities": {}, "workspaceFolders": None})
    server.notify("initialized", {})
    document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": document})
    edited = text.replace(old, new, 1)
    version = {"uri": path.as_uri(), "version": 2}
    server.notify(
        "textDocument/didChange", {"textDocument": version, "contentChanges": [{"text": edited}]}
    )
    server.settle()
    words = {1: "error", 2: "warning", 3: "info", 4: "hint"}
    errors = 0
    for uri, shown in sorted(server.shown.items()):
        file = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(uri).path)).name
        for one in shown:
            errors += one["severity"] == 1
            line = one["range"]["start"]["line"] + 1
            print(f"{file}:{line}: {words[one['severity']]}[{one['code']}] {one['message']}")
    server.close()
    return 1 if errors else 0


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
