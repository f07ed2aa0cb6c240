import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

export const terms = section('Terms', {
  version: setting({
    env: 'TERMS_VERSION',
    schema: kind.visible(1, 50, 'text'),
    doc: 'The present version of the terms of this service. Who signs up accepts it, and who signs in is asked again when it has changed. Without it nobody is asked.',
    example: '2026-01',
  }),
  url: setting({
    env: 'TERMS_URL',
    schema: kind.url(['https', 'http'], 'web address'),
    doc: 'Where those terms can be read.',
    example: 'https://example.org/terms',
  }),
  privacyUrl: setting({
    env: 'PRIVACY_URL',
    schema: kind.url(['https', 'http'], 'web address'),
    doc: 'Where the privacy notice can be read.',
    example: 'https://example.org/privacy',
  }),
});
