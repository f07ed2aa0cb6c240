/**
 * Every stable error code of our own APIs and pages: what it is called, which HTTP status it has, and the words that
 * may reach a person. OAuth errors are not here; they belong to the engine.
 */
export const errorCodes = {
  invalid_input: { status: 400, title: 'Some fields are not valid. Nothing was changed.' },
  invalid_json: { status: 400, title: 'The body is not valid JSON. Nothing was changed.' },
  invalid_form: { status: 400, title: 'The form could not be read. Nothing was changed.' },
  invalid_cursor: { status: 400, title: 'The cursor is not one that this list gave out.' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key is not valid. Nothing was changed.' },
  invalid_redirect_uri: { status: 400, title: 'A redirect URI is not valid. Nothing was changed.' },
  invalid_client_metadata: { status: 400, title: 'Some client metadata is not valid. Nothing was changed.' },
  unauthenticated: { status: 401, title: 'A valid access token for this API is needed.' },
  insufficient_user_authentication: {
    status: 401,
    title: 'This needs a more recent sign-in. Nothing was changed; sign in again, then repeat it.',
  },
  insufficient_scope: { status: 403, title: 'The access token lacks the scope that this operation needs.' },
  permission_not_held: {
    status: 403,
    title: 'Nobody gives what they do not have themselves. Nothing was changed.',
  },
  forbidden: { status: 403, title: 'This is not allowed.' },
  acting_for_somebody: {
    status: 403,
    title:
      'This can only be done by the person themselves, not by somebody who acts for them. Nothing was changed.',
  },
  csrf_rejected: {
    status: 403,
    title: 'The form did not come from this page. Nothing was changed; load the page again.',
  },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  client_not_found: { status: 404, title: 'No such client.' },
  user_not_found: { status: 404, title: 'No such user.' },
  secret_not_found: { status: 404, title: 'This client has no such secret.' },
  session_not_found: { status: 404, title: 'No such session.' },
  grant_not_found: { status: 404, title: 'Nothing was agreed with this app, and it holds nothing.' },
  setting_not_found: { status: 404, title: 'No such setting.' },
  key_not_found: { status: 404, title: 'No such key.' },
  event_not_found: { status: 404, title: 'No such event in the audit log.' },
  message_not_found: { status: 404, title: 'No such message in the outbox.' },
  support_session_not_found: { status: 404, title: 'No such support session, or it is over.' },
  support_over: {
    status: 404,
    title:
      'This support session is not there to begin: it was begun, ended, or not begun in time. Ask for another one.',
  },
  support_refused: {
    status: 403,
    title: 'You may not act for this person any more. Nothing was begun.',
  },
  attribute_not_found: { status: 404, title: 'No such attribute.' },
  client_error_not_found: { status: 404, title: 'No such refusal, or it is no longer kept.' },
  job_not_found: { status: 404, title: 'No such job, or it is somebody else’s.' },
  role_not_found: { status: 404, title: 'No such role.' },
  resource_server_not_found: { status: 404, title: 'No such resource server.' },
  method_not_allowed: { status: 405, title: 'This address does not answer to that method.' },
  not_acceptable: { status: 406, title: 'This address cannot answer in the asked form.' },
  conflict: { status: 409, title: 'It exists already. Nothing was changed.' },
  request_in_progress: {
    status: 409,
    title: 'A request with this Idempotency-Key is being worked at. Repeat it in a moment to get its answer.',
  },
  client_id_taken: { status: 409, title: 'A client with this client_id exists already.' },
  resource_taken: {
    status: 409,
    title:
      'Another resource server has this `resource`, or one that had it is still being removed. Nothing was changed.',
  },
  scope_in_use: {
    status: 409,
    title:
      'Roles confer scopes of this resource server. Nothing was changed; take them from the roles first.',
  },
  attribute_taken: {
    status: 409,
    title:
      'Another attribute has this name or claim, or the values of a deleted one are still being removed. Nothing was changed.',
  },
  role_name_taken: { status: 409, title: 'A role with this name exists already.' },
  role_held: {
    status: 409,
    title: 'Somebody has this role. Nothing was changed; repeat it with take_away=true to take it from all.',
  },
  job_over: { status: 409, title: 'The job is over already. Nothing was changed.' },
  login_name_taken: { status: 409, title: 'Another user has this e-mail address or user name.' },
  last_administrator: {
    status: 409,
    title:
      'This is the last administrator. Nothing was changed; make somebody else one first, without an end.',
  },
  no_secrets: {
    status: 409,
    title:
      'This client proves itself without a secret (token_endpoint_auth_method). Nothing was changed; change that first if it is to have one.',
  },
  too_many_secrets: {
    status: 409,
    title:
      'This client has five live secrets, and each of them is one more that can be stolen. Nothing was changed; delete one that is not used any more.',
  },
  last_secret: {
    status: 409,
    title:
      'It is the last live secret of this client, which could not prove itself without one. Nothing was changed; make another one first, with expire_others_in to end this one.',
  },
  secret_expired: {
    status: 409,
    title: 'This secret has expired and stays so. Nothing was changed; make another one.',
  },
  built_in: { status: 409, title: 'This object belongs to the server itself and cannot be changed.' },
  precondition_failed: {
    status: 412,
    title: 'It was changed meanwhile. Read it again, then repeat the change.',
  },
  body_too_large: { status: 413, title: 'The body is too large.' },
  uri_too_long: { status: 414, title: 'The address is too long.' },
  unsupported_media_type: { status: 415, title: 'This content type is not understood here.' },
  misdirected: { status: 421, title: 'This server does not answer for that host name.' },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key came with another request before. Nothing was changed; use a new one.',
  },
  too_many_requests: { status: 429, title: 'Too many requests. Wait a little, then try again.' },
  too_many_sign_ins: {
    status: 429,
    title:
      'Too many sign-ins have failed. Nothing was changed; wait, or use a device that has signed in before.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side. Nothing that you sent was lost on purpose; try again.',
  },
  overloaded: { status: 503, title: 'Too busy right now. Nothing was changed; try again in a moment.' },
  unavailable: {
    status: 503,
    title: 'A part of the server cannot be reached right now. Try again in a moment.',
  },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** One bad field of the input: `field` is a dotted path in the names of the request, `message` may reach a person. */
export interface FieldFault {
  field: string;
  message: string;
}

export interface AppErrorOptions {
  /** Words for the person or program that asked; the code's title when left out. */
  message?: string;
  /** Words for the log only. */
  detail?: string;
  fields?: readonly FieldFault[];
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  retryAfter?: number;
  cause?: unknown;
}

/** A refusal with public words (`message`) and private ones (`detail`). */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: string | undefined;
  readonly fields: readonly FieldFault[];
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(
      options.message ?? errorCodes[code].title,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'AppError';
    this.code = code;
    this.status = errorCodes[code].status;
    this.detail = options.detail;
    this.fields = options.fields ?? [];
    this.retryAfter = options.retryAfter;
  }
}

/** The process cannot start or go on: one line says what is wrong, another what to do. Carries the exit code. */
export class StartError extends Error {
  readonly remedy: string;
  /** 1 refused or failed, 2 usage, 78 configuration (sysexits EX_CONFIG). */
  readonly exitCode: 1 | 2 | 78;

  constructor(message: string, remedy: string, exitCode: 1 | 2 | 78 = 1, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'StartError';
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** The word by which the system names an error, such as ENOENT; `error` when it has none. */
export function systemCodeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'error';
}
