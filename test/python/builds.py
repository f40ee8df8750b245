"""Builds, measurements and captures in the words of the Python client. test/python/python.test.ts runs it."""

# %% 1
import json
import sys
import time

import numpy as np
from sklearn.neural_network import MLPRegressor

import skerry

hub = skerry.connect()
rng = np.random.default_rng(7)
X = rng.normal(size=(200, 4)).astype("float32").astype("float64")
model = MLPRegressor((16,), max_iter=20, random_state=7).fit(X, X.sum(1))
hub.push(model, X[:16], name="flow")
hub.deploy("flow", version=1, probation={"seconds": 0}).watch()

# %% 2
builds = hub.optimise("flow", 1, recipes=["dynamic-int8"])
assert [build["recipe"] for build in builds] == ["dynamic-int8"], builds
assert builds[0]["outcome"] in ("admitted", "refused"), builds
assert "<th>outcome</th>" in builds._repr_html_()

# %% 3
measured = hub.bench("flow", 1, seconds=10, builds=[])
assert [(row["device"], row["build"]) for row in measured] == [("press-1", "version itself")], measured
assert measured[0]["problem"] is not None or measured[0]["p50Ms"] > 0, measured
print(json.dumps(measured))

# %% 4
hub.capture("flow", purpose="review of the answers", sample=1, task="regression")
end = time.monotonic() + 60
rows = []
while not rows and time.monotonic() < end:
    hub.infer("press-1", "flow", X[:1])
    try:
        rows = hub.captures("press-1", "flow", limit=5)
    except skerry.SkerryError as error:
        # The device gets the rules a moment later.
        assert error.code in ("capture_unknown", "command_failed"), error
    time.sleep(0.5)
assert rows and rows[0]["version"] == 1, rows
json.dump({"done": True}, sys.stdout)
