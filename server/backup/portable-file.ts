import type { Layout, RowBatch } from './contents.ts';

/** What stands at the beginning of an export, encrypted as all of it. */
export interface PortableDescription {
  /** The form of the file. */
  export: 1;
  madeAt: string;
  /** The version of Gatehouse that made it. */
  gatehouse: string;
  /** The keys of the step before hashing that passwords in it were made with; `key` in base64. */
  passwordKeys: { id: string; key: string }[];
  /** Tables that are in it, and the migrations that have made them. */
  layout: Layout;
}

export interface PortableFile {
  description: PortableDescription;
  /** @throws StartError where the file was changed or is cut off: nothing of it may be kept then */
  batches(): AsyncIterable<RowBatch>;
}
