#!/usr/bin/env node
import { keepCompiledCode } from './compile-cache.js';
import { refuseUnfitNode } from './node-version.js';

refuseUnfitNode();
keepCompiledCode();
await import('./cli.ts');
