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
    e = _exp_difference(z, _shift(z.max(axis=-1, keepdims=True)))
    s = np.divide(e, np.einsum("...i->...", e)[..., None], out=e)
    return s


def derivative(*, z):
    """The derivative: shape (n, n).

    z: shape (n,)
    """
    (z,) = _inputs(z=(z, "n"))
    e = _exp_difference(z, _shift(z.max(axis=-1, keepdims=True)))
    total = np.einsum("...i->...", e)[..., None]
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

    def block(g, z, out):
        largest = z.max(axis=-1, keepdims=True)
        shift = _shift(largest)
        e = _exp_difference(z, shift)
        total = np.einsum("...i->...", e)[..., None]
        s = np.divide(e, total, out=e)
        most = _exp_difference(largest, shift) / total
        t = _deviation(g, s, most, out=out)
        t *= s
        # s[j]*(g[j] - sum(g[i]*s[i], i))
        return t

    return _in_parts(block, [1, 1], g, z)


def jvp(*, v, z):
    """The derivative times v, summed over the axes of wrt: shape (n,).

    v: shape (n,)
    z: shape (n,)
    """
    v, z = _inputs(v=(v, "n"), z=(z, "n"))

    def block(v, z, out):
        largest = z.max(axis=-1, keepdims=True)
        shift = _shift(largest)
        e = _exp_difference(z, shift)
        total = np.einsum("...i->...", e)[..., None]
        s = np.divide(e, total, out=e)
        most = _exp_difference(largest, shift) / total
        t = _deviation(v, s, most, out=out)
        t *= s
        # s[i]*(v[i] - sum(s[j]*v[j], j))
        return t

    return _in_parts(block, [1, 1], v, z)


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


def _in_parts(block, ranks, *arrays):
    """block(*arrays, None), for arrays with so many axes of their own: many samples are taken in
    parts of 2 MiB, so that what is made on the way stays in the processor's cache, if the arrays
    that all of them share are small. The block is given room for each part of the result, which it
    may use, if all vectors and matrices are there for every sample."""
    shapes = [() if a is None else a.shape[: a.ndim - k] for a, k in zip(arrays, ranks)]
    count, *inner = np.broadcast_shapes(*shapes) or (1,)
    cut = [len(shape) > len(inner) and shape[0] > 1 for shape in shapes]
    size = sum(a.nbytes for a, c in zip(arrays, cut) if c)
    shared = sum(a.nbytes for a, c in zip(arrays, cut) if not c and a is not None)
    length = max(count * 2**21 // max(size, 1), 1)
    if count <= 2 * length or shared > 2**18:
        return block(*arrays, None)
    np.empty(min(size // 2, 2**23), np.int8)  # Freed at once: glibc then keeps what a part frees.
    first = slice(max(length // 64, 1))  # A short one, to see what the result is like.
    found = block(*(a[first] if c else a for a, c in zip(arrays, cut)), None)
    out = np.empty((count, *found.shape[1:]), found.dtype)
    out[first] = found
    length = max(min(length, count * 2**21 // max(out.nbytes, 1)), 1)
    whole = all(c or not rank for c, rank in zip(cut, ranks))
    for start in range(first.stop, count, length):
        part = slice(start, start + length)
        room = out[part] if whole else None
        found = block(*(a[part] if c else a for a, c in zip(arrays, cut)), room)
        if not np.may_share_memory(found, out):
            out[part] = found
    return out


def _exp_difference(x, shift, out=None):
    """exp(x - shift) for whole numbers `shift`. An exponential magnifies what a difference loses:
    where that shows, it is put right, in pieces that stay in the processor's cache."""
    if not shift.any():
        return np.exp(x, out=out)
    out = np.empty_like(x) if out is None else out
    with np.errstate(invalid="ignore", over="ignore"):
        for e, a, b in _pieces(out, x, shift):
            above = (b > 0).any()  # else a - b is not rounded
            if not above:
                np.exp(a - b if b.any() else a, out=e)
            elif e.itemsize < 8:
                wide = np.subtract(a, b, dtype=float)
                e[...] = np.exp(np.clip(wide, -200, 60, out=wide), out=wide)
            else:
                difference = a - b
                lost = a - (difference + b)
                np.exp(difference, out=e)
                lost[~(np.abs(lost) < 1)] = 0  # or nan: where e is 0, or a part of it overflows
                e += e * lost
    return out


def _pieces(*arrays):
    """Parts of arrays that broadcast to the first, of at most 32768 entries."""
    found = arrays[0]
    if found.size <= 2**15:
        yield arrays
        return
    arrays = [a.reshape((1,) * (found.ndim - a.ndim) + a.shape) for a in arrays]
    axis = next(k for k, length in enumerate(found.shape) if length > 1)
    half = found.shape[axis] // 2
    for part in (slice(half), slice(half, None)):
        place = (slice(None),) * axis + (part,)
        yield from _pieces(*(a[place] if a.shape[axis] > 1 else a for a in arrays))


def _deviation(x, p, most=None, axis=-1, out=None):
    """x minus its mean by shares p, of which `most` is the largest; `out` may be x or p.

    Where a share is over 3/4, x is measured from the entry that has it: the mean is so near to that
    entry that their difference would lose more than two bits, and up to all of them.
    """
    if axis != -1:
        x, p, most, out = (a if a is None else np.moveaxis(a, axis, -1) for a in (x, p, most, out))
        return np.moveaxis(_deviation(x, p, most, out=out), -1, axis)
    peaked = (p.max(axis=-1, keepdims=True, initial=0) if most is None else most).real > 0.75
    count = np.count_nonzero(peaked)
    few = 0 < 8 * count < peaked.size
    if few:  # what is in these rows is worked out by itself
        shape = np.broadcast_shapes(x.shape, p.shape)
        rows = np.nonzero(np.broadcast_to(peaked, (*shape[:-1], 1))[..., 0])
        far = _deviation(np.broadcast_to(x, shape)[rows], np.broadcast_to(p, shape)[rows])
    elif count:
        origin = np.einsum("...i,...i->...", x, p.real > 0.75)[..., None]
        fits = np.abs(origin) < np.finfo(x.dtype).max / 4  # so that no difference overflows
        x = x - np.where(fits, origin, 0)
    found = np.subtract(x, np.einsum("...i,...i->...", x, p)[..., None], out=out)
    if few:
        found[rows] = far
    return found


def _others(x, operation):
    """For each entry along the last axis the sum (np.add) or product (np.multiply) of all others,
    from what is before and what is after it."""
    before = operation.accumulate(x, axis=-1)
    after = operation.accumulate(x[..., ::-1], axis=-1)[..., ::-1]
    found = np.full_like(x, operation.identity)
    found[..., 1:] = before[..., :-1]
    found[..., :-1] = operation(found[..., :-1], after[..., 1:])
    return found


def _shift(largest):
    """What to subtract from exponents, by the largest: 0 if that is moderate, else a whole number
    next to it, so that what a difference loses can be told."""
    largest = largest.real
    shift = np.asarray(np.minimum(largest, 0))
    limit = 0.25 * (np.finfo(largest.dtype).maxexp - 16)
    np.copyto(shift, largest, where=largest >= limit)
    return np.rint(shift, out=shift)


def _differences(given, *names):
    """Derivatives of the value by one input after the other, from its values at steps of 1e-3 and
    2e-3 to each side of every entry: an array with the value's axes, then those of each input."""
    if not names:
        return np.asarray(value(**given))
    slopes = []
    for place in np.ndindex(given[names[-1]].shape):
        slope = 0
        for steps, weight in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
            moved = given[names[-1]].copy()
            moved[place] += steps * 1e-3
            slope = slope + weight * _differences({**given, names[-1]: moved}, *names[:-1])
        slopes.append(slope / 12e-3)
    shape = (*slopes[0].shape, *given[names[-1]].shape)
    return np.stack(slopes, axis=-1).reshape(shape)


def _self_test():
    """The worst relative error of the functions against differences of the value, at inputs that
    are drawn with seed 0."""
    shapes = {
        "z": (2,),
    }
    for low, high in ((0.2, 0.9), (1.2, 2), (-0.9, -0.2)):
        chance = np.random.default_rng(0)
        given = {k: np.asarray(chance.uniform(low, high, s)) for k, s in shapes.items()}
        with np.errstate(all="ignore"):
            if np.isfinite(value(**given)).all():
                break
    worst = 0
    slopes = _differences(given, "z")
    found = derivative(**given)
    wanted = np.einsum("ij->ij", slopes)
    worst = max(worst, np.abs(found - wanted).max() / max(np.abs(wanted).max(), 1e-3))
    g = chance.standard_normal((2,))
    found = vjp(g=g, **given)
    wanted = np.einsum("i,ij->j", g, slopes)
    worst = max(worst, np.abs(found - wanted).max() / max(np.abs(wanted).max(), 1e-3))
    v = chance.standard_normal((2,))
    found = jvp(v=v, **given)
    wanted = np.einsum("j,ij->i", v, slopes)
    worst = max(worst, np.abs(found - wanted).max() / max(np.abs(wanted).max(), 1e-3))
    return worst


if __name__ == "__main__":
    error = _self_test()
    print(f"worst relative error {error:.0e} (seed 0): {'ok' if error < 1e-6 else 'WRONG'}")
    raise SystemExit(0 if error < 1e-6 else 1)
