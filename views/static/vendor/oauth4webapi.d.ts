// The module itself is served from its package under this name; see server/http/static-files.ts.
export * from 'oauth4webapi';
