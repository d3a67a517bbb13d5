"""Training on rows that do not fit into the memory given, and on wide sparse rows: time, peak memory, and whether the
model is the one that rows in memory give.

    tests/bench/streamed.py build/bin/lltrain                       # dense, 4 times the limit
    tests/bench/streamed.py build/bin/lltrain --sparse 1000000      # so many features, 73 of them in a row
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import time

DISTINCT = 4000  # rows, which come again and again: what is measured does not depend on their values
NONZEROS = 73


def field(number, content):
    """A length-delimited field of a protocol buffer."""
    size, length = b"", len(content)
    while length >= 128:
        size, length = size + bytes([length % 128 + 128]), length // 128
    return bytes([number << 3 | 2]) + size + bytes([length]) + content


def dense_rows(columns):
    """RecordIO of float32 tensors; the label is whether the first half weighs more."""
    for _ in range(DISTINCT):
        row = [random.gauss(0, 1) for _ in range(columns)]
        label = float(sum(row[: columns // 2]) > sum(row[columns // 2 :]))
        tensors = [struct.pack("<%df" % len(v), *v) for v in (row, [label])]
        entries = [field(1, b"values") + field(2, field(2, field(1, v))) for v in tensors]
        record = field(1, entries[0]) + field(2, entries[1])
        yield struct.pack("<II", 0xCED7230A, len(record)) + record + bytes(-len(record) % 4)


def sparse_rows(columns):
    """libsvm; features as frequent as 1 / rank, the label is whether more even ones occur than odd ones."""
    for _ in range(DISTINCT):
        row = set()
        while len(row) < NONZEROS:
            row.add(min(columns, int(columns ** random.random()) + 1))
        label = int(2 * sum(j % 2 for j in row) < NONZEROS)
        yield ("%d %s\n" % (label, " ".join("%d:0.117" % j for j in sorted(row)))).encode()


def train(program, folder, limit, threads):
    """Seconds, those of the processors, peak MiB and the artifact's digest."""
    command = [program, "train", "--job-dir", folder, "--threads", str(threads), "--memory-limit", "%dMiB" % limit]
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    log = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        raise SystemExit(log)
    artifact = (pathlib.Path(folder) / "model/model.tar.gz").read_bytes()
    line = next(text for text in log.splitlines() if "Data channel 'train'" in text)
    return seconds, usage.ru_utime, usage.ru_maxrss / 1024, hashlib.sha256(artifact).hexdigest(), line.split("] ")[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--limit", type=int, default=128, help="MiB for rows (default: 128)")
    parser.add_argument("--times", type=float, default=4, help="the rows are so many times the limit (default: 4)")
    parser.add_argument("--rows", type=int, help="instead of --times")
    parser.add_argument("--sparse", type=int, metavar="FEATURES", help="libsvm with so many features")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a hyperparameter")
    options = parser.parse_args()
    random.seed(1)
    columns = options.sparse or 784
    rows = list(sparse_rows(columns) if options.sparse else dense_rows(columns))
    row_bytes = 8 * NONZEROS + 8 if options.sparse else 4 * columns
    count = options.rows or int(options.times * (options.limit << 20) / row_bytes)
    with tempfile.TemporaryDirectory() as folder:
        job = pathlib.Path(folder)
        (job / "input/config").mkdir(parents=True)
        (job / "input/data").mkdir()
        hyperparameters = {"predictor_type": "binary_classifier", "epochs": str(options.epochs)}
        hyperparameters |= dict(pair.split("=") for pair in options.set)
        (job / "input/config/hyperparameters.json").write_text(json.dumps(hyperparameters))
        with open(job / "input/data/train", "wb") as file:
            for i in range(count):
                file.write(rows[i % DISTINCT])
        digests = set()
        for name, limit in (("streamed", options.limit), ("in memory", 0)):
            seconds, cpu, peak, digest, line = train(options.program, folder, limit, options.threads)
            digests.add(digest)
            print(f"{name:10} {seconds:7.2f} s  {cpu:7.2f} s of CPU  {peak:7.0f} MiB at the peak   {line}", flush=True)
        print("the models are", "the same" if len(digests) == 1 else "NOT THE SAME")


if __name__ == "__main__":
    main()
