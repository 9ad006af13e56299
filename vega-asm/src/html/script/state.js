// What is selected, and what is known behind an instruction. The address names the selection: `#f=main()V&at=0x12`.

const selected = { function: null, row: 0 };
const watchers = [];

/** The rows of a function by their offset. */
const rowsByOffset = new Map();
function rowAt(fn, offset) {
  if (!rowsByOffset.has(fn)) rowsByOffset.set(fn, new Map(fn.code.map((row, place) => [row.offset, place])));
  return rowsByOffset.get(fn).get(offset);
}

/** Selects an instruction. `cause` is the part of the page that did it, and so need not be led there. */
function select(fn, row, cause) {
  const sameFunction = selected.function === fn;
  selected.function = fn;
  selected.row = Math.max(0, Math.min(row, fn.code.length - 1));
  for (const watcher of watchers) watcher(fn, selected.row, { sameFunction, cause });
  const at = fn.code[selected.row];
  const name = encodeURIComponent(fn.name).replace(/%(28|29|2C|3A|40)/g, decodeURIComponent);
  history.replaceState(null, '', `#f=${name}${at ? `&at=0x${hex(at.offset, 4)}` : ''}`);
}

/** Selects what the address names, or where the program starts. */
function selectByAddress() {
  const named = new URLSearchParams(location.hash.slice(1).replaceAll('+', '%2B'));
  const wanted = named.get('f');
  const fn = data.functions.find((known) => known.name === wanted)
    ?? data.functions.find((known) => known.number === data.entry) ?? data.functions[0];
  if (!fn) return;
  const at = named.has('at') ? Number(named.get('at')) : 0;
  const row = fn.code.findIndex((known) => known.offset <= at && at < known.offset + known.length);
  select(fn, Math.max(0, row), 'address');
}

/** What is known of a slot, by name. */
function unpacked([slot, arena, bytes, tag]) {
  return { slot, arena, start: bytes?.[0] ?? null, end: bytes?.[1] ?? null, tag };
}

for (const known of data.functions.flatMap((fn) => fn.code.map((row) => row.known))) {
  if (known) known.slots = known.slots.map(unpacked);
}

const nothing = { stack: [], open: [], slots: [] };

/** What is known behind an instruction: what is known before the next. Nothing is left behind the last one. */
function behind(fn, row) {
  const at = fn.code[row];
  if (!at || !at.known) return null;
  if (at.next === null) return nothing;
  return fn.code[rowAt(fn, at.next)]?.known ?? null;
}

const bytesOf = (live) => live.start === null ? '[?..?)' : `[${live.start}..${live.end})`;

/** A slot as `vegavm --trace` prints it: `0:x int [0..4) tag=int mask=00000010`. */
function slotInWords(fn, known, live) {
  const slot = fn.slots[live.slot];
  const words = [`${live.slot}${slot.name && ':'}${slot.name}`, slot.type_name, bytesOf(live)];
  if (slot.kind === 'variable') words.push(`tag=${live.tag ?? '?'}`, `mask=${slot.mask}`);
  if (slot.kind === 'alias') words.push('alias');
  if (live.arena + 1 < known.open.length) words.push(`in arena ${live.arena}`);
  return words.join(' ');
}

const slotsInWords = (fn, known) => `{${known.slots.map((live) => slotInWords(fn, known, live)).join(', ')}}`;

function arenaInWords(fn, known, level) {
  const arena = fn.arenas[known.open[level]];
  const size = `${bytesInWords(arena.capacity)}${arena.strategy}`;
  if (!arena.is_static) return `${size}, what stands where is known only as it runs`;
  const taken = known.slots.filter((live) => live.arena === level && fn.slots[live.slot].kind !== 'alias');
  return `${size}, ${taken.reduce((sum, live) => sum + live.end - live.start, 0)} in use`;
}
