// Source and bytecode, and what is known behind the selected instruction.

function showFunctions() {
  const list = byId('functions');
  for (const fn of data.functions) {
    const role = fn.number === data.entry ? ', the entry' : fn.exported ? ', exported' : '';
    list.append(element('option', { value: fn.number }, fn.readable + role));
  }
  list.addEventListener('change', () => {
    select(data.functions.find((fn) => fn.number === Number(list.value)), 0, 'functions');
  });
  byId('function').hidden = false;
  rove(byId('code'), codeRows, (item, focus) => choose(item, focus, 'code'), byLines);
  rove(byId('source'), sourceRows, (item, focus) => chooseLine(item, focus), byLines);
  watchers.push((fn, row, { sameFunction, cause }) => {
    if (!sameFunction) {
      list.value = fn.number;
      showFunction(fn);
      showCode(fn);
      showSource(fn);
    }
    markCode(row, cause);
    markLine(fn.code[row]?.line ?? fn.line, cause);
    showPoint(fn, row);
  });
}

function showFunction(fn) {
  const place = data.sources[fn.source];
  const from = place ? `${place.name}:${fn.line}, ` : '';
  byId('function-about').textContent = `${from}${bytesInWords(fn.length)} of code`;
}

const codeRows = () => [...byId('code').children];
const sourceRows = () => [...byId('source').children];

function choose(item, focus, cause) {
  select(selected.function, codeRows().indexOf(item), cause);
  settle(codeRows(), item, focus);
}

function showCode(fn) {
  byId('code').classList.toggle('labelled', fn.code.some((row) => row.label));
  byId('code').replaceChildren(...fn.code.map((row) => {
    const [mnemonic, ...operands] = row.text.split(' ');
    return element('div', { role: 'option', id: `at-${hex(row.offset, 4)}`, 'data-offset': row.offset, title: row.text, tabindex: -1 },
      element('span', { class: 'offset' }, hex(row.offset, 4)),
      element('span', { class: 'label' }, row.label ? `${row.label}:` : ''),
      element('span', { class: 'instruction' }, element('b', {}, mnemonic), ` ${operands.join(' ')}`),
      element('span', { class: 'meaning' }, row.meaning ?? ''));
  }));
}

function markCode(row, cause) {
  const rows = codeRows();
  rows.forEach((item, place) => item.setAttribute('aria-selected', place === row));
  if (cause !== 'code') settle(rows, rows[row], false);
  if (rows[row]) reveal(byId('code').parentElement, rows[row]);
}

/** The lines of the source from which the function comes, and a few around them. */
function showSource(fn) {
  const source = data.sources[fn.source];
  const pane = byId('source-pane');
  pane.hidden = !source || source.lines.length === 0;
  byId('source-title').textContent = source ? source.name : 'Source';
  byId('function').classList.toggle('without-source', pane.hidden);
  const used = new Set(fn.code.map((row) => row.line));
  byId('source').replaceChildren(...(source?.lines ?? []).map((text, place) => {
    const line = place + 1;
    const item = element('div', { role: 'option', 'data-line': line, tabindex: -1, class: used.has(line) ? 'used' : null },
      element('span', { class: 'offset' }, String(line)), element('span', { class: 'text' }, text));
    return item;
  }));
}

function chooseLine(item, focus) {
  const line = Number(item.dataset.line);
  const row = selected.function.code.findIndex((row) => row.line === line);
  if (row >= 0) select(selected.function, row, 'source');
  settle(sourceRows(), item, focus);
  reveal(byId('source'), item);
}

function markLine(line, cause) {
  const rows = sourceRows();
  for (const item of rows) item.setAttribute('aria-selected', Number(item.dataset.line) === line);
  const code = codeRows();
  selected.function.code.forEach((row, place) => code[place].classList.toggle('same-line', row.line === line));
  const item = rows[line - 1];
  if (!item || cause === 'source') return;
  settle(rows, item, false);
  reveal(byId('source'), item);
}

function showPoint(fn, row) {
  const at = fn.code[row];
  const known = behind(fn, row);
  byId('point').hidden = !at;
  if (!at) return;
  byId('point-title').replaceChildren(
    element('span', { class: 'offset' }, `0x${hex(at.offset, 4)}`), ' ', element('code', {}, at.text),
    ' ', element('code', { class: 'quiet' }, at.meaning ?? ''));
  byId('point-bytes').textContent = bytesInHex(fn.offset + at.offset, at.length);
  byId('point-prose').replaceChildren(...prose(data.instructions[at.mnemonic] ?? ''));
  byId('stack').replaceChildren(...known ? cells(known) : ['not known: this is never reached, behind a refusal, or left out']);
  byId('open').replaceChildren(...known ? arenas(fn, known) : ['']);
  byId('slots').textContent = known ? slotsInWords(fn, known) : '';
}

/** Bytes of the file, as far as the page has room for them. */
function bytesInHex(start, length) {
  return (data.bytes.hex.slice(2 * start, 2 * (start + length)).match(/../g) ?? []).join(' ');
}

/** Sentences with names in backticks. */
function prose(words) {
  return words.split('`').map((part, place) => place % 2 ? element('code', {}, part) : part);
}

function cells(known) {
  if (known.stack.length === 0) return ['empty'];
  return known.stack.map((type) => element('span', { class: 'cell' }, type));
}

function arenas(fn, known) {
  if (known.open.length === 0) return ['none open'];
  return known.open.map((_, level) => element('span', { class: 'arena' }, arenaInWords(fn, known, level)));
}
