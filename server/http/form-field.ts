import type { Words } from './words.ts';

/** A field of a form as a page shows it; the mixin `field` does. */
export interface FormField {
  name: string;
  label: Words;
  hint: Words | null;
  autocomplete: string;
  type: 'text' | 'url' | 'tel' | 'decimal' | 'date' | 'lines';
  value: string;
  /** One of these, or nothing; null: free text. */
  choices: readonly { value: string; label: Words }[] | null;
  isRequired: boolean;
  fault: string | null;
  /** What is stored, where it is something else than the person has seen. */
  meanwhile: Words | null;
}
