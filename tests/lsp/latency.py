"""How long a keystroke takes, through bytes, beside another server on the same files.

    latency.py PROJECT FILE -- SERVER ... [-- SERVER ...]

For each server it opens PROJECT and FILE, a node of it, and types: a letter that breaks the line
`kind: …`, a letter that mends it, and so on. Measured is the time until the server has shown the
complaint, or shown that it is gone, and the time of a hover, a completion and an outline right after
a keystroke. Of our own server also the time until it has shown what an edit does, when the last line of
FILE (a transform or a source) gets one more that changes its rows. PROJECT must be
a repository with everything committed. Every sample is kept; p50, p95, p99 and the largest are printed, in
milliseconds.
"""

import pathlib
import sys
import time

from headless import Server

ROUNDS = 300
VERDICTS = 200
WARM = 20


def percentiles(samples):
    ordered = sorted(samples)
    at = lambda percent: ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
    return "  ".join(f"p{p} {at(p) * 1e3:8.2f}" for p in (50, 95, 99)) + f"  max {ordered[-1] * 1e3:8.2f}"


def drive(command, project, path):
    begun = time.perf_counter()
    server = Server(command)
    folders = [{"uri": project.as_uri(), "name": "project"}]
    abilities = {"textDocument": {"publishDiagnostics": {}, "documentSymbol": {}}}
    params = {"processId": None, "rootUri": project.as_uri(), "capabilities": abilities}
    answer = server.request("initialize", {**params, "workspaceFolders": folders})
    is_ours = answer.get("serverInfo", {}).get("name") == "seeknal-lsp"
    server.notify("initialized", {})
    uri = path.as_uri()
    text = path.read_text(encoding="utf-8")
    # Where the value of the first line ends, a colon and a space make it no YAML any more.
    column = len(text.splitlines()[0])
    document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": document})
    version = 1

    def type_or_take_back(is_broken):
        nonlocal version
        version += 1
        start = {"line": 0, "character": column}
        end = {"line": 0, "character": column + (0 if is_broken else 4)}
        change = {"range": {"start": start, "end": end}, "text": ": x:" if is_broken else ""}
        document = {"uri": uri, "version": version}
        server.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [change]}
        )

    def wait_for(is_broken):
        while True:
            message = server.read()
            if "id" in message and "method" in message:
                server.send({"id": message["id"], "result": None})
            shown = server.shown.get(uri, [])
            told = message.get("params", {}).get("uri") == uri
            if told and is_broken == any(one.get("severity") == 1 for one in shown):
                return

    def rest():
        """What the last keystroke brought for other files is read before the next: nobody types that fast."""
        if is_ours and first is not None:
            server.settle()

    first = None
    shown, asked = [], {"hover": [], "completion": [], "documentSymbol": []}
    for number in range(ROUNDS + WARM):
        is_broken = number % 2 == 0
        rest()
        sent = time.perf_counter()
        type_or_take_back(is_broken)
        wait_for(is_broken)
        if first is None:
            first = time.perf_counter() - begun
        elif number >= WARM:
            shown.append(time.perf_counter() - sent)
    for _ in range(ROUNDS):
        for name, samples in asked.items():
            type_or_take_back(True)
            place = {"line": 1, "character": 3}
            params = {"textDocument": {"uri": uri}, "position": place}
            sent = time.perf_counter()
            server.request(f"textDocument/{name}", params)
            samples.append(time.perf_counter() - sent)
            type_or_take_back(False)
    verdicts = []
    last = len(text.splitlines())
    more = "  skip: 0\n" if "kind: source" in text else "  LIMIT 7\n"

    def edit(is_more):
        nonlocal version
        version += 1
        start, end = {"line": last, "character": 0}, {"line": last + (not is_more), "character": 0}
        change = {"range": {"start": start, "end": end}, "text": more if is_more else ""}
        document = {"uri": uri, "version": version}
        server.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [change]}
        )

    def is_told():
        return any(one.get("code") in ("breaking", "non-breaking") for one in server.shown.get(uri, []))

    for number in range(VERDICTS + WARM if is_ours else 0):
        is_more = number % 2 == 0
        rest()
        sent = time.perf_counter()
        edit(is_more)
        while is_told() != is_more:
            server.read()
        # A verdict that is taken back is gone with the text that it was about, before anything is found out.
        if number >= WARM and is_more:
            verdicts.append(time.perf_counter() - sent)
    memory = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    resident = next(line.split()[1] for line in memory.splitlines() if line.startswith("VmRSS"))
    server.close()
    print(f"{' '.join(command)}")
    print(f"  start to first complaint  {first * 1e3:8.0f}   memory {int(resident) // 1024} MiB")
    print(f"  keystroke to diagnostics  {percentiles(shown)}")
    if verdicts:
        print(f"  keystroke to verdict      {percentiles(verdicts)}")
    for name, samples in asked.items():
        print(f"  keystroke, {name:<15}{percentiles(samples)}")


def main(words):
    groups = [[]]
    for word in words:
        if word == "--":
            groups.append([])
        else:
            groups[-1].append(word)
    if len(groups) < 2 or len(groups[0]) != 2:
        raise SystemExit(__doc__.strip())
    project, path = (pathlib.Path(one).resolve() for one in groups[0])
    for command in groups[1:]:
        drive(command, project, path)


if __name__ == "__main__":
    main(sys.argv[1:])
