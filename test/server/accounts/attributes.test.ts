import { describe, expect, it } from '@jest/globals';
import type { AttributeDefinition, AttributeValue } from '../../../server/accounts/attributes/definition.ts';
import { displayNameIn } from '../../../server/accounts/attributes/definition.ts';
import { findDefinitionFaults } from '../../../server/accounts/attributes/definition-faults.ts';
import { fitsMask } from '../../../server/accounts/attributes/mask.ts';
import { textOfValue, valueOfText } from '../../../server/accounts/attributes/texts.ts';
import {
  claimsOfAttributes,
  faultInValue,
  findAttributeFaults,
  keepHidden,
  visibleValues,
} from '../../../server/accounts/attributes/values.ts';
import { aDefinition } from '../../contracts/attribute-store.ts';

const of = (type: AttributeDefinition['type'], rules: AttributeDefinition['rules'] = {}) =>
  aDefinition({ type, rules });

describe('a value of an attribute', () => {
  it.each<[AttributeDefinition['type'], AttributeDefinition['rules'], unknown]>([
    ['text', {}, 'Shelf 3'],
    ['text', { min: 2, max: 3 }, 'äöü'],
    ['text', { mask: 'EMP-999*' }, 'EMP-042x'],
    ['number', { min: -1, max: 1 }, 0.5],
    ['number', { integer: true }, 42],
    ['boolean', {}, false],
    ['date', { min: '2020-01-01', max: '2020-12-31' }, '2020-02-29'],
    ['choice', { values: ['red', 'green'] }, 'green'],
    ['list', { max: 2 }, ['a', 'b']],
    ['list', { values: ['a', 'b'] }, ['b']],
  ])('%s %j takes %j', (type, rules, value) => {
    expect(faultInValue(of(type, rules), value)).toBeUndefined();
  });

  it.each<[AttributeDefinition['type'], AttributeDefinition['rules'], unknown]>([
    ['text', {}, ''],
    ['text', {}, 42],
    ['text', {}, 'two\nlines'],
    ['text', {}, 'turned\u202eround'],
    ['text', {}, 'x'.repeat(201)],
    ['text', { max: 1000 }, 'x'.repeat(1001)],
    ['text', { min: 2 }, 'ä'],
    ['text', { max: 2 }, 'äöü'],
    ['text', { mask: 'EMP-999' }, 'EMP-99'],
    ['text', { mask: 'EMP-999' }, 'EMP-9999'],
    ['text', { mask: '9' }, '٣'],
    ['number', {}, '42'],
    ['number', {}, Number.NaN],
    ['number', {}, Number.POSITIVE_INFINITY],
    ['number', { min: 1 }, 0],
    ['number', { max: 1 }, 2],
    ['number', { integer: true }, 0.5],
    ['boolean', {}, 'true'],
    ['date', {}, '2023-02-29'],
    ['date', {}, '2023'],
    ['date', {}, 20230228],
    ['date', { min: '2020-01-01' }, '2019-12-31'],
    ['date', { max: '2020-01-01' }, '2020-01-02'],
    ['choice', { values: ['red'] }, 'Red'],
    ['choice', { values: ['red'] }, ['red']],
    ['list', {}, 'a'],
    ['list', {}, ['a', 'a']],
    ['list', {}, ['a', 1]],
    ['list', {}, ['']],
    ['list', { min: 1 }, []],
    ['list', { max: 1 }, ['a', 'b']],
    ['list', {}, Array.from({ length: 51 }, (_, index) => `entry ${index}`)],
    ['list', { values: ['a'] }, ['b']],
  ])('%s %j does not take %j', (type, rules, value) => {
    expect(faultInValue(of(type, rules), value)).toEqual(expect.any(String));
  });

  it('is the same after it stood in a form', () => {
    const given: [AttributeDefinition['type'], AttributeValue][] = [
      ['text', 'Shelf 3'],
      ['number', -0.25],
      ['boolean', false],
      ['date', '2020-02-29'],
      ['choice', 'red'],
      ['list', ['a', 'b c']],
    ];
    for (const [type, value] of given) expect(valueOfText(of(type), textOfValue(value))).toEqual(value);
    expect(valueOfText(of('number'), '1,5')).toBe(1.5);
    expect(valueOfText(of('number'), '0x10')).toBe('0x10');
    expect(valueOfText(of('boolean'), ' ')).toBeUndefined();
  });
});

describe('a mask', () => {
  it('stands for one character with each of its own', () => {
    expect(fitsMask('A9a*-', 'Z0z5-')).toBe(true);
    expect(fitsMask('\\A\\9\\\\', 'A9\\')).toBe(true);
    expect(fitsMask('\\A', 'B')).toBe(false);
    expect(fitsMask('(a+)+$', '(a+)+$')).toBe(true);
  });
});

describe('a definition', () => {
  it.each<[string, Partial<AttributeDefinition>]>([
    ['name', { name: 'email' }],
    ['name', { name: 'constructor' }],
    ['name', { name: 'prototype' }],
    ['claim.name', { claim: { name: 'sub', scope: 'profile' } }],
    ['claim.name', { claim: { name: 'email_verified', scope: 'profile' } }],
    ['claim.name', { claim: { name: 'roles', scope: 'profile' } }],
    ['claim.name', { claim: { name: 'toString', scope: 'profile' } }],
    ['claim.scope', { claim: { name: 'shelf', scope: 'offline_access' } }],
    ['claim.scope', { claim: { name: 'shelf', scope: 'users:read' } }],
    ['required_at_sign_up', { requiredAtSignUp: true, personAccess: 'read' }],
    ['validation.mask', { rules: { mask: 'x\\' } }],
    ['validation.mask', { type: 'number', rules: { mask: '9' } }],
    ['validation.integer', { rules: { integer: true } }],
    ['validation.values', { type: 'choice', rules: {} }],
    ['validation.values', { type: 'choice', rules: { values: ['a', 'a'] } }],
    ['validation.values', { rules: { values: ['a'] } }],
    ['validation.min', { rules: { min: -1 } }],
    ['validation.min', { type: 'date', rules: { min: 5 } }],
    ['validation.max', { type: 'date', rules: { max: '2023-02-29' } }],
    ['validation.max', { rules: { max: 1001 } }],
    ['validation.max', { type: 'list', rules: { max: 51 } }],
    ['validation.max', { type: 'boolean', rules: { max: 1 } }],
    ['validation.max', { type: 'number', rules: { min: 2, max: 1 } }],
  ])('is refused for its %s: %j', (field, changes) => {
    expect(
      findDefinitionFaults(aDefinition({ rules: {}, ...changes }), ['users:read']).map(
        (fault) => fault.field,
      ),
    ).toEqual([field]);
  });

  it('is taken with a claim of its own under a scope of its own, or a standard one', () => {
    for (const scope of ['library', 'profile', 'https://example.org/scopes/library'])
      expect(
        findDefinitionFaults(aDefinition({ claim: { name: 'https://example.org/shelf', scope } }), []),
      ).toEqual([]);
  });

  it('is called by the nearest language', () => {
    const definition = aDefinition({ displayName: { default: 'Shelf', de: 'Regal', 'de-CH': 'Gestell' } });
    expect(['de-CH', 'de-AT', 'fr', 'constructor'].map((tag) => displayNameIn(definition, tag))).toEqual([
      'Gestell',
      'Regal',
      'Shelf',
      'Shelf',
    ]);
  });
});

describe('who may do what with values', () => {
  const open = aDefinition({ name: 'open' });
  const seen = aDefinition({ name: 'seen', personAccess: 'read' });
  const hidden = aDefinition({ name: 'hidden', personAccess: 'none' });
  const all = [open, seen, hidden];
  const before = { open: 'a', seen: 'b', hidden: 'c' };
  const person = (after: Record<string, unknown>) =>
    findAttributeFaults(all, {
      before: visibleValues(all, before, 'person') ?? {},
      after,
      who: 'person',
    }).map(({ field }) => field);

  it('changes what may be changed, and leaves the rest as it is', () => {
    expect(person({ open: 'x', seen: 'b' })).toEqual([]);
    expect(person({ seen: 'b' })).toEqual([]);
    expect(person({ open: 'x', seen: 'y' })).toEqual(['attributes.seen']);
    expect(person({ open: 'x' })).toEqual(['attributes.seen']);
    expect(person({ seen: 'b', hidden: 'c' })).toEqual(['attributes.hidden']);
    expect(person({ seen: 'b', nowhere: 1, __proto__: 'x' })).toEqual(['attributes.nowhere']);
  });

  it('keeps what is hidden, and nothing of no definition', () => {
    const after = { open: 'x', seen: 'b', nowhere: 'y' };
    expect(keepHidden(all, { before, after, who: 'person' })).toEqual({ open: 'x', seen: 'b', hidden: 'c' });
    expect(keepHidden([], { before, after, who: 'person' })).toBeUndefined();
    expect(visibleValues(all, before, 'person')).toEqual({ open: 'a', seen: 'b' });
  });

  it('gives apps no value of another type than the definition has by now', () => {
    const claim = { name: 'shelf', scope: 'library' };
    const definition = aDefinition({ name: 'shelf', type: 'number', rules: {}, claim });
    expect(claimsOfAttributes([definition], { shelf: 'three' })).toEqual({});
    expect(claimsOfAttributes([definition], { shelf: 3 })).toEqual({ shelf: 3 });
  });
});
