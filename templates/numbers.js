// What formulas come to at given numbers.
//
// `problem(n)` gives `inputs` (name -> number or nested arrays), `names` (name -> function of its
// indices), `lines` (functions of the letters, which count from 1) and `facts` (functions that say
// how far an assumption is from holding). The functions in `n` are all that formulas use besides
// Math. A slope is a difference quotient, so that it knows nothing of the rules that are shown.
function numbersOf(problem) {
  "use strict";
  const moves = [];
  let known = new Map();

  function moved(name, place, by, body) {
    const kept = known;
    known = new Map();
    moves.push({ key: [name, ...place].join(), by });
    try {
      return body();
    } finally {
      moves.pop();
      known = kept;
    }
  }

  function over(count, body, first, join) {
    let found = first;
    for (let k = 1; k <= count; k += 1) found = join(found, body(k));
    return found;
  }

  const n = {
    entry(name, ...place) {
      const key = [name, ...place].join();
      let found = known.get(key);
      if (found === undefined) {
        found = name in given.names ? given.names[name](...place) : n.input(name, place);
        for (const move of moves) if (move.key === key) found += move.by;
        known.set(key, found);
      }
      return found;
    },
    input(name, place) {
      const found = place.reduce((part, at) => (part ? part[at - 1] : undefined), given.inputs[name]);
      return typeof found === "number" ? found : NaN;
    },
    slope(name, place, body) {
      const step = 2 ** -10 * Math.max(1, Math.abs(n.entry(name, ...place)));
      const at = (steps) => moved(name, place, steps * step, body);
      const here = body();
      const bend = (steps) => Math.abs(at(steps) - 2 * here + at(-steps)) / steps;
      // Where the function has a corner, the slopes on both sides stay apart however small the step.
      const corner = bend(1 / 8);
      if (corner > 1e-6 * step * Math.max(1, Math.abs(here)) && corner > bend(1) / 2) return NaN;
      return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
    },
    sum: (count, body) => over(count, body, 0, (a, b) => a + b),
    product: (count, body) => over(count, body, 1, (a, b) => a * b),
    largest: (count, body) => over(count, body, -Infinity, Math.max),
    smallest: (count, body) => over(count, body, Infinity, Math.min),
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    relu: (x) => Math.max(x, 0),
    erf(x) {
      const size = Math.abs(x);
      if (size > 5.9) return Math.sign(x);
      let term = size;
      let total = size;
      for (let k = 1; k < 200; k += 1) {
        term *= (2 * x * x) / (2 * k + 1);
        total += term;
      }
      return (Math.sign(x) * 2 * Math.exp(-x * x) * total) / Math.sqrt(Math.PI);
    },
  };
  const given = problem(n);

  // Every value from scratch, the inputs being what they are now.
  const fresh = (body) => (...at) => {
    known = new Map();
    return body(...at);
  };
  return {
    inputs: given.inputs,
    names: Object.fromEntries(Object.keys(given.names).map((name) => [name, fresh((...at) => n.entry(name, ...at))])),
    lines: given.lines.map(fresh),
    facts: given.facts.map(fresh),
  };
}
