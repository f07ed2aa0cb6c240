/** A person as another system has described them. */
export interface GivenUser {
  /** What that system calls them: its `sub`, where it gave out tokens. */
  id?: string | undefined;
  /** In the words of the admin API, not checked yet. */
  body: Readonly<Record<string, unknown>>;
  /** As text of a form that `ReadForeignHash` knows, or not. */
  passwordHash?: string | undefined;
  createdAt?: Date | undefined;
}

export interface FileRow {
  /** `line 12`, `item 12`: where an operator finds it. */
  at: string;
  /** Or why it cannot be read; `why` never repeats what stands there. */
  content: { kind: 'user'; user: GivenUser } | { kind: 'faulty'; field: string; why: string };
}

/** A file of people. */
export interface UserFile {
  /** What tells it from all others, together with how it is read; undefined for what can be read once only. */
  id: string | undefined;
  /** Bytes; undefined when it is not known before the end. */
  size: number | undefined;
  /**
   * In the order of the file, the same at each reading. MUST NOT hold more than one row and a bounded amount beside it.
   *
   * @throws StartError when nothing that follows can be understood any more
   */
  rows(): AsyncIterable<FileRow>;
  /** Bytes that have been read so far. */
  bytesRead(): number;
}
