import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SourceFile } from './support/architecture/source-file.ts';
import { readThisProject, rules } from './support/architecture.ts';

describe('the house', () => {
  let files: SourceFile[] = [];
  beforeAll(() => {
    files = readThisProject();
  });

  it.each(Object.entries(rules))('keeps the rule: %s', (_sentence, find) => {
    expect(find(files)).toEqual([]);
  });
});
