/** Keeps those operations in the list that have every word of what is typed. */

const find = /** @type {HTMLInputElement} */ (document.querySelector('#find'));
const none = /** @type {HTMLElement} */ (document.querySelector('[data-none]'));
const groups = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-group]')]);

function show() {
  const words = find.value.toLowerCase().split(/\s+/);
  let found = 0;
  for (const group of groups) {
    let here = 0;
    for (const operation of /** @type {HTMLElement[]} */ ([...group.querySelectorAll('[data-operation]')])) {
      const text = (operation.textContent ?? '').toLowerCase();
      operation.hidden = !words.every((word) => text.includes(word));
      if (!operation.hidden) here += 1;
    }
    group.hidden = here === 0;
    found += here;
  }
  none.hidden = found > 0;
}

/** What a link leads to is opened, also when it is folded away. */
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

/** @type {HTMLElement} */ (document.querySelector('[data-find]')).hidden = false;
find.addEventListener('input', show);
addEventListener('hashchange', unfold);
show();
unfold();
