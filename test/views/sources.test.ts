import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

const viewsDir = fileURLToPath(new URL('../../views/', import.meta.url));

describe('the sources of the pages', () => {
  const templates = new Map<string, string>();
  let messages: Record<string, string>;

  beforeAll(async () => {
    for (const name of await readdir(viewsDir, { recursive: true })) {
      if (name.endsWith('.pug')) templates.set(name, await readFile(join(viewsDir, name), 'utf8'));
    }
    messages = JSON.parse(await readFile(join(viewsDir, 'messages/en.json'), 'utf8'));
  });

  it('never put out anything unescaped', () => {
    for (const [name, source] of templates) {
      expect({ name, found: /!=(?!=)|!\{|!\s*#\{/.exec(source)?.[0] }).toEqual({ name, found: undefined });
    }
  });

  it('name no path of ours but through link() and asset(), for the issuer may have a path', () => {
    for (const [name, source] of templates) {
      const found = /(?:href|src|action)=(?:'\/|"\/|`\/)/.exec(source)?.[0];
      expect({ name, found }).toEqual({ name, found: undefined });
    }
  });

  it('leave no word of the catalogue unused', async () => {
    const code = await sourcesOf(['../interactions', '../server/http', '../server/outbox']);
    const everything = [...templates.values(), ...code].join('\n');
    // A last part that says which of several it is may come from the model.
    const isPutTogether = (key: string) => everything.includes(`\`${key.replace(/\.\w+$/, '')}.\${`);
    const unused = Object.keys(messages).filter(
      (key) =>
        !everything.includes(`'${key}'`) &&
        !isPutTogether(key) &&
        !/^error\.\w+\.(title|text|lost|next)$/.test(key),
    );
    expect(unused).toEqual([]);
  });

  it('have no markup in the catalogue', () => {
    for (const [key, message] of Object.entries(messages)) {
      expect({ key, found: /[<>]|&\w+;/.exec(message)?.[0] }).toEqual({ key, found: undefined });
    }
  });
});

async function sourcesOf(folders: string[]): Promise<string[]> {
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(viewsDir, folder), { recursive: true })).map((name) =>
        join(viewsDir, folder, name),
      ),
    ),
  );
  return Promise.all(
    files
      .flat()
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFile(name, 'utf8')),
  );
}
