"""Writes made-up YAML documents with what PyYAML's safe_load makes of them, one JSON a line.

    oracle.py SEED COUNT

Seeknal reads its files with PyYAML, so its answers are the ones ours are compared with.
"""

import datetime
import json
import random
import struct
import sys

import yaml

SCALARS = """
~|null|Null|NULL|nULL|yes|Yes|YES|yEs|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|tRUE|false|False|y|n|Y|N
0|-0|+0|00|012|-012|08|09|0o17|0x1F|0xfg|-0x_F|0b101|0b102|1_000|_1|1__0|1_|+7|-7|+|-1-
1:30|1:60|190:20:30|-1:30|1:5|01:30|1:30.5|1:30:01.25|1e3|1E3|1.5e3|1.5e+3|1.5E-3|1.|.5|+.5|-.5|._5|1_0.5|0.0_1|.
.inf|.Inf|.INF|-.inf|+.inf|.iNF|.nan|.NaN|.NAN|-.nan|1.2.3|123456789012345678901234567890|1e400|0.1|1.0|100.00
2026-01-31|2026-1-31|2026-13-01|2026-02-30|2026-01-31 04:05:06|2026-01-31T04:05:06Z|2026-1-3 4:05:06.123456789
2026-01-31T04:05:06.5+02:00|2026-01-31 04:05:06 -5|2026-01-31 25:00:00|2026-01-31t04:05:06-05:30|2026-01-31 04:05
=|<<|a|abc|a b|a: b|a#b|a #b|-a|- a|?a|:a|a:|a:b|%a|@a|`a|!a|é|𝄞|SELECT 1|24h|7d|1d|kind.name|{{ x }}|a,b
""".strip().replace("\n", "|").split("|")
WORDS = ["alpha", "beta", "gamma delta", "é", "𝄞 x", "it's", 'say "x"', "a\\b", "tab\there", " lead", "trail ", ""]


def plain_or_quoted(rng, text):
    style = rng.randrange(3)
    if style == 0:
        return "'" + text.replace("'", "''") + "'"
    if style == 1:
        return json.dumps(text, ensure_ascii=max(text, default="a") < "\uffff")
    return rng.choice(SCALARS)


def in_flow(rng):
    """A scalar between brackets, where PyYAML takes a `?` for a key without a blank behind it."""
    text = plain_or_quoted(rng, rng.choice(WORDS))
    return "x" if text.startswith("?") else text


def block(rng, depth):
    header = rng.choice("|>") + rng.choice(["", "", "-", "+", "2", "2-", "-2", "+2", " # comment"])
    lines = [header]
    for _ in range(rng.randrange(1, 6)):
        extra = " " * rng.choice([0, 0, 0, 1, 2])
        word = rng.choice(["SELECT a", "FROM t", "", "  ", "# no comment", "é 𝄞", "x: y", "- z", "end "])
        lines.append((" " * (depth + 2) + extra + word) if word.strip() else word)
    return "\n".join(lines) + "\n" * rng.choice([0, 0, 1])


def folded_flow(rng, depth):
    pad = "\n" + " " * (depth + 2)
    words = [rng.choice(["one", "two", "three four", "é"]) for _ in range(rng.randrange(2, 5))]
    joined = "".join(w + rng.choice([" ", pad, "\n" + pad, "  " + pad]) for w in words).rstrip()
    quote = rng.choice(["", "'", '"'])
    return quote + joined + quote


def value(rng, depth, level):
    """Text that follows `key:` or `-`, beginning with its own blank."""
    choice = rng.random()
    if level < 4 and choice < 0.18:
        return mapping(rng, depth + 2, level + 1, first="\n")
    if level < 4 and choice < 0.32:
        return sequence(rng, depth + rng.choice([0, 2]), level + 1)
    if choice < 0.42:
        return " " + block(rng, depth)
    if choice < 0.52:
        return " " + folded_flow(rng, depth)
    if choice < 0.60:
        items = [in_flow(rng) for _ in range(rng.randrange(0, 4))]
        return " [" + ", ".join(items) + rng.choice(["", ", "] if items else [""]) + "]"
    if choice < 0.66:
        items = [f"k{i}: {in_flow(rng)}" for i in range(rng.randrange(0, 4))]
        return " {" + ", ".join(items) + "}"
    if choice < 0.70:
        return rng.choice([" &a", " *a", " *b", " &b x", " !!str 1", " !!int '7'", " !!float 1.5", ""])
    return " " + plain_or_quoted(rng, rng.choice(WORDS)) + rng.choice(["", "", " # note", " "])


def mapping(rng, depth, level, first=""):
    lines = []
    for number in range(rng.randrange(1, 5)):
        key = rng.choice([f"key{number}", f"key{number}", "key0", "'q'", '"d"', "yes", "1", "1.0", "=", "2026-01-31"])
        if rng.random() < 0.04:
            lines.append(" " * depth + rng.choice(["<<: *a", "<<: {m: 1, key0: 2}", "<<: [{m: 1}, {m: 2, n: 3}]"]))
            continue
        lines.append(" " * depth + key + ":" + value(rng, depth, level))
        # Behind a block text of blank lines alone the two parsers part over comments.
        if rng.random() < 0.1 and lines[-1].split("\n")[-1].strip():
            lines.append(rng.choice(["", "# comment", "   # deeper comment"]))
    return first + "\n".join(lines)


def sequence(rng, depth, level):
    lines = [""]
    for _ in range(rng.randrange(1, 4)):
        lines.append(" " * depth + "-" + value(rng, depth, level))
    return "\n".join(lines)


def document(rng):
    text = mapping(rng, 0, 0)
    if rng.random() < 0.2:
        text = "base: &a {m: 0, n: [1, 2]}\n" + text
    return text + rng.choice(["\n", "\n", ""])


def encode(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex() if value == value else "nan"}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return {"time": value.isoformat()}
    if isinstance(value, str):
        return {"str": value}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return {"map": [[encode(key), encode(item)] for key, item in value.items()]}


def answer(text):
    try:
        return {"text": text, "value": encode(yaml.safe_load(text))}
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        return {"text": text, "error": " ".join(str(error).split())[:200]}


def main():
    rng, count = random.Random(int(sys.argv[1])), int(sys.argv[2])
    texts = [f"a: {scalar}\n" for scalar in SCALARS] + [f"- {scalar}\n" for scalar in SCALARS]
    texts += [f"{scalar}: 1\n" for scalar in SCALARS]
    for text in texts + [document(rng) for _ in range(count)]:
        print(json.dumps(answer(text), ensure_ascii=False))


main()
