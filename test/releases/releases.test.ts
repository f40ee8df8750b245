/**
 * Releases: this build reads the data of each release: messages, files of each format, and the data folders of
 * hub and agent. A corpus of a release never changes, so a failure here means that this build broke a promise.
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readItem } from '@skerry/contract/devices/desired'
import { parseManifests } from '@skerry/client/manifests/manifest'
import { Golden } from '@skerry/contract/devices/golden'
import { freePort } from '@skerry/testkit/free-port'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { parseJoinToken } from '../../apps/agent/src/joining/join-token.ts'
import { readFlow } from '../../apps/cli/src/commands/flows/flow-file.ts'
import { readFlowGolden, readRecording } from '../../apps/cli/src/commands/flows/recording-file.ts'
import { writtenSink } from '../../apps/cli/src/commands/sinks/sink-file.ts'
import { readSource } from '../../apps/cli/src/commands/sources/source-file.ts'
import { askAnomaly } from '../../apps/cli/test/stage/anomaly.ts'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { newService, until } from '../../apps/cli/test/stage/service.ts'
import { startTestHub } from '../../apps/hub/test/stage/running-hub.ts'
import { isTolerant, messages, routes, statuses } from '../../scripts/releases/messages.ts'
import { filesOf, formatsOf, lostFields, recordedMessages, releases, unpackData } from './release-corpus.ts'
import { commitOf } from './release-tree.ts'

/** Messages, routes and error codes that this build no longer has, each with the reason why no old program misses it. */
const GONE: Readonly<Record<string, string>> = {}

/** Fields that this build no longer reads, such as `device.get output .items.0.stats`, with the same reason. */
const LOST: Readonly<Record<string, string>> = {}

test('there is a corpus of each release, and its commit', () => {
  for (const version of ['0.1.0', '0.2.0']) {
    expect(releases).toContain(version)
    expect(commitOf(version), version).toMatch(/^[0-9a-f]{40}$/)
  }
})

describe.each(releases)('%s', (version) => {
  const recorded = recordedMessages(version)
  const stays = (name: string) => !(name in GONE)

  test('each message, route and error code is still there', () => {
    const names = Object.keys(recorded.values)
    expect(names.filter((name) => stays(name) && !messages.has(name))).toEqual([])
    for (const [name, route] of Object.entries(recorded.routes).filter(([name]) => stays(name))) {
      expect(routes[name], name).toBe(route)
    }
    for (const [code, status] of Object.entries(recorded.statuses).filter(([code]) => stays(code))) {
      expect(statuses[code], code).toBe(status)
    }
  })

  test('each recorded message is accepted, and no field of it is lost', () => {
    const problems: string[] = []
    for (const [name, values] of Object.entries(recorded.values)) {
      const schema = messages.get(name)
      if (!schema) continue
      expect(values, name).not.toEqual([])
      for (const value of values) {
        const { success, data, error } = z.safeParse(schema, value)
        if (success) problems.push(...lostFields(value, data).map((place) => `${name} ${place}`))
        else problems.push(`${name}: ${error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)}`)
      }
    }
    expect(problems.filter((problem) => !(problem in LOST))).toEqual([])
  })

  test('a reader that accepted unknown fields still does', () => {
    const strict = recorded.tolerant.filter((name) => {
      const schema = messages.get(name)
      return schema && !recorded.values[name]?.every((value) => isTolerant(schema, value))
    })
    expect(strict.filter(stays)).toEqual([])
  })

  test('a device reads each recorded item of its document', () => {
    const items = Object.entries(recorded.values).filter(([name]) => name.startsWith('desired item '))
    expect(items.length).toBeGreaterThan(0)
    for (const item of items.flatMap(([, values]) => values)) expect(readItem(item)).toHaveProperty('item')
  })

  test('files that people wrote are read', async () => {
    for (const file of filesOf(version, 'apply')) {
      const { manifests, problems } = parseManifests(file, await readFile(file, 'utf8'))
      expect(problems).toEqual([])
      expect(manifests.length, file).toBeGreaterThan(0)
    }
    for (const file of filesOf(version, 'sources')) expect(await readSource(file)).toHaveProperty('source.name')
    for (const file of filesOf(version, 'sinks')) expect(await writtenSink(file)).toHaveProperty('name')
    for (const file of filesOf(version, 'flows')) {
      if (basename(file) === 'flow.yaml') expect((await readFlow(file)).inputs.length).toBeGreaterThan(0)
    }
  })

  test('a recording and its golden file are read, and a replay gives the same outputs', async () => {
    const [flow, recording, golden] = ['flow.yaml', 'recording.jsonl', 'golden.json'].map((file) =>
      join(formatsOf(version), 'flows/pump-vibration', file),
    ) as [string, string, string]
    const samples = []
    for await (const sample of readRecording(recording)) samples.push(sample)
    expect(samples.length).toBeGreaterThan(0)
    expect((await readFlowGolden(golden)).outputs.length).toBeGreaterThan(0)
    expect(await cli(['flow', 'replay', flow, recording, '--expect', golden])).toMatchObject({ code: 0 })
  })

  test('a pulled model is verified against its signature, and an exported trail against its key', async () => {
    const given = join(formatsOf(version), 'given')
    const model = [join(given, 'pulled'), '--key', join(given, 'hub.pub'), '--is', 'sensor-anomaly:1']
    expect(await cli(['model', 'verify', ...model])).toMatchObject({ code: 0 })
    const golden = Golden.parse(JSON.parse(await readFile(join(given, 'pulled/golden.json'), 'utf8')))
    expect(golden.cases.length).toBeGreaterThan(0)
    const trail = [join(given, 'audit.jsonl'), '--key', join(given, 'audit.pub')]
    expect(await cli(['audit', 'verify', ...trail])).toMatchObject({ code: 0 })
  })

  test('the hub starts with the data, shows all objects and proves the trail', async () => {
    const folder = await unpackData(version)
    const ownerKey = (await readFile(join(folder, 'owner-key'), 'utf8')).trim()
    await using hub = await startTestHub({ data: join(folder, 'hub'), ownerKey })
    const rowsOf = async (path: string) => (await hub.ask<{ rows: unknown[] }>('GET', path)).body.rows
    expect(await rowsOf('/v1/sites')).toMatchObject([{ name: 'oslo', country: 'NO', labels: { line: '4' } }])
    expect(await rowsOf('/v1/devices')).toMatchObject([{ name: 'press-1', site: 'oslo' }])
    expect((await hub.ask('GET', '/v1/devices/press-1')).body).toMatchObject({
      items: [
        { name: 'pump-vibration', kind: 'flow', state: 'active' },
        { name: 'sensor-anomaly', kind: 'model', state: 'active', serving: { version: 1 } },
      ],
    })
    expect(await rowsOf('/v1/models')).toMatchObject([{ name: 'pump-vibration' }, { name: 'sensor-anomaly' }])
    expect((await hub.ask('GET', '/v1/models/sensor-anomaly/versions/@champion')).body).toMatchObject({ version: 1 })
    expect(await rowsOf('/v1/deployments')).toMatchObject([
      { spec: { name: 'pump-vibration' } },
      { spec: { name: 'sensor-anomaly' } },
    ])
    expect(await rowsOf('/v1/rollouts')).toMatchObject([{ status: 'done' }, { status: 'done' }])
    expect(await rowsOf('/v1/batches')).toMatchObject([{ status: 'ended', counts: { succeeded: 1 } }])
    // Invitations end after some days, so none is left.
    for (const path of ['secrets', 'sources', 'sinks', 'keys', 'roles', 'signing-keys']) {
      expect(await rowsOf(`/v1/${path}`), path).not.toEqual([])
    }
    expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
    // In 0.1.0 a role that could push models could make builds. Later releases have a permission for it.
    const builds = version === '0.1.0' ? ['build.write'] : []
    const { rows } = (await hub.ask<{ rows: { name: string }[] }>('GET', '/v1/roles')).body
    expect(rows.find(({ name }) => name === 'loader')).toMatchObject({ permissions: ['model.write', ...builds] })
    const token = await readFile(join(folder, 'join-token'), 'utf8')
    expect(parseJoinToken(token)).toMatchObject({ ok: true })
  })

  test('the agent starts with its folder, and serves the model without a hub', async () => {
    const folder = await unpackData(version)
    const [rest, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const words = ['--data', join(folder, 'press-1'), '--name', 'press-1', '--listen', rest, '--grpc', grpc]
    const agent = newService('press-1', 'apps/agent/src/main.ts', () => words)
    agent.launch()
    try {
      await agent.logged('runner_ready')
      const answer = await until('an answer of the model', () => askAnomaly(`http://${rest}`))
      expect(answer).toEqual({ version: 1, build: 'v1' })
      await agent.logged('link_down')
    } finally {
      await agent.end('SIGTERM')
    }
  })
})
