"""Rows, files and training jobs for the comparisons of this folder."""

import gzip
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import time

import numpy as np


def mnist(folder):
    """[(rows x 784 in [0, 1], digits), ...]: 50,000 to train on, 10,000 to validate, and MNIST's own 10,000 test digits."""

    def read(name):
        found = next(folder.glob(name + "*"))
        data = gzip.open(found).read() if found.suffix == ".gz" else found.read_bytes()
        shape = struct.unpack(">%di" % data[3], data[4 : 4 + 4 * data[3]])
        return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)

    x, y = read("train-images").reshape(-1, 784) / 255, read("train-labels")
    test = read("t10k-images").reshape(-1, 784) / 255, read("t10k-labels")
    return [(x[:50000], y[:50000]), (x[50000:], y[50000:]), test]


def _field(number, content):
    """A length-delimited field of a protocol buffer."""
    size, length = b"", len(content)
    while length >= 128:
        size, length = size + bytes([length % 128 + 128]), length // 128
    return bytes([number << 3 | 2]) + size + bytes([length]) + content


def recordio(x, y):
    """The rows as RecordIO of float32 tensors (docs/formats.md)."""
    out = []
    for row, label in zip(x.astype("<f4"), y.astype("<f4")):
        entries = [_field(1, b"values") + _field(2, _field(2, _field(1, v.tobytes()))) for v in (row, label)]
        record = _field(1, entries[0]) + _field(2, entries[1])
        out.append(struct.pack("<II", 0xCED7230A, len(record)) + record + bytes(-len(record) % 4))
    return b"".join(out)


class Job:
    """A job directory of lltrain with the files of its channels. Gone when left."""

    def __init__(self, program, channels, hyperparameters):
        """`channels`: name -> (file name, bytes)."""
        self.program = program
        self.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.folder.name)
        for name, (file, content) in channels.items():
            (path / "input/data" / name).mkdir(parents=True)
            (path / "input/data" / name / file).write_bytes(content)
        (path / "input/config").mkdir()
        (path / "input/config/hyperparameters.json").write_text(json.dumps(hyperparameters))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def train(self, seed):
        """Runs to the end; seconds on the wall, and the log."""
        command = [self.program, "train", "--job-dir", self.folder.name, "--seed", str(seed)]
        begin = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True)
        return time.perf_counter() - begin, run.stdout + run.stderr


def metric(log, channel, name):
    found = re.search(rf"{channel} {name} <\w+>=(\S+)", log)
    if not found:
        raise RuntimeError(log)
    return float(found[1])


def milliseconds(log, name):
    """The sum of a timer of the `#metrics` lines."""
    found = re.findall(rf'"{re.escape(name)}":{{"sum":([0-9.]+)', log)
    if not found:
        raise RuntimeError(log)
    return float(found[-1])
