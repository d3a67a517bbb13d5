"""tritonclient's HTTP client gets from llserver what it gets from Triton.

usage: tritonclient_http_test.py BIN_DIR, with a Python that has tritonclient (deploy/fetch-inference-clients)
"""

import sys

from served_models import FEATURES, KINDS, ServedModels

try:
    import ml_dtypes
    import numpy
    import tritonclient.http as triton
    from tritonclient.utils import InferenceServerException
except ImportError:
    sys.exit("tritonclient is not installed here: run deploy/fetch-inference-clients build/tools")


def tensor(rows, datatype="FP32", name="features", binary=True):
    one = triton.InferInput(name, list(rows.shape), datatype)
    one.set_data_from_numpy(rows, binary_data=binary)
    return one


def check_same(result, expected):
    scores = numpy.array([row["score"] for row in expected], dtype=numpy.float32).reshape(len(expected), -1)
    assert (result.as_numpy("score") == scores).all(), (result.as_numpy("score"), scores)
    if "predicted_label" in expected[0]:
        labels = result.as_numpy("predicted_label")
        assert labels.dtype == numpy.int64
        assert (labels == [row["predicted_label"] for row in expected]).all()


def check_refused(call, status, *words):
    try:
        call()
    except InferenceServerException as error:
        assert error.status() == str(status), error
        assert all(word in error.message() for word in words), error
        return
    raise AssertionError(f"this was not refused: {words}")


def check_health(client):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("binary") and client.is_model_ready("binary", "1")
    assert not client.is_model_ready("binary", "2") and not client.is_model_ready("nobody")


def check_metadata(client):
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    for name, kind in KINDS.items():
        metadata = client.get_model_metadata(name)
        assert metadata["versions"] == ["1"]
        assert metadata["inputs"] == [{"name": "features", "datatype": "FP32", "shape": [-1, FEATURES]}]
        assert metadata["outputs"][0] == {"name": "score", "datatype": "FP32", "shape": [-1, kind["outputs"]]}


def check_inference(client, served):
    rows = numpy.random.default_rng(7).normal(size=(50, FEATURES)).astype(numpy.float32)
    for name in KINDS:
        expected = served.scores(name, rows)
        for binary_in in (True, False):
            check_same(client.infer(name, [tensor(rows, binary=binary_in)], request_id="r"), expected)
            for binary_out in (True, False):
                outputs = [triton.InferRequestedOutput("score", binary_data=binary_out)]
                if "predicted_label" in expected[0]:
                    outputs.append(triton.InferRequestedOutput("predicted_label", binary_data=not binary_out))
                check_same(client.infer(name, [tensor(rows, binary=binary_in)], "1", outputs), expected)
        pending = [client.async_infer(name, [tensor(rows)]) for _ in range(8)]
        for each in pending:
            check_same(each.get_result(), expected)


def check_datatypes(client, served):
    rows = numpy.random.default_rng(8).integers(0, 2, size=(4, FEATURES))
    expected = served.scores("classes", rows)
    for datatype, dtype in {"BOOL": bool, "INT8": "i1", "INT16": "i2", "INT32": "i4", "INT64": "i8", "UINT8": "u1",
                            "UINT16": "u2", "UINT32": "u4", "UINT64": "u8", "FP16": "f2", "FP64": "f8"}.items():
        check_same(client.infer("classes", [tensor(rows.astype(dtype), datatype)]), expected)
        if datatype != "FP16":
            check_same(client.infer("classes", [tensor(rows.astype(dtype), datatype, binary=False)]), expected)
    check_same(client.infer("classes", [tensor(rows.astype(ml_dtypes.bfloat16), "BF16")]), expected)


def check_errors(client):
    rows = numpy.ones((2, FEATURES), dtype=numpy.float32)
    wide = numpy.ones((2, FEATURES + 1), dtype=numpy.float32)
    check_refused(lambda: client.infer("nobody", [tensor(rows)]), 404, "nobody")
    check_refused(lambda: client.infer("binary", [tensor(rows)], "9"), 404, "version 1")
    check_refused(lambda: client.infer("binary", [tensor(rows, name="pixels")]), 400, "pixels", "features")
    check_refused(lambda: client.infer("binary", [tensor(rows), tensor(rows)]), 400, "twice")
    check_refused(lambda: client.infer("binary", [tensor(wide)]), 400, str(FEATURES))
    check_refused(lambda: client.infer("binary", [tensor(rows / 3 + numpy.nan)]), 400, "row 1, column 1")
    check_refused(lambda: client.infer("binary", [tensor(rows.astype("f8") / 3, "FP64")]), 400, "FP32")
    check_refused(lambda: client.infer("binary", [tensor(numpy.full((2, FEATURES), "x", dtype=object), "BYTES")]),
                  400, "BYTES")
    check_refused(lambda: client.infer("binary", [tensor(rows)], outputs=[triton.InferRequestedOutput("p")]), 400, "p")
    check_refused(lambda: client.get_model_metadata("nobody"), 404, "nobody")


with ServedModels(sys.argv[1]) as served, triton.InferenceServerClient(served.http, concurrency=4) as client:
    check_health(client)
    check_metadata(client)
    check_inference(client, served)
    check_datatypes(client, served)
    check_errors(client)
