import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Golden } from '@skerry/contract/devices/golden'
import { Digest } from '@skerry/contract/values/digest'
import { digestOf } from '@skerry/platform/files/hash'
import { rounds, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { type HubProcess, startHubProcess } from '../stage/hub-process.ts'
import { floats, goldenOf, modelBytes, unary } from '../stage/test-model.ts'

/** Each round has a start, some uploads and pushes, and a kill at a random moment. */
const KILLS = Number(process.env.SKERRY_KILLS ?? rounds({ quick: 3, deep: 20 }))

/** On a busy machine the first kills may come before any push is acknowledged. Then more rounds follow. */
const KILLS_MAX = 20

type Upload = { id: string; offsetBytes: number; done: boolean }
type Version = { version: number; files: { path: string; digest: string; sizeBytes: number }[] }

/** [ONNX operators] Each with its answer to 0.5. */
const OPERATORS: readonly [operator: string, answer: number][] = [
  ['Relu', 0.5],
  ['Tanh', Math.tanh(0.5)],
  ['Sigmoid', 1 / (1 + Math.exp(-0.5))],
  ['Abs', 0.5],
  ['Neg', -0.5],
  ['Exp', Math.exp(0.5)],
  ['Softsign', 1 / 3],
  ['Softplus', Math.log1p(Math.exp(0.5))],
  ['Sqrt', Math.sqrt(0.5)],
  ['Floor', 0],
  ['Ceil', 1],
  ['Sign', 1],
]

/** No operator answers this: a push that expects it is rejected, and must leave no version behind. */
const WRONG = 10

const expecting = (answer: number) => ({ cases: [{ inputs: { x: floats(0.5) }, outputs: { y: floats(answer) } }] })

/** Uploads in three pieces and pushes; throws when the hub dies meanwhile. */
async function work(hub: HubProcess, round: number): Promise<void> {
  for (let step = 0; ; step++) {
    const [operator, answer] = OPERATORS[step % OPERATORS.length] ?? ['Relu', 0.5]
    const bytes = modelBytes({
      ...unary(operator),
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
    const push = (golden: object) =>
      hub.ask('POST', `/v1/models/m${step % 3}/versions`, { files, golden, aliases: ['newest'] })
    if (step % 2 === 1) expect((await push(expecting(WRONG))).body).toMatchObject({ code: 'golden_reference_differs' })
    const pushed = await push(step % 4 === 0 ? goldenOf(0.5) : expecting(answer))
    acknowledged.push(`${(pushed.body as { version: { id: string } }).version.id}`)
  }
}

/** The ids of versions whose push was acknowledged. */
const acknowledged: string[] = []

/** Every stored object is complete, and every acknowledged version is stored. */
async function check(hub: HubProcess, data: string): Promise<void> {
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
  const present = new Set<string>()
  for (const { name } of (await hub.ask<{ rows: { name: string }[] }>('GET', '/v1/models')).body.rows) {
    const shown = await hub.ask<{
      deployable: { aliases: Record<string, number> }
      versions: (Version & { id: string })[]
    }>('GET', `/v1/models/${name}`)
    const { deployable, versions } = shown.body
    expect(deployable.aliases.newest).toBe(versions[0]?.version)
    for (const { id, files } of versions) {
      present.add(id)
      expect(files.map(({ path }) => path)).toEqual(['golden.json', 'model.onnx'])
      for (const { digest } of files) expect(await digestOnDisk(data, Digest.parse(digest))).toBe(digest)
      const golden = await readFile(pathOf(data, Digest.parse(files[0]?.digest)), 'utf8')
      const [only] = Golden.parse(JSON.parse(golden)).cases
      expect(only?.outputs.y?.data, 'no rejected push has left a version').not.toBe(floats(WRONG).data)
    }
  }
  expect(acknowledged.filter((id) => !present.has(id))).toEqual([])
  // Every blob has the digest in its name.
  for (const shard of await readdir(join(data, 'blobs', 'sha256'))) {
    for (const name of await readdir(join(data, 'blobs', 'sha256', shard))) {
      expect(await digestOnDisk(data, Digest.parse(`sha256:${name}`))).toBe(`sha256:${name}`)
    }
  }
}

function pathOf(data: string, digest: Digest): string {
  const hex = digest.slice('sha256:'.length)
  return join(data, 'blobs', 'sha256', hex.slice(0, 2), hex)
}

async function digestOnDisk(data: string, digest: Digest): Promise<string> {
  const bytes = await readFile(pathOf(data, digest))
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
      // A machine that has acknowledged nothing by the last round gets more time in each further one.
      const patience = Math.max(1, round - KILLS + 2)
      setTimeout(() => hub.child.kill('SIGKILL'), 50 + ((round * 7_919) % 1_500) * patience)
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
