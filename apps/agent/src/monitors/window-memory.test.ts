/** The memory of a watched feature: at its most, with the open window, those that nobody has taken, and the grid of a tag. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { EDGES_MAX } from '@skerry/contract/monitors/profile'
import { expect, test } from 'vitest'

/** The limit that the design sets. */
const BYTES_MAX = 64 * 1_024

/** A process of its own, because the garbage of other tests would be measured, too. */
const CHILD = fileURLToPath(new URL('../../test/stage/window-memory-child.ts', import.meta.url))

test.each([
  ['of a model', 'bins'],
  ['of a source, with a grid', 'grid'],
])('a feature %s takes at most 64 kB, also when nobody takes its windows', async (_name, form) => {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, form])
  const { open, most } = JSON.parse(stdout)
  expect(open).toBeGreaterThan(EDGES_MAX * 8)
  expect(most).toBeGreaterThan(open)
  expect(most).toBeLessThanOrEqual(BYTES_MAX)
})
