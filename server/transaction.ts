/**
 * Runs `work` so that everything the stores write inside is kept as one, or not at all: a thrown error undoes it.
 * A call inside another one joins the outer transaction.
 *
 * `work` may be run again, three times at most, when it met another transaction (serialization failure, deadlock) and nothing
 * of it was kept. So it does nothing outside of the stores that must not be done twice: mail, requests to others and answers
 * come after it.
 */
export type InTransaction = <T>(work: () => Promise<T>) => Promise<T>;
