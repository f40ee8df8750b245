import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

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
