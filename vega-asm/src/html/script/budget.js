// The budget: the proof in words, and what each function takes with all that it calls, as a tree that unfolds.

function showBudget() {
  const { roots, nodes, constants, statics } = data.budget;
  const byNumber = new Map(nodes.map((node) => [node.number, node]));
  byId('budget').hidden = false;
  const once = [[constants, 'string constants'], [statics, 'static blocks']].filter(([bytes]) => bytes > 0);
  byId('budget-about').textContent = once.map(([bytes, what]) => `${what}: ${bytesInWords(bytes)}, once`).join('; ');
  byId('budgets').replaceChildren(...roots.map((root) => {
    const node = byNumber.get(root.number);
    // Where nothing bounds the whole, the bars compare the parts.
    const most = node?.bytes || Math.max(1, ...nodes.map((node) => node.bytes ?? 0));
    return element('article', {},
      element('pre', {}, root.words),
      node ? element('ul', { class: 'tree' }, branch(byNumber, node, null, [], most, true)) : null);
  }));
  if (roots.length === 0) byId('budgets').textContent = 'no entry and no exported function';
}

/** A function, and below it what it calls. `above` are the functions that call it here. */
function branch(byNumber, node, call, above, most, open) {
  const circle = above.includes(node.number);
  const total = node.bytes === null ? 'no bound' : bytesInWords(node.bytes);
  const own = `frame ${node.frame}, arenas ${node.arenas}`;
  const from = call === null ? null : element('span', { class: 'quiet' },
    `${call.line === null ? `at 0x${hex(call.offset, 4)}` : `on line ${call.line}`}, ${call.open} open`);
  const meter = element('span', { class: 'meter' }, element('span', {}));
  meter.firstChild.style.inlineSize = `${Math.min(100, 100 * (node.bytes ?? most) / most)}%`;
  const line = [element('b', {}, node.name), ' ', element('span', { class: 'total' }, total), meter,
    element('span', { class: 'quiet' }, circle ? 'again: a circle' : own), from];
  if (circle || node.calls.length === 0) return element('li', {}, element('div', { class: 'leaf' }, ...line.filter(Boolean)));
  const calls = element('ul', {});
  const details = element('details', {}, element('summary', {}, ...line.filter(Boolean)), calls);
  // What nobody unfolds is not made: the tree may be far larger than the program.
  details.addEventListener('toggle', () => {
    if (calls.childElementCount > 0) return;
    const ways = node.calls.map((call) => [call, byNumber.get(call.function)]).filter(([, callee]) => callee);
    const weight = ([call, callee]) => call.open + (callee.bytes ?? Infinity);
    ways.sort((one, other) => weight(other) - weight(one));
    calls.append(...ways.map(([call, callee], place) =>
      branch(byNumber, callee, call, [...above, node.number], most, open && place === 0)));
  });
  details.open = open && above.length < 8;
  return element('li', {}, details);
}
