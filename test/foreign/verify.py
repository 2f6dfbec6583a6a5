#!/usr/bin/env python3
"""Verifies records of LASSO with nothing but Python: written from helper/audit/FORMAT.md and RFC 8032 alone, as a second opinion.

verify.py [--first-key FILE] [--public-key FILE] [--checkpoints FOLDER] FOLDER ...

Prints, as JSON, what it found in each folder of lines: its status, the lines that stand, and the first problem. Checkpoints are
looked for beside the lines unless they are elsewhere, and so is the list of chains. It reads a line at a time and writes nothing.
"""
import argparse
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import sys

WORST = ["tampered", "truncated", "no-key", "torn", "unanchored", "intact"]
STATUS = {"truncated": "truncated", "replaced": "truncated", "missing": "truncated", "no-key": "no-key", "empty": "no-key", "torn-tail": "torn"}
EXIT = {"tampered": 40, "truncated": 30, "no-key": 50, "torn": 20, "unanchored": 10, "intact": 0}
LINE_LIMIT = 1_048_576
GENESIS = "0" * 64
FILE_NAME = re.compile(r"^([a-z0-9][a-z0-9-]{0,63})(?:\.(\d{5,9}))?\.jsonl$")
FORM = re.compile(
    rb'^\{"v":3,"seq":(0|[1-9]\d{0,14}),"epoch":(0|[1-9]\d{0,14}),"ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","mono":[\d.e+-]+,'
    rb'"sandbox":"([a-z0-9-]{1,64})","type":"([a-z]+)","action":".*,"prev":"([0-9a-f]{64})","mac":"([0-9a-f]{64})"\}$'
)
NOTE = re.compile(
    r"^lasso/record/v3/([a-z0-9-]{1,64})\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\nindex (0|[1-9]\d{0,14})\nepoch (0|[1-9]\d{0,14})\n"
    r"time (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n$"
)


# --- Ed25519, RFC 8032 sections 5.1 and 6 ---------------------------------------------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(a, b):
    """Sum of two points in extended coordinates (X, Y, Z, T)."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % P, k * m % P, j * k % P, i * m % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def x_of(y, sign):
    """The x that belongs to y and a sign, or None for no point of the curve."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def point_of(data):
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def signed(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    return equal(times(s, BASE), add(r, times(h, a)))


# --- keys -----------------------------------------------------------------------------------------------------------------


def derive(key, text):
    return hmac.new(key, text.encode("ascii"), hashlib.sha256).digest()


def after(seed, steps):
    for _ in range(steps):
        seed = derive(seed, "next")
    return seed


def fingerprint(first):
    return hashlib.sha256(b"lasso first key\n" + first).hexdigest()[:16]


def read_first_key(path):
    with open(path, encoding="ascii") as file:
        found = re.fullmatch(r"lasso-first-key-3:([A-Za-z0-9_-]{43})\s*", file.read(4096))
    if not found:
        sys.exit(f"{path}: no first key")
    return base64.urlsafe_b64decode(found.group(1) + "=")


def read_public_key(path):
    """Name, four bytes of hash and 32 bytes of key, as C2SP's verifier keys have them."""
    with open(path, encoding="ascii") as file:
        name, short, key = file.read(4096).strip().split("+", 2)
    raw = base64.b64decode(key, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if len(raw) != 33 or raw[0] != 1 or expected.hex() != short:
        sys.exit(f"{path}: no public key")
    return name, expected, raw[1:]


# --- checkpoints ----------------------------------------------------------------------------------------------------------


def notes_of(text):
    """The notes that follow each other in a text: each ends with a line of signature."""
    notes, lines = [], []
    for line in text.splitlines(keepends=True):
        if lines and lines[-1].startswith("\u2014 ") and not line.startswith("\u2014 "):
            notes.append("".join(lines))
            lines = []
        lines.append(line)
    return notes + (["".join(lines)] if "".join(lines).strip() else [])


def open_note(note, public_key):
    """What a note says, or None when the key did not sign it. What a crash left of another one may stand before it."""
    note = note[max(0, note.rfind("lasso/record/v3/")):]
    text, empty, rest = note.rpartition("\n\n")
    text += "\n"
    found = NOTE.match(text)
    if not empty or not found:
        return None
    name, short, key = public_key
    for line in rest.splitlines():
        words = line.split(" ")
        if len(words) != 3 or words[0] != "\u2014" or words[1] != name:
            continue
        try:
            data = base64.b64decode(words[2], validate=True)
        except binascii.Error:
            continue
        if data[:4] == short and signed(key, text.encode(), data[4:]):
            sandbox, size, digest, index, epoch, at = found.groups()
            return {"sandbox": sandbox, "size": int(size), "digest": base64.b64decode(digest).hex(), "index": int(index), "epoch": int(epoch), "at": at}
    return None


# --- a chain --------------------------------------------------------------------------------------------------------------


class Chain:
    """Walks one chain's files, and stops at the first line that is not what it has to be."""

    def __init__(self, folder, sandbox, files, first_key, public_key, notes):
        self.folder, self.sandbox, self.files = folder, sandbox, files
        self.first_key, self.public_key, self.notes = first_key, public_key, notes
        self.problems = []
        self.digests = {}  # number of lines -> digest and place of the last of them
        self.removed = {}  # name of a file -> what its removal says
        self.seq, self.epoch, self.prev, self.over = 0, 0, GENESIS, False
        self.records, self.seed, self.seed_epoch = 0, None, 0
        self.last = None  # file and number of the line before
        self.index = None
        self.first = 0  # number of the first line that is there

    def problem(self, code, file, line):
        self.problems.append({"code": code, "file": file, "line": line})
        return False

    def verify(self):
        opened = self.open_notes()
        intact = self.walk()
        if intact:
            self.check_removed()
        anchored = self.check_notes(opened, intact)
        if self.records == 0 and not self.problems:
            self.problem("empty", self.files[0][1], 0)
        statuses = [STATUS.get(entry["code"], "tampered") for entry in self.problems]
        if anchored == 0 and self.first_key is None:
            statuses.append("no-key")
        elif anchored == 0 or (self.first_key is None and anchored < self.seq - self.first):
            statuses.append("unanchored")
        status = min(statuses + ["intact"], key=WORST.index)
        first = next((entry for entry in self.problems if STATUS.get(entry["code"], "tampered") == status), None)
        return {"status": status, "records": self.records, "anchored": anchored, "first": first}

    def open_notes(self):
        opened = []
        for note in self.notes:
            if "\n\n\u2014 " not in note or not note.endswith("\n"):
                continue  # a crash left less of it than its signature
            found = open_note(note, self.public_key) if self.public_key else None
            if self.public_key and (found is None or found["sandbox"] != self.sandbox):
                self.problem("checkpoint", f"{self.sandbox}.checkpoints", 0)
            if found:
                opened.append(found)
                self.index = found["index"]
        return opened

    def walk(self):
        for position, (number, name) in enumerate(self.files):
            before = self.files[position - 1] if position else None
            if not self.walk_file(number, name, before):
                return False
        return True

    def walk_file(self, number, name, before):
        size, count = 0, 0
        path = os.path.join(self.folder, name)
        if not os.path.isfile(path) or os.path.islink(path):
            return self.problem("malformed", name, 0)
        with open(path, "rb") as file:
            while True:
                line = file.readline(LINE_LIMIT + 2)
                if not line:
                    break
                count += 1
                if not line.endswith(b"\n"):
                    return self.problem("malformed" if len(line) > LINE_LIMIT else "torn-tail", name, count)
                if not self.take(line[:-1], name, number, count, before):
                    return False
                size += len(line)
        self.size, self.count = size, count
        return True

    def take(self, line, name, number, count, before):
        form = FORM.match(line)
        if not form:
            other = re.match(rb'^\{"v":(\d+),', line)
            return self.problem("version" if other and other.group(1) != b"3" else "malformed", name, count)
        seq, epoch, sandbox, kind = int(form[1]), int(form[2]), form[4].decode(), form[5].decode()
        prev, mac = form[6].decode(), form[7].decode()
        if sandbox != self.sandbox:
            return self.problem("foreign", name, count)
        record = self.parse(line)
        if record is None:
            return self.problem("malformed", name, count)
        said = (record["action"], record.get("detail", {})) if kind == "chain" else ("", {})
        if count == 1 and not before and number > 1:
            self.seq, self.epoch, self.prev, self.first = seq, epoch, prev, seq  # what came before is gone: the rest begins here
        if seq != self.seq:
            return self.problem("sequence", name, count)
        if prev != self.prev:
            if self.first_key is None and self.last and count > 1:
                self.records -= 1
                return self.problem("edited", *self.last)
            return self.problem("order", name, count)
        if epoch != self.epoch + (1 if self.over else 0):
            return self.problem("epoch", name, count)
        if not self.starts_right(said, name, number, count, before):
            return False
        if not self.sealed(line, epoch, mac, said):
            return self.problem("edited", name, count)
        if said[0] == "removed":
            self.removed[said[1].get("file")] = said[1]
        self.prev = hashlib.sha256(line).hexdigest()
        self.seq, self.epoch, self.records, self.last = seq + 1, epoch, self.records + 1, (name, count)
        self.over = said[0] in ("epoch", "rotated")
        self.said = said
        self.digests[self.seq] = (self.prev, name, count)
        return True

    @staticmethod
    def parse(line):
        def strict(pairs):
            if len({key for key, _ in pairs}) != len(pairs):
                raise ValueError("a name twice")
            return dict(pairs)

        try:
            record = json.loads(line, object_pairs_hook=strict)
        except (ValueError, RecursionError):
            return None
        return record if isinstance(record.get("action"), str) and isinstance(record.get("detail", {}), dict) else None

    def starts_right(self, said, name, number, count, before):
        """Line 0 begins the chain; the first line of a later file names the file before, and is named by it."""
        action, detail = said
        if (action == "begun") != (number == 1 and count == 1):
            return self.problem("malformed", name, count)
        if action == "begun":
            self.index = detail.get("index")
            if self.first_key is not None and detail.get("fingerprint") != fingerprint(self.first_key):
                return self.problem("foreign", name, count)
            return isinstance(self.index, int) or self.problem("malformed", name, count)
        if count > 1:
            return action != "continued" or self.problem("rotation", name, count)
        if action != "continued" or detail.get("digest") != self.prev:
            return self.problem("rotation", name, count)
        if not before:
            return True
        if before[0] != number - 1:
            return self.problem("missing", name, count)
        fits = self.said == ("rotated", {"next": name})
        fits = fits and (detail.get("previous"), detail.get("bytes"), detail.get("lines")) == (before[1], self.size, self.count)
        return fits or self.problem("rotation", name, count)

    def sealed(self, line, epoch, mac, said):
        if self.first_key is None:
            return True
        if self.seed is None:
            if self.index is None:
                return True
            self.seed = derive(after(self.first_key, self.index), "chain " + self.sandbox)
        self.seed, self.seed_epoch = after(self.seed, epoch - self.seed_epoch), epoch
        bare = line[:-74] + b"}"
        return hmac.compare_digest(hmac.new(derive(self.seed, "lines"), bare, hashlib.sha256).hexdigest(), mac)

    def check_removed(self):
        """Files before the first one that is there must have been removed on record."""
        number, name = self.files[0]
        for gone in range(1, number):
            missing = f"{self.sandbox}.jsonl" if gone == 1 else f"{self.sandbox}.{gone:05}.jsonl"
            if missing not in self.removed:
                self.problem("missing", name, 1)

    def check_notes(self, opened, intact):
        anchored = 0
        for note in opened:
            if note["sandbox"] != self.sandbox:
                continue
            if note["index"] != self.index:
                self.problem("checkpoint", f"{self.sandbox}.checkpoints", 0)
            elif note["size"] > self.seq:
                if intact or self.torn():
                    self.problem("truncated", *self.last)
            elif note["size"] in self.digests:
                digest, name, count = self.digests[note["size"]]
                if digest == note["digest"]:
                    anchored = max(anchored, note["size"] - self.first)
                else:
                    # Without keys nothing tells an edited line from another copy's.
                    self.problem("replaced" if self.first_key else "edited", name, count)
        return anchored

    def torn(self):
        return self.problems and self.problems[-1]["code"] == "torn-tail"


LIST_LINE = re.compile(
    r"((0|[1-9]\d{0,7}) (given|begun) (0|[1-9]\d{0,7}) ([a-z0-9-]{1,64}) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{64})"
)


def check_list(text, first_key, present):
    """The list of chains: its first line that is wrong, and the chains that have begun and are not there."""
    chains, last, seed, reached = {}, "", first_key, 0
    for count, line in enumerate(text.split("\n")[:-1], 1):
        found = LIST_LINE.fullmatch(line)
        number = int(found[2]) if found else -1
        if number < reached or (number != int(found[4]) if found[3] == "given" else number <= int(found[4])):
            return {"broken": count, "missing": []}
        if seed is not None:
            seed, reached = after(seed, number - reached), number
            mac = hmac.new(derive(seed, "chains"), f"{last}\n{found[1]}".encode(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(mac, found[6]):
                return {"broken": count, "missing": []}
        reached, last = number, line
        chains[int(found[4])] = (found[5], found[3] == "begun")
    return {"broken": None, "missing": sorted(sandbox for sandbox, begun in chains.values() if begun and sandbox not in present)}


def chains_in(folder):
    chains = {}
    for name in sorted(os.listdir(folder)):
        found = FILE_NAME.match(name)
        if found:
            chains.setdefault(found[1], []).append((int(found[2] or 1), name))
    return {sandbox: sorted(files) for sandbox, files in chains.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first-key", type=read_first_key)
    parser.add_argument("--public-key", type=read_public_key)
    parser.add_argument("--checkpoints")
    parser.add_argument("folder", nargs="+")
    given = parser.parse_args()
    verdicts, lists = {}, {}
    for folder in given.folder:
        for sandbox, files in chains_in(folder).items():
            notes = os.path.join(given.checkpoints or folder, f"{sandbox}.checkpoints")
            text = open(notes, encoding="utf-8", newline="\n").read() if os.path.isfile(notes) else ""
            chain = Chain(folder, sandbox, files, given.first_key, given.public_key, notes_of(text))
            verdicts.setdefault(folder, {})[sandbox] = chain.verify()
        listed = os.path.join(given.checkpoints or folder, "chains")
        if os.path.isfile(listed):
            with open(listed, encoding="ascii", newline="\n") as file:
                lists[folder] = check_list(file.read(), given.first_key, verdicts.get(folder, {}))
    json.dump({"chains": verdicts, "lists": lists}, sys.stdout, indent=2)
    print()
    statuses = [entry["status"] for found in verdicts.values() for entry in found.values()]
    statuses += ["tampered" if entry["broken"] else "truncated" for entry in lists.values() if entry["broken"] or entry["missing"]]
    worst = min(statuses, key=WORST.index, default="no-key")
    sys.exit(EXIT[worst])


if __name__ == "__main__":
    main()
