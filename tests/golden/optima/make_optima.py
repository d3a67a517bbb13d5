"""Writes optima.json and the data sets beside it: minima of training objectives, found by other people's solvers.

    python3 -m venv ~/solvers && ~/solvers/bin/pip install scikit-learn==1.9.1 scipy==1.17.1
    ~/solvers/bin/python tests/golden/optima/make_optima.py

Each problem is solved by a solver that knows nothing of this project (named in the file). Its weights are put into the
objective as docs/hyperparameters.md states it, written out here in NumPy, so that a mistake in translating a solver's
parameters shows: no smaller value may be found near the point that the solver returned. learner/optima_test.cc holds
training against the values. Data sets: those that scikit-learn carries, and seeded generators; thinned so that the
files stay small.
"""

import json
import pathlib

import numpy as np
from scipy import optimize, sparse
from sklearn import datasets, linear_model, svm

HERE = pathlib.Path(__file__).parent


# ---- Data: name -> (features, labels)


def cancer():
    data = datasets.load_breast_cancer()
    return data.data[:300], data.target[:300]


def diabetes():
    data = datasets.load_diabetes(scaled=False)
    return data.data[:200], data.target[:200]


def digits():
    data = datasets.load_digits(n_class=5)
    return data.data[:300, :32], data.target[:300]


def dates():
    """Beside two plain features, a date written as a number: its mean is 60,000 deviations from zero."""
    rng = np.random.default_rng(1)
    day = 20110000 + rng.integers(0, 400, 200)
    plain = rng.normal(size=(200, 2))
    return np.column_stack([plain, day]), plain @ [1, -2] + 0.02 * (day - 20110200) + rng.normal(size=200)


def words():
    """Word counts: nine of ten are zero."""
    rng = np.random.default_rng(2)
    counts = rng.poisson(0.1 + 0.4 / np.arange(1, 41), size=(400, 40))
    margin = counts @ rng.normal(size=40)
    return counts, rng.random(400) < 1 / (1 + np.exp(-2 * (margin - np.median(margin))))


DATA = {f.__name__: f for f in (cancer, diabetes, digits, dates, words)}


def load(name):
    x, y = DATA[name]()
    # What the file holds, rounded to 32 bits as training does.
    x = np.array([[float(f"{v:.7g}") for v in row] for row in x], dtype=np.float32)
    y = np.array([float(f"{v:.7g}") for v in y], dtype=np.float32)
    np.savetxt(HERE / f"{name}.csv", np.column_stack([y, x]), delimiter=",", fmt="%.9g")
    return x.astype(float), y.astype(float)


# ---- Objectives, as docs/hyperparameters.md has them. f: margins, (rows,) or (rows, classes).


def losses(problem, f, y):
    p = problem["hyperparameters"]
    e = f - y if f.ndim == 1 else None
    match problem["loss"]:
        case "logistic":
            weight = np.where(y == 1, float(p.get("positive_example_weight_mult", 1)), 1)
            return weight * np.logaddexp(0, np.where(y == 1, -f, f))
        case "hinge_loss":
            m = float(p.get("margin", 1))
            weight = np.where(y == 1, float(p.get("positive_example_weight_mult", 1)), 1)
            return weight * np.maximum(0, np.where(y == 1, (m + 1) / 2 - f, (m - 1) / 2 + f))
        case "softmax_loss":
            counts = np.bincount(y.astype(int))
            weight = len(y) / counts[y.astype(int)] if p.get("balance_multiclass_weights") else 1
            return weight * (np.logaddexp.reduce(f, axis=1) - f[np.arange(len(y)), y.astype(int)])
        case "squared_loss":
            return e**2
        case "absolute_loss":
            return abs(e)
        case "eps_insensitive_squared_loss":
            return np.maximum(0, e**2 - float(p["loss_insensitivity"]) ** 2)
        case "eps_insensitive_absolute_loss":
            return np.maximum(0, abs(e) - float(p["loss_insensitivity"]))
        case "quantile_loss":
            q = float(p["quantile"])
            return np.where(e < 0, -q * e, (1 - q) * e)
        case "huber_loss":
            d = float(p["huber_delta"])
            return np.where(abs(e) <= d, e**2 / 2, d * abs(e) - d**2 / 2)


def objective(problem, x, y, w, b):
    f = x @ w.T + b
    penalty = problem["l1"] * abs(w).sum() + problem["wd"] / 2 * (w**2).sum()
    return losses(problem, f, y).mean() + penalty


# ---- Solvers: (problem, x, y) -> weights, intercept


def logistic_regression(solver):
    def solve(p, x, y):
        n = len(y)
        params = p["hyperparameters"]
        strength = p["l1"] or p["wd"]
        weight = {}
        if "positive_example_weight_mult" in params:
            weight = {"class_weight": {0: 1, 1: float(params["positive_example_weight_mult"])}}
        if params.get("balance_multiclass_weights"):
            counts = np.bincount(y.astype(int))
            weight = {"class_weight": dict(enumerate(n / counts))}
        model = linear_model.LogisticRegression(
            C=1 / (n * strength) if strength else np.inf,
            l1_ratio=1 if p["l1"] else 0,
            solver=solver,
            tol=1e-10,
            max_iter=200000,
            fit_intercept=p["use_bias"],
            **weight,
        ).fit(x, y)
        if model.coef_.shape[0] == 1:
            return model.coef_[0], model.intercept_[0] if p["use_bias"] else 0.0
        return model.coef_, model.intercept_

    solve.name = f"scikit-learn LogisticRegression, {'LIBLINEAR' if solver == 'liblinear' else solver}"
    return solve


def svc(p, x, y):
    # With g = 2 f - 1, loss = max(0, margin -+ g) / 2 on labels -1 and 1.
    m = float(p["hyperparameters"].get("margin", 1))
    positive = float(p["hyperparameters"].get("positive_example_weight_mult", 1))
    model = svm.SVC(
        kernel="linear", C=2 / (m * len(y) * p["wd"]), tol=1e-9, class_weight={0: 1, 1: positive}, cache_size=1000
    )
    model.fit(x, y)
    return m * model.coef_[0] / 2, (m * model.intercept_[0] + 1) / 2


svc.name = "scikit-learn SVC, LIBSVM"


def svr(p, x, y):
    model = svm.SVR(
        kernel="linear",
        C=1 / (len(y) * p["wd"]),
        epsilon=float(p["hyperparameters"].get("loss_insensitivity", 0)),
        tol=1e-9,
        max_iter=20000000,
    )
    model.fit(x, y)
    return model.coef_[0], model.intercept_[0]


svr.name = "scikit-learn SVR, LIBSVM"


def elastic_net(p, x, y):
    # Half of ours: e^2 / 2n + l1 / 2 |w| + wd / 4 |w|^2.
    alpha = p["l1"] / 2 + p["wd"] / 2
    if alpha == 0:
        model = linear_model.LinearRegression(fit_intercept=p["use_bias"]).fit(x, y)
    else:
        model = linear_model.ElasticNet(
            alpha=alpha, l1_ratio=p["l1"] / 2 / alpha, tol=1e-14, max_iter=1000000, fit_intercept=p["use_bias"]
        ).fit(x, y)
    return model.coef_, model.intercept_


elastic_net.name = "scikit-learn ElasticNet or LinearRegression"


def quantile_regressor(p, x, y):
    # absolute_loss is twice the pinball loss of the median.
    median = p["loss"] == "absolute_loss"
    q = 0.5 if median else float(p["hyperparameters"]["quantile"])
    model = linear_model.QuantileRegressor(quantile=q, alpha=p["l1"] / (2 if median else 1), solver="highs").fit(x, y)
    return model.coef_, model.intercept_


quantile_regressor.name = "scikit-learn QuantileRegressor, HiGHS"


def hinge_lp(p, x, y):
    """min mean slack + l1 (u + v), w = u - v, slack >= each side of the hinge: a linear program."""
    n, d = x.shape
    m = float(p["hyperparameters"].get("margin", 1))
    positive = float(p["hyperparameters"].get("positive_example_weight_mult", 1))
    sign = np.where(y == 1, -1.0, 1.0)
    cost = np.concatenate([np.full(2 * d, p["l1"]), [0], np.where(y == 1, positive, 1) / n])
    rows = sparse.hstack([sign[:, None] * x, -sign[:, None] * x, sign[:, None], -sparse.eye(n)], format="csr")
    limit = np.where(y == 1, -(m + 1) / 2, -(m - 1) / 2)
    bounds = [(0, None)] * (2 * d) + [(None, None)] + [(0, None)] * n
    z = optimize.linprog(cost, A_ub=rows, b_ub=limit, bounds=bounds, method="highs").x
    return z[:d] - z[d : 2 * d], z[2 * d]


hinge_lp.name = "SciPy linprog, HiGHS"


def huber_least_squares(p, x, y):
    d = float(p["hyperparameters"]["huber_delta"])
    design = np.column_stack([x, np.ones(len(y))])
    start = np.linalg.lstsq(design, y, rcond=None)[0]
    z = optimize.least_squares(
        lambda z: design @ z - y,
        start,
        jac=lambda z: design,
        loss="huber",
        f_scale=d,
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-12,
        max_nfev=10000,
    ).x
    return z[:-1], z[-1]


huber_least_squares.name = "SciPy least_squares"


def eps_squared_qp(p, x, y):
    """max(0, e^2 - eps^2) = s^2 + 2 eps s with s = max(0, |e| - eps): a quadratic program in w, b and s."""
    n, d = x.shape
    eps = float(p["hyperparameters"]["loss_insensitivity"])
    scale = y.std()  # in units of which it is well conditioned
    design = sparse.csr_matrix(np.column_stack([x, np.ones(n)]))
    upper = sparse.hstack([-design, sparse.eye(n)])
    lower = sparse.hstack([design, sparse.eye(n)])
    start = np.linalg.lstsq(design.toarray(), y / scale, rcond=None)[0]
    slack = np.maximum(0, abs(design @ start - y / scale) - eps / scale) + 0.1
    constraint = optimize.LinearConstraint(
        sparse.vstack([upper, lower]), np.concatenate([-y / scale - eps / scale, y / scale - eps / scale]), np.inf
    )
    at = d + 1

    def value(z):
        s = z[at:]
        return (s**2 + 2 * eps / scale * s).mean() + p["wd"] / 2 * (z[:d] ** 2).sum()

    def gradient(z):
        return np.concatenate([p["wd"] * z[:d], [0], (2 * z[at:] + 2 * eps / scale) / n])

    hessian = sparse.diags(np.concatenate([np.full(d, p["wd"]), [0], np.full(n, 2 / n)]))
    z = optimize.minimize(
        value,
        np.concatenate([start, slack]),
        jac=gradient,
        hess=lambda _: hessian,
        constraints=[constraint],
        bounds=optimize.Bounds(np.concatenate([np.full(at, -np.inf), np.zeros(n)])),
        method="trust-constr",
        options={"xtol": 1e-13, "gtol": 1e-12, "barrier_tol": 1e-13, "maxiter": 3000},
    ).x
    return z[:d] * scale, z[d] * scale


eps_squared_qp.name = "SciPy trust-constr"


def problem(data, loss, solver, l1=0.0, wd=0.0, use_bias=True, standardize=True, **hyperparameters):
    return dict(
        data=data,
        loss=loss,
        solver=solver,
        l1=l1,
        wd=wd,
        use_bias=use_bias,
        standardize=standardize,
        hyperparameters={k: str(v) for k, v in hyperparameters.items()},
    )


LBFGS = logistic_regression("lbfgs")
NEWTON = logistic_regression("newton-cholesky")
SAGA = logistic_regression("saga")
LIBLINEAR = logistic_regression("liblinear")

PROBLEMS = [
    problem("words", "logistic", NEWTON),
    problem("cancer", "logistic", LBFGS, wd=0.02),
    problem("cancer", "logistic", SAGA, l1=0.01),
    problem("cancer", "logistic", LIBLINEAR, l1=0.02, use_bias=False),
    problem("words", "logistic", SAGA, l1=0.01, standardize=False),
    problem("words", "logistic", LBFGS, wd=0.05, positive_example_weight_mult=3),
    problem("cancer", "hinge_loss", svc, wd=0.1),
    problem("words", "hinge_loss", svc, wd=0.3, margin=2, positive_example_weight_mult=2),
    problem("cancer", "hinge_loss", hinge_lp, l1=0.03),
    problem("words", "hinge_loss", hinge_lp, l1=0.02, standardize=False, margin=0.5),
    problem("digits", "softmax_loss", LBFGS, wd=0.05),
    problem("digits", "softmax_loss", SAGA, l1=0.02),
    problem("digits", "softmax_loss", LBFGS, wd=0.1, balance_multiclass_weights="true"),
    problem("diabetes", "squared_loss", elastic_net),
    problem("diabetes", "squared_loss", elastic_net, wd=0.5),
    problem("diabetes", "squared_loss", elastic_net, l1=8.0),
    problem("dates", "squared_loss", elastic_net, l1=0.3, wd=0.2),
    problem("words", "squared_loss", elastic_net, l1=0.02, use_bias=False, standardize=False),
    problem("diabetes", "absolute_loss", quantile_regressor, l1=0.1),
    problem("dates", "absolute_loss", quantile_regressor, l1=0.05),
    problem("diabetes", "quantile_loss", quantile_regressor, l1=0.05, quantile=0.9),
    problem("dates", "quantile_loss", quantile_regressor, quantile=0.2),
    problem("diabetes", "eps_insensitive_absolute_loss", svr, wd=0.02, loss_insensitivity=20),
    problem("dates", "eps_insensitive_absolute_loss", svr, wd=0.3, loss_insensitivity=0.5),
    problem("diabetes", "eps_insensitive_squared_loss", eps_squared_qp, loss_insensitivity=40),
    problem("dates", "eps_insensitive_squared_loss", eps_squared_qp, wd=0.3, loss_insensitivity=1),
    problem("diabetes", "huber_loss", huber_least_squares, huber_delta=30),
    problem("dates", "huber_loss", huber_least_squares, huber_delta=0.5),
]


def check_minimum(p, x, y, w, b, value):
    """No random or single-coordinate step of any length may lead lower by more than the solver's tolerance."""
    rng = np.random.default_rng(3)
    for length in 10.0 ** np.arange(-6, 0):
        for _ in range(200):
            dw = rng.normal(size=w.shape) * (rng.random(w.shape) < rng.choice([0.1, 0.5, 1]))
            db = rng.normal(size=np.shape(b)) if p["use_bias"] else 0.0
            size = length * max(1.0, abs(w).max())
            lower = value - objective(p, x, y, w + size * dw, b + size * db)
            assert lower < 1e-6 * value, (p["data"], p["loss"], length, lower, value)


def main():
    tables = {name: load(name) for name in DATA}
    out = []
    for p in PROBLEMS:
        x, y = tables[p["data"]]
        if p["standardize"]:
            deviation = x.std(axis=0)
            x = (x - (x.mean(axis=0) if p["use_bias"] else 0)) / np.where(deviation > 0, deviation, 1)
        w, b = p["solver"](p, x, y)
        value = objective(p, x, y, w, b)
        check_minimum(p, x, y, w, b, value)
        entry = dict(p, solver=p["solver"].name, objective=float(f"{value:.8g}"))
        out.append(entry)
        print(f"{p['data']:9s} {p['loss']:30s} l1 {p['l1']:<5} wd {p['wd']:<5} {value:.9g}  {entry['solver']}")
    (HERE / "optima.json").write_text("[\n" + ",\n".join(json.dumps(e) for e in out) + "\n]\n")


main()
