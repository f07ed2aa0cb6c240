/**
 * Tells test/run.ts how many tests passed and failed. A suite that could not be loaded has run none of its tests, so it counts as
 * one failure; a test that did not run though it should have is one, too.
 */
export default class CountReporter {
  /** @param {import('@jest/types').Config.GlobalConfig} config */
  constructor({ testNamePattern }) {
    // With `-t` everything else is left out on purpose.
    this.mustRunAll = testNamePattern === undefined;
  }

  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } =
      results;
    const leftOut = this.mustRunAll ? numPendingTests + numTodoTests : 0;
    const failed = numFailedTests + numRuntimeErrorTestSuites + leftOut;
    this.failed = failed > 0;
    process.send?.({ passed: numPassedTests, failed });
  }

  /** Makes Jest end with an error when nothing failed but something was skipped. */
  getLastError() {
    return this.failed ? new Error('Some tests failed or did not run.') : undefined;
  }
}
