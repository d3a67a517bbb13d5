"""A real llserver with an endpoint for each kind of model, for the tests of other people's clients.

    with ServedModels(bin_dir) as served:
        served.http                         # "127.0.0.1:41235"
        served.scores("classes", rows)      # what `lltrain score` says, by our own reading of the artifact
"""

import json
import os
import pathlib
import random
import subprocess
import tempfile
import time

FEATURES = 5

KINDS = {
    "binary": {"predictor_type": "binary_classifier", "loss": "logistic", "outputs": 1},
    "classes": {"predictor_type": "multiclass_classifier", "loss": "softmax_loss", "outputs": 4},
    "value": {"predictor_type": "regressor", "loss": "squared_loss", "outputs": 1},
}


class ServedModels:
    def __init__(self, bin_dir):
        self.bin = pathlib.Path(bin_dir)
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)

    def __enter__(self):
        ready = self.path / "ready.json"
        self.log = open(self.path / "log", "wb")
        self.server = subprocess.Popen(
            [self.bin / "llserver", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
             "--data-dir", self.path / "data", "--ready-file", ready],
            stdout=self.log, stderr=self.log)
        while not ready.exists():
            if self.server.poll() is not None:
                raise RuntimeError((self.path / "log").read_text())
            time.sleep(0.01)
        addresses = json.loads(ready.read_text())
        self.grpc, self.http = addresses["grpc"], addresses["http"]
        for name in KINDS:
            self.serve(name)
        return self

    def __exit__(self, *_):
        self.server.terminate()
        code = self.server.wait(timeout=60)
        self.folder.cleanup()
        assert code == 0, f"llserver exited with {code}"

    def run(self, program, *arguments):
        environment = {**os.environ, "LL_ADDRESS": self.grpc}
        done = subprocess.run([self.bin / program, *map(str, arguments)], env=environment, capture_output=True)
        assert done.returncode == 0, f"{program} {arguments}: {done.stderr.decode()}"
        return done.stdout

    def artifact(self, name):
        return self.path / f"{name}.tar.gz"

    def serve(self, name):
        kind = dict(KINDS[name])
        outputs = kind.pop("outputs")
        numbers = random.Random(name)
        weights = {
            **kind,
            "weights": [[numbers.gauss(0, 1) for _ in range(FEATURES)] for _ in range(outputs)],
            "bias": [numbers.gauss(0, 1) for _ in range(outputs)],
        }
        (self.path / "weights.json").write_text(json.dumps(weights))
        self.run("lltrain", "import", "--model", self.path / "weights.json", "--output", self.artifact(name))
        self.run("llctl", "model-version", "import", name, "--artifact", self.artifact(name))
        self.run("llctl", "endpoint", "create", name, "--model-version", f"{name}@latest", "--wait")

    def scores(self, name, rows):
        """The answers of `lltrain score`: [{"score": ..., "predicted_label": ...}, ...]."""
        (self.path / "rows.csv").write_text("".join(",".join(repr(float(x)) for x in row) + "\n" for row in rows))
        reply = self.run("lltrain", "score", "--model", self.artifact(name), "--input", self.path / "rows.csv",
                         "--content-type", "text/csv", "--accept", "application/jsonlines")
        return [json.loads(line) for line in reply.splitlines()]
