"""Calls one function of a file with a task's inputs and params as keyword arguments, and saves its result."""

import importlib.util
import inspect
import os
import sys

import taskchain


def main(path, name):
    sys.path.insert(0, os.path.dirname(path))
    spec = importlib.util.spec_from_file_location("taskchain_function", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["taskchain_function"] = module
    spec.loader.exec_module(module)
    function = getattr(module, name, None)
    if not callable(function):
        sys.exit(f"{path} has no function {name!r}")
    given = {**{one: None for one in taskchain.inputs}, **taskchain.params, **taskchain.files}
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        parameters = None  # not written in Python
    takes_all = parameters is None or any(one.kind is one.VAR_KEYWORD for one in parameters)
    names = given if takes_all else [one.name for one in parameters if one.name in given]
    values = {one: taskchain.inputs[one] if one in taskchain.inputs else given[one] for one in names}
    taskchain.save(function(**values))


main(sys.argv[1], sys.argv[2])
