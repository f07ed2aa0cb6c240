/** In which order a list comes: by one of the fields that it can be sorted by. */
export interface ListOrder<Field extends string> {
  by: Field;
  descending: boolean;
}
