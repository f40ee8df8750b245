import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { PATIENCE_MS } from './packages/testkit/src/patience.ts'

const exclude = ['**/node_modules/**', '**/dist/**']

/**
 * All processes that tests start share the code that Node has compiled. This saves 40 % of the start of a hub, and a fifth of a push, whose
 * trial is a process too.
 */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

/** Tests that compute: as many as the machines that we build on have cores. */
const twoFilesAtATime = { maxWorkers: 2 }

/**
 * Tests across processes wait for each other for a third of their time, so that a third file finds an idle core. They come after the others
 * if both are run at once, because vitest wants one number of workers at a time.
 */
const threeFilesAtATime = { maxWorkers: 3, sequence: { groupOrder: 1 } }

/**
 * No test asserts a time; these limits only end one that hangs, however busy the machine. One wait has a patience of
 * two and a half minutes (testkit/patience). That is twice the longest interval of the product, and a test has the time
 * for some of them.
 */
const hanging = { testTimeout: 600_000, hookTimeout: 600_000, expect: { poll: { timeout: PATIENCE_MS } } }

/** A message of a failure has this many characters of a value. With the default of 40, the summary of a run names no cause. */
const common = { ...hanging, chaiConfig: { truncateThreshold: 1_000 } }

const native = 'packages/inference/src/**/*.test.ts'
const web = 'test/web/**/*.test.ts'

const hubTest = (name: string) => `apps/hub/test/*/${name}.test.ts`

/**
 * Tests that have run on SQLite run here on PostgreSQL, in the areas in which databases really differ. These are locks
 * (quotas: the last place is given once), order and pages (fleet, history), removal over foreign keys (organisations),
 * and many rows at once (telemetry). The conformance suite of the store, which runs the same queries on each database,
 * is among the unit tests.
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
  ...[
    'batches',
    'blobs',
    'connections',
    'deployment-rollback',
    'deployments',
    'fuzz',
    'intrusion-webhook',
    'pairs',
    'learning-race',
    'passkeys',
    'secrets',
  ].map(hubTest),
  ...['engine', 'engine-pace', 'engine-healing'].map((name) => `apps/hub/src/rollouts/engine/${name}.test.ts`),
  'apps/hub/src/pairs/device-pairs.test.ts',
  'apps/hub/src/systems/judge-stages.test.ts',
  'apps/hub/src/traffic/traffic-sweep.test.ts',
  'apps/hub/src/monitors/history/roll-up.test.ts',
]

/** packages/testkit/src/tier.ts explains each of them. */
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
          include: ['*.test.ts', 'scripts/**/*.test.ts', 'packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'],
          exclude: [...exclude, native],
          // Files of one worker share their imports, which halves the time: so no test may change a module or the
          // environment.
          isolate: false,
          ...common,
          ...twoFilesAtATime,
        },
      },
      {
        // Tests that load native code, replace modules, or end threads: each file has a process of its own.
        test: { name: 'native', include: [native], exclude, ...common, ...twoFilesAtATime },
      },
      {
        test: {
          name: 'whole',
          include: [
            'apps/*/test/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'examples/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: [...exclude, web, 'test/toy/tree/**'],
          // Files of one worker share what they import, which saves two seconds of processor a file.
          isolate: false,
          setupFiles: 'test/whole-setup.ts',
          ...common,
          ...threeFilesAtATime,
        },
      },
      {
        // Tests of the console in a browser: files of one worker share their imports, and the browser.
        test: {
          name: 'web',
          include: [web],
          exclude,
          isolate: false,
          globalSetup: 'test/web/stage/project.ts',
          ...common,
          ...threeFilesAtATime,
        },
      },
      {
        test: {
          name: 'postgres',
          include: process.env.SKERRY_TEST_TIER === 'deep' ? [...POSTGRES_QUICK, ...POSTGRES_DEEP] : POSTGRES_QUICK,
          exclude,
          isolate: false,
          ...common,
          ...threeFilesAtATime,
          globalSetup: 'apps/hub/test/stage/postgres-project.ts',
          setupFiles: 'apps/hub/test/stage/postgres-only.ts',
        },
      },
    ],
  },
})
