/** The example of apps runs: a dashboard, a server of models, a broken release of each, and the return. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { hasDocker } from '@skerry/testkit/containers/docker-engine'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'

test.skipIf(!hasDocker || !hasBusybox)(
  'two devices show a dashboard, one answers for a model of an app, and broken releases return',
  deep('two container engines and six releases; quick tests have each of the steps'),
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts')])
    expect(stdout).toContain('dashboard 1 is active on press-1 and press-2')
    expect(stdout).toMatch(/press-1 wrote: .* web shows moin\n/)
    expect(stdout).toContain('times 1 is active on press-2')
    expect(stdout).toContain('dashboard 2 failed (app_unhealthy), and dashboard 1 is back')
    expect(stdout).toContain('maths 2 failed (app_unhealthy), and maths 1 is back')
    // Before the broken releases and after them, on each device.
    expect(stdout.match(/press-[12] shows: moin, plant\n/g)).toHaveLength(4)
    expect(stdout.match(/answers: 7 times 5 is 35\n/g)).toHaveLength(2)
    expect(stdout).toContain('dashboard 3 is active on press-1 and press-2')
    expect(stdout.match(/press-[12] shows: moin, harbour\n/g)).toHaveLength(2)
  },
)
