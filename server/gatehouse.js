#!/usr/bin/env node
import { refuseUnfitNode } from './node-version.js';

refuseUnfitNode();
await import('./cli.ts');
