// The page that waits for the address to be confirmed looks by itself now and then, and goes on.

const form = document.querySelector('form#go-on');
const longest = 30_000;

/** @param {HTMLFormElement} waiting */
async function look(waiting) {
  const answer = await fetch(waiting.dataset.state ?? '', { headers: { accept: 'application/json' } });
  if (!answer.ok) return false;
  const { confirmed } = await answer.json();
  return confirmed === true;
}

/**
 * @param {HTMLFormElement} waiting
 * @param {number} pause milliseconds
 */
function wait(waiting, pause) {
  setTimeout(() => void goOnOrWait(waiting, pause), pause);
}

/**
 * @param {HTMLFormElement} waiting
 * @param {number} pause milliseconds
 */
async function goOnOrWait(waiting, pause) {
  // Nobody waits at a page that is not seen.
  const isConfirmed = document.visibilityState === 'visible' && (await look(waiting).catch(() => false));
  if (isConfirmed) waiting.requestSubmit();
  else wait(waiting, Math.min(longest, pause * 1.2));
}

if (form instanceof HTMLFormElement) wait(form, 3000);
