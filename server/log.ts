/**
 * Where the program tells operators what happens. One call is one line. Fields are for what varies, so that the message
 * can be searched for; an `Error` among them is written with its stack and causes. Implementations MUST keep secrets out
 * (fields named like one are masked) and MUST let no value break out of its line.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Record<string, unknown>;
