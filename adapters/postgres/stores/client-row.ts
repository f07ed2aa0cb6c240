import type { Client } from '../../../server/clients/client.ts';

/** A client as its row has it. */
export interface ClientRow {
  id: string;
  metadata: Client['metadata'];
  built_in: boolean;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export const clientColumns: readonly string[] = [
  'client.id',
  'client.metadata',
  'client.built_in',
  'client.created_at',
  'client.updated_at',
  'client.version',
];

export function toClient(row: ClientRow): Client {
  return {
    id: row.id,
    metadata: row.metadata,
    builtIn: row.built_in,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
