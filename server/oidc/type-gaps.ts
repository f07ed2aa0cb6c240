/**
 * Where @types/oidc-provider 9.12 says less than the engine does. Each entry with its reason; nothing else in the house
 * works around the engine's types.
 */

/** features.resourceIndicators.defaultResource: the engine takes `undefined` for "no default" (its own default returns it); the types do not. */
export const noDefaultResource = undefined as unknown as string;
