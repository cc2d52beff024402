"""Softmax, written by derive.

The target:
    s = softmax(z)
    s[i]

Its derivative by z[j]:
    s[i]*(delta(i, j) - s[j])

All arguments are given by keyword, as arrays or numbers. What is computed has the dtype of the
floating arrays among them, float64 if there are none.
"""

import numpy as np


def value(*, z):
    """The target: shape (n,).

    z: shape (n,)
    """
    (z,) = _inputs(z=(z, "n"))
    e = np.exp(z - z.real.max())
    s = e / e.sum()
    return s


def derivative(*, z):
    """The derivative: shape (n, n).

    z: shape (n,)
    """
    (z,) = _inputs(z=(z, "n"))
    n = z.shape[0]
    e = np.exp(z - z.real.max())
    s = e / e.sum()
    # s[i]*(delta(i, j) - s[j])
    return s[:, None] * (np.eye(n, dtype=z.dtype) - s[None, :])


def vjp(*, g, z):
    """g times the derivative, summed over the target's axes: shape (n,).

    g: shape (n,)
    z: shape (n,)
    """
    g, z = _inputs(g=(g, "n"), z=(z, "n"))
    e = np.exp(z - z.real.max())
    s = e / e.sum()
    # s[j]*(g[j] - sum(g[i]*s[i], i))
    return s * (g - g @ s)


def jvp(*, v, z):
    """The derivative times v, summed over the axes of wrt: shape (n,).

    v: shape (n,)
    z: shape (n,)
    """
    v, z = _inputs(v=(v, "n"), z=(z, "n"))
    e = np.exp(z - z.real.max())
    s = e / e.sum()
    # s[i]*(v[i] - sum(s[j]*v[j], j))
    return s * (v - s @ v)


def _inputs(**given):
    """Arrays of one floating dtype, their shapes checked: z=(z, "n"), W=(W, "m n"), T=(T, "").

    Numbers, 0-d arrays and integers take the dtype of the floating arrays.
    """
    values = [value for value, _ in given.values()]
    arrays = {name: np.asarray(value) for name, (value, _) in given.items()}
    numeric = [a for a in arrays.values() if a.dtype.kind in "fc"]
    typed = [v for v in values if isinstance(v, (np.ndarray, np.inexact))]
    scalars = [v for v in typed if v.dtype.kind in "fc"]
    leading = [a for a in numeric if a.ndim] or scalars or [np.float64(0)]
    dtype = np.result_type(*(a.dtype for a in leading))
    if any(a.dtype.kind == "c" for a in numeric):
        dtype = np.result_type(dtype, np.complex64)
    lengths = {}
    for name, (_, sizes) in given.items():
        shape = arrays[name].shape
        if len(shape) != len(sizes.split()):
            raise ValueError(f"{name} has shape {shape}; expected axes ({sizes})")
        for size, length in zip(sizes.split(), shape):
            wanted = int(size) if size.isdigit() else lengths.setdefault(size, length)
            if length != wanted:
                raise ValueError(f"{name} has shape {shape}; expected {size} = {wanted}")
    return [a.astype(dtype, copy=False) for a in arrays.values()]
