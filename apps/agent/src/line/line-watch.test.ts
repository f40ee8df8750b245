import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { createLog } from '@skerry/platform/process/log'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { programRunner, type RunProgram } from '../system/run-program.ts'
import { readMetered, readSegments, segmentsIn } from './line-programs.ts'
import { type LineWatchDeps, startLineWatch } from './line-watch.ts'

let data: string
let stop: AbortController
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'skerry-line-'))
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  // The look that goes on may still write.
  await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
})

const nobody: RunProgram = () => Promise.reject(new Error('the program is not installed'))

/** A clock whose minutes pass at once, as often as the test says. */
function steppedClock() {
  let nowMs = 0
  let wakes: (() => void)[] = []
  return {
    clock: {
      monotonicMs: () => nowMs,
      sleep: (_ms: number, signal: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          wakes.push(resolve)
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        }),
    },
    pass(ms: number) {
      nowMs += ms
    },
    async look() {
      await until(() => wakes.length > 0)
      const woken = wakes
      wakes = []
      for (const wake of woken) wake()
      await until(() => wakes.length > 0)
    },
  }
}

const watch = (deps: Partial<LineWatchDeps> & Pick<LineWatchDeps, 'clock'>) =>
  startLineWatch(
    {
      fileSystem: nodeFileSystem,
      options: { data, metered: undefined },
      log: createLog({ name: 'test', level: 'silent' }),
      run: nobody,
      hub: () => undefined,
      isSlowed: () => false,
      onChange: () => undefined,
      ...deps,
    },
    stop.signal,
  )

test('a machine without these programs knows nothing of its line, and its operator may', async () => {
  const { clock, look } = steppedClock()
  const silent = await watch({ clock })
  await look()
  expect(silent.line()).toBeUndefined()
  const stated = await watch({ clock, options: { data, metered: true } })
  await until(() => stated.line() !== undefined)
  expect(stated.line()).toEqual({ metered: true })
})

test('downloads show the bandwidth, but not while they are slowed, and the next agent knows it', async () => {
  const { clock, pass, look } = steppedClock()
  let isSlowed = true
  const line = await watch({ clock, isSlowed: () => isSlowed })
  const download = () => {
    for (let at = 0; at < 40; at += 1) {
      pass(50)
      line.arrived(64_000)
    }
  }
  download()
  await look()
  expect(line.line()).toBeUndefined()
  isSlowed = false
  download()
  await look()
  expect(line.line()).toEqual({ bandwidthMbps: 10 })
  expect((await watch({ clock: steppedClock().clock })).line()).toEqual({ bandwidthMbps: 10 })
  await writeFile(join(data, 'line.json'), '{"bandwidthMbps":')
  expect((await watch({ clock: steppedClock().clock })).line()).toBeUndefined()
})

test('NetworkManager says whether the line costs by the byte, and no other answer counts', async () => {
  const answering =
    (text: string): RunProgram =>
    () =>
      Promise.resolve(text)
  expect(await readMetered(answering('u 1\n'))).toBe(true)
  expect(await readMetered(answering('u 3\n'))).toBe(true)
  expect(await readMetered(answering('u 4\n'))).toBe(false)
  expect(await readMetered(answering('u 0\n'))).toBeUndefined()
  expect(await readMetered(answering('s "yes"\n'))).toBeUndefined()
  expect(await readMetered(nobody)).toBeUndefined()
})

test('the figures of ss are read by connection, also of IPv6 and without a repeated segment', () => {
  const text = [
    '0      0      10.0.0.5:40000 10.0.0.1:8443',
    '\t cubic wscale:7,7 rto:204 bytes_sent:9000 segs_out:40 data_segs_out:35 retrans:1/4 rcv_space:14600',
    '0      0      [fd00::5]:40001 [fd00::1]:8443',
    '\t bbr rto:204 segs_out:31 data_segs_out:5 dsack_dups:1',
    '',
  ].join('\n')
  expect([...segmentsIn(text)]).toEqual([
    ['10.0.0.5:40000 10.0.0.1:8443', { sent: 35, again: 4 }],
    ['[fd00::5]:40001 [fd00::1]:8443', { sent: 5, again: 0 }],
  ])
  expect(segmentsIn('Netid State').size).toBe(0)
})

test.skipIf(spawnSync('ss', ['-V']).status !== 0)('the kernel counts the segments of a real connection', async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hub = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const socket: Socket = connect(Number(new URL(hub).port), '127.0.0.1').setNoDelay()
  await once(socket, 'connect')
  // A byte after the answer to the one before, so that each has a segment of its own.
  for (let at = 0; at < 250; at += 1) {
    socket.write('x')
    await once(socket, 'data')
  }
  const run = programRunner(process.env)
  const sent = async () => [...(await readSegments(run, hub)).values()].reduce((sum, one) => sum + one.sent, 0)
  expect(await sent()).toBeGreaterThanOrEqual(250)
  const { clock, look } = steppedClock()
  const line = await watch({ clock, run, hub: () => hub, options: { data, metered: false } })
  await look()
  expect(line.line()).toEqual({ metered: false, lossPercent: 0 })
  socket.destroy()
  server.close()
})
