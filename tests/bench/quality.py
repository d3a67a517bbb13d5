"""How good the models of default settings are, on many data sets, beside the best linear models of scikit-learn.

    python3 -m venv ~/solvers && ~/solvers/bin/pip install scikit-learn==1.9.1 scipy==1.17.1
    ./dev build && ~/solvers/bin/python tests/bench/quality.py build/bin/lltrain [.cache/mnist] [--no-peers]

Prints the table of docs/benchmarks.md: test errors (of classifiers) or test RMSE (of regressors), means over three
splits and seeds. 60 % of the rows are train, 20 % validation, 20 % test, but for MNIST's own test digits. The peer is
LogisticRegression and LinearSVC, or Ridge and Lasso, over a path of regularisation, on standardised and on proportional
features: the model with the best validation score. It takes minutes, nearly all of it the peer's.
"""

import argparse
import pathlib
import warnings

import jobs
import numpy as np
from sklearn import datasets, linear_model, svm

SEEDS = (1, 2, 3)


# ---- Data sets: seed -> (kind, features, labels)


def carried(load, kind, change=lambda y: y, **options):
    def make(_):
        data = load(**options)
        return kind, data.data, change(data.target)

    return make


def classes(**options):
    return lambda seed: ("binary", *datasets.make_classification(random_state=seed, **options))


def scales(kind):
    """Features over nine orders of magnitude, most of them far from zero."""

    def make(seed):
        rng = np.random.default_rng(100 + seed)
        scale = 10 ** rng.uniform(-4, 5, 25)
        mean = rng.normal(0, 3, 25) * scale
        z = rng.normal(size=(5000, 25))
        margin = z @ rng.normal(size=25)
        y = 50 + margin + rng.normal(size=5000) / 2 if kind == "regressor" else margin + rng.logistic(size=5000) > 1
        return kind, mean + z * scale, y

    return make


def census(seed):
    """Categories as ones among zeros, three numbers of different scales, one of them mostly zero."""
    rng = np.random.default_rng(200 + seed)
    blocks, margin = [], np.zeros(6000)
    for size in (3, 5, 8, 16, 40, 7, 2, 12):
        category = rng.choice(size, 6000, p=rng.dirichlet(np.full(size, 0.5)))
        blocks.append(np.eye(size)[category])
        margin += rng.normal(0, 0.8, size)[category]
    age = rng.integers(17, 90, 6000)
    hours = rng.normal(40, 12, 6000)
    gain = np.where(rng.random(6000) < 0.08, rng.lognormal(8, 1.2, 6000), 0)
    margin += 0.03 * (age - 40) + 0.02 * (hours - 40) + 2 * (gain > 5000)
    return "binary", np.column_stack([*blocks, age, hours, gain]), margin + rng.logistic(size=6000) > 1


def words(seed):
    """Word counts."""
    rng = np.random.default_rng(300 + seed)
    rate = 1 / np.arange(1, 801)
    counts = rng.poisson(24 * rate / rate.sum(), (4000, 800))
    return "binary", counts, counts @ rng.normal(size=800) + rng.logistic(size=4000) > 0


def wide(kind):
    """Eight of three hundred features matter, few rows."""

    def make(seed):
        rng = np.random.default_rng(400 + seed)
        z = rng.normal(size=(600, 300))
        margin = z[:, :8] @ rng.normal(0, 2, 8)
        y = margin + 2 * rng.normal(size=600) if kind == "regressor" else margin + rng.logistic(size=600) > 0
        return kind, z, y

    return make


def heavy_tails(seed):
    rng = np.random.default_rng(500 + seed)
    z = rng.normal(size=(3000, 12))
    return "regressor", z, z @ rng.normal(size=12) + rng.standard_t(2, size=3000)


def dates(seed):
    rng = np.random.default_rng(600 + seed)
    z = rng.normal(size=(2000, 4))
    day = 20110000 + rng.integers(0, 1200, 2000)
    return "regressor", np.column_stack([z, day]), z @ [1, 2, 3, -1] + 0.01 * (day - 20110000) + rng.normal(size=2000)


DATA = {
    "breast cancer": carried(datasets.load_breast_cancer, "binary"),
    "8x8 digits: odd": carried(datasets.load_digits, "binary", lambda y: y % 2),
    "8x8 digits: 5 to 9": carried(datasets.load_digits, "binary", lambda y: y >= 5),
    "8x8 digits": carried(datasets.load_digits, "classes"),
    "wine": carried(datasets.load_wine, "classes"),
    "iris": carried(datasets.load_iris, "classes"),
    "diabetes": carried(datasets.load_diabetes, "regressor", scaled=False),
    "make_classification": classes(
        n_samples=4000, n_features=30, n_informative=10, n_redundant=10, flip_y=0.05, class_sep=0.7
    ),
    "2 % positive": classes(
        n_samples=20000, n_features=30, n_informative=8, weights=[0.98], flip_y=0.005, class_sep=1.2
    ),
    "census-like": census,
    "word counts": words,
    "wide, binary": wide("binary"),
    "scales, binary": scales("binary"),
    "friedman1": lambda seed: ("regressor", *datasets.make_friedman1(3000, 20, noise=1, random_state=seed)),
    "friedman2": lambda seed: ("regressor", *datasets.make_friedman2(3000, noise=50, random_state=seed)),
    "wide, regression": wide("regressor"),
    "scales, regression": scales("regressor"),
    "heavy tails": heavy_tails,
    "dates": dates,
}


def split(make, seed):
    kind, x, y = make(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    x, y = np.asarray(x, dtype=float)[order], np.asarray(y, dtype=float)[order]
    a, b = int(0.6 * len(y)), int(0.8 * len(y))
    return kind, [(x[i:j], y[i:j]) for i, j in ((0, a), (a, b), (b, len(y)))]


# ---- Models


def lltrain(program, kind, parts, seed, validation, **hyperparameters):
    """Test errors or RMSE, from the log of a job with default settings."""
    values = {"predictor_type": {"binary": "binary_classifier", "classes": "multiclass_classifier"}.get(kind, kind)}
    if kind == "classes":
        values["num_classes"] = str(int(max(y.max() for _, y in parts)) + 1)
    channels = dict(zip(("train", "validation", "test"), parts))
    if not validation:
        del channels["validation"]
    files = {name: ("rows.recordio", jobs.recordio(x, y)) for name, (x, y) in channels.items()}
    with jobs.Job(program, files, values | hyperparameters) as job:
        _, log = job.train(seed)
    name = {"binary": "binary_classification_accuracy", "classes": "multiclass_accuracy"}.get(kind, "mse")
    value = jobs.metric(log, "test", name)
    return value**0.5 if name == "mse" else round((1 - value) * len(parts[2][1]))


def peer(kind, parts):
    x = parts[0][0]
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    each = np.where(deviation > 0, deviation, 1)
    common = np.sqrt((deviation[deviation > 0] ** 2).mean())
    if kind == "regressor":
        spread = parts[0][1].std()
        models = [linear_model.Ridge(alpha=10.0**e) for e in range(-3, 5)]
        models += [linear_model.Lasso(alpha=10.0**e * spread) for e in range(-3, 0)]
    else:
        models = [linear_model.LogisticRegression(C=10.0**e, max_iter=1000) for e in range(-4, 3)]
        models += [svm.LinearSVC(C=10.0**e, loss="hinge", max_iter=5000) for e in range(-4, 1)]
    best = (np.inf, np.inf)
    for divisor in (each, common):
        scaled = [((x - mean) / divisor, y) for x, y in parts]
        for model in models:
            model.fit(*scaled[0])
            if kind == "regressor":
                score = [np.sqrt(((model.predict(x) - y) ** 2).mean()) for x, y in scaled[1:]]
            else:
                score = [(model.predict(x) != y).sum() for x, y in scaled[1:]]
            best = min(best, tuple(score))
    return best[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lltrain")
    parser.add_argument("mnist", nargs="?", type=pathlib.Path)
    parser.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")

    def row(name, runs, with_peer=True):
        """runs: (kind, parts, seed, more hyperparameters)."""
        columns = []
        for validation in (False, True):
            for normalize in ({"normalize_data": "true"}, {}):
                columns.append(
                    [lltrain(arguments.lltrain, k, p, s, validation, **m, **normalize) for k, p, s, m in runs]
                )
        peers = [] if arguments.no_peers or not with_peer else [peer(k, p) for k, p, _, _ in runs]
        cells = ["%.4g" % np.mean(column) for column in columns] + ["%.4g" % np.mean(peers) if peers else "-"]
        rows = len(runs[0][1][2][1])
        print("|", " | ".join([name, f"{rows:,}", *cells]), "|", flush=True)

    print("| data set | test rows | train only: normalized | default | with validation: normalized | default | peer |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, make in DATA.items():
        row(name, [(*split(make, seed), seed, {}) for seed in SEEDS])
    if arguments.mnist:
        parts = jobs.mnist(arguments.mnist)
        for digit in range(10):
            ones = [(x, y == digit) for x, y in parts]
            row(
                f"MNIST: {digit}",
                [("binary", ones, s, {"mini_batch_size": "200"}) for s in SEEDS[: 3 if digit == 0 else 1]],
                False,
            )
        row("MNIST", [("classes", parts, 1, {"mini_batch_size": "200"})], False)


main()
