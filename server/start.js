import { keepCompiledCode, writeCompiledCode } from './compile-cache.js';
import { refuseUnfitNode } from './node-version.js';

refuseUnfitNode();
keepCompiledCode();
await import('./main.ts');
writeCompiledCode();
