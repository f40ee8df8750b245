"""Scores windows with scikit-learn. Reads and writes float32 files in a folder: train, test-0, test-1, ..."""
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn import __version__
from sklearn.covariance import MinCovDet
from sklearn.ensemble import IsolationForest
from sklearn.neural_network import MLPRegressor

warnings.filterwarnings("ignore")
folder, width, tests, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])


def rows(name):
    return np.fromfile(folder / name, dtype=np.float32).reshape(-1, width).astype(np.float64)


def auto_encoder(train):
    clipped = np.clip(train, -10, 10)
    hidden = max(2, width // 3)
    model = MLPRegressor((2 * hidden, hidden, 2 * hidden), activation="tanh", max_iter=200, early_stopping=True, random_state=seed)
    model.fit(clipped, clipped)
    return lambda x: ((np.clip(x, -1e3, 1e3) - model.predict(np.clip(x, -1e3, 1e3))) ** 2).sum(axis=1)


def forest(train):
    model = IsolationForest(n_estimators=100, random_state=seed).fit(train)
    return lambda x: -model.score_samples(x)


def mahalanobis(train):
    model = MinCovDet(random_state=seed).fit(train)
    return model.mahalanobis


train = rows("train")
kinds = {"mahalanobis": mahalanobis, "auto-encoder": auto_encoder, "forest": forest}
for kind, fit in kinds.items():
    score = fit(train)
    for test in range(tests):
        np.asarray(score(rows(f"test-{test}")), dtype=np.float32).tofile(folder / f"{kind}-{test}")
print(json.dumps({"version": __version__, "kinds": list(kinds)}))
