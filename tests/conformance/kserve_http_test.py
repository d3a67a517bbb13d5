"""KServe's REST client gets from llserver what it gets from KServe's own servers.

usage: kserve_http_test.py BIN_DIR, with a Python that has kserve (deploy/fetch-inference-clients)
"""

import asyncio
import sys

from served_models import FEATURES, KINDS, ServedModels

try:
    import httpx
    import numpy
    from kserve import InferenceRESTClient, InferInput, InferRequest
    from kserve.inference_client import RESTConfig
except ImportError:
    sys.exit("kserve is not installed here: run deploy/fetch-inference-clients build/tools")


def request(name, rows, binary, tensor="features"):
    one = InferInput(tensor, list(rows.shape), "FP32")
    one.set_data_from_numpy(rows, binary_data=binary)
    return InferRequest(model_name=name, infer_inputs=[one], request_id="r-1")


def check_same(response, expected):
    outputs = {output.name: output for output in response.outputs}
    scores = numpy.array([row["score"] for row in expected], dtype=numpy.float32).reshape(len(expected), -1)
    assert (outputs["score"].as_numpy() == scores).all()
    if "predicted_label" in expected[0]:
        assert (outputs["predicted_label"].as_numpy() == [row["predicted_label"] for row in expected]).all()


async def check_refused(call, status, word):
    try:
        await call
    except httpx.HTTPStatusError as error:
        assert error.response.status_code == status and word in str(error), error
        return
    raise AssertionError(f"this was not refused: {word}")


async def main(served):
    url = f"http://{served.http}"
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
    assert await client.is_server_live(url)
    assert await client.is_server_ready(url)
    assert await client.is_model_ready(url, "classes")
    rows = numpy.random.default_rng(7).normal(size=(50, FEATURES)).astype(numpy.float32)
    for name in KINDS:
        expected = served.scores(name, rows)
        for binary in (True, False):
            response = await client.infer(url, request(name, rows, binary), model_name=name)
            assert response.id == "r-1" and response.model_name == name
            check_same(response, expected)
        many = await asyncio.gather(*[client.infer(url, request(name, rows, True), model_name=name) for _ in range(8)])
        for response in many:
            check_same(response, expected)
    await check_refused(client.infer(url, request("nobody", rows, True), model_name="nobody"), 404, "nobody")
    await check_refused(client.infer(url, request("value", rows, True, "x"), model_name="value"), 400, "features")
    await check_refused(client.infer(url, request("value", rows[:, 1:], False), model_name="value"), 400, str(FEATURES))


with ServedModels(sys.argv[1]) as served:
    asyncio.run(main(served))
