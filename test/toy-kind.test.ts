/**
 * The toy kind: a deployable kind and a held document cost a folder of files each, and one row in at most eight tables.
 * The test adds both to a copy of the sources, and runs hub, agent and CLI from there. It shows that all general parts
 * of the product treat the new kind as they treat models and flows.
 */
import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { uploadBlob } from '@skerry/client/upload-blob'
import { VersionKind } from '@skerry/contract/kinds/kinds'
import { digestOf } from '@skerry/platform/files/hash'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from '../apps/cli/test/stage/fleet.ts'
import { COMPILED, makeToySources, TABLE_ROWS, type ToySources, toyFiles } from './toy/toy-sources.ts'

let toy: ToySources
let fleet: Fleet
let agent: FleetAgent

/** The CLI of the toy sources, with the key of the owner or of somebody else. */
async function skerry(words: readonly string[], key = fleet.hub.connection.key) {
  const env = {
    PATH: process.env.PATH,
    SKERRY_HOME: fleet.folder,
    SKERRY_HUB: fleet.hub.url,
    SKERRY_KEY: key,
    SKERRY_CA_FILE: fleet.hub.authorityPath,
  }
  const run = promisify(execFile)(process.execPath, [join(toy.root, 'apps/cli/bin/skerry.mjs'), ...words], { env })
  return run.then(
    ({ stdout }) => ({ code: 0, out: stdout, err: '' }),
    ({ code, stdout, stderr }) => ({ code, out: String(stdout), err: String(stderr) }),
  )
}

/** Pushes a note under the name `welcome`. */
async function push(text: string, path = 'note.txt') {
  const bytes = Buffer.from(text)
  const digest = digestOf(bytes)
  const source = (start: number) => new Blob([bytes.subarray(start)]).stream()
  await uploadBlob(
    fleet.hub.connection,
    { digest, sizeBytes: bytes.length, source, delayMs: () => 0 },
    AbortSignal.timeout(60_000),
  )
  return fleet.hub.client.model.push({ name: 'welcome', files: [{ path, digest }] })
}

const apply = (version: number) =>
  fleet.hub.client.deployment.apply({
    name: 'welcome',
    deployable: 'welcome',
    version: String(version),
    probation: { seconds: 1 },
  })

const keyOf = async (name: string, role: 'viewer' | 'owner') =>
  (await fleet.hub.client.key.create({ name, role })).secret

test('a kind and a held document add files, and one row to at most eight files', async () => {
  expect(TABLE_ROWS.length).toBeLessThanOrEqual(8)
  expect(new Set(TABLE_ROWS.map(({ file }) => file)).size).toBe(TABLE_ROWS.length)
  for (const { imports, row } of TABLE_ROWS) expect(`${imports}${row}`).not.toContain('\n')
  expect(await toyFiles()).toHaveLength(9)
  expect(VersionKind.options, 'the product does not ship it').not.toContain('note')
})

test('each row finds its place in a table', async () => {
  for (const { file, behind } of TABLE_ROWS) {
    const text = await readFile(join(import.meta.dirname, '..', file), 'utf8')
    expect(text.split(behind), file).toHaveLength(2)
  }
})

describe(
  'the product with the kind',
  deep('hub, agent and CLI start from a copy of all sources; each general part has a quick test with a shipped kind'),
  () => {
    beforeAll(async () => {
      toy = await makeToySources()
      fleet = await openSharedFleet([], toy.root)
      agent = await fleet.join('gateway-1')
    })
    beforeEach(() => tellLogsOnFailure(fleet))
    afterAll(async () => {
      await fleet?.[Symbol.asyncDispose]()
      await toy?.[Symbol.asyncDispose]()
    })

    test('a note is pushed, rolled out and reported, and the CLI shows it', async () => {
      const { created, version } = await push('Welcome aboard.')
      expect({ created, version }).toMatchObject({
        created: true,
        version: { kind: 'note', version: 1, note: { text: 'Welcome aboard.' } },
      })
      await apply(1)
      const item = await fleet.item('gateway-1', ({ state }) => state === 'active')
      expect(item).toMatchObject({ kind: 'note', name: 'welcome', serving: { version: 1 } })
      const reported = await fleet.item('gateway-1', ({ stats }) => (stats?.requests ?? 0) > 0)
      expect(reported.stats).toMatchObject({ requests: 'Welcome aboard.'.length, failures: 0 })
      expect(reported.figures, 'the hub stores the text that only this kind reports').toEqual({
        text: 'Welcome aboard.',
        words: 2,
      })
      const stored = await readFile(join(agent.data, 'kinds/note/welcome.txt'), 'utf8')
      expect(stored, 'the driver has a folder of its own').toBe('Welcome aboard.')
      expect((await skerry(['device', 'show', 'gateway-1'])).out).toContain('welcome 1: text Welcome aboard., words 2')
      expect((await skerry(['note', 'ls'])).out).toContain('welcome')
      const shown = await skerry(['note', 'show', 'welcome:1'])
      expect(shown.out).toMatch(/text +Welcome aboard\./)
      expect(shown.out).toMatch(/lies on +1 device/)
      expect((await skerry(['flow', 'show', 'welcome'])).err).toContain('welcome is a note')
    })

    test('files that are no note are rejected', async () => {
      await expect(push('')).rejects.toMatchObject({ code: 'input_invalid' })
    })

    test('a version that the device rejects fails, and the version before stays', async () => {
      await push('refuse this')
      await apply(2)
      const item = await fleet.item('gateway-1', ({ state, target }) => state === 'failed' && target.version === 2)
      expect(item).toMatchObject({
        cause: { code: 'note_refused', message: 'it cannot store "refuse this"' },
        serving: { version: 1 },
      })
    })

    test('a version that fails its probation is replaced by the version before', async () => {
      await push('mislead the reader')
      await apply(3)
      const item = await fleet.item('gateway-1', ({ state, target }) => state === 'failed' && target.version === 3)
      expect(item).toMatchObject({ cause: { code: 'probation_failed' } })
      await fleet.item('gateway-1', ({ serving }) => serving?.version === 1)
    })

    test('the hub keeps the device in step with the held document', async () => {
      await agent.logged('board_taken', ({ title }) => title === 'gateway-1')
      await fleet.hub.client.device.relabel({ device: 'gateway-1', labels: { board: 'harbour' } })
      await agent.logged('board_taken', ({ title }) => title === 'harbour')
    })

    test('an agent that starts again holds its note', async () => {
      await agent.end()
      await agent.start()
      await agent.logged('link_up')
      await fleet.item('gateway-1', ({ serving }) => serving?.version === 1)
    })

    test('a viewer sees notes and cannot deploy them, and a second person approves', async () => {
      const { client } = fleet.hub
      const viewer = await keyOf('reader', 'viewer')
      expect((await skerry(['note', 'show', 'welcome:1'], viewer)).code).toBe(0)
      expect((await skerry(['deploy', 'welcome:1'], viewer)).err).toContain('permission')
      const second = await keyOf('second', 'owner')
      await client.approval.setRules({ deployments: 'true', batches: false, roles: false, audit: false })
      await push('Welcome back.')
      await expect(apply(4)).rejects.toMatchObject({ code: 'approval_needed' })
      const { rows } = await client.approval.list({ status: 'pending' })
      expect(rows).toMatchObject([{ action: 'deployment.apply', object: 'welcome' }])
      expect((await skerry(['approval', 'approve', String(rows[0]?.id), '--reason', 'read'], second)).code).toBe(0)
      await apply(4)
      await fleet.item('gateway-1', ({ state, serving }) => state === 'active' && serving?.version === 4)
    })

    test('the audit trail names each change', async () => {
      const { rows } = await fleet.hub.client.audit.list({ limit: 200 })
      const trail = rows.map(({ action, object }) => `${action} ${object?.id}`)
      for (const version of [1, 2, 3, 4]) expect(trail).toContain(`model.push welcome/${version}`)
      expect(trail).toContain('deployment.apply welcome')
      expect((await skerry(['audit', 'verify'])).code).toBe(0)
    })

    test(
      'the rows compile in all apps, with the console',
      deep('the type check of all sources takes a minute of processor'),
      () => {
        const compiler = join(import.meta.dirname, '../node_modules/typescript/bin/tsc')
        for (const config of COMPILED) {
          const run = spawnSync(process.execPath, [compiler, '-p', config], { cwd: toy.root, encoding: 'utf8' })
          expect(run.stdout + run.stderr, config).toBe('')
        }
      },
    )
  },
)
