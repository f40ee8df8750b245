/** Testing a source and browsing equipment, as the runner does, against servers by other people. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasModbus, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasOpcua, type OpcuaPeer, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import * as z from 'zod'
import { createSourceBoard } from '../src/runner/equipment/source-board.ts'
import { createSourceFleet } from '../src/runner/equipment/source-fleet.ts'
import { obeySources } from '../src/runner/equipment/source-request.ts'

/** A busy machine is no equipment that is silent. */
const ANSWER_MS = 60_000

const Level = z.object({ entries: z.array(BrowseEntry), omittedCount: z.int() })

async function newStage() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-source-commands-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const board = createSourceBoard()
  const fleet = createSourceFleet({ clock: systemClock, random: Math.random, board })
  onTestFinished(() => fleet[Symbol.asyncDispose]())
  const stateFolder = join(folder, 'states')
  const become = async (...sources: { name: string }[]) => {
    const wanted = sources.map(async (source) => {
      const path = join(folder, `${source.name}.json`)
      const text = JSON.stringify(source)
      await writeFile(path, text)
      return { name: source.name, path, digest: digestOf(text) }
    })
    const order = { sources: await Promise.all(wanted), secrets: {}, stateFolder }
    expect(await obeySources({ kind: 'sources', order }, { fleet, board })).toEqual({ ok: true })
  }
  const ask = (request: Parameters<typeof obeySources>[0]) => obeySources(request, { fleet, board })
  const tryOut = (source: object, tags?: string[]) =>
    ask({ kind: 'test-source', text: JSON.stringify(source), tags, waitMs: PATIENCE_MS })
  return { fleet, board, become, ask, tryOut, stateFolder }
}

describe.skipIf(!hasModbus)('modbus', () => {
  test('a changed source is tried at the same PLC while the source goes on', async () => {
    await using peer = await startModbus()
    const plc = (address: string, type: string) => ({
      name: 'plc',
      protocol: 'modbus',
      connection: { host: '127.0.0.1', port: peer.port, timeoutMs: ANSWER_MS },
      groups: [{ name: 'all', everyMs: 20, tags: [{ name: 'pressure', address, type }] }],
    })
    const { fleet, board, become, tryOut } = await newStage()
    await become(plc('holding:4711', 'uint16'))
    await vi.waitFor(() => expect(board.newest('plc', 'pressure')).toMatchObject({ value: 4_711 }), PATIENCE_MS)
    const [before] = fleet.statuses()
    const right = await tryOut(plc('holding:100', 'float32'))
    expect(right).toMatchObject({ said: { state: 'up', readings: [{ value: { quality: 'good', value: 3.25 } }] } })
    const wrong = await tryOut(plc('holding:65000', 'float32'))
    expect(wrong).toMatchObject({ said: { state: 'up', readings: [{ value: { quality: 'bad' } }] } })
    expect(await tryOut(plc('coil:x', 'bool'))).toMatchObject({ code: 'source_refused' })
    expect(fleet.statuses()).toMatchObject([{ state: 'up', sinceMs: before?.sinceMs }])
    expect(board.newest('plc', 'pressure')).toMatchObject({ quality: 'good', value: 4_711 })
  })
})

describe.skipIf(!hasOpcua)('opcua', () => {
  let peer: OpcuaPeer
  beforeAll(async () => {
    peer = await startOpcua({ tags: 1_500, periodMs: 20 })
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const line = (address: string) => ({
    name: 'line',
    protocol: 'opcua',
    connection: { endpoint: peer.endpoint, security: 'none', timeoutMs: ANSWER_MS },
    groups: [{ name: 'all', everyMs: 50, tags: [{ name: 'tag', address }] }],
  })

  test('a folder of more than a thousand nodes is returned in pages that omit none', async () => {
    const { fleet, become, ask } = await newStage()
    await become(line('ns=2;s=Boolean'))
    await vi.waitFor(() => expect(fleet.statuses()).toMatchObject([{ state: 'up' }]), PATIENCE_MS)
    const pagesOf = async (path: string): Promise<BrowseEntry[]> => {
      const entries: BrowseEntry[] = []
      for (;;) {
        const answer = await ask({ kind: 'browse-source', source: 'line', path, after: entries.at(-1)?.path })
        const level = Level.parse('said' in answer ? answer.said : answer)
        entries.push(...level.entries)
        if (level.omittedCount === 0) return entries
      }
    }
    const walk = async (path: string, depth: number): Promise<string[]> => {
      const entries = await pagesOf(path)
      const folders = depth === 0 ? [] : entries.filter(({ isFolder }) => isFolder)
      const below = await Promise.all(folders.map((folder) => walk(folder.path, depth - 1)))
      return [...entries.map((entry) => entry.path), ...below.flat()]
    }
    const found = new Set(await walk('', 2))
    expect([...found].filter((path) => /^ns=2;/.test(path)).length).toBeGreaterThanOrEqual(1_500)
    expect(await ask({ kind: 'browse-source', source: 'line', path: '', after: 'gone' })).toMatchObject({
      code: 'browse_failed',
    })
    expect(await ask({ kind: 'browse-source', source: 'line', path: 'ns=9;s=none', after: undefined })).toMatchObject({
      code: 'browse_failed',
    })
  })

  test('a trial creates the certificate that the source uses later, so that it must be trusted only once', async () => {
    const { become, tryOut, stateFolder } = await newStage()
    await become()
    const secure = { ...line('ns=2;s=Boolean') }
    const connection = { endpoint: peer.endpoint, security: 'encrypt', trust: ['0'.repeat(64)] }
    expect(await tryOut({ ...secure, connection })).toMatchObject({ said: { state: 'down' } })
    expect(await readdir(join(stateFolder, 'line', 'opcua', 'own', 'certs'))).toEqual(['skerry.pem'])
  })
})
