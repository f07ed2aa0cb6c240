import { PGlite } from '@electric-sql/pglite';

/** The default of 128 MB of shared buffers is reserved at once and never given back; the system's page cache exists anyway. */
export const startParams: string[] = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];
