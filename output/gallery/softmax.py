"""Softmax, written by derive.

The target:
    s = softmax(z)
    s[i]

Its derivative by z[j]:
    s[i]*(delta(i, j) - s[j])

All arguments are given by keyword, as arrays or numbers. What is computed has the dtype of the
floating arrays among them, float64 if there are none.

Shapes are those of one sample. Every argument may have more axes in front, over samples, and the
result has them too: they broadcast, an argument without them is the same for all samples, and
nothing is summed over them.
"""

import numpy as np


def value(*, z):
    """The target: shape (n,).

    z: shape (n,)
    """
    (z,) = _inputs(z=(z, "n"))
    e = z - z.max(axis=-1, keepdims=True)
    np.exp(e, out=e)
    s = np.divide(e, e.sum(axis=-1, keepdims=True), out=e)
    return s


def derivative(*, z):
    """The derivative: shape (n, n).

    z: shape (n,)
    """
    (z,) = _inputs(z=(z, "n"))
    e = z - z.max(axis=-1, keepdims=True)
    np.exp(e, out=e)
    total = e.sum(axis=-1, keepdims=True)
    s = e / total
    t = -s[..., None] * s[..., None, :]
    np.einsum("...ii->...i", t)[...] = s * _others(e, np.add) / total
    # s[i]*(delta(i, j) - s[j])
    return t


def vjp(*, g, z):
    """g times the derivative, summed over the target's axes: shape (n,).

    g: shape (n,)
    z: shape (n,)
    """
    g, z = _inputs(g=(g, "n"), z=(z, "n"))
    e = z - z.max(axis=-1, keepdims=True)
    np.exp(e, out=e)
    s = np.divide(e, e.sum(axis=-1, keepdims=True), out=e)
    # s[j]*(g[j] - sum(g[i]*s[i], i))
    return s * (g - np.einsum("...i,...i->...", g, s)[..., None])


def jvp(*, v, z):
    """The derivative times v, summed over the axes of wrt: shape (n,).

    v: shape (n,)
    z: shape (n,)
    """
    v, z = _inputs(v=(v, "n"), z=(z, "n"))
    e = z - z.max(axis=-1, keepdims=True)
    np.exp(e, out=e)
    s = np.divide(e, e.sum(axis=-1, keepdims=True), out=e)
    # s[i]*(v[i] - sum(s[j]*v[j], j))
    return s * (v - np.einsum("...i,...i->...", s, v)[..., None])


def _inputs(**given):
    """Arrays of one floating dtype, their shapes checked: z=(z, "n"), W=(W, "m n"), T=(T, "").

    The sizes are those of the last axes; axes in front of them have to broadcast. Numbers, 0-d
    arrays and integers take the dtype of the floating arrays. What is None stays None.
    """
    values = [value for value, _ in given.values() if value is not None]
    arrays = {k: np.asarray(value) for k, (value, _) in given.items() if value is not None}
    numeric = [a for a in arrays.values() if a.dtype.kind in "fc"]
    typed = [v for v in values if isinstance(v, (np.ndarray, np.inexact))]
    scalars = [v for v in typed if v.dtype.kind in "fc"]
    leading = [a for a in numeric if a.ndim] or scalars or [np.float64(0)]
    dtype = np.result_type(*(a.dtype for a in leading))
    if any(a.dtype.kind == "c" for a in numeric):
        dtype = np.result_type(dtype, np.complex64)
    lengths, samples = {}, {}
    for name, array in arrays.items():
        sizes = given[name][1].split()
        samples[name] = array.shape[: max(array.ndim - len(sizes), 0)]
        if array.ndim < len(sizes):
            raise ValueError(f"{name} has shape {array.shape}; expected axes ({', '.join(sizes)})")
        for size, length in zip(sizes, array.shape[len(samples[name]) :]):
            wanted = int(size) if size.isdigit() else lengths.setdefault(size, length)
            if length != wanted and size.isalnum():
                raise ValueError(f"{name} has shape {array.shape}; expected {size} = {wanted}")
    try:
        np.broadcast_shapes(*samples.values())
    except ValueError:
        found = ", ".join(f"{name} {shape}" for name, shape in samples.items())
        raise ValueError(f"leading axes do not broadcast: {found}") from None
    return [arrays[k].astype(dtype, copy=False) if k in arrays else None for k in given]


def _others(x, operation):
    """For each entry along the last axis the sum (np.add) or product (np.multiply) of all others,
    from what is before and what is after it."""
    before = operation.accumulate(x, axis=-1)
    after = operation.accumulate(x[..., ::-1], axis=-1)[..., ::-1]
    found = np.full_like(x, operation.identity)
    found[..., 1:] = before[..., :-1]
    found[..., :-1] = operation(found[..., :-1], after[..., 1:])
    return found
