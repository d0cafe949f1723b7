"""Line-buffered standard output for Python jobs that jobwatch runs.

Python writes blocks into a pipe, so that a watcher sees a line minutes after
it was printed. jobwatch puts this file's folder first on PYTHONPATH; it makes
stdout and stderr line-buffered and then hands over to the sitecustomize that
would have run without it. It never raises into the job.
"""

import sys


def _line_buffer():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.reconfigure(line_buffering=True)
        except Exception:
            pass  # replaced, closed or None: not ours to mend


def _chain():
    import importlib.machinery
    import importlib.util
    import os

    here = os.path.dirname(os.path.abspath(__file__))
    others = [p for p in sys.path if os.path.abspath(p or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_line_buffer()
_chain()
