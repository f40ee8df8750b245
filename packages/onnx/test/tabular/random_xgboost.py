"""Random models of XGBoost with its own answers, as JSON: random_xgboost.py NUMBER SEED.

Missing values, categories, several classes, dart, parallel trees, base scores, and inputs exactly at thresholds.
"""

import base64
import json
import sys

import numpy as np
import xgboost

OBJECTIVES = [
    "reg:squarederror",
    "reg:absoluteerror",
    "reg:gamma",
    "reg:tweedie",
    "count:poisson",
    "binary:logistic",
    "multi:softprob",
]
rng = np.random.default_rng(int(sys.argv[2]))


def table():
    columns, rows = int(rng.integers(1, 8)), int(rng.integers(50, 300))
    data = rng.normal(size=(rows, columns)).astype("float32")
    if rng.random() < 0.5:
        data[rng.random(data.shape) < 0.15] = np.nan
    types = ["q"] * columns
    if rng.random() < 0.35 and columns > 1:
        for column in range(int(rng.integers(1, columns))):
            data[:, column] = rng.integers(0, int(rng.integers(2, 40)), size=rows)
            types[column] = "c"
            if rng.random() < 0.3:
                data[rng.random(rows) < 0.1, column] = np.nan
    return data, types


def target(objective, sums):
    if objective == "binary:logistic":
        return (sums > np.median(sums)).astype(int), {}
    if objective == "multi:softprob":
        classes = int(rng.integers(3, 6))
        return np.digitize(sums, np.linspace(-1, 1, classes - 1)), {"num_class": classes}
    if objective == "count:poisson":
        return np.round(np.abs(sums)), {}
    return (np.abs(sums) + 0.1 if objective in ("reg:gamma", "reg:tweedie") else sums), {}


def splits(document):
    booster = document["learner"]["gradient_booster"]
    model = booster.get("model") or booster["gbtree"]["model"]
    keys = ("split_indices", "split_conditions", "left_children", "split_type")
    nodes = [node for tree in model["trees"] for node in zip(*(tree[key] for key in keys))]
    return [(column, threshold) for column, threshold, left, kind in nodes if left != -1 and kind == 0]


def one(seed):
    data, types = table()
    objective = str(rng.choice(OBJECTIVES))
    sums = np.nan_to_num(data).sum(1) + rng.normal(size=len(data)) * 0.2
    labels, more = target(objective, sums)
    parameters = {
        "objective": objective,
        "max_depth": int(rng.integers(1, 7)),
        "eta": float(rng.uniform(0.05, 0.8)),
        "max_cat_to_onehot": int(rng.integers(1, 8)),
        "seed": seed,
        **more,
    }
    if rng.random() < 0.2 and "c" not in types:
        parameters.update(booster="dart", rate_drop=0.3)
    if rng.random() < 0.3:
        parameters["base_score"] = 0.3 if objective == "binary:logistic" else 1.5
    if rng.random() < 0.2 and objective != "reg:absoluteerror":
        parameters.update(num_parallel_tree=3, subsample=0.7)

    def matrix(rows, **options):
        return xgboost.DMatrix(rows, feature_types=types, enable_categorical=True, **options)

    booster = xgboost.train(parameters, matrix(data, label=labels), num_boost_round=int(rng.integers(1, 30)))
    document = json.loads(booster.save_raw("json"))
    asked = data[:40].copy()
    found = splits(document)
    for row in range(min(20, len(found))):
        column, threshold = found[int(rng.integers(len(found)))]
        asked[row, column] = np.float32(threshold)
    answers = np.asarray(booster.predict(matrix(asked)), dtype=float)
    if objective == "binary:logistic":
        answers = np.stack([1 - answers, answers], 1)
    return {
        "name": f"{seed} {parameters}",
        "model": booster.save_raw("json").decode(),
        "binary": base64.b64encode(booster.save_raw("ubj")).decode(),
        "rows": [[None if np.isnan(value) else float(value) for value in row] for row in asked],
        "answers": answers.reshape(len(asked), -1).tolist(),
    }


json.dump([one(seed) for seed in range(int(sys.argv[1]))], sys.stdout)
