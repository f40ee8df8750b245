/**
 * A hundred terminals of one device at once: each has its own bytes, colours and hostile escape sequences pass into its
 * own recording alone, and a hub that is killed in the middle leaves each recording as a part that says so.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SESSION_PROTOCOL, SESSION_STREAM_PATH } from '@skerry/contract/access/access'
import { frameReader, writeFrame } from '@skerry/contract/access/shell-frame'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { socketStream } from '@skerry/platform/network/socket-stream'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'

const DEVICE = 'press-1'
const SHELLS = 100
const GROUP = 10
const signal = new AbortController().signal

async function openShell({ client, url }: HubProgram) {
  const wish = { kind: 'shell' as const, terminal: { columns: 80, rows: 24 }, command: 'cat' }
  const { session, ticket } = await client.access.open({ device: DEVICE, wish })
  const dialled = await dialSocket(
    `${url}${SESSION_STREAM_PATH}/${session.id}`,
    { protocols: [SESSION_PROTOCOL, ticket], messageBytesMax: STREAM_MESSAGE_MAX },
    signal,
  )
  if (!dialled.ok) throw new Error(`${dialled.code}: ${dialled.message}`)
  const stream = socketStream(dialled.socket, { idleMs: 600_000, pingMs: 30_000 })
  const read = frameReader()
  const heard = { output: '' }
  stream.on('error', () => undefined)
  stream.on('data', (piece: Buffer) => {
    for (const { kind, content } of read(piece)) if (kind === 'output') heard.output += Buffer.from(content).toString()
  })
  return { id: session.id, stream, heard }
}

test(
  'a hundred terminals at once keep their bytes apart, and a killed hub cuts all of their recordings',
  deep('opens a hundred terminals and kills the hub; access.test.ts shows one terminal'),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skerry-shells-'))
    const home = await newHubHome(folder)
    let hub = await startHub(home)
    const site = { name: 'hamburg', kind: 'edge' } as const
    const agent = await startAgent(hub, { site, device: DEVICE, folder, options: ['--allow-remote', 'shell'] })
    try {
      await hub.client.access.request({ device: DEVICE, kinds: ['shell'], reason: 'a test', seconds: 3_600 })
      const shells: Awaited<ReturnType<typeof openShell>>[] = []
      // A group at a time: each opening has a limit of its own, which a hundred at once would share on a busy machine.
      while (shells.length < SHELLS)
        shells.push(...(await Promise.all(Array.from({ length: GROUP }, () => openShell(hub)))))
      // [ECMA-48, xterm] The title of a window, and a report that a terminal would type as input.
      for (const [index, { stream }] of shells.entries())
        stream.write(writeFrame('input', Buffer.from(`mine-${index}-\u001b]0;owned\u0007\u001b[6n-end\n`)))
      await until(() => shells.every(({ heard }) => heard.output.includes('-end')))
      for (const [index, { heard }] of shells.entries()) {
        const names = new Set(heard.output.match(/mine-\d+-/g))
        expect(names).toEqual(new Set([`mine-${index}-`]))
      }
      const recording = async ({ id }: { id: (typeof shells)[number]['id'] }) =>
        (await hub.client.access.recording({ device: DEVICE, accessSession: id })).text
      // The recording is written once a second.
      await until(async () => (await Promise.all(shells.map(recording))).every((text) => text.includes('-end')))
      const [text = ''] = await Promise.all(shells.slice(0, 1).map(recording))
      // [asciicast v2] Lines of JSON: a sequence is text in them, and reaches no terminal of a person who reads the file.
      expect(text).not.toMatch(/[^\P{Cc}\n]/u)
      const [, ...events] = text.trimEnd().split('\n')
      const output = events.map((line): unknown => JSON.parse(line)[2]).join('')
      expect(output).toContain('mine-0-\u001b]0;owned\u0007\u001b[6n-end')
      expect(output).not.toContain('mine-1-')

      await hub.kill()
      await until(() => shells.every(({ stream }) => stream.closed))
      hub = await startHub(home)
      const sessions = async () => (await hub.client.access.sessions({ device: DEVICE, limit: 200 })).rows
      await until(async () => (await sessions()).every(({ state }) => state === 'ended'))
      const ended = await sessions()
      expect(ended).toHaveLength(SHELLS)
      expect(
        ended.filter(({ ended: why, recording: cut }) => why === 'hub_lost' && cut?.isWhole === false),
      ).toHaveLength(SHELLS)
      await until(async () => (await hub.client.device.get({ device: DEVICE })).link.connected)
      const again = await openShell(hub)
      again.stream.write(writeFrame('input', Buffer.from('still here\n')))
      await until(() => again.heard.output.includes('still here'))
      again.stream.destroy()
    } finally {
      await agent.stop()
      await hub.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
)
