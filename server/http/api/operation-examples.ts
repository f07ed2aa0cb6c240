import { type ErrorCode, errorCodes } from '../../errors.ts';
import { exampleValues } from './example-values.ts';
import { exampleOf } from './examples.ts';
import type { Operation } from './openapi.ts';
import type { RouteDescription } from './route.ts';

/** Shows in its description how an operation is asked, and what it answers. What is no JSON has no example. */
export function addExamples(
  operation: Operation,
  { example = {}, success, body }: RouteDescription,
  schemas: Readonly<Record<string, Record<string, unknown>>>,
): void {
  for (const parameter of operation.parameters) {
    if (parameter.in === 'path') parameter.example = exampleOf(parameter.schema, schemas, parameter.name);
  }
  if (body.bytes === undefined) {
    for (const content of Object.values(operation.requestBody?.content ?? {}))
      content.example = example.body ?? exampleOf(content.schema, schemas);
  }
  for (const shown of Object.values(operation.responses[success.status]?.content ?? {}))
    shown.example = example.answer ?? exampleOf(shown.schema, schemas);
}

/** What a refusal looks like (RFC 9457 3). */
export function exampleProblem(code: ErrorCode): Record<string, unknown> {
  const { title, status } = errorCodes[code];
  return { type: `urn:gatehouse:error:${code}`, title, status, code, error_id: exampleValues.error_id };
}
