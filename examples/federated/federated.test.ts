/** The example of federated learning runs. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'

test(
  'the example ends with a poisoned version that rolled back by itself',
  deep('the same story as the test of campaigns across processes'),
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts')])
    expect(stdout).toMatch(/round 5 {2}█+░* +\d\d\.\d %/)
    expect(stdout).toContain('The rollout has rolled back by itself: all hospitals serve version 2 again.')
  },
)
