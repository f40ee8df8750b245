/**
 * Tiers of tests. `npm test` runs the quick tier on each change; `npm run test:deep` runs the deep tier before an issue
 * is resolved. A test without a mark is quick. A file whose tests are all deep has `@module-tag deep REASON` in its
 * header instead.
 */

/** Options of a test: only in the deep tier, because it takes long and a quick test shows the same capability. */
export const deep = (reason: string): { tags: string[] } => marked('deep', reason)

/**
 * Options of a test of kills, races or laws. Its failure is a finding, so it is never run a second time to see whether
 * it passes then.
 */
export const strict = (reason: string): { tags: string[] } => marked('strict', reason)

/**
 * Options of a test of random histories. It runs in both tiers, with more histories in the deep one, and is never
 * retried.
 */
export const law: { tags: string[] } = { tags: ['law'] }

/** How many histories, rounds or kills a test runs in the tier that runs now. */
export const rounds = (count: { quick: number; deep: number }): number =>
  process.env.SKERRY_TEST_TIER === 'deep' ? count.deep : count.quick

/** A reason of fewer words does not help the next reader. */
const REASON_WORDS_MIN = 4

function marked(tag: string, reason: string): { tags: string[] } {
  if (reason.split(' ').length < REASON_WORDS_MIN) throw new Error(`say why the test is ${tag}, not only "${reason}"`)
  return { tags: [tag] }
}
