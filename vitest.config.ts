import { defineConfig } from 'vitest/config'
import { PATIENCE_MS } from './packages/testkit/src/patience.ts'

const exclude = ['**/node_modules/**', '**/dist/**']

/** Half of the time of a file whose processes wait for each other nobody computes: two at a time take little longer than one. */
const twoFilesAtATime = { maxWorkers: 2 }

/**
 * No test asserts a time; these only end one that hangs, however busy the machine. One wait has a patience of two and a half
 * minutes (testkit/patience), which is twice the longest interval of the product, and a test has the time for some of them.
 */
const hanging = { testTimeout: 600_000, hookTimeout: 600_000, expect: { poll: { timeout: PATIENCE_MS } } }

const native = 'packages/inference/src/**/*.test.ts'
const web = 'test/web-*.test.ts'

const hubTest = (name: string) => `apps/hub/test/${name}.test.ts`

/**
 * Tests that have run on SQLite, here on PostgreSQL, where databases really differ: locks (quotas: the last place is given once),
 * order and pages (fleet, history), removal over foreign keys (organisations), many rows at once (telemetry). The conformance suite
 * of the store, which asks each database for the same, is among the unit tests.
 */
const POSTGRES_QUICK = [
  'deployment-history',
  'device-links',
  'fleet',
  'organisation-life',
  'organisations',
  'quotas',
  'telemetry',
].map(hubTest)

/** Only in the deep tier: journeys whose statements are of the kinds above, 100 s more. */
const POSTGRES_DEEP = [
  ...['batches', 'blobs', 'connections', 'deployments', 'fuzz', 'intrusion-webhook', 'passkeys', 'secrets'].map(
    hubTest,
  ),
  ...['engine', 'engine-pace', 'engine-healing'].map((name) => `apps/hub/src/rollouts/${name}.test.ts`),
]

/** packages/testkit/src/tier.ts says what each means. */
const tags = [
  { name: 'deep', description: 'Only in the deep tier' },
  { name: 'law', description: 'Random histories: in both tiers, more of them in the deep one' },
  { name: 'strict', description: 'Kills, races and laws: never retried' },
]

export default defineConfig({
  test: {
    tags,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['*.test.ts', 'scripts/*.test.ts', 'packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'],
          exclude: [...exclude, native],
          // Files of one worker share what they import, which halves the time: so no test may change a module or the environment.
          isolate: false,
          ...hanging,
          ...twoFilesAtATime,
        },
      },
      {
        // Tests that load native code, replace modules, or end threads: each file has a process of its own.
        test: { name: 'native', include: [native], exclude, ...hanging, ...twoFilesAtATime },
      },
      {
        test: {
          name: 'whole',
          include: [
            'apps/*/test/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'examples/**/*.test.ts',
            'test/*.test.ts',
          ],
          exclude: [...exclude, web],
          ...hanging,
          ...twoFilesAtATime,
        },
      },
      {
        // Tests of the console in a browser: files of one worker share what they import, and the browser.
        test: {
          name: 'web',
          include: [web],
          exclude,
          isolate: false,
          globalSetup: 'test/web/stage/project.ts',
          ...hanging,
          ...twoFilesAtATime,
        },
      },
      {
        test: {
          name: 'postgres',
          include: process.env.SKERRY_TEST_TIER === 'deep' ? [...POSTGRES_QUICK, ...POSTGRES_DEEP] : POSTGRES_QUICK,
          exclude,
          ...hanging,
          ...twoFilesAtATime,
          globalSetup: 'apps/hub/test/stage/postgres-project.ts',
          setupFiles: 'apps/hub/test/stage/postgres-only.ts',
        },
      },
    ],
  },
})
