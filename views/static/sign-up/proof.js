// Does the little work that a form asks for while it is filled in, and holds it back until the work is done.

/**
 * @param {string} text
 * @param {number} bits
 */
async function findProof(text, bits) {
  const encoder = new TextEncoder();
  for (let number = 0; ; number += 1) {
    const proof = number.toString(36);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(`${text}.${proof}`)));
    if (leadingZeros(digest) >= bits) return proof;
  }
}

/** @param {Uint8Array} digest */
function leadingZeros(digest) {
  const first = digest.findIndex((byte) => byte !== 0);
  return first === -1 ? digest.length * 8 : first * 8 + Math.clz32(digest[first] ?? 0) - 24;
}

const field = document.querySelector('input[name=proof]');

if (field instanceof HTMLInputElement && field.form !== null) {
  const { form } = field;
  const challenge = form.querySelector('input[name=challenge]');
  const text = challenge instanceof HTMLInputElement ? challenge.value : '';
  let isWaiting = false;
  form.addEventListener('submit', (event) => {
    if (field.value !== '') return;
    event.preventDefault();
    isWaiting = true;
    form.setAttribute('aria-busy', 'true');
  });
  field.value = await findProof(text, Number(field.dataset.bits));
  if (isWaiting) form.requestSubmit();
}
