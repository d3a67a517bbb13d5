"""The same digits, "is it 0", for lltrain and for what people use otherwise: time beside test errors.

    ./dev bench-peers            installs the peers and runs this
    ./dev bench-peers --sparse   rows with 73 of 47,236 features, lltrain and LIBLINEAR only

lltrain trains its 32 models. Its time is the whole job: a process that starts, reads 159 MB of RecordIO, trains 15 epochs,
chooses, calibrates and writes the artifact and its reports; "training" is its log's `totaltime` without `setuptime`. A
peer's time is its fit alone, of rows that lie in memory in the form it likes best, which favours the peer; Vowpal Wabbit
reads its own cache. A grid is 32 fits, two at a time, and its model is the one with the fewest errors on the 10,000
validation digits. Medians of `--repeat` runs, lltrain and the peers in turn; the grids run once.
"""

import argparse
import os
import pathlib
import statistics
import tempfile
import time
import warnings

import jobs
import joblib
import numpy as np
import scipy.sparse
import snapml
import vowpalwabbit
from liblinear import liblinear, liblinearutil
from sklearn import linear_model

MODELS = 32


def timed(run):
    begin = time.perf_counter()
    result = run()
    return time.perf_counter() - begin, result


# ---- Fits: () -> (seconds, decision(rows) -> bool per row)


def scikit_sgd(x, y, alpha=1e-4):
    model = linear_model.SGDClassifier(loss="log_loss", alpha=alpha, max_iter=15, tol=None, random_state=1)
    seconds, _ = timed(lambda: model.fit(x, y))
    return seconds, model.predict


def liblinear_problem(x, y):
    return liblinear.problem(y.astype(float), scipy.sparse.csr_matrix(x, dtype=float), bias=1)


def liblinear_fit(problem, solver, c):
    seconds, model = timed(lambda: liblinearutil.train(problem, liblinear.parameter(f"-s {solver} -c {c} -B 1 -q")))

    def decide(x):
        rows = scipy.sparse.csr_matrix(x, dtype=float)
        labels, _, _ = liblinearutil.predict([], rows, model, "-q")
        return np.array(labels) > 0

    return seconds, decide


def snap_fit(x, y, kind, regularizer):
    model = kind(n_jobs=os.cpu_count(), fit_intercept=True, regularizer=regularizer)
    seconds, _ = timed(lambda: model.fit(x, y.astype(np.float32)))
    return seconds, lambda rows: model.predict(rows).ravel() > 0


class VowpalWabbit:
    """Its files in a folder: the text, the cache made of it, the model."""

    def __init__(self, folder, x, y):
        self.folder = pathlib.Path(folder)
        self.train = self.write("train.txt", x, y)

    def write(self, name, x, y):
        path = self.folder / name
        with path.open("w") as out:
            for row, label in zip(x, y):
                features = " ".join(f"{j}:{row[j]:.6g}" for j in np.nonzero(row)[0])
                out.write(f"{1 if label else -1} | {features}\n")
        return path

    def fit(self, loss):
        model = self.folder / "model"
        # One pass to make the cache, outside of the time.
        reading = f"-d {self.train} --cache_file {self.folder}/cache --holdout_off -b 10 --quiet"
        if not (self.folder / "cache").exists():
            vowpalwabbit.Workspace(f"{reading} --passes 2").finish()
        options = f"{reading} --passes 15 -l 0.1 --loss_function {loss} -f {model}"
        seconds, _ = timed(lambda: vowpalwabbit.Workspace(options).finish())

        def decide(x):
            rows = self.write("ask.txt", x, np.zeros(len(x)))
            vowpalwabbit.Workspace(f"-i {model} -t -d {rows} -p {self.folder}/scores --quiet").finish()
            return np.loadtxt(self.folder / "scores", usecols=0) > 0

        return seconds, decide


def grid(fits, validation):
    """All fits, two at a time; seconds of all of them and the decision of the best."""
    x, y = validation

    def one(fit):
        _, decide = fit()
        return np.count_nonzero(decide(x) != y), decide

    seconds, results = timed(lambda: joblib.Parallel(n_jobs=os.cpu_count(), prefer="threads")(map(joblib.delayed(one), fits)))
    return seconds, min(results, key=lambda result: result[0])[1]


# ---- Comparisons


class Table:
    def __init__(self, ours_job, ours_training, title):
        self.job, self.training = ours_job, ours_training
        print(f"| {title} | seconds | test errors | of lltrain's job | of its training |")
        print("| --- | ---: | ---: | ---: | ---: |")

    def row(self, name, seconds, errors):
        cells = (name, f"{seconds:.2f}", str(errors), f"{seconds / self.job:.1f}x", f"{seconds / self.training:.1f}x")
        print("|", " | ".join(cells), "|", flush=True)


def ours(program, channels, values, repeat):
    """Median seconds of the job and of its training, test errors by seed."""
    runs = []
    with jobs.Job(program, channels, values) as job:
        job.train(1)  # warms the page cache
        for seed in range(1, repeat + 1):
            seconds, log = job.train(seed)
            training = (jobs.milliseconds(log, "totaltime") - jobs.milliseconds(log, "setuptime")) / 1000
            runs.append((seconds, training, jobs.metric(log, "test", "binary_classification_accuracy")))
    job_seconds, training, accuracy = zip(*runs)
    return statistics.median(job_seconds), statistics.median(training), accuracy


def digits(program, folder, repeat, with_grids):
    parts = [(x.astype(np.float32), digit == 0) for x, digit in jobs.mnist(folder)]
    train, validation, test = parts

    def errors(decide):
        return np.count_nonzero(decide(test[0]) != test[1])

    files = {
        name: ("rows.recordio", jobs.recordio(*part)) for name, part in zip(("train", "validation", "test"), parts)
    }
    values = {"predictor_type": "binary_classifier", "mini_batch_size": "200"}
    job, training, accuracy = ours(program, files, values, repeat)
    made = sorted(round((1 - each) * len(test[1])) for each in accuracy)
    table = Table(job, training, "50,000 x 784")
    table.row(f"lltrain, {MODELS} models, whole job", job, statistics.median_low(made))
    table.row(f"lltrain, {MODELS} models, training", training, statistics.median_low(made))

    problem = liblinear_problem(*train)
    with tempfile.TemporaryDirectory() as scratch:
        wabbit = VowpalWabbit(scratch, *train)
        fits = {
            "scikit-learn SGDClassifier, log loss, 15 epochs": lambda: scikit_sgd(*train),
            "LIBLINEAR L2 logistic (-s 0), C=1": lambda: liblinear_fit(problem, 0, 1),
            "LIBLINEAR squared hinge (-s 2), C=1": lambda: liblinear_fit(problem, 2, 1),
            "LIBLINEAR hinge (-s 3), C=0.01": lambda: liblinear_fit(problem, 3, 0.01),
            "LIBLINEAR L1 logistic (-s 6), C=1": lambda: liblinear_fit(problem, 6, 1),
            "Snap ML LogisticRegression": lambda: snap_fit(*train, snapml.LogisticRegression, 1),
            "Snap ML SupportVectorMachine, regularizer 100": lambda: snap_fit(*train, snapml.SupportVectorMachine, 100),
            "Vowpal Wabbit logistic, 15 passes": lambda: wabbit.fit("logistic"),
            "Vowpal Wabbit hinge, 15 passes": lambda: wabbit.fit("hinge"),
        }
        for name, fit in fits.items():
            runs = [fit() for _ in range(repeat)]
            table.row(name, statistics.median(seconds for seconds, _ in runs), errors(runs[-1][1]))
    if not with_grids:
        return
    grids = {
        "scikit-learn SGDClassifier": [
            lambda a=alpha: scikit_sgd(*train, a) for alpha in np.logspace(-6, -2, MODELS)
        ],
        "LIBLINEAR squared hinge (-s 2)": [
            lambda c=c: liblinear_fit(problem, 2, c) for c in np.logspace(-3, 1.5, MODELS)
        ],
    }
    for name, fits in grids.items():
        seconds, decide = grid(fits, validation)
        table.row(f"{name}, {MODELS} values of regularisation", seconds, errors(decide))


def news(rows, seed, features=47236, nonzeros=73):
    """Like rcv1: features by Zipf's law, tf-idf values, rows of length 1, one label in fifty wrong."""
    truth = np.random.default_rng(7).normal(size=features)
    rng = np.random.default_rng(seed)
    frequency = 1 / np.arange(1, features + 1)
    picked = rng.choice(features, (rows, nonzeros), p=frequency / frequency.sum())
    idf = np.log(np.arange(2, features + 2))
    matrix = scipy.sparse.csr_matrix(
        (rng.gamma(2, 1, picked.size) * idf[picked].ravel(), picked.ravel(), np.arange(0, picked.size + 1, nonzeros)),
        (rows, features),
    )
    matrix.sum_duplicates()
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix = scipy.sparse.csr_matrix(scipy.sparse.diags(1 / length) @ matrix)
    label = matrix @ truth > 0
    return matrix, label ^ (rng.random(rows) < 0.02)


def libsvm(matrix, label):
    lines = []
    for i in range(matrix.shape[0]):
        at = slice(matrix.indptr[i], matrix.indptr[i + 1])
        entries = " ".join(f"{j + 1}:{v:.7g}" for j, v in zip(matrix.indices[at], matrix.data[at]))
        lines.append(f"{int(label[i])} {entries}\n")
    return "".join(lines).encode()


def sparse(program, repeat, rows=200000):
    train, test = news(rows, 1), news(20000, 2)
    files = {name: ("rows.libsvm", libsvm(*part)) for name, part in (("train", train), ("test", test))}
    values = {"predictor_type": "binary_classifier", "feature_dim": str(train[0].shape[1]), "epochs": "5"}
    job, training, accuracy = ours(program, files, values, repeat)
    table = Table(job, training, f"{rows:,} x {train[0].shape[1]:,}, 73 non-zeros")
    made = round((1 - statistics.median(accuracy)) * len(test[1]))
    table.row(f"lltrain, {MODELS} models, 5 epochs, whole job", job, made)
    table.row(f"lltrain, {MODELS} models, 5 epochs, training", training, made)
    problem = liblinear_problem(*train)
    for solver in (0, 1, 2, 3, 7):
        runs = [liblinear_fit(problem, solver, 1) for _ in range(repeat)]
        wrong = np.count_nonzero(runs[-1][1](test[0]) != test[1])
        seconds = statistics.median(seconds for seconds, _ in runs)
        table.row(f"LIBLINEAR -s {solver}, one model", seconds, wrong)
        print(f"    {MODELS} of these at that rate: {MODELS * seconds / training:.1f}x lltrain's training", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lltrain")
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--no-grids", action="store_true")
    parser.add_argument("--sparse", action="store_true")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    if arguments.sparse:
        sparse(arguments.lltrain, arguments.repeat)
    else:
        digits(arguments.lltrain, arguments.mnist, arguments.repeat, not arguments.no_grids)


main()
