import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { missingPeers } from '../../scripts/peers.mjs'

const run = (env: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts'), '--once'], {
    env: { ...process.env, ...env },
  })

test.skipIf(missingPeers('pump').length > 0)(
  'the pump is watched through all events of the example, and each is reported',
  {
    ...deep('plays a minute of a plant; examples/tour shows a deployment, and examples/flows its flow'),
    timeout: 600_000,
  },
  async () => {
    const { stdout } = await run()
    expect(stdout).toMatch(/^All \d+ claims held/m)
    expect(stdout).not.toContain('✗')
  },
)

test('a missing program of the equipment is named, with the way to install it', async () => {
  const nothing = { PATH: '/nowhere' }
  await expect(run(nothing)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/apt-get install .*gcc.*libmodbus-dev/),
  })
})
