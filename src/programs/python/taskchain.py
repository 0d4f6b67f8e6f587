"""Gives a Python program access to the inputs and params of its taskchain task, and saves its result.

    import taskchain
    features = taskchain.inputs["features"]      # NumPy array, DataFrame, JSON, ...
    model = fit(features, taskchain.params["l2"])
    taskchain.save(model)

Needs only Python; NumPy, pandas, pyarrow and DuckDB are imported for values that require them.
"""

import datetime as _datetime
import gzip as _gzip
import json as _json
import os as _os
from collections.abc import Mapping as _Mapping

__all__ = ["params", "inputs", "files", "output", "load", "frame", "save", "progress", "note"]


class TaskchainError(Exception):
    """A value cannot be read or saved."""


def _read_job():
    path = _os.environ.get("TASKCHAIN_JOB")
    if path is None:
        raise TaskchainError("this program was not started by a task of taskchain: TASKCHAIN_JOB is not set")
    with open(path, encoding="utf-8") as file:
        job = _json.load(file)
    # secrets are never written to disk, and processes started from here do not inherit them
    job["params"].update(_json.loads(_os.environ.pop("TASKCHAIN_SECRETS", "{}")))
    return job


_job = _read_job()
params = _job["params"]
"""Values of the params, by name."""
files = _job["files"]
"""Absolute paths of the declared files, by name."""
output = _job["output"]
"""Where to write the result: the path of a file that does not exist yet, or an existing folder."""


def load(path):
    """Loads a file or folder in one of taskchain's formats, chosen by its extension."""
    if _os.path.isdir(path):
        arrays = sorted(name for name in _os.listdir(path) if name.endswith(".npy"))
        return {name[:-4]: load(_os.path.join(path, name)) for name in arrays} if arrays else path
    if path.endswith(".json"):
        with open(path, encoding="utf-8") as file:
            return _json.load(file)
    if path.endswith((".jsonl", ".jsonl.gz")):
        return list(_lines(path))
    if path.endswith(".npy"):
        import numpy

        return numpy.load(path, allow_pickle=False)
    if path.endswith(".parquet"):
        return _read_parquet(path)
    if path.endswith(".txt"):
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    if path.endswith(".bin"):
        with open(path, "rb") as file:
            return file.read()
    raise TaskchainError(f"no reader for {path}: open the path, taskchain.inputs.path(name)")


def frame(path):
    """Loads a file as a pandas DataFrame: Parquet, or rows of JSON or JSON lines."""
    import pandas

    value = load(path)
    return value if isinstance(value, pandas.DataFrame) else pandas.DataFrame(value)


class _Inputs(_Mapping):
    """Inputs by name; each is loaded once, on first access."""

    def __init__(self, job):
        self._paths = job["paths"]
        self._values = dict(job["values"])

    def __getitem__(self, name):
        if name not in self._values:
            self._values[name] = self._loaded(self._path(name))
        return self._values[name]

    def _loaded(self, path):
        return {key: load(one) for key, one in path.items()} if isinstance(path, dict) else load(path)

    def _path(self, name):
        if name not in self._paths:
            raise KeyError(f"no input {name!r}; there are: {', '.join(self)}")
        return self._paths[name]

    def path(self, name):
        """The path of an input's file or folder; for inputs that match a pattern, a record of paths."""
        return self._path(name)

    def frame(self, name):
        """An input as a pandas DataFrame."""
        return frame(self._path(name))

    def __iter__(self):
        return iter([*self._paths, *(name for name in self._values if name not in self._paths)])

    def __len__(self):
        return len(set(self._paths) | set(self._values))


inputs = _Inputs(_job)


def save(value):
    """Writes the result, in the format that the task declares."""
    kind = _job["kind"]
    if _os.path.isdir(output):
        return _save_folder(value)
    if output.endswith(".json"):
        text = _json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
        return _write(output, text.encode("utf-8"))
    if output.endswith((".jsonl", ".jsonl.gz")):
        return _save_lines(value)
    if output.endswith(".npy"):
        import numpy

        with open(output, "wb") as file:
            return numpy.save(file, numpy.ascontiguousarray(value), allow_pickle=False)
    if output.endswith(".parquet"):
        return _write_parquet(value)
    if output.endswith(".txt"):
        return _write(output, str(value).encode("utf-8"))
    if output.endswith(".bin"):
        return _write(output, bytes(value))
    raise TaskchainError(f"no writer for {kind}: write to the path taskchain.output")


def progress(done, total=None):
    """Reports the progress of the work."""
    print(f"[taskchain] progress {float(done):g}{'' if total is None else f'/{float(total):g}'}", flush=True)


def note(record):
    """Stores a record in the run info."""
    print(f"[taskchain] note {_json.dumps(_plain(record), allow_nan=False)}", flush=True)


def _write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def _opened(path, mode):
    return _gzip.open(path, mode) if path.endswith(".gz") else open(path, mode)


def _lines(path):
    with _opened(path, "rb") as file:
        for line in file:
            yield _json.loads(line)


def _save_lines(value):
    is_frame = _is_frame(value)
    rows = value.to_dict("records") if is_frame else value
    with _opened(output, "wb") as file:
        for row in rows:
            file.write(_json.dumps(_plain(row, is_frame), ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n")


def _save_folder(value):
    import numpy

    if not isinstance(value, dict):
        raise TaskchainError("a folder is written from a dict of arrays, or file by file to taskchain.output")
    for name, array in value.items():
        if not name or name != _os.path.basename(name):
            raise TaskchainError(f"no array can be called {name!r}")
        with open(_os.path.join(output, f"{name}.npy"), "wb") as file:
            numpy.save(file, numpy.ascontiguousarray(array), allow_pickle=False)


def _is_frame(value):
    return type(value).__module__.split(".")[0] == "pandas" and hasattr(value, "to_dict")


def _plain(value, missing=False):
    """Converts a value to JSON: NumPy's numbers and arrays, frames as rows, dates in ISO form. `missing`: NaN is null."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if value == value and abs(value) != float("inf"):
            return value
        if missing and value != value:
            return None
        raise TaskchainError(f"JSON cannot hold {value}: say None, or keep it in an array")
    if isinstance(value, dict):
        return {str(key): _plain(one, missing) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(one, missing) for one in value]
    if isinstance(value, (_datetime.datetime, _datetime.date)):
        return None if value != value else _date_text(value)
    if _is_frame(value):
        rows = value.to_dict("records") if hasattr(value, "columns") else value.to_list()
        return _plain(rows, True)
    if type(value).__module__.split(".")[0] in ("numpy", "pandas"):
        if hasattr(value, "tolist"):
            return _plain(value.tolist(), missing)
        return None  # NaT and NA
    raise TaskchainError(f"JSON cannot hold a {type(value).__name__}")


def _date_text(value):
    if not isinstance(value, _datetime.datetime):
        return value.isoformat()
    utc = value.astimezone(_datetime.timezone.utc) if value.tzinfo else value
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _read_parquet(path):
    if _has("pyarrow"):
        import pandas

        return pandas.read_parquet(path, engine="pyarrow")
    if _has("duckdb"):
        import duckdb

        return duckdb.read_parquet(path).df()
    raise TaskchainError(_no_parquet)


def _write_parquet(value):
    import pandas

    table = value if _is_frame(value) else pandas.DataFrame(value)
    if _has("pyarrow"):
        return table.to_parquet(output, engine="pyarrow", index=False)
    if _has("duckdb"):
        import duckdb

        return duckdb.from_df(table).write_parquet(output)
    raise TaskchainError(_no_parquet)


_no_parquet = (
    "Parquet needs pyarrow or duckdb in this Python: pip install pyarrow. "
    "Or keep the rows with jsonLines(), which needs neither"
)


def _has(module):
    from importlib.util import find_spec

    return find_spec(module) is not None
