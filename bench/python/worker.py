"""Runs the cases of one library: a line of JSON in, a line of JSON out. The first out is the library's version.

{"prepare": id, "kind", "arrays"}  what is timed is made of arrays (dtype, shape, base64 of their bytes)
{"run": id, "times"}               does it so many times over; {"seconds"}
{"result": id}                     what one time gives, as float64 in base64; {"bytes"}
"""
import base64
import importlib
import json
import sys
import time

import numpy

library = importlib.import_module(sys.argv[1])
cases = importlib.import_module(sys.argv[1] + "_cases")
prepared = {}


def array(given):
    data = numpy.frombuffer(base64.b64decode(given["bytes"]), given["dtype"])
    return data.reshape(given["shape"]).copy()


def run(work, times):
    start = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - start


def result(work):
    given = work()
    parts = given if isinstance(given, tuple) else (given,)
    values = numpy.concatenate([numpy.asarray(part, "float64").ravel() for part in parts])
    return base64.b64encode(values.tobytes()).decode()


def answer(request):
    if "prepare" in request:
        prepared[request["prepare"]] = getattr(cases, request["kind"])(*map(array, request["arrays"]))
        return {}
    if "run" in request:
        return {"seconds": run(prepared[request["run"]], request["times"])}
    return {"bytes": result(prepared[request["result"]])}


def say(reply):
    print(json.dumps(reply), flush=True)


say({"version": library.__version__.split("+")[0]})
for line in sys.stdin:
    try:
        say(answer(json.loads(line)))
    except Exception as error:
        say({"error": repr(error)})
