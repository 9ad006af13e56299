// The picture of the arenas. A row is the state behind the instruction beside it, bytes go from left to right; so a slot
// is as wide as its bytes and as high as its life. Arenas that are open at once stand side by side.

const COLOURS = 8;
/** As many arenas are drawn side by side. */
const MOST_BESIDE = 4;
/** Arenas up to so many bytes are drawn whole; of larger ones, what is never used is cut short. */
const WHOLE = 256;
const GAP = 14;
/** As wide is a letter. */
const LETTER = 7.3;
/** After so many rows a name stands there again. */
const AGAIN = 14;

function showArenas() {
  let drawn = null;
  const draw = (fn) => {
    const width = byId('arenas').clientWidth;
    if (width === 0 || (drawn?.fn === fn && drawn.width === width)) return;
    drawn = { fn, width };
    byId('arenas').replaceChildren(picture(fn, width));
  };
  watchers.push((fn, row) => {
    draw(fn);
    markRow(fn, row);
  });
  new ResizeObserver(() => {
    if (!selected.function) return;
    draw(selected.function);
    markRow(selected.function, selected.row);
  }).observe(byId('arenas'));
  byId('arenas').addEventListener('click', (event) => {
    const top = byId('arenas').getBoundingClientRect().top;
    const item = codeRows()[Math.floor((event.clientY - top) / rowHeight())];
    if (item) choose(item, true, 'arenas');
  });
}

const rowHeight = () => codeRows()[0]?.getBoundingClientRect().height ?? 24;

/**
 * What lasts over rows that stand behind one another: `find` gives what is there in a row, each with a key; the same key
 * in the next row is the same thing.
 */
function runs(fn, find) {
  const all = [];
  let before = new Map();
  fn.code.forEach((_, row) => {
    const known = behind(fn, row);
    const now = new Map();
    for (const thing of known ? find(known) : []) {
      const run = before.get(thing.key) ?? { ...thing, first: row };
      if (run.first === row) all.push(run);
      run.last = row;
      now.set(thing.key, run);
    }
    before = now;
  });
  return all;
}

const openRuns = (fn) => runs(fn, (known) => known.open.map((site, level) => ({ key: `${level} ${site}`, site, level })));

const slotRuns = (fn) => runs(fn, (known) => known.slots.filter((live) => live.start !== null).map((live) => ({
  ...live, site: known.open[live.arena], level: live.arena,
  key: `${known.open[live.arena]} ${live.slot} ${live.start} ${live.end}`,
})));

function picture(fn, width) {
  const height = rowHeight();
  const frames = openRuns(fn);
  const levels = Math.min(MOST_BESIDE, 1 + Math.max(-1, ...frames.map((frame) => frame.level)));
  const svg = shape('svg', {
    role: 'img', width, height: height * fn.code.length, viewBox: `0 0 ${width} ${height * fn.code.length}`,
  }, shape('title', {}, `The arenas of ${fn.readable} behind each instruction`), hatch());
  svg.append(shape('rect', { class: 'here', x: 0, width, height }));
  if (levels === 0) {
    svg.append(shape('text', { class: 'quiet', x: 8, y: height * 0.68 }, 'no arenas'));
    return svg;
  }
  const band = (width - GAP * (levels - 1)) / levels;
  const place = (run) => ({
    x: run.level * (band + GAP), y: run.first * height, width: band, height: (run.last - run.first + 1) * height,
    row: height, scale: scale(fn.arenas[run.site], band),
  });
  const drawn = (run) => run.level < MOST_BESIDE;
  for (const run of frames.filter(drawn)) svg.append(frame(fn.arenas[run.site], place(run)));
  for (const run of slotRuns(fn).filter(drawn)) {
    const isAlias = fn.slots[run.slot].kind === 'alias';
    svg.append((isAlias ? bracket : block)(fn, run, place(run)));
  }
  return svg;
}

function hatch() {
  return shape('defs', {},
    shape('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      shape('rect', { class: 'hatch', width: 1, height: 6 })));
}

/** Where a byte stands from left to right. What is never used of a large arena is cut short. */
function scale(arena, width) {
  const used = Math.max(1, arena.high_water);
  const whole = arena.capacity <= WHOLE || used * 3 >= arena.capacity;
  const shown = whole ? Math.max(arena.capacity, used) : used;
  const wide = whole ? width : width * 0.8;
  return { whole, at: (byte) => byte > shown ? width : byte / shown * wide };
}

function frame(arena, { x, y, width, height, row, scale }) {
  const group = shape('g', { class: arena.is_static ? 'frame' : 'frame dynamic' });
  const right = x + scale.at(arena.capacity);
  const line = x + scale.at(arena.high_water);
  group.append(shape('rect', { class: 'room', x, y, width: right - x, height, rx: 4 }));
  const text = (words, at, anchor) =>
    shape('text', { class: 'quiet', x: at, y: y + row * 0.68, 'text-anchor': anchor }, words);
  if (!arena.is_static) {
    group.append(text(`${bytesInWords(arena.capacity)}${arena.strategy}, depends on the path`, x + 6, 'start'));
    return group;
  }
  group.append(shape('rect', { class: 'holes', x, y: y + row, width: Math.max(0, line - x), height: height - row }));
  const fits = (words, from, to) => to - from > (words.length + 1) * LETTER;
  const sizes = [`${bytesInWords(arena.capacity)}${arena.strategy}`, String(arena.capacity), ''];
  const size = sizes.find((words) => fits(words, x, right) || words === '');
  const most = `${arena.high_water} used at most`;
  const before = right - (size.length + 2) * LETTER;
  group.append(text(size, right - 6, 'end'));
  if (arena.high_water > 0) {
    const runsOut = arena.high_water > arena.capacity;
    const mark = shape('g', { class: runsOut ? 'water over' : 'water' },
      shape('title', {}, `high water: ${arena.high_water} of ${bytesInWords(arena.capacity)}`),
      shape('line', { x1: line, x2: line, y1: y + row - 4, y2: y + height }));
    if (line < before && fits(most, x, line)) mark.append(text(most, line - 5, 'end'));
    else if (fits(most, line, before)) mark.append(text(most, line + 5, 'start'));
    else if (line >= before && fits(most, x, before)) mark.append(text(`${most},`, before, 'end'));
    group.append(mark);
  }
  if (!scale.whole) group.append(shape('path', { class: 'torn', d: torn(right - width * 0.1, y, height) }));
  return group;
}

/** A wavy cut from top to bottom. */
function torn(x, y, height) {
  let path = `M${x} ${y}`;
  for (let at = 0; at < height; at += 8) path += ` q ${at % 16 ? -6 : 6} 4 0 8`;
  return path;
}

/** What is drawn, as data: which slot, from which row to which, and its bytes. */
const marks = (run) =>
  ({ 'data-slot': run.slot, 'data-first': run.first, 'data-last': run.last, 'data-bytes': bytesOf(run) });

/** The name of a slot, with its type where there is room, again and again down a long life; upright where it is narrow. */
function labels(fn, run, { left, right, y, height, row }) {
  const slot = fn.slots[run.slot];
  const name = slot.name || String(run.slot);
  const words = `${name} ${slot.type_name}`;
  const room = right - left - 8;
  const fits = (text) => text.length * LETTER <= room;
  const text = fits(words) ? words : name;
  const isUpright = !fits(text) && text.length * LETTER > room + 6;
  if (isUpright && (room < 2 || text.length * LETTER > height - 8)) return [];
  const all = [];
  for (let at = y; at === y || at + row <= y + height; at += AGAIN * row) {
    const [x, base] = isUpright ? [(left + right) / 2 - 4, at + 6] : [left + 6, at + row * 0.68];
    if (isUpright && at + text.length * LETTER > y + height) break;
    all.push(shape('text', { x, y: base, transform: isUpright ? `rotate(90 ${x} ${base})` : null }, text));
  }
  return all;
}

/** A variable or a struct: it owns its bytes. */
function block(fn, run, { x, y, height, row, scale }) {
  const [left, right] = [x + scale.at(run.start), x + scale.at(run.end)];
  return shape('g', { class: `slot c${run.slot % COLOURS}`, ...marks(run) }, title(fn, run),
    shape('rect', { x: left + 0.5, y: y + 1, width: Math.max(2, right - left - 1), height: height - 2, rx: 3 }),
    ...labels(fn, run, { left, right, y, height, row }));
}

/** An alias: it views bytes of others, so it is a bracket around them. */
function bracket(fn, run, { x, y, height, row, scale }) {
  const [left, right] = [x + scale.at(run.start) + 3, x + scale.at(run.end) - 3];
  const [top, bottom] = [y + 3, y + height - 2];
  return shape('g', { class: `alias c${run.slot % COLOURS}`, ...marks(run) }, title(fn, run),
    shape('path', { d: `M${left + 4} ${top} H${left} V${bottom} h4 M${right - 4} ${top} H${right} V${bottom} h-4` }),
    ...labels(fn, run, { left, right, y, height, row }));
}

function title(fn, run) {
  const slot = fn.slots[run.slot];
  const words = slot.kind === 'alias' ? ', an alias' : '';
  return shape('title', {}, `${slot.name || run.slot} ${slot.type_name} ${bytesOf(run)}${words}`);
}

/** Lights up the row, and the slots that the instruction names. */
function markRow(fn, row) {
  const height = rowHeight();
  byId('arenas').querySelector('.here')?.setAttribute('y', row * height);
  const named = new Set(fn.code[row]?.slots);
  for (const drawn of byId('arenas').querySelectorAll('[data-slot]')) {
    const { slot, first, last } = drawn.dataset;
    const isHere = Number(first) <= row + 1 && row - 1 <= Number(last);
    drawn.classList.toggle('named', named.has(Number(slot)) && isHere);
  }
}
