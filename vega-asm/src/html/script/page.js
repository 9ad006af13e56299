// What all parts share: the data, and how elements are made. Text goes on the page as text, never as markup.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);

const byId = (id) => document.getElementById(id);

/** An element with attributes and children, which may be texts. */
function element(name, attributes = {}, ...children) {
  return furnished(document.createElement(name), attributes, children);
}

/** The same of a picture. */
function shape(name, attributes = {}, ...children) {
  return furnished(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function furnished(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const hex = (number, digits) => number.toString(16).padStart(digits, '0');

const bytesInWords = (count) => count === 1 ? '1 byte' : `${count.toLocaleString('en')} bytes`;

/**
 * One item of a list takes part in the order of Tab; the arrows go on from there. `step` says by how many items a key
 * goes, or nothing if it does not.
 */
function rove(list, items, choose, step) {
  list.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = items();
    const here = all.indexOf(document.activeElement);
    const by = step(event.key, here, all.length);
    if (here < 0 || by === undefined) return;
    event.preventDefault();
    choose(all[Math.max(0, Math.min(all.length - 1, here + by))], true);
  });
  list.addEventListener('click', (event) => {
    const item = items().find((item) => item.contains(event.target));
    if (item) choose(item, true);
  });
}

/** How far the keys of a list of lines go. */
function byLines(key, here, count) {
  const far = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -here, End: count - 1 - here };
  return far[key];
}

/** Makes an item the one that Tab goes to. */
function settle(items, item, focus) {
  for (const other of items) other.tabIndex = other === item ? 0 : -1;
  if (focus && item) item.focus({ preventScroll: true });
}

/** Scrolls a box, and nothing but the box, so far that an item in it is seen. */
function reveal(box, item) {
  const [outer, inner] = [box.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top + inner.height;
  if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + inner.height;
}
