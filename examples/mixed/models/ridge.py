import numpy as np
import taskchain


def fit(cars, features, l2):
    """Weights of standardised features; every fifth car is kept for the test."""
    x = np.array([[car[name] for name in features] for car in cars], dtype=float)
    y = np.array([car["milesPerGallon"] for car in cars])
    test = np.arange(len(y)) % 5 == 0
    mean, deviation = x[~test].mean(axis=0), x[~test].std(axis=0)
    x = (x - mean) / deviation
    middle = y[~test].mean()
    gram = x[~test].T @ x[~test] + l2 * np.eye(len(features))
    weights = np.linalg.solve(gram, x[~test].T @ (y[~test] - middle))
    off = x @ weights + middle - y
    print(f"fitted {len(features)} weights")
    taskchain.note({"condition": float(np.linalg.cond(gram))})
    return {
        "weights": dict(zip(features, weights)),
        "rootMeanSquare": {"train": np.sqrt(np.mean(off[~test] ** 2)), "test": np.sqrt(np.mean(off[test] ** 2))},
        "cars": {"train": int((~test).sum()), "test": int(test.sum())},
    }
