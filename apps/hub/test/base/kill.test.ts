import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Digest } from '@skerry/contract/values/digest'
import { digestOf } from '@skerry/platform/files/hash'
import { rounds, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { type HubProcess, startHubProcess } from '../stage/hub-process.ts'
import { goldenOf, modelBytes, unary } from '../stage/test-model.ts'

/** Each a start, some uploads and pushes, and an end at a moment that nobody chose. */
const KILLS = Number(process.env.SKERRY_KILLS ?? rounds({ quick: 3, deep: 20 }))

/** On a busy machine the first kills may come before anything is acknowledged; then there are more of them. */
const KILLS_MAX = 20

type Upload = { id: string; offsetBytes: number; done: boolean }
type Version = { version: number; files: { path: string; digest: string; sizeBytes: number }[] }

const OPERATORS = [
  'Relu',
  'Tanh',
  'Sigmoid',
  'Abs',
  'Neg',
  'Exp',
  'Softsign',
  'Softplus',
  'Sqrt',
  'Floor',
  'Ceil',
  'Sign',
]

/** Uploads in three pieces and pushes; throws when the hub dies under it. */
async function work(hub: HubProcess, round: number): Promise<void> {
  for (let step = 0; ; step++) {
    const bytes = modelBytes({
      ...unary(OPERATORS[step % OPERATORS.length] ?? 'Relu'),
      metadata: { round: `${round}/${step}`, filling: 'x'.repeat(200_000) },
    })
    const digest = digestOf(bytes)
    const begun = await hub.ask<Upload>('POST', '/v1/uploads', { digest, sizeBytes: bytes.length })
    let { offsetBytes, done } = begun.body
    while (!done) {
      const end = Math.min(bytes.length, offsetBytes + 70_000)
      const sent = await hub.send(
        `/v1/uploads/${begun.body.id}?offsetBytes=${offsetBytes}`,
        bytes.subarray(offsetBytes, end),
      )
      if (sent.status !== 200) throw new Error(JSON.stringify(sent.body))
      ;({ offsetBytes, done } = sent.body as Upload)
    }
    const files = [{ path: 'model.onnx', digest }]
    const pushed = await hub.ask('POST', `/v1/models/m${step % 3}/versions`, {
      files,
      golden: goldenOf(0.5),
      aliases: ['newest'],
    })
    acknowledged.push(`${(pushed.body as { version: { id: string } }).version.id}`)
  }
}

/** The ids of versions whose push was answered. */
const acknowledged: string[] = []

/** Everything that is there is whole, and everything that was answered is there. */
async function check(hub: HubProcess, data: string): Promise<void> {
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
  const present = new Set<string>()
  for (const { name } of (await hub.ask<{ rows: { name: string }[] }>('GET', '/v1/models')).body.rows) {
    const shown = await hub.ask<{ model: { aliases: Record<string, number> }; versions: (Version & { id: string })[] }>(
      'GET',
      `/v1/models/${name}`,
    )
    const { model, versions } = shown.body
    expect(model.aliases.newest).toBe(versions[0]?.version)
    for (const { id, files } of versions) {
      present.add(id)
      expect(files.map(({ path }) => path)).toEqual(['golden.json', 'model.onnx'])
      for (const { digest } of files) expect(await digestOnDisk(data, Digest.parse(digest))).toBe(digest)
    }
  }
  expect(acknowledged.filter((id) => !present.has(id))).toEqual([])
  // Whatever carries a digest as its name has it.
  for (const shard of await readdir(join(data, 'blobs', 'sha256'))) {
    for (const name of await readdir(join(data, 'blobs', 'sha256', shard))) {
      expect(await digestOnDisk(data, Digest.parse(`sha256:${name}`))).toBe(`sha256:${name}`)
    }
  }
}

async function digestOnDisk(data: string, digest: Digest): Promise<string> {
  const hex = digest.slice('sha256:'.length)
  const bytes = await readFile(join(data, 'blobs', 'sha256', hex.slice(0, 2), hex))
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

test('a hub that is killed at any moment of an upload or a push has all of it or nothing', {
  ...strict('a kill that leaves half of a push is a finding'),
  timeout: 600_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-hub-kill-'))
  const data = join(folder, 'hub')
  try {
    for (let round = 0; round < KILLS || (acknowledged.length === 0 && round < KILLS_MAX); round++) {
      await using hub = await startHubProcess(data)
      await check(hub, data)
      const dying = work(hub, round)
      setTimeout(() => hub.child.kill('SIGKILL'), 50 + ((round * 7_919) % 1_500))
      await expect(dying).rejects.toThrow()
      expect(await hub.ended).toBe('SIGKILL')
    }
    await using last = await startHubProcess(data)
    await check(last, data)
    expect(acknowledged.length).toBeGreaterThan(0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
