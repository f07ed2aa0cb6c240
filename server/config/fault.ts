/** One thing that is wrong with the configuration. It never contains the value of a setting. */
export interface Fault {
  /** The variable, with its prefix. */
  name: string;
  /** What is wrong, to be read after the name: "must be a port". */
  message: string;
  /** What to do about it, as a sentence. */
  remedy: string;
}
