import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { entries, knownNames } from '../../../server/config/catalogue.ts';
import { writeExample, writeManual } from '../../../server/config/manual.ts';
import { writeRefusalReference } from '../../../server/config/refusal-reference.ts';
import { rules } from '../../../server/config/rules.ts';
import { prefix } from '../../../server/config/setting.ts';
import { faultsOf } from './environments.ts';

const stored = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('what is generated from the settings', () => {
  it('is fresh', () => {
    expect(stored('deploy/CONFIGURATION.md')).toBe(writeManual());
    expect(stored('deploy/env.example')).toBe(writeExample());
    expect(stored('docs/client-errors.md')).toBe(writeRefusalReference());
  });

  it.each([
    ['--check', 0],
    ['--frobnicate', 2],
  ])('is checked by a program that ends, given %s, with exit code %i', (argument, code) => {
    const program = fileURLToPath(new URL('../../../server/config/docs.ts', import.meta.url));
    expect(spawnSync(process.execPath, [program, argument]).status).toBe(code);
  });

  it('has every setting and every rule once', () => {
    const manual = writeManual();
    for (const { setting } of entries) {
      expect(manual.split(`\n### \`${prefix}${setting.env}\`\n`)).toHaveLength(2);
    }
    for (const { sentence } of rules) expect(manual).toContain(`- ${sentence}`);
  });

  it('changes nothing when it is copied as it stands', () => {
    const active = writeExample()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(active).toEqual([]);
  });

  it('has example values that work, in a form that shells, Docker and systemd read alike', () => {
    for (const { setting } of entries) {
      const value = setting.example ?? setting.default;
      if (value === undefined) continue;
      expect(setting.schema.safeParse(value).error?.issues ?? []).toEqual([]);
      expect(value).toMatch(/^[\w.:/@%+,=?&-]+$/);
    }
  });
});

describe('declarations', () => {
  it('have names of their own, in both forms', () => {
    expect(new Set(knownNames).size).toBe(knownNames.length);
    for (const name of knownNames) expect(name).toMatch(/^GATEHOUSE_[A-Z]+(_[A-Z]+)*$/);
  });

  it('give no secret a default or a usable example', () => {
    for (const { setting } of entries.filter((entry) => entry.setting.secret)) {
      expect(setting.default).toBeUndefined();
      expect(setting.example ?? 'PASSWORD').toContain('PASSWORD');
    }
  });

  it('have defaults that load by themselves', () => {
    expect(faultsOf({})).toEqual([]);
  });
});
