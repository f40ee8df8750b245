/**
 * Discovery against servers by other people, and against one that answers as some units only: the results, their
 * certainty, and the small number of requests.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { systemClock } from '@skerry/platform/process/clock'
import { freePort } from '@skerry/testkit/free-port'
import { hasLogix, startLogix } from '@skerry/testkit/peers/logix-peer'
import { hasModbus, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasOpcua, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { hasS7, startS7 } from '@skerry/testkit/peers/s7-peer'
import { hasSnmp, startSnmp } from '@skerry/testkit/peers/snmp-peer'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import type { Discoverable, DiscoveryWish } from '../../src/discovery.ts'
import { discover } from '../../src/sources/discover.ts'

/** A long time limit for an expected answer, even on a busy machine. */
const PATIENT_MS = 60_000

function find(protocol: Discoverable, wish: Partial<DiscoveryWish>) {
  const asked: string[] = []
  const deps = { clock: systemClock, onAsk: (at: number, of: number) => void asked.push(`${at}/${of}`) }
  const whole = { host: '127.0.0.1', timeoutMs: PATIENT_MS, ...wish }
  return discover(protocol, whole, deps, new AbortController().signal).then((found) => ({ found, asked }))
}

test.skipIf(!hasModbus)(
  'a Modbus server that answers for every unit is found once, and marked as uncertain',
  async () => {
    await using peer = await startModbus()
    const { port } = peer
    const { found, asked } = await find('modbus', { port })
    expect(found).toEqual([
      {
        what: 'equipment that answers as every unit',
        where: `127.0.0.1:${port}, unit 1`,
        certainty: 'likely',
        connection: { host: '127.0.0.1', port, unit: 1 },
      },
    ])
    expect(asked).toHaveLength(10)
  },
)

test('behind a gateway, units that answer or reject are found; silent and unreachable ones are not', async () => {
  const heard: string[] = []
  // [Modbus 7] By unit: a register, no such address, no way to the unit. All other units are silent.
  const says: Record<number, number[]> = { 2: [3, 2, 0, 7], 3: [0x83, 2], 4: [0x83, 11] }
  const gateway = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request) => {
      heard.push(request.subarray(6).toString('hex'))
      const body = says[request[6] ?? 0]
      if (body) socket.write(Buffer.from([...request.subarray(0, 5), body.length + 1, request[6] ?? 0, ...body]))
    })
  })
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const address = gateway.address()
  const port = typeof address === 'object' && address ? address.port : 0
  // The first unit must be silent. The others may take as long as they need to answer.
  const { found } = await find('modbus', { port, numbers: [1], timeoutMs: 300 })
  const { found: rest } = await find('modbus', { port, numbers: [2, 3, 4] })
  gateway.close()
  expect(found).toEqual([])
  expect(rest).toMatchObject([
    { what: 'a unit that has holding registers', certainty: 'sure', connection: { unit: 2 } },
    { what: 'a unit that rejects holding register 0', certainty: 'sure', connection: { unit: 3 } },
  ])
  // Each unit gets a request for one register, and no other request.
  expect(heard).toEqual(['010300000001', '020300000001', '030300000001', '040300000001'])
})

test.skipIf(!hasS7)('the slots that hold a CPU are found', async () => {
  await using peer = await startS7()
  const { port } = peer
  const { found } = await find('s7', { port, numbers: [1, 2] })
  expect(found).toMatchObject([
    { certainty: 'sure', where: `127.0.0.1:${port}, rack 0, slot 1`, connection: { slot: 1 } },
    { connection: { slot: 2 } },
  ])
  expect((await find('s7', { port })).found).toMatchObject([{ certainty: 'likely', connection: { slot: 1 } }])
})

test.skipIf(!hasOpcua)(
  'each endpoint of an OPC UA server is found, with its certificate',
  deep('a slow server; Modbus, S7 and SNMP show discovery'),
  async () => {
    await using peer = await startOpcua()
    const { port } = peer
    const endpoint = `opc.tcp://127.0.0.1:${port}`
    const { found } = await find('opcua', { port })
    const trust = [(await peer.fingerprint()).replaceAll(':', '').toLowerCase()]
    expect(found.map(({ connection }) => connection)).toEqual(
      expect.arrayContaining([
        { endpoint, security: 'none' },
        { endpoint, security: 'encrypt', policy: 'Basic256Sha256', trust },
      ]),
    )
  },
)

test.skipIf(!hasSnmp)('an SNMP agent reports its description', async () => {
  await using peer = await startSnmp()
  const { port } = peer
  const { found } = await find('snmp', { port })
  expect(found).toMatchObject([{ what: expect.stringMatching(/Linux/), certainty: 'sure', connection: { port } }])
})

test.skipIf(!hasLogix)('a controller reports its identity, without a session', async () => {
  await using peer = await startLogix('pieces')
  const { found } = await find('ethernet-ip', { port: peer.port })
  const what = '1756-L61/B LOGIX5561 20.11: vendor 1, type 14, serial number deadbeef'
  expect(found).toMatchObject([{ what, certainty: 'sure', connection: { port: peer.port } }])
})

test.each(['ethernet-ip', 'modbus', 'opcua', 's7'] as const)(
  'discovery by %s reports that no host answers',
  async (protocol) => {
    await expect(find(protocol, { port: await freePort() })).rejects.toMatchObject({ code: 'source_unreachable' })
  },
)

test('discovery that is cancelled sends no further request', async () => {
  const deps = { clock: systemClock, onAsk: () => expect.unreachable() }
  const wish = { host: '127.0.0.1', port: await freePort(), timeoutMs: PATIENT_MS }
  await expect(discover('modbus', wish, deps, AbortSignal.abort())).rejects.toThrow('aborted')
})
