import { refuseUnfitNode } from './node-version.js';

refuseUnfitNode();
await import('./main.ts');
