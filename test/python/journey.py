"""The journey of a data scientist without ONNX, in the cells of a notebook. test/python/python.test.ts runs it."""

# %% 1
import json
import os
import sys
import tempfile

import numpy as np
import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import skerry

# %% 2
hub = skerry.connect()
print([device["name"] for device in hub.devices()])

# %% 3
X, y = load_breast_cancer(return_X_y=True)
X = X.astype("float32").astype("float64")
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=7)
forest = make_pipeline(StandardScaler(), RandomForestClassifier(20, random_state=7)).fit(X_train, y_train)

# %% 4
version = hub.push(forest, X_test[:8], name="tumour", labels={"run": "7"}, aliases=["champion"])
assert version.created and version.number == 1
assert "tumour:1" in version._repr_html_()

# %% 5
deployment = hub.deploy("tumour", version=1, probation={"seconds": 0})
deployment.watch()

# %% 6
answers = hub.infer("press-1", "tumour", X_test[:5])
assert np.abs(np.array(answers["probabilities"]) - forest.predict_proba(X_test[:5])).max() < 1e-5
assert answers["label"] == forest.predict(X_test[:5]).tolist()

# %% 7
boosted = xgboost.XGBClassifier(n_estimators=15, max_depth=3).fit(X_train, y_train)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "model.json")
    boosted.save_model(path)
    from_file = hub.push(path, X_test[:4], name="boosted")
    # The default form of XGBoost is binary, and the hub makes the same bytes of it.
    binary = os.path.join(folder, "model.ubj")
    boosted.save_model(binary)
    assert hub.push(binary, X_test[:4], name="boosted").number == 1
from_object = hub.push(boosted, X_test[:8], name="boosted")
assert (from_file.number, from_object.number) == (1, 2)
assert from_object.detail["goldenSource"] == "pushed", from_object.detail["goldenSource"]

# %% 8
hub.deploy("boosted", version=2, probation={"seconds": 0}).watch()
near = np.array(hub.infer("press-1", "boosted", X_test[:5])["probabilities"])
assert np.abs(near - boosted.predict_proba(X_test[:5])).max() < 1e-5


# %% 9
def refused(code, action):
    try:
        action()
    except skerry.SkerryError as error:
        assert error.code == code, error
        return error
    raise AssertionError(f"expected {code}")


wrong = [[0.5, 0.5]] * 8
error = refused("golden_reference_differs", lambda: hub.push(boosted, X_test[:8], name="boosted", expected={"probabilities": wrong}))
print(error)

# %% 10
refused("model_unknown", lambda: hub.infer("press-1", "nobody", X_test[:1]))
refused("key_invalid", lambda: skerry.connect(key="sk_" + "x" * 40).devices())
refused("hub_untrusted", lambda: skerry.Hub(hub.url, "x").devices())
with tempfile.NamedTemporaryFile(suffix=".json") as file:
    file.write(b"\x80\x04\x95")
    file.flush()
    refused("model_form_unsupported", lambda: hub.push(file.name, name="evil"))

# %% 11
try:
    skerry.describe(SVC().fit(X_train, y_train))
    raise AssertionError("an SVC has no description")
except skerry.UnsupportedModel as error:
    assert "SVC" in str(error) and "skl2onnx" in str(error)

# %% 12
hub.deploy("tumour", version=hub.push(forest, X_test[:9], name="tumour").number, probation={"seconds": 0}).watch()
deployment.rollback().watch()
assert deployment.get()["version"] == 1
json.dump({"done": True}, sys.stdout)
