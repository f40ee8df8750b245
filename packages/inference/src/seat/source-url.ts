/**
 * The place of a module of this package, for starting it as a thread or process: TypeScript here, JavaScript once
 * published.
 */

/** The URL of a module beside this one. */
export const sourceUrl = (
  name:
    | 'worker'
    | 'sandbox-child'
    | 'isolated-child'
    | '../optimise/build-child'
    | '../optimise/build-worker'
    | '../bench/candidate-child'
    | '../bench/candidate-worker'
    | '../train/train-child'
    | '../train/train-worker'
    | '../learn/learn-child'
    | '../learn/learn-worker'
    | '../split/split-child'
    | '../split/split-worker',
): URL => new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
