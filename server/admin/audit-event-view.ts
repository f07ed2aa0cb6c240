import { z } from 'zod';
import { descriptions } from '../audit/catalogue/catalogue.ts';
import { exampleOf } from '../audit/catalogue/example.ts';
import type { EventDescription } from '../audit/catalogue/fields.ts';
import { severityOf, snakeCase } from '../audit/show-event.ts';

const base = z
  .object({
    id: z.string(),
    sequence: z.int().nullable().meta({
      description:
        'Its place in the chain, by which exports go on. null for the second or so until it has one.',
    }),
    at: z.string().meta({ format: 'date-time', description: 'UTC.' }),
    severity: z.enum(['warning', 'notice', 'informational']),
    actor: z.object({
      kind: z.enum(['account', 'client', 'operator', 'system', 'anonymous']),
      id: z
        .string()
        .nullable()
        .meta({ description: '`sub`, `client_id`, or the name of whoever was at the command line.' }),
      client_id: z.string().nullable().meta({ description: 'The client through which an account acts.' }),
      on_behalf_of: z.string().nullable().meta({ description: '`sub` of whoever it is done for.' }),
    }),
    sub: z.string().nullable().meta({ description: 'The account that it is about.' }),
    client_id: z.string().nullable().meta({ description: 'The client that it is about.' }),
    session_id: z
      .string()
      .nullable()
      .meta({ description: 'The browser session of the actor, as lists of sessions name it.' }),
    ip: z
      .string()
      .nullable()
      .meta({ description: 'As GATEHOUSE_AUDIT_ADDRESSES says: the address, its network, or a code.' }),
    user_agent: z.string().nullable(),
    request_id: z.string().nullable().meta({ description: 'As in the answer and in the log.' }),
  })
  .meta({ id: 'AuditEventBase' });

/** Fields of columns stand beside the details. */
const inColumns = ['accountId', 'clientId'];

/** An event as the API shows it: what all have in common, and what each kind says beside it. */
export const auditEventView = z
  .intersection(base, z.union([...descriptions].map(([type, kind]) => variantOf(type, kind))))
  .meta({ id: 'AuditEvent' });

function variantOf(type: string, kind: EventDescription) {
  const { shape } = kind.fields;
  const details = Object.entries(shape).filter(([name]) => !inColumns.includes(name));
  const example = exampleOf(kind);
  return z
    .object({
      type: z.literal(type),
      details: z.object(Object.fromEntries(details.map(([name, field]) => [snakeCase(name), field]))),
    })
    .meta({
      title: type,
      description: kind.doc,
      examples: [
        {
          type,
          severity: severityOf(type),
          ...(example.accountId === undefined ? {} : { sub: example.accountId }),
          ...(example.clientId === undefined ? {} : { client_id: example.clientId }),
          details: Object.fromEntries(details.map(([name]) => [snakeCase(name), example[name]])),
        },
      ],
    });
}
