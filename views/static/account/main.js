// The account page: a public client of this server. A newcomer is sent to sign in and comes back here with a code.

import { leaveBy, showFailure, showLoading, showPerson, whenAsked } from './page.js';
import { readSettings } from './settings.js';
import { finish, hasAnswer, start } from './sign-in.js';

const settings = readSettings();

async function open() {
  showLoading();
  try {
    if (!hasAnswer()) return leaveBy(await start(settings));
    const person = await finish(settings);
    showPerson(person);
    whenAsked('sign-out', () => leaveBy(person.signOutAddress));
  } catch (error) {
    showFailure(error);
    whenAsked('retry', () => location.replace(settings.redirectUri));
  }
  return undefined;
}

// A page that the browser kept while somebody signed out elsewhere must not show what it showed then.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

await open();
