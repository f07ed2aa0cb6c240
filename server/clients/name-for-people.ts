/** Marks that turn the direction of text around, and invisible controls: a name needs none of them. */
const deceptive = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** How a client is called on pages: by its registered name, or else by its id. */
export function nameForPeople(clientId: string, registered: unknown): string {
  const name = typeof registered === 'string' ? registered.replaceAll(deceptive, '').trim() : '';
  return name === '' ? clientId : name;
}
