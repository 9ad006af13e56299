// Puts the page together.

function showFile() {
  const kind = data.kind ? `${data.kind}, version ${data.version}, ` : '';
  const producer = data.producer ? `, made by ${data.producer}` : '';
  const verdict = data.accepted ? '' : '; refused';
  byId('about').textContent = `${kind}${bytesInWords(data.length)}${producer}${verdict}`;
  byId('problems').hidden = data.problems.length === 0;
  byId('problems').append(...data.problems.map((problem) => {
    const fn = data.functions.find((known) => known.name === problem.function);
    const words = [element('b', {}, `${problem.level}[${problem.code}]`), ` ${problem.words}`];
    if (!fn) return element('li', { class: problem.level }, ...words);
    const place = element('a', { href: `#f=${encodeURIComponent(fn.name)}&at=0x${hex(problem.offset, 4)}` },
      `${fn.readable}, 0x${hex(problem.offset, 4)}`);
    return element('li', { class: problem.level }, ...words, ' ', place);
  }));
  byId('left-out').hidden = data.left_out.length === 0;
  byId('left-out').textContent = `Left out for want of room: ${data.left_out.join('; ')}.`;
}

showFile();
if (data.functions.length > 0) {
  showFunctions();
  showArenas();
}
showBytes();
if (data.budget) showBudget();
selectByAddress();
addEventListener('hashchange', selectByAddress);
document.documentElement.dataset.ready = 'true';
