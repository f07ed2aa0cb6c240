/**
 * Runs `work` so that everything the stores write inside is kept as one, or not at all: a thrown error undoes it.
 * A call inside another one joins the outer transaction. Implementations MUST NOT retry `work` by themselves.
 */
export type InTransaction = <T>(work: () => Promise<T>) => Promise<T>;
