"""What an editor does with a project, for scripts and CI: by way of the language server, over its pipes.

    headless.py SERVER FILE OLD NEW
        opens FILE, replaces OLD by NEW in memory, and prints what the server shows afterwards, one line
        for each complaint. Nothing is written. It ends with 1 if there is an error among them.

    headless.py SERVER WORD PROJECT [NAME=VALUE ...]
        has a command of the server carried out, such as `plan`, `apply` or `promote`, and prints how far
        it is and its result as JSON. What would be asked is answered by `confirmed=true`. It ends with 1
        if it was refused or something failed.

Python's standard library is all it needs, so it runs in any CI job as it is.
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
        self.tell = None

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
            if "id" in message:
                # Nobody is there to be asked; what must be said is said beforehand.
                self.send({"id": message["id"], "result": None})

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
        if message.get("method") == "$/progress" and self.tell:
            self.tell(message["params"]["value"])
        return message

    def settle(self):
        """Waits until the server has nothing left to do."""
        while not self.command("seeknal.serverStatus")["idle"]:
            pass

    def command(self, name, *arguments, token=None):
        params = {"command": name, "arguments": list(arguments), "workDoneToken": token}
        return self.request("workspace/executeCommand", params)

    def start(self, folder=None):
        folders = folder and [{"uri": folder.as_uri(), "name": folder.name}]
        params = {"processId": None, "capabilities": {}, "workspaceFolders": folders}
        self.request("initialize", params)
        self.notify("initialized", {})

    def close(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(timeout=60)


def edit(program, name, old, new):
    path = pathlib.Path(name).resolve()
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"{name} does not hold {old!r}")
    server = Server([program, "--stdio"])
    server.start()
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


def value(text):
    """A word of the command line as JSON has it: true, false, a number, or a text."""
    if text in ("true", "false") or text.isdigit():
        return json.loads(text)
    return text


def carry_out(program, word, name, *given):
    argument = {key: value(text) for key, _, text in (one.partition("=") for one in given)}
    server = Server([program, "--stdio"])
    server.start(pathlib.Path(name).resolve())
    said = []

    def tell(progress):
        words = progress.get("message") or progress.get("title", "")
        if words not in said[-1:]:
            said.append(words)
            print(words, file=sys.stderr)

    server.tell = tell
    result = server.command(f"seeknal.{word}", argument, token="headless")
    server.close()
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 1 if result.get("failed") or result.get("stopped") else 0


def main(program, *words):
    is_edit = len(words) == 3 and pathlib.Path(words[0]).is_file()
    return edit(program, *words) if is_edit else carry_out(program, *words)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise SystemExit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
