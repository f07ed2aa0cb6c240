import { releaseKeeper } from './keeper-handle.ts';

export default releaseKeeper;
