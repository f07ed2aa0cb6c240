import { toFailure } from './failure.js';

/** @import { Person } from './sign-in.js' */

/** The parts of the page of which one is shown. */
const parts = /** @type {const} */ (['loading', 'failed', 'person']);

export function showLoading() {
  show('loading');
}

/** @param {unknown} error */
export function showFailure(error) {
  const failure = toFailure(error);
  for (const words of document.querySelectorAll('[data-error]')) {
    words.toggleAttribute('hidden', words.getAttribute('data-error') !== failure.kind);
  }
  fill('reason', failure.message);
  show('failed').focus();
}

/** @param {Person} person */
export function showPerson({ profile, session }) {
  for (const name of ['name', 'preferred_username', 'email', 'sub']) fill(name, profile[name]);
  for (const badge of document.querySelectorAll('[data-verified]')) {
    const about = badge.getAttribute('data-verified') === 'true';
    badge.toggleAttribute('hidden', !profile.email || (profile.email_verified === true) !== about);
  }
  element('acting').toggleAttribute('hidden', session.act === undefined);
  fillTime('auth_time', session.auth_time);
  showMethods(session.act === undefined ? session.amr : ['support']);
  show('person');
}

/**
 * @param {string} id of a button
 * @param {() => void} action
 */
export function whenAsked(id, action) {
  element(id).addEventListener('click', action, { once: true });
}

/** Leaves for an address in a way that the Back button does not lead into this page's own detours.
 * @param {string} address
 */
export function leaveBy(address) {
  location.replace(address);
}

/** @param {(typeof parts)[number]} part */
function show(part) {
  for (const id of parts) element(id).toggleAttribute('hidden', id !== part);
  return element(part);
}

/**
 * @param {string} slot
 * @param {unknown} value left as it is, "not given", when there is none
 */
function fill(slot, value) {
  const place = document.querySelector(`[data-slot="${slot}"]`);
  if (place !== null && typeof value === 'string' && value !== '') place.textContent = value;
}

/**
 * @param {string} slot
 * @param {unknown} seconds since 1970
 */
function fillTime(slot, seconds) {
  const place = document.querySelector(`[data-slot="${slot}"]`);
  if (!(place instanceof HTMLTimeElement) || typeof seconds !== 'number') return;
  const time = new Date(seconds * 1000);
  place.dateTime = time.toISOString();
  place.textContent = time.toLocaleString(document.documentElement.lang, {
    dateStyle: 'long',
    timeStyle: 'short',
  });
}

/** @param {unknown} amr methods by RFC 8176 */
function showMethods(amr) {
  const used = Array.isArray(amr) ? amr : [];
  const words = [...document.querySelectorAll('[data-method]')];
  const known = words.filter((word) => used.includes(word.getAttribute('data-method')));
  for (const word of known.length > 0
    ? known
    : words.filter((word) => word.getAttribute('data-method') === '')) {
    word.removeAttribute('hidden');
  }
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}
