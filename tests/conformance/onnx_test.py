"""Our ONNX files, run by onnxruntime, give the scores and labels of `lltrain score`.

usage: onnx_test.py LLTRAIN, with a Python that has onnxruntime (deploy/fetch-onnxruntime)
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnxruntime
except ImportError:
    sys.exit("onnxruntime is not installed here: run deploy/fetch-onnxruntime build/tools/onnxruntime")

FEATURES = 7
ROWS = 200


def model(predictor_type, loss, outputs, **more):
    numbers = random.Random(loss)
    return {
        "predictor_type": predictor_type,
        "loss": loss,
        "weights": [[numbers.gauss(0, 1) for _ in range(FEATURES)] for _ in range(outputs)],
        "bias": [numbers.gauss(0, 1) for _ in range(outputs)],
        **more,
    }


MODELS = [
    model("binary_classifier", "logistic", 1),
    model("binary_classifier", "logistic", 1, threshold=0.125, class_names=["stays", "goes"]),
    model("binary_classifier", "hinge_loss", 1, threshold=0.75),
    model("multiclass_classifier", "softmax_loss", 4),
    model("multiclass_classifier", "softmax_loss", 3, class_names=["a", "b", "c"]),
    model("regressor", "squared_loss", 1),
    model("regressor", "quantile_loss", 1),
]


def run(lltrain, *arguments):
    return subprocess.run([lltrain, *arguments], check=True, stdout=subprocess.PIPE).stdout


def check(lltrain, folder, weights):
    (folder / "weights.json").write_text(json.dumps(weights))
    run(lltrain, "import", "--model", str(folder / "weights.json"), "--output", str(folder / "model.tar.gz"))
    run(lltrain, "export", "--model", str(folder / "model.tar.gz"), "--format", "onnx",
        "--output", str(folder / "model.onnx"))

    rows = numpy.random.default_rng(7).normal(size=(ROWS, FEATURES)).astype(numpy.float32)
    (folder / "rows.csv").write_text("".join(",".join(repr(float(x)) for x in row) + "\n" for row in rows))
    ours = [json.loads(line) for line in run(
        lltrain, "score", "--model", str(folder / "model.tar.gz"), "--input", str(folder / "rows.csv"),
        "--content-type", "text/csv", "--accept", "application/jsonlines").splitlines()]

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    theirs = dict(zip(names, session.run(names, {"X": rows})))

    scores = numpy.array([line["score"] for line in ours]).reshape(ROWS, -1)
    numpy.testing.assert_allclose(theirs["scores"], scores, rtol=0, atol=5e-6)
    if weights["predictor_type"] == "regressor":
        assert names == ["scores"], names
        return
    labels = [line["predicted_label"] for line in ours]
    if weights["predictor_type"] == "multiclass_classifier" and "class_names" in weights:
        labels = [weights["class_names"][label] for label in labels]
    assert len(set(labels)) > 1, "a test of one label proves nothing"
    assert list(theirs["label"]) == labels


def main():
    lltrain = sys.argv[1]
    for weights in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            check(lltrain, pathlib.Path(folder), weights)
        print("ok", weights["predictor_type"], weights["loss"])


main()
