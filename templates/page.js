// The page's controls: lines one at a time, light or dark, copying, and numbers to play with.
const labels = JSON.parse(document.getElementById("labels").textContent);
const say = (text) => { document.getElementById("said").textContent = text; };
const filled = (text, blanks) => text.replace(/\{(\w+)\}/g, (_, name) => blanks[name]);

// Light or dark

document.querySelector(".theme").addEventListener("click", () => {
  const root = document.documentElement.style;
  const dark = root.colorScheme ? root.colorScheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.colorScheme = dark ? "light" : "dark";
});

// Lines one at a time

class Reveal {
  constructor(place) {
    this.place = place;
    this.steps = [...place.querySelectorAll(".step")];
    this.after = place.closest(".topic").querySelector(".after");
    this.buttons = Object.fromEntries(["next", "all", "again"].map((name) => [name, place.querySelector(`.${name}`)]));
    this.buttons.next.addEventListener("click", () => this.show(this.shown + 1));
    this.buttons.all.addEventListener("click", () => this.show(this.steps.length));
    this.buttons.again.addEventListener("click", () => this.show(1));
    place.querySelector(".steps").addEventListener("click", (event) => {
      if (!event.target.closest("a, button, summary, details") && getSelection().isCollapsed) this.show(this.shown + 1);
    });
    this.shown = 0;
    this.show(1, true);
  }

  get done() { return this.shown === this.steps.length; }

  show(count, quietly) {
    const total = this.steps.length;
    const focused = document.activeElement;
    const more = count > this.shown;
    this.shown = Math.max(1, Math.min(count, total));
    this.steps.forEach((step, at) => {
      step.hidden = at >= this.shown;
      step.classList.toggle("latest", at === this.shown - 1 && !quietly);
    });
    this.after.hidden = !this.done;
    this.buttons.next.disabled = this.buttons.all.disabled = this.done;
    this.place.querySelector(".hint").hidden = this.done;
    const counted = filled(labels.count, { count: this.shown, total });
    this.place.querySelector(".count").textContent = counted;
    if (quietly) return;
    if (focused && focused.disabled) this.buttons.again.focus({ preventScroll: true });
    const latest = this.steps[this.shown - 1];
    if (more) latest.scrollIntoView({ block: "nearest" });
    say(`${counted}: ${latest.querySelector(".why").textContent.trim().split("\n")[0]}`);
  }
}

const reveals = [...document.querySelectorAll(".derivation")].map((place) => new Reveal(place));

// The derivation that the reader looks at: the last one whose beginning has come into view.
function current() {
  const above = reveals.filter(({ place }) => place.getBoundingClientRect().top < innerHeight * 0.75);
  return above.at(-1) ?? reveals[0];
}

document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("input, select, textarea, pre, [contenteditable]");
  if (busy || event.ctrlKey || event.metaKey || event.altKey || !reveals.length) return;
  const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!move || (move > 0 && current().done)) return;
  event.preventDefault();
  current().show(current().shown + move);
});

// A link into what is not shown yet shows it.
function open() {
  const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (const reveal of wanted ? reveals : []) {
    if (reveal.place.contains(wanted) || reveal.after.contains(wanted)) {
      reveal.show(reveal.steps.length);
      wanted.scrollIntoView();
    }
  }
}
addEventListener("hashchange", open);
open();

// Copying

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

for (const button of document.querySelectorAll(".copy")) {
  const name = button.textContent;
  button.addEventListener("click", async () => {
    await copy(button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).textContent);
    button.textContent = labels.copied;
    say(labels.copied);
    setTimeout(() => { button.textContent = name; }, 1500);
  });
}

// Numbers to play with

const element = (name, ...parts) => {
  const made = document.createElementNS("http://www.w3.org/1998/Math/MathML", name);
  made.append(...parts);
  return made;
};

// Four decimals; a number too small or too large for them in powers of ten.
function spelled(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size && (size < 5e-5 || size >= 1e7)) {
    const [digits, exponent] = value.toExponential(3).split("e");
    const raised = [...String(Number(exponent))].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
    return `${digits}×10${raised}`.replaceAll("-", "−");
  }
  return (Number(value.toFixed(4)) + 0).toFixed(4).replace("-", "−");
}

// A number, a row in brackets, a matrix, or a row of matrices.
function written(values, depth, here = []) {
  const inner = here.slice(1);
  const mine = (at) => (here.length && here[0] === at + 1 ? inner : []);
  if (!depth) return element("mn", spelled(values));
  if (depth === 2) {
    const rows = values.map((row, i) => element("mtr", ...row.map((value, j) => {
      const cell = element("mtd", element("mn", spelled(value)));
      if (mine(i)[0] === j + 1) cell.classList.add("here");
      return cell;
    })));
    const table = element("mtable", ...rows);
    table.classList.add("numbers");
    return element("mrow", element("mo", "["), table, element("mo", "]"));
  }
  const parts = values.flatMap((value, at) => {
    const part = element("mrow", written(value, depth - 1, mine(at)));
    part.classList.toggle("here", depth === 1 && here[0] === at + 1);
    return [element("mo", ","), part];
  }).slice(1);
  return element("mrow", element("mo", "("), ...parts, element("mo", ")"));
}

function array(shape, value, place = []) {
  if (!shape.length) return value(...place);
  return Array.from({ length: shape[0] }, (_, at) => array(shape.slice(1), value, [...place, at + 1]));
}

class Play {
  constructor(anchor, problem) {
    this.form = document.getElementById(`${anchor}-play`);
    this.numbers = numbersOf(problem);
    this.letters = [...this.form.querySelectorAll("select")];
    this.rows = this.table(document.getElementById(this.form.dataset.lines));
    this.form.addEventListener("input", (event) => this.changed(event.target));
    this.form.addEventListener("reset", () => setTimeout(() => this.read()));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.read();
  }

  table(place) {
    const shown = [place.querySelector(".left math"), ...place.querySelectorAll(".step .broken")];
    const body = this.form.querySelector("tbody");
    return shown.map((formula, at) => {
      const row = body.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = at;
      row.append(head);
      row.insertCell().append(formula.cloneNode(true));
      return row.insertCell();
    });
  }

  // A number and its slider go together.
  changed(input) {
    if (!input.closest(".entry")) return this.show();
    for (const other of input.closest(".entry").querySelectorAll("input")) if (other !== input) other.value = input.value;
    return this.read();
  }

  read() {
    for (const input of this.form.querySelectorAll("[data-name][data-place]")) {
      const place = [input.dataset.name, ...(input.dataset.place ? input.dataset.place.split(",").map((at) => at - 1) : [])];
      const last = place.pop();
      place.reduce((part, at) => part[at], this.numbers.inputs)[last] = input.value === "" ? NaN : Number(input.value);
    }
    this.show();
  }

  show() {
    const at = this.letters.map((letter) => Number(letter.value));
    for (const place of this.form.querySelectorAll(".names > [data-name]")) {
      const shape = place.dataset.shape ? place.dataset.shape.split(",").map(Number) : [];
      this.write(place, shape, this.numbers.names[place.dataset.name]);
    }
    const result = this.form.querySelector("[data-result]");
    if (result) this.write(result, this.letters.map((letter) => letter.length), this.numbers.lines.at(-1), at);
    this.form.querySelectorAll(".fact").forEach((fact, k) => { fact.hidden = !(this.numbers.facts[k]() > 1e-9); });
    this.judge(this.numbers.lines.map((line) => line(...at)));
  }

  write(place, shape, value, here) {
    const found = written(array(shape, value), shape.length, here);
    place.lastElementChild.replaceChildren(element("math", element("mo", "="), found));
  }

  judge(values) {
    const last = values.at(-1);
    const off = values.map((value) => Math.abs(value - last) > 1e-6 * Math.max(1, Math.abs(last)));
    this.rows.forEach((cell, k) => {
      cell.textContent = spelled(values[k]);
      cell.parentElement.classList.toggle("off", off[k]);
    });
    const verdict = this.form.querySelector(".verdict");
    const kind = values.some((value) => !Number.isFinite(value)) ? "corner" : off.includes(true) ? "differ" : "agree";
    verdict.classList.toggle("off", kind !== "agree");
    if (verdict.textContent !== labels[kind]) verdict.textContent = labels[kind];
  }
}

function playWith(anchor, problem) {
  return new Play(anchor, problem);
}
