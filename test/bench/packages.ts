import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../support/gatehouse.ts';

/** The packages that production installs on this machine, counted in the lockfile, and the heaviest of them as they lie on disk. */
export function countPackages(): { count: number; heaviest: string[] } {
  const { packages }: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    readFileSync(join(projectFolder, 'package-lock.json'), 'utf8'),
  );
  const installed = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
    .map(([path]) => path)
    .filter((path) => existsSync(join(projectFolder, path)));
  const heaviest = installed
    .map((path) => ({ name: path.replace(/^.*node_modules\//, ''), size: sizeOf(join(projectFolder, path)) }))
    .toSorted((a, b) => b.size - a.size)
    .slice(0, 5)
    .map(({ name, size }) => `${name} ${Math.round(size / 1e6)} MB`);
  return { count: installed.length, heaviest };
}

function sizeOf(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
