/** Native ES modules; TypeScript goes through test/strip-types.js. Everything that a run starts is started by global-setup. */
export default {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.js' },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/support/count-reporter.js'],
  // Suites share no state, so they run side by side; two, because a server and a browser beside each are enough load.
  maxWorkers: 2,
  testTimeout: 60_000,
  restoreMocks: true,
  errorOnDeprecated: true,
};
