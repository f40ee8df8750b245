import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { deploy, pushBuild } from './stage/anomaly.ts'
import { openFleet } from './stage/fleet.ts'
import { newService } from './stage/service.ts'

const BIN = fileURLToPath(new URL('../bin/skerry.mjs', import.meta.url))

/** A Node.js of the machine that is older than Skerry needs, but new enough to start the right one. */
function findOlderNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return folders
    .map((folder) => join(folder, 'node'))
    .find((path) => {
      const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
      const major = Number(/^v(\d+)/.exec(stdout ?? '')?.[1] ?? 0)
      return major >= 20 && major < 24
    })
}

const olderNode = findOlderNode()

test.skipIf(olderNode === undefined)(
  'an older Node.js starts the one beside Skerry, and passes on arguments, output and exit code',
  () => {
    const shown = spawnSync(olderNode ?? '', [BIN, 'version', '--json'], { encoding: 'utf8' })
    expect(shown).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(shown.stdout)).toMatchObject({ node: expect.stringMatching(/^v24\./) })
    expect(spawnSync(olderNode ?? '', [BIN, 'nonsense']).status).toBe(2)
  },
)

test('a reader that closes the pipe causes no error', () => {
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `set -o pipefail; "${process.execPath}" "${BIN}" completion bash | head -1`],
    {
      encoding: 'utf8',
    },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

/**
 * Collects garbage some times after the first line of output, and says so. A command that has watched for minutes has
 * collected the request of its stream. It must not lose the signal with it.
 */
const COLLECTOR = `
  import { setTimeout } from 'node:timers/promises'
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (...words) => {
    process.stdout.write = write
    void collectSome()
    return write(...words)
  }
  async function collectSome() {
    for (let round = 0; round < 10; round += 1) {
      await setTimeout(20)
      collect()
    }
    console.error(JSON.stringify({ event: 'collected', name: 'cli', level: 'info' }))
  }`

test('SIGTERM and SIGINT end a command that watches a rollout in which nothing happens', async () => {
  await using fleet = await openFleet()
  const agent = await fleet.join('press-1')
  await agent.end()
  await pushBuild(fleet, 'v1')
  const { rolloutId } = await deploy(fleet, 1)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const watching = newService('cli', 'apps/cli/src/main.ts', () => ['rollout', 'watch', rolloutId])
    watching.launch({
      SKERRY_HOME: fleet.folder,
      SKERRY_HUB: fleet.hub.url,
      SKERRY_KEY: fleet.hub.connection.key,
      SKERRY_CA_FILE: fleet.hub.authorityPath,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(COLLECTOR)}`,
    })
    await watching.logged('collected')
    expect(watching.isRunning(), watching.tail()).toBe(true)
    expect(await watching.end(signal), watching.tail()).toBe(130)
  }
})
