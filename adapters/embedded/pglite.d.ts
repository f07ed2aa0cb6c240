/**
 * What we use of @electric-sql/pglite, declared here because its own declarations need the DOM and Emscripten
 * libraries, whose browser globals must not be visible in server code. tsconfig.json `paths` leads here; nothing of it
 * exists at run time.
 */
export declare class PGlite {
  static readonly defaultStartParams: string[];
  /** The compiled backend; watchBackend says why we look at it. */
  mod?: { _PostgresMainLoopOnce(): void };
  static create(options: { dataDir: string; startParams?: string[] }): Promise<PGlite>;
  close(): Promise<void>;
  /** Runs one message of the wire protocol; the socket server hands over each as it arrives. */
  execProtocolRawStream(
    message: Uint8Array,
    options: { syncToFs?: boolean; onRawData: (data: Uint8Array) => void },
  ): Promise<void>;
  execProtocolRaw(message: Uint8Array): Promise<Uint8Array>;
  exec(query: string): Promise<unknown>;
  isInTransaction(): boolean;
}
