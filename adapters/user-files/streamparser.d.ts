/**
 * What we use of @streamparser/json, declared here because its own declarations do not hold under
 * `exactOptionalPropertyTypes`. tsconfig.json `paths` leads here; nothing of it exists at run time.
 */
export declare class JSONParser {
  constructor(options: { paths: string[]; keepStack: boolean });
  onValue: (found: { value?: unknown }) => void;
  readonly isEnded: boolean;
  /** @throws Error where the text is not JSON, or goes on behind its end */
  write(chunk: Uint8Array): void;
}
