/**
 * Two hubs on one database: the person is at one hub, the link of the device at either, and the device's second
 * connection comes to the other one. The recording is the same wherever it is read, and a killed hub leaves a part of it.
 */
import { type AccessWish, SESSION_PROTOCOL, SESSION_STREAM_PATH } from '@skerry/contract/access/access'
import { frameReader, writeFrame } from '@skerry/contract/access/shell-frame'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { socketStream } from '@skerry/platform/network/socket-stream'
import { hasPostgres } from '@skerry/testkit/postgres-cluster'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { describe, expect, test } from 'vitest'
import { startAgent } from '../../examples/stage/fleet.ts'
import { type HubPair, openHubPair } from '../stage/two-hubs.ts'

const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const DEVICE = 'press-1'
const signal = new AbortController().signal

/** A session at this hub. */
async function open(pair: HubPair, index: 0 | 1, wish: AccessWish) {
  const { session, ticket } = await pair.clientOf(index).access.open({ device: DEVICE, wish })
  const dialled = await dialSocket(
    `${pair.urlOf(index)}${SESSION_STREAM_PATH}/${session.id}`,
    { protocols: [SESSION_PROTOCOL, ticket], messageBytesMax: STREAM_MESSAGE_MAX },
    signal,
  )
  if (!dialled.ok) throw new Error(`${dialled.code}: ${dialled.message}`)
  const stream = socketStream(dialled.socket, { idleMs: 600_000, pingMs: 30_000 })
  const read = frameReader()
  const heard = { output: '', exit: undefined as number | undefined }
  stream.on('error', () => undefined)
  stream.on('data', (piece: Buffer) => {
    for (const { kind, content } of read(piece)) {
      if (kind === 'output') heard.output += Buffer.from(content).toString()
      if (kind === 'exit') heard.exit = content[0]
    }
  })
  return { id: session.id, stream, heard }
}

describe.skipIf(!hasPostgres)('two hubs', () => {
  test(
    'a terminal works from either hub, and a killed hub leaves a recording that says it was cut',
    deep('starts PostgreSQL, two hubs and an agent; access.test.ts shows the terminal with one hub'),
    async () => {
      await using pair = await openHubPair()
      await using agent = await startAgent(pair.hubs[0], {
        site: SITE,
        device: DEVICE,
        folder: pair.folder,
        options: ['--allow-remote', 'shell'],
      })
      expect(agent.device).toBe(DEVICE)
      for (const index of [0, 1] as const) {
        await until(async () => (await pair.clientOf(index).device.get({ device: DEVICE })).link.connected)
      }
      await pair.clientOf(0).access.request({ device: DEVICE, kinds: ['shell'], reason: 'a test', seconds: 600 })
      for (const index of [0, 1] as const) {
        // Several times, because the balancer takes either hub for the device's connection.
        for (const turn of [1, 2, 3, 4]) {
          const { stream, heard } = await open(pair, index, { kind: 'shell', command: `cat; exit ${turn}` })
          stream.write(writeFrame('input', Buffer.from(`hub ${index}, turn ${turn}`)))
          stream.write(writeFrame('end'))
          await until(() => heard.exit !== undefined)
          expect(heard).toEqual({ output: `hub ${index}, turn ${turn}`, exit: turn })
          stream.end()
        }
      }
      const cut = await open(pair, 0, { kind: 'shell', command: 'echo before the end; cat' })
      await until(() => cut.heard.output.includes('before the end'))
      // The recording is written once a second.
      await until(async () => {
        const { text } = await pair.clientOf(1).access.recording({ device: DEVICE, accessSession: cut.id })
        return text.includes('before the end')
      })
      await pair.hubs[0].kill()
      await until(() => cut.stream.closed)
      await until(async () => {
        const { rows } = await pair.clientOf(1).access.sessions({ device: DEVICE })
        return rows.find(({ id }) => id === cut.id)?.state === 'ended'
      })
      const { rows } = await pair.clientOf(1).access.sessions({ device: DEVICE })
      expect(rows.find(({ id }) => id === cut.id)).toMatchObject({ ended: 'hub_lost', recording: { isWhole: false } })
    },
  )
})
