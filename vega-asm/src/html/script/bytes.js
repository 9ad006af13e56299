// Every byte of the file, in hex, with what it means. The bytes of a field light up together.

const A_PAGE = 512;
const IN_A_ROW = 16;
const shownLength = data.bytes.hex.length / 2;
const lit = { page: 0, byte: 0 };

/** Where each field starts. */
const fieldStarts = [];
data.bytes.fields.reduce((start, field) => {
  fieldStarts.push(start);
  return start + field.length;
}, 0);

/** Whether something is wrong with a byte. */
const wrong = new Set();
data.bytes.fields.forEach((field, place) => {
  for (let at = 0; field.faults && at < field.length; at += 1) wrong.add(fieldStarts[place] + at);
});

function showBytes() {
  const list = byId('fields');
  list.append(...data.bytes.parts.map((part, place) => element('option', { value: place }, part.name)));
  list.hidden = data.bytes.parts.length === 0;
  list.addEventListener('change', () => goToByte(data.bytes.parts[Number(list.value)].offset, false));
  byId('bytes-back').addEventListener('click', () => goToByte(Math.max(0, lit.page - A_PAGE), false));
  byId('bytes-on').addEventListener('click', () => goToByte(lit.page + A_PAGE, false));
  const grid = byId('bytes');
  rove(grid, byteCells, (cell, focus) => goToByte(Number(cell.dataset.byte), focus), (key, here, count) => {
    // Beyond the page, the arrows turn it.
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: IN_A_ROW, ArrowUp: -IN_A_ROW, Home: -(here % IN_A_ROW),
      End: IN_A_ROW - 1 - here % IN_A_ROW, PageDown: count, PageUp: -count }[key];
    if (by === undefined || (here + by >= 0 && here + by < count)) return by;
    goToByte(Math.max(0, Math.min(shownLength - 1, lit.byte + by)), true);
    return undefined;
  });
  grid.addEventListener('pointerover', (event) => {
    const cell = event.target.closest('[data-byte]');
    if (cell) light(Number(cell.dataset.byte));
  });
  grid.addEventListener('pointerleave', () => light(lit.byte));
  watchers.push((fn, row, { cause }) => {
    const at = fn.code[row];
    if (at && cause !== 'bytes') goToByte(fn.offset + at.offset, false, true);
  });
  if (data.functions.length === 0) goToByte(0, false);
}

const byteCells = () => [...byId('bytes').querySelectorAll('[data-byte]')];

/** Shows a byte; `follows` says that the instruction is selected already. */
function goToByte(byte, focus, follows) {
  if (byte >= shownLength) return;
  lit.byte = byte;
  const page = byte - byte % A_PAGE;
  if (page !== lit.page || byId('bytes').childElementCount === 0) showPage(page);
  const cells = byteCells();
  settle(cells, cells[byte - page], focus);
  reveal(byId('bytes'), cells[byte - page]);
  light(byte);
  byId('fields').value = fieldAt(byte).part;
  const found = instructionAt(byte);
  if (!follows && found) select(found.fn, found.row, 'bytes');
}

function showPage(page) {
  lit.page = page;
  const end = Math.min(page + A_PAGE, shownLength);
  byId('bytes-range').textContent = `0x${hex(page, 4)} to 0x${hex(end - 1, 4)} of ${bytesInWords(data.length)}`;
  byId('bytes-back').disabled = page === 0;
  byId('bytes-on').disabled = end >= shownLength;
  const rows = [];
  for (let start = page; start < end; start += IN_A_ROW) rows.push(byteRow(start, Math.min(start + IN_A_ROW, end)));
  byId('bytes').replaceChildren(...rows);
}

function byteRow(start, end) {
  const row = element('div', { role: 'row' }, element('span', { role: 'rowheader', class: 'offset' }, hex(start, 6)));
  let text = '';
  for (let byte = start; byte < end; byte += 1) {
    const digits = data.bytes.hex.slice(2 * byte, 2 * byte + 2);
    const value = parseInt(digits, 16);
    text += value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '·';
    row.append(element('span', { role: 'gridcell', 'data-byte': byte, tabindex: -1, class: wrong.has(byte) ? 'wrong' : value === 0 ? 'zero' : null }, digits));
  }
  row.append(element('span', { class: 'ascii', 'aria-hidden': 'true' }, text));
  return row;
}

/** The field of a byte. Fields stand one behind the other. */
function fieldAt(byte) {
  const { parts, fields } = data.bytes;
  const place = fieldStarts.findLastIndex((start) => start <= byte);
  const field = fields[place];
  if (!field || byte >= fieldStarts[place] + field.length) return { offset: byte, length: 1, part: 0, words: 'not explained', faults: [] };
  const { name, rule } = parts[field.part];
  const words = `${name}: ${field.name}${field.value && ', '}${field.value} (spec/${rule})`;
  return { offset: fieldStarts[place], length: field.length, part: field.part, words, faults: field.faults ?? [] };
}

/** The instruction that a byte is part of. */
function instructionAt(byte) {
  const fn = data.functions.find((known) => known.offset <= byte && byte < known.offset + known.length);
  const row = fn ? fn.code.findIndex((known) => byte - fn.offset < known.offset + known.length) : -1;
  return row < 0 ? null : { fn, row };
}

/** What lights up with a byte: its field, or all of its instruction. */
function rangeOf(byte, field) {
  const found = instructionAt(byte);
  if (!found) return field;
  const at = found.fn.code[found.row];
  return { offset: found.fn.offset + at.offset, length: at.length };
}

function light(byte) {
  const field = fieldAt(byte);
  const { offset, length } = rangeOf(byte, field);
  for (const cell of byteCells()) {
    const at = Number(cell.dataset.byte);
    cell.classList.toggle('lit', offset <= at && at < offset + length);
    cell.classList.toggle('at', at === byte);
  }
  const end = field.offset + field.length - 1;
  const range = field.length > 1 ? `0x${hex(field.offset, 4)} to 0x${hex(end, 4)}` : `0x${hex(field.offset, 4)}`;
  byId('field').replaceChildren(element('span', { class: 'offset' }, range), ` ${field.words}`,
    ...field.faults.map((words) => element('strong', {}, words)));
}
