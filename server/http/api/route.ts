import { z } from 'zod';
import type { Actor } from '../../audit/event.ts';
import { AppError, type ErrorCode } from '../../errors.ts';
import { toFieldFaults } from '../../field-faults.ts';
import type { Caller } from './caller.ts';
import type { Precondition } from './etag.ts';

/** A handler's answer, before it is HTTP. */
export interface Answer {
  status: 200 | 201 | 202 | 204;
  body?: unknown;
  /** Of a single object: becomes its ETag. */
  version?: number;
  location?: string;
  /** Of a body that is no JSON value but written bit by bit. */
  stream?: { type: string; fileName: string; chunks: AsyncIterable<string> };
}

/** A request after authorization, not yet parsed. */
export interface RawRequest {
  caller: Caller;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  ifMatch: Precondition;
  /** @throws AppError as readJson does */
  readBody(mediaTypes: readonly string[]): Promise<unknown>;
  /** @throws AppError as readBytes does */
  readBytes(mediaTypes: readonly string[], limit: number): Promise<Buffer>;
}

/** A request as its handler gets it. */
export interface ParsedRequest<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  ifMatch: Precondition;
  caller: Caller;
  by: Actor;
}

/** A JSON body. `documented` is for OpenAPI where the domain itself parses, and `schema` only tells that it is an object. */
export interface BodyDescription<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  documented?: z.ZodType;
  /** None: the operation has no body. */
  mediaTypes: readonly string[];
  /** Of a body that is no JSON: how many bytes it may have. */
  bytes?: number;
}

/** All there is to say of an operation without running it: from here come routing and OpenAPI. */
export interface RouteDescription {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** In the form of OpenAPI, below the API's root: `/clients/{id}`. */
  path: string;
  operationId: string;
  /** The scope that the caller's token must have. */
  scope: string;
  summary: string;
  params: z.ZodObject;
  query: z.ZodObject;
  body: BodyDescription;
  success: { status: Answer['status']; description: string; schema?: z.ZodType };
  /** Refusals beside those that every operation has. */
  errors: readonly ErrorCode[];
  /** Where the example that is made from the schemas would say too little. */
  example?: { body?: unknown; answer?: unknown };
}

/** What a router runs. */
export interface Route extends RouteDescription {
  /** @throws AppError for every refusal */
  run(request: RawRequest): Promise<Answer>;
}

export interface RouteSpec<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>
  extends RouteDescription {
  params: Params;
  query: Query;
  body: BodyDescription<Body>;
  /** The refusal for an id in the path that no object can have. */
  missing?: ErrorCode;
  handle(request: ParsedRequest<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Answer>;
}

/** For operations without parameters in the path, or in the query. */
export const noParameters = z.strictObject({});

export const noBody: BodyDescription<z.ZodUndefined> = { schema: z.undefined(), mediaTypes: [] };

/** Ties the parsing of a request to its description, so that what is documented is what is enforced. */
export function defineRoute<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>(
  spec: RouteSpec<Params, Query, Body>,
): Route {
  const { missing = 'not_found', handle, ...description } = spec;
  return {
    ...description,
    async run({ caller, params, query, ifMatch, readBody, readBytes }) {
      const target = spec.params.safeParse(params);
      if (!target.success) throw new AppError(missing);
      const asked = parse(spec.query, readQuery(query));
      const { schema, mediaTypes, bytes } = spec.body;
      const read = () => (bytes === undefined ? readBody(mediaTypes) : readBytes(mediaTypes, bytes));
      const body = parse(schema, mediaTypes.length === 0 ? undefined : await read());
      return handle({ params: target.data, query: asked, body, ifMatch, caller, by: caller.actor });
    },
  };
}

/** @throws AppError invalid_input with every bad field */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_input', { fields: toFieldFaults(parsed.error) });
}

/** No parameter may stand twice (RFC 6749 3.1 says so for its own): readers differ in which one counts. */
function readQuery(query: URLSearchParams): Record<string, string> {
  const twice = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1);
  if (twice.length > 0) {
    const fields = twice.map((field) => ({ field, message: 'Give it once.' }));
    throw new AppError('invalid_input', { fields });
  }
  return Object.fromEntries(query);
}
