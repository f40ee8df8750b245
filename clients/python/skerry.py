"""Skerry for Python: push a model with its framework's own answers, deploy it, and read its answers.

    import skerry

    hub = skerry.connect()                      # SKERRY_HUB, SKERRY_KEY and SKERRY_CA_FILE
    version = hub.push(classifier, X_test[:8], name="quality")
    hub.deploy("quality", version=version.number).watch()
    hub.infer("press-1", "quality", X_test[:2])

One file, Python 3.9 or newer, the standard library only. NumPy, scikit-learn and XGBoost are used where the model needs
them, and imported by the caller.
"""

import base64
import hashlib
import json
import os
import random
import ssl
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

__version__ = "0.2.0"
__all__ = ["connect", "describe", "Hub", "Version", "Deployment", "Rows", "SkerryError", "UnsupportedModel"]

PIECE_BYTES = 8 * 1024 * 1024
"""The part of an upload that is lost when the line breaks."""

ATTEMPTS_MAX = 6
"""Tries of a request that failed for a reason that passes; with the waits, about half a minute."""

ROWS_MAX = 256
"""Rows of golden inputs: every device answers them before it serves the version."""


FLOAT_MAX = 3.4028234663852886e38
"""The largest number of 32 bits."""


class SkerryError(Exception):
    """The hub refused a request. `code` is stable, such as `model_form_unsupported`; see docs/errors.md."""

    def __init__(self, code, message, status=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class UnsupportedModel(TypeError):
    """The estimator cannot be described by its public attributes. The message names the part."""


def connect(hub=None, key=None, ca_file=None):
    """The hub at `hub`, such as https://hub.example.com:8443, as the owner of the API key `key`.

    `ca_file` has the authority of the hub in PEM. Missing arguments come from SKERRY_HUB, SKERRY_KEY and SKERRY_CA_FILE.
    """
    hub = hub or os.environ.get("SKERRY_HUB")
    key = key or os.environ.get("SKERRY_KEY")
    ca_file = ca_file or os.environ.get("SKERRY_CA_FILE")
    if not hub:
        raise SkerryError("hub_unknown", "give the address of the hub, or set SKERRY_HUB")
    if not key:
        raise SkerryError("key_missing", "give an API key, or set SKERRY_KEY; `skerry key create` makes one")
    return Hub(hub, key, ca_file)


class Hub:
    """A connection to a hub. Each method is one request, or says which ones it makes."""

    def __init__(self, url, key, ca_file=None):
        if urllib.parse.urlsplit(url).scheme != "https":
            raise SkerryError("hub_invalid", f"the address must begin with https://, not {url!r}")
        self.url = url.rstrip("/")
        self._key = key
        context = ssl.create_default_context(cafile=ca_file)
        # The key follows no redirect: a hub never sends one.
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect())

    def __repr__(self):
        return f"Hub({self.url!r})"

    def request(self, method, path, body=None, query=None):
        """Any request of the API (docs/reference/openapi.json), as parsed JSON. Passing failures are repeated."""
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        return self._send(method, path, data, "application/json", query)

    def push(self, model, samples=None, name=None, labels=None, aliases=(), tolerance=None, expected=None):
        """Pushes a model as a new version, with golden cases from the framework's own predictions.

        `model`: a fitted estimator of scikit-learn or XGBoost, or the path of a file (.onnx, .json or .ubj of
        XGBoost, .txt of LightGBM, or .pmml).
        `samples`: rows of inputs, at most 256. For a file of ONNX: a dict of arrays by input, and `expected` is a dict of
        arrays by output. The hub refuses the version if its own answers differ from the framework's.
        """
        if name is None:
            raise ValueError("give the model a name: push(model, samples, name='quality')")
        if isinstance(model, (str, os.PathLike)):
            path = os.fspath(model)
            with open(path, "rb") as file:
                data = file.read()
            framework = None
        else:
            path, data, framework = "model.json", describe(model), model
        if path.endswith(".onnx"):
            digest = self._upload(data)
            golden = _golden_of_tensors(samples, expected)
            source = {}
        else:
            conversion = self.request("POST", "/v1/conversions", {"digest": self._upload(data)})
            digest = conversion["digest"]
            golden = _golden_of_rows(framework, samples, expected, conversion)
            source = {"lineage": {"tool": f"{conversion['framework']}, {conversion['what']}"[:200]}}
        if golden is not None and tolerance is not None:
            golden["tolerance"] = tolerance
        body = {
            "files": [{"path": "model.onnx", "digest": digest}],
            "labels": labels or {},
            "aliases": list(aliases),
            **({} if golden is None else {"golden": golden}),
            **source,
        }
        reply = self.request("POST", f"/v1/models/{_quoted(name)}/versions", body)
        return Version(self, name, reply)

    def deploy(self, name, version="latest", selector="true", deployment=None, **spec):
        """Deploys a version to the devices of the selector. More fields of a deployment may be given as keywords."""
        deployment = deployment or name
        body = {"deployable": name, "version": str(version), "selector": selector, **spec}
        reply = self.request("PUT", f"/v1/deployments/{_quoted(deployment)}", body)
        if "deployment" not in reply:
            raise SkerryError("approval_pending", "another person has to approve the deployment first", 202)
        return Deployment(self, deployment)

    def infer(self, device, name, inputs, version=None):
        """The answers of a device to some rows, through the hub: a dict of nested lists by output."""
        if not isinstance(inputs, dict):
            inputs = {"x": inputs}
        tensors = [{"name": key, **_tensor(value)} for key, value in inputs.items()]
        body = {"inputs": tensors, "outputsAs": "raw", **({} if version is None else {"version": version})}
        path = f"/v1/devices/{_quoted(device)}/models/{_quoted(name)}/infer"
        return {output["name"]: _values(output) for output in self.request("POST", path, body)["outputs"]}

    def optimise(self, name, version="latest", timeout=3600, **request):
        """Makes smaller and faster builds of a version, and returns the outcome of each recipe when all have one.

        More fields of the request, such as `recipes` and `goal`, may be given as keywords.
        """
        path = f"/v1/models/{_quoted(name)}/versions/{_quoted(version)}/optimisations"
        started = self.request("POST", path, request)["id"]

        def ended():
            now = self.request("GET", f"/v1/optimisations/{started}")
            return now if now["status"] in ("done", "cancelled") else None

        return Rows(_until(ended, timeout, f"the optimisation {started}")["results"])

    def bench(self, name, version="latest", selector="true", timeout=1800, reason=None, **request):
        """Measures a version and its builds on devices, and returns a list of measurements, one of each build and device.

        The batch is signed with the key of this connection. More fields, such as `seconds`, may be given as keywords.
        """
        base = f"/v1/models/{_quoted(name)}/versions/{_quoted(version)}"
        command = self.request("POST", f"{base}/bench-command", request)
        why = {} if reason is None else {"reason": reason}
        batch = self.request("POST", "/v1/batches", {"command": command, "selector": selector, **why})["id"]
        self.request("POST", f"/v1/batches/{batch}/sign", {})
        self.request("POST", f"/v1/batches/{batch}/send", {})

        def ended():
            now = self.request("GET", f"/v1/batches/{batch}")
            return now if now["status"] in ("ended", "cancelled") else None

        _until(ended, timeout, f"the batch {batch}")
        number = command["version"]
        rows = self.request("GET", f"/v1/models/{_quoted(name)}/versions/{number}/measurements")["rows"]
        return Rows([_measured(row) for row in rows if row["batchId"] == batch])

    def capture(self, name, **rules):
        """Declares which rows of a model devices keep, why, and for how long."""
        return self.request("PUT", f"/v1/captures/{_quoted(name)}", {"rules": rules})

    def captures(self, device, name, **query):
        """The rows of a model that a device kept, newest first: inputs, outputs, and labels."""
        path = f"/v1/devices/{_quoted(device)}/captures/{_quoted(name)}/rows"
        return Rows(self.request("GET", path, query=query)["rows"])

    def performance(self, name):
        """How good the answers of each version were, from labels, and estimated without."""
        return self.request("GET", f"/v1/models/{_quoted(name)}/performance")

    def devices(self, selector=None):
        """All devices, or those of the selector."""
        return list(self._pages("/v1/devices", {} if selector is None else {"selector": selector}))

    def _pages(self, path, query):
        after = {}
        while True:
            page = self.request("GET", path, query={**query, **after, "limit": 100})
            yield from page["rows"]
            if "next" not in page:
                return
            after = {"after": page["next"]}

    def _upload(self, data):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        upload = self.request("POST", "/v1/uploads", {"digest": digest, "sizeBytes": len(data)})
        while not upload["done"]:
            start = upload["offsetBytes"]
            piece = data[start : start + PIECE_BYTES]
            query = {"offsetBytes": start}
            kind = "application/octet-stream"
            upload = self._send("PATCH", f"/v1/uploads/{upload['id']}", piece, kind, query)
            _progress("uploading", upload["offsetBytes"], len(data))
        return digest

    def _send(self, method, path, data, kind, query=None):
        url = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"authorization": f"Bearer {self._key}", "accept": "application/json"}
        if data is not None:
            headers["content-type"] = kind
        for attempt in range(ATTEMPTS_MAX):
            request = urllib.request.Request(url, data=data, headers=headers, method=method)
            try:
                with self._opener.open(request, timeout=150) as answer:
                    return json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as error:
                problem = _problem(error)
                if error.code not in (429, 502, 503, 504) or attempt == ATTEMPTS_MAX - 1:
                    raise problem from None
            except ssl.SSLCertVerificationError as error:
                raise _untrusted(error) from None
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                reason = getattr(error, "reason", error)
                if isinstance(reason, ssl.SSLCertVerificationError):
                    raise _untrusted(reason) from None
                if attempt == ATTEMPTS_MAX - 1:
                    raise SkerryError("hub_unreachable", f"{self.url} cannot be reached: {reason}") from None
            time.sleep(min(8, 0.5 * 2**attempt) * random.uniform(0.5, 1))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def _untrusted(error):
    message = f"the certificate of the hub is not trusted: {error.verify_message}; give its authority as ca_file or in SKERRY_CA_FILE"
    return SkerryError("hub_untrusted", message)


def _problem(error):
    text = error.read().decode("utf-8", "replace")
    try:
        body = json.loads(text)
        return SkerryError(body["code"], body.get("message", ""), error.code)
    except (ValueError, KeyError, TypeError):
        return SkerryError("answer_invalid", f"the answer {error.code} is not that of a hub: {text[:200]}", error.code)


class Version:
    """A pushed version. `created` is False if the same bytes had been pushed before."""

    def __init__(self, hub, name, reply):
        self.hub = hub
        self.name = name
        self.created = reply["created"]
        self.detail = reply["version"]
        self.number = self.detail["version"]

    def __repr__(self):
        return f"Version({self.name}:{self.number})"

    def _repr_html_(self):
        size = self.detail.get("sizeBytes", 0)
        return _table([("version", f"{self.name}:{self.number}"), ("digest", self.detail["digest"]), ("bytes", size)])


class Rows(list):
    """A list of dicts, which a notebook shows as a table; `pandas.DataFrame(rows)` takes it as it is."""

    def _repr_html_(self):
        return _rows_table(self)


ENDED = ("done", "failed", "aborted", "rolled-back", "superseded")


class Deployment:
    """A deployment: which version shall run where."""

    def __init__(self, hub, name):
        self.hub = hub
        self.name = name

    def get(self):
        """The deployment as the hub has it now: wanted and running."""
        return self.hub.request("GET", f"/v1/deployments/{_quoted(self.name)}")

    def watch(self, timeout=600):
        """Waits until the rollout has ended, and returns the deployment. Raises a SkerryError if it is not done."""
        end = time.monotonic() + timeout
        shown = None
        while True:
            now = self.get()
            status, devices = now["rolloutStatus"], now["devices"]
            line = f"{self.name}: {status}, {devices['healthy']} of {devices['total']} devices run version {now['version']} well"
            if line != shown:
                print(line)
                shown = line
            if status == "done":
                return now
            if status in ENDED or status == "paused":
                reasons = "; ".join(f"{one['device']}: {one['code']} {one['message']}" for one in now.get("failures", []))
                raise SkerryError("rollout_" + status.replace("-", "_"), reasons or f"the rollout is {status}")
            if time.monotonic() > end:
                raise SkerryError("rollout_timeout", f"the rollout is {status} after {timeout} s; it goes on")
            time.sleep(0.5)

    def rollback(self):
        """Returns to the revision before, on all devices."""
        self.hub.request("POST", f"/v1/deployments/{_quoted(self.name)}/rollback", {})
        return self

    def __repr__(self):
        return f"Deployment({self.name!r})"

    def _repr_html_(self):
        now = self.get()
        return _table([("deployment", self.name), ("version", now["version"]), ("rollout", now["rolloutStatus"])])


# Estimators: the public fitted attributes as JSON (contract: models/tabular/estimator.ts).


def describe(model):
    """The bytes that the hub makes an ONNX model of: JSON of XGBoost, or the attributes of a scikit-learn estimator."""
    booster = getattr(model, "get_booster", None)
    if booster is not None:
        return bytes(booster().save_raw("json"))
    if type(model).__module__.startswith("xgboost"):
        return bytes(model.save_raw("json"))
    steps, last = _steps(model)
    body, classes = _model(last)
    features = getattr(model, "n_features_in_", None)
    if features is None:
        raise UnsupportedModel(f"{type(model).__name__} is not fitted: call fit() first")
    names = [type(step).__name__ for step in steps] + [type(last).__name__]
    document = {
        "format": "skerry-estimator",
        "v": 1,
        "framework": f"scikit-learn {sys.modules['sklearn'].__version__}" if "sklearn" in sys.modules else "unknown",
        "estimator": names[0] if len(names) == 1 else f"Pipeline({', '.join(names)})",
        "features": int(features),
        "steps": [_affine(step) for step in steps],
        "model": body,
        **({} if classes is None else {"classes": classes}),
    }
    return json.dumps(document, allow_nan=False).encode()


def _steps(model):
    if type(model).__name__ != "Pipeline":
        return [], model
    parts = [part for _, part in model.steps if part not in (None, "passthrough")]
    return parts[:-1], parts[-1]


def _row(values):
    return [float(value) for value in values]


def _affine(step):
    kind = type(step).__name__
    if kind in ("StandardScaler", "RobustScaler"):
        center = step.mean_ if kind == "StandardScaler" and step.with_mean else getattr(step, "center_", None)
        return {
            "step": "affine",
            **({} if center is None else {"subtract": _row(center)}),
            **({} if step.scale_ is None else {"divide": _row(step.scale_)}),
        }
    if kind == "MinMaxScaler" and not step.clip:
        return {"step": "affine", "multiply": _row(step.scale_), "add": _row(step.min_)}
    if kind == "MaxAbsScaler":
        return {"step": "affine", "divide": _row(step.scale_)}
    raise UnsupportedModel(f"the step {kind} of the pipeline cannot be described; export the pipeline with skl2onnx")


def _model(model):
    kind = type(model).__name__
    classes = None if getattr(model, "classes_", None) is None else _classes(model.classes_)
    if kind in ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor"):
        return _forest([model.tree_], classes), classes
    if kind in ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"):
        return _forest([tree.tree_ for tree in model.estimators_], classes), classes
    if kind in ("GradientBoostingClassifier", "GradientBoostingRegressor"):
        return _boosting(model, classes), classes
    if kind in ("MLPClassifier", "MLPRegressor"):
        return _network(model), classes
    if hasattr(model, "coef_") and hasattr(model, "intercept_"):
        return _linear(model, classes), classes
    raise UnsupportedModel(f"{kind} cannot be described by its attributes; export it with skl2onnx and push the file")


def _classes(values):
    found = [value.item() if hasattr(value, "item") else value for value in values]
    found = [int(value) if isinstance(value, (bool, int)) or (isinstance(value, float) and value.is_integer()) else value for value in found]
    return [value if isinstance(value, int) else str(value) for value in found]


def _tree(tree, scale=True, target=None):
    values = []
    for node in tree.value:
        row = node.reshape(-1)
        total = row.sum() if scale else 1
        values.append(_row(row / total) if total else _row(row))
    missing = getattr(tree, "missing_go_to_left", None)
    count = tree.node_count
    return {
        "left": [int(child) for child in tree.children_left],
        "right": [int(child) for child in tree.children_right],
        "feature": [max(0, int(feature)) for feature in tree.feature],
        # scikit-learn splits missing values from all others by an infinite threshold.
        "threshold": [max(-FLOAT_MAX, min(FLOAT_MAX, float(one))) for one in tree.threshold],
        "missingLeft": [0] * count if missing is None else [int(one) for one in missing],
        "values": values,
        **({} if target is None else {"target": target}),
    }


def _forest(trees, classes):
    if trees[0].n_outputs > 1 and classes is not None:
        raise UnsupportedModel("a classifier of several outputs cannot be described")
    described = [_tree(tree, scale=classes is not None) for tree in trees]
    return {
        "kind": "trees",
        "trees": described,
        "factor": 1 / len(trees),
        "base": [0.0] * len(described[0]["values"][0]),
        "link": "none" if classes is None else "shares",
    }


def _boosting(model, classes):
    import numpy

    grid = model.estimators_
    scores = grid.shape[1]
    probe = numpy.zeros((2, model.n_features_in_))
    probe[1] = 1
    raw = model.predict(probe) if classes is None else model.decision_function(probe)
    raw = numpy.asarray(raw, dtype=float).reshape(2, -1)
    for column in range(scores):
        raw[:, column] -= model.learning_rate * sum(tree.predict(probe) for tree in grid[:, column])
    if abs(raw[0] - raw[1]).max() > 1e-9:
        raise UnsupportedModel(f"{type(model).__name__} with its own init estimator cannot be described")
    factor = 2.0 if classes is not None and model.loss == "exponential" else 1.0
    trees = [_tree(tree.tree_, scale=False, target=column) for row in grid for column, tree in enumerate(row)]
    link = "none" if classes is None else "sigmoid" if scores == 1 else "softmax"
    return {
        "kind": "trees",
        "trees": trees,
        "factor": float(model.learning_rate) * factor,
        "base": _row(raw[0] * factor),
        "link": link,
    }


def _network(model):
    links = {"identity": "none", "logistic": "sigmoid", "softmax": "softmax"}
    link = links[model.out_activation_]
    if link == "sigmoid" and model.n_outputs_ > 1:
        raise UnsupportedModel("a network with several labels a row cannot be described")
    layers = [
        {"weights": [_row(row) for row in weights], "bias": _row(bias)}
        for weights, bias in zip(model.coefs_, model.intercepts_)
    ]
    return {"kind": "network", "layers": layers, "activation": model.activation, "link": link}


def _linear(model, classes):
    import numpy

    coefficients = numpy.atleast_2d(numpy.asarray(model.coef_, dtype=float))
    intercepts = numpy.atleast_1d(numpy.asarray(model.intercept_, dtype=float))
    if len(intercepts) == 1 and len(coefficients) > 1:
        intercepts = numpy.repeat(intercepts, len(coefficients))
    link = "none"
    if classes is not None:
        if not hasattr(model, "predict_proba"):
            raise UnsupportedModel(f"{type(model).__name__} has no probabilities; wrap it in a CalibratedClassifierCV, or export it with skl2onnx")
        link = "sigmoid" if len(classes) == 2 else "softmax"
        way = getattr(model, "multi_class", "auto")
        if way == "ovr" or getattr(model, "solver", "") == "liblinear":
            link = "sigmoid" if len(classes) == 2 else "ovr"
        elif way == "multinomial" and len(classes) == 2:
            # scikit-learn takes the softmax of both signs there, which is a sigmoid of twice the score.
            coefficients, intercepts = coefficients * 2, intercepts * 2
    elif getattr(model, "link", None) == "log" or type(model).__name__ in ("PoissonRegressor", "GammaRegressor"):
        link = "exp"
    return {
        "kind": "linear",
        "coefficients": [_row(row) for row in coefficients],
        "intercepts": _row(intercepts),
        "link": link,
    }


# Tensors: raw little-endian elements in base64.

_TYPES = {"FP32": "f", "FP64": "d", "INT64": "q", "INT32": "i", "INT16": "h", "INT8": "b", "UINT8": "B", "BOOL": "?"}
_NUMPY = {"float32": "FP32", "float64": "FP64", "int64": "INT64", "int32": "INT32", "int16": "INT16", "int8": "INT8", "uint8": "UINT8", "bool": "BOOL"}


def _flat(values):
    """The shape and the elements of nested lists, or of anything with tolist()."""
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if hasattr(values, "tolist"):
        values = values.tolist()
    shape = []
    inner = values
    while isinstance(inner, (list, tuple)):
        shape.append(len(inner))
        if not inner:
            break
        inner = inner[0]
    flat = [values]
    for _ in shape:
        flat = [element for row in flat for element in row]
    count = 1
    for size in shape:
        count *= size
    if len(flat) != count:
        raise ValueError(f"the rows have different lengths: {len(flat)} values do not fill the shape {shape}")
    return shape, flat


def _tensor(values, datatype=None):
    datatype = datatype or _NUMPY.get(str(getattr(values, "dtype", "")), "FP32")
    # Models take 32 bits, and Python and NumPy have 64 by default.
    if datatype == "FP64":
        datatype = "FP32"
    shape, flat = _flat(values)
    number = float if datatype == "FP32" else bool if datatype == "BOOL" else int
    data = struct.pack(f"<{len(flat)}{_TYPES[datatype]}", *(number(value) for value in flat))
    return {"datatype": datatype, "shape": shape, "data": base64.b64encode(data).decode()}


def _values(tensor):
    letter = _TYPES.get(tensor["datatype"])
    if letter is None or not isinstance(tensor["data"], str):
        return tensor["data"]
    data = base64.b64decode(tensor["data"])
    flat = list(struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data))
    for size in reversed(tensor["shape"][1:]):
        flat = [flat[start : start + size] for start in range(0, len(flat), size)] if size else []
    return flat


def _golden_of_tensors(samples, expected):
    if samples is None:
        return None
    if not isinstance(samples, dict):
        raise ValueError("samples for a file of ONNX are a dict of arrays by input, such as {'x': rows}")
    case = {"inputs": {name: _tensor(value) for name, value in samples.items()}}
    if expected is not None:
        case["outputs"] = {name: _tensor(value) for name, value in expected.items()}
    return {"cases": [case]}


def _golden_of_rows(model, samples, expected, conversion):
    """One case of all rows. The framework sees exactly the numbers that devices will see: rounded to 32 bits."""
    if samples is None:
        return None
    rows = samples["x"] if isinstance(samples, dict) else samples
    tensor = _tensor(rows, "FP32")
    if len(tensor["shape"]) != 2:
        raise ValueError(f"samples must be rows of a table, and have the shape {tensor['shape']}")
    if tensor["shape"][0] > ROWS_MAX:
        raise ValueError(f"{tensor['shape'][0]} rows are too many: every device answers them; give at most {ROWS_MAX}")
    case = {"inputs": {"x": tensor}}
    if expected is not None:
        case["outputs"] = {name: _tensor(value) for name, value in expected.items()}
    elif model is not None:
        case["outputs"] = _predictions(model, _values(tensor), conversion)
    return {"cases": [case]}


def _predictions(model, rows, conversion):
    import numpy

    table = numpy.asarray(rows, dtype="float32" if type(model).__module__.startswith("xgboost") else "float64")
    if type(model).__name__ == "Booster":
        import xgboost

        answers = numpy.asarray(model.predict(xgboost.DMatrix(table)), dtype="float32")
    elif "classes" in conversion:
        answers = numpy.asarray(model.predict_proba(table), dtype="float32")
    else:
        answers = numpy.asarray(model.predict(table), dtype="float32")
    width = conversion["outputs"][0]["shape"][1]
    if answers.size == len(rows) and width == 2:
        answers = numpy.stack([1 - answers.reshape(-1), answers.reshape(-1)], axis=1)
    outputs = {conversion["outputs"][0]["name"]: _tensor(answers.reshape(len(rows), width).astype("float32"))}
    if "classes" in conversion and hasattr(model, "predict_proba"):
        classes = conversion["classes"]
        labels = _classes(model.predict(table))
        if any(isinstance(one, str) for one in classes):
            labels = [[str(one) for one in classes].index(str(label)) for label in labels]
        outputs["label"] = _tensor(labels, "INT64")
    return outputs


def _quoted(name):
    return urllib.parse.quote(str(name), safe="")


def _progress(what, done, total):
    if total < PIECE_BYTES or not sys.stderr.isatty():
        return
    print(f"\r{what} {100 * done // total} %", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _until(look, timeout, what):
    """The first answer of `look` that is not None. The work goes on if the time is over."""
    end = time.monotonic() + timeout
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise SkerryError("timeout", f"{what} has not ended after {timeout} s; it goes on")
        time.sleep(0.5)


def _measured(row):
    """The figures of a measurement in one level."""
    timing = row.get("timing") or {}
    speed = timing.get("speed") or {}
    problem = row.get("problem") or {}
    return {
        "device": row["device"],
        "build": row.get("recipe", "version itself"),
        "p50Ms": timing.get("p50Ms"),
        "p95Ms": timing.get("p95Ms"),
        "speed": speed.get("middle"),
        "peakBytes": timing.get("peakBytes"),
        "problem": problem.get("code"),
    }


def _rows_table(rows):
    import html

    columns = list(dict.fromkeys(key for row in rows for key in row))
    head = "".join(f"<th>{html.escape(str(key))}</th>" for key in columns)
    lines = ("".join(f"<td>{html.escape(str(row.get(key, '')))}</td>" for key in columns) for row in rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _table(rows):
    import html

    cells = "".join(f"<tr><th>{html.escape(str(key))}</th><td>{html.escape(str(value))}</td></tr>" for key, value in rows)
    return f"<table>{cells}</table>"


