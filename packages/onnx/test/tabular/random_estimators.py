"""Random estimators of scikit-learn with their own answers, as JSON: random_estimators.py NUMBER SEED.

Trees, forests, boosting, linear and logistic models, networks and scalers; missing values; inputs exactly at thresholds.
"""

import json
import os
import sys
import warnings

import numpy as np
from sklearn import ensemble, linear_model, neural_network, preprocessing, tree
from sklearn.pipeline import make_pipeline

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../../clients/python"))
import skerry  # noqa: E402

warnings.filterwarnings("ignore")
rng = np.random.default_rng(int(sys.argv[2]))


def trees():
    return int(rng.integers(1, 30))


CLASSIFIERS = [
    lambda: linear_model.LogisticRegression(),
    lambda: linear_model.LogisticRegression(multi_class="ovr"),
    lambda: linear_model.LogisticRegression(multi_class="multinomial"),
    lambda: tree.DecisionTreeClassifier(max_depth=int(rng.integers(1, 8))),
    lambda: ensemble.RandomForestClassifier(trees(), max_depth=6),
    lambda: ensemble.ExtraTreesClassifier(10),
    lambda: ensemble.GradientBoostingClassifier(n_estimators=trees()),
    lambda: ensemble.GradientBoostingClassifier(n_estimators=5, loss="exponential"),
    lambda: neural_network.MLPClassifier((8, 4), activation=str(rng.choice(["relu", "tanh", "logistic"])), max_iter=30),
]
LOSSES = ["squared_error", "absolute_error", "huber", "quantile"]
REGRESSORS = [
    lambda: linear_model.LinearRegression(),
    lambda: linear_model.Ridge(),
    lambda: linear_model.Lasso(0.01),
    lambda: linear_model.PoissonRegressor(),
    lambda: linear_model.BayesianRidge(),
    lambda: tree.DecisionTreeRegressor(max_depth=7),
    lambda: ensemble.RandomForestRegressor(trees()),
    lambda: ensemble.ExtraTreesRegressor(10),
    lambda: ensemble.GradientBoostingRegressor(n_estimators=20, loss=str(rng.choice(LOSSES))),
    lambda: neural_network.MLPRegressor((8,), max_iter=50),
]
SCALERS = [
    None,
    preprocessing.StandardScaler,
    preprocessing.MinMaxScaler,
    preprocessing.RobustScaler,
    preprocessing.MaxAbsScaler,
]
TAKES_MISSING = ("DecisionTree", "RandomForest")


def pick(choices):
    return choices[int(rng.integers(len(choices)))]


def classes_of(model, sums):
    count = 2 if getattr(model, "loss", "") == "exponential" else int(rng.integers(2, 5))
    index = np.digitize(sums, np.quantile(sums, np.linspace(0, 1, count + 1)[1:-1]))
    return pick([np.arange(4), np.array([3, 7, 11, 12]), np.array(["a", "b", "c", "d"])])[index]


def splits(model):
    found = [each.tree_ for each in np.ravel(getattr(model, "estimators_", []))]
    found = found or ([model.tree_] if hasattr(model, "tree_") else [])
    pairs = [(one.feature[at], one.threshold[at]) for one in found for at in range(one.node_count)]
    return [(column, threshold) for column, threshold in pairs if column >= 0 and abs(threshold) < 1e30]


def one(seed):
    columns, rows = int(rng.integers(1, 8)), int(rng.integers(40, 200))
    data = rng.normal(size=(rows, columns)) * 10 ** rng.uniform(-2, 2, size=columns)
    data = data.astype("float32").astype("float64")
    is_classifier = rng.random() < 0.5
    model = pick(CLASSIFIERS if is_classifier else REGRESSORS)()
    sums = (data / np.abs(data).max(0)).sum(1) + rng.normal(size=rows) * 0.1
    if is_classifier:
        labels = classes_of(model, sums)
    else:
        labels = np.abs(sums) + 0.1 if type(model).__name__ == "PoissonRegressor" else sums * pick([1, 100])
    has_missing = type(model).__name__.startswith(TAKES_MISSING) and rng.random() < 0.5
    if has_missing:
        data[rng.random(data.shape) < 0.1] = np.nan
    scaler = None if has_missing else pick(SCALERS)
    whole = model if scaler is None else make_pipeline(scaler(), model)
    whole.fit(data, labels)
    asked = data[:40].copy()
    found = splits(model) if scaler is None else []
    for row in range(min(20, len(found))):
        column, threshold = pick(found)
        asked[row, column] = np.float32(threshold)
    answers = whole.predict_proba(asked) if is_classifier else whole.predict(asked)
    return {
        "name": f"{seed} {whole}",
        "model": skerry.describe(whole).decode(),
        "rows": [[None if np.isnan(value) else float(value) for value in row] for row in asked],
        "answers": np.asarray(answers, dtype=float).reshape(len(asked), -1).tolist(),
    }


json.dump([one(seed) for seed in range(int(sys.argv[1]))], sys.stdout)
