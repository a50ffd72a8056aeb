"""Spearman's rho with and without ties, by scipy: /usr/bin/python3 rank_correlation.py > rank_correlation.json"""
import json

import numpy
import scipy
from scipy.stats import norm, rankdata, spearmanr

rng = numpy.random.default_rng(1)
cases = [(rng.normal(size=11), rng.normal(size=11)) for _ in range(3)]
cases += [(rng.integers(0, 4, 11).astype(float), rng.integers(0, 3, 11).astype(float)) for _ in range(4)]
cases += [(rng.integers(0, 3, 11).astype(float), rng.normal(size=11))]
print(json.dumps({
    "scipy": scipy.__version__,
    "cases": [{"x": x.tolist(), "y": y.tolist(), "ranks": rankdata(x).tolist(), "rho": spearmanr(x, y).correlation} for x, y in cases],
    "swaps": [{"x": x, "sx": s, "y": y, "sy": t, "p": norm.cdf(-abs(x - y) / (s * s + t * t) ** 0.5)}
              for x, s, y, t in [(1, 0.5, 2, 0.5), (3, 0, 1, 2), (10, 1, 4, 1), (-1, 0.3, -1.1, 0.4)]],
}, indent=1))
