/** The loss of a line whose packets are really lost, as the kernel of the device counts it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { lossOf, withLook } from '@skerry/core/places/line'
import { namespacesLack, openNamespaces } from '@skerry/testkit/faults/namespaces'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { readSegments } from '../../src/line/line-programs.ts'
import { programRunner } from '../../src/system/run-program.ts'

const isDeep = process.env.SKERRY_TEST_TIER === 'deep'
const lack = isDeep ? namespacesLack() : 'only in the deep tier'

const PORT = 9_000

/** Returns each byte. */
const ECHO = `require('node:net').createServer((s) => s.pipe(s)).listen(${PORT}, () => console.log('ready'))`

/** Segments that suffice for a share. */
const SEGMENTS = 400

test.skipIf(lack !== undefined)(
  'a device knows that a fifth of its packets is lost',
  deep('makes computers of network namespaces; line-watch.test.ts shows the rest'),
  async () => {
    await using spaces = openNamespaces(['hub'])
    const [program = '', ...words] = spaces.under('hub')
    const server = spawn(program, [...words, process.execPath, '-e', ECHO], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(server.stdout, 'data')
    const socket = connect(PORT, spaces.address('hub')).setNoDelay()
    await once(socket, 'connect')
    spaces.lose('hub', 0.2)
    for (let at = 0; at < SEGMENTS; at += 1) {
      socket.write('x')
      await once(socket, 'data')
    }
    const run = programRunner({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` })
    const segments = await readSegments(run, `https://${spaces.address('hub')}:${PORT}`)
    const loss = lossOf(withLook([], new Map(), segments))
    // The steps beside 20 %: chance, and tail probes of TCP that were not needed.
    expect(loss).toBeGreaterThanOrEqual(10)
    expect(loss).toBeLessThanOrEqual(50)
    socket.destroy()
    server.kill()
  },
)
