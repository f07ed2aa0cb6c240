/**
 * Says beside a new password how hard it is to guess. Everything for it is loaded when somebody begins to type, from this server
 * alone; without script, or if it cannot be loaded, the page does without. The server decides, and knows more words than this.
 *
 * @typedef {{ check(password: string, known: string[]): { score: number } }} Estimator
 * @typedef {{ core: { ZxcvbnFactory: new (options: object) => Estimator }, 'language-common': { dictionary: object, adjacencyGraphs: object } }} Zxcvbn
 */

/** As long as a password that is checked here; the rest of a longer one makes it no worse. */
const longest = 100;
/** Milliseconds of silence after which it is looked at. */
const pause = 250;

/** @type {Promise<Estimator> | undefined} */
let loading;

/** @param {string} name */
function loadScript(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL(`vendor/${name}.js`, import.meta.url).href;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

/** @returns {Promise<Estimator>} */
async function loadEstimator() {
  await Promise.all([loadScript('zxcvbn-core'), loadScript('zxcvbn-common')]);
  const scope = /** @type {{ zxcvbnts?: Zxcvbn }} */ (/** @type {unknown} */ (globalThis));
  if (scope.zxcvbnts === undefined) throw new Error('the estimator was not loaded');
  const { core, 'language-common': common } = scope.zxcvbnts;
  return new core.ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLElement} output
 */
function watch(input, output) {
  const words = (output.dataset.levels ?? '').split('|');
  const meter = output.querySelector('meter');
  const text = output.querySelector('span');
  if (meter === null || text === null) return;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const look = async () => {
    loading ??= loadEstimator();
    const estimator = await loading;
    const password = input.value.slice(0, longest);
    output.hidden = password === '';
    if (password === '') return;
    const { score } = estimator.check(password, (output.dataset.known ?? '').split(' '));
    // What is too short will not be taken, however odd it is.
    const level = Array.from(input.value.normalize('NFC')).length < input.minLength ? 0 : score;
    meter.value = level + 1;
    text.textContent = words[level] ?? '';
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look().catch(() => (output.hidden = true)), pause);
  });
}

for (const output of document.querySelectorAll('[data-strength-of]')) {
  const input =
    output instanceof HTMLElement ? document.getElementById(output.dataset.strengthOf ?? '') : null;
  if (input instanceof HTMLInputElement && output instanceof HTMLElement) watch(input, output);
}
