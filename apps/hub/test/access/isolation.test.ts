/**
 * Isolation: one organisation can neither change another one nor learn of it.
 *
 * The owner of a second organisation calls every procedure of the contract, with the first one's ids and names in every
 * text field. A device of the second one sends every possible message over its link and every request with its
 * certificate, with the first one's ids. Afterwards each row of the first one is unchanged. No answer contains facts
 * about it that the request did not contain itself.
 */

import { link as linkContract } from '@skerry/contract/link/link'
import { DeploymentId } from '@skerry/contract/values/ids'
import { law, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exampleOf, type Schema } from '../../src/http/documents/example.ts'
import { type ApiOperation, apiOperations, byteOperations, thingIn } from '../stage/api-request.ts'
import { makeThings } from '../stage/made-things.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { INVENTORY, joinDevice, openLink, reportOf, type TestDevice, type TestLink } from '../stage/test-device.ts'
import { goldenOf, modelBytes, push, unary } from '../stage/test-model.ts'

const { operations, resolve } = await apiOperations()
/** Sign-in, invitations and join tokens have no caller with an organisation; they have tests of their own. */
const guarded = [...operations, ...byteOperations].filter(({ access }) => access !== 'public')

/** Each field of each procedure meets each kind of text several times; a night's run takes SKERRY_FUZZ_RUNS=500. */
const RUNS = Number(process.env.SKERRY_FUZZ_RUNS ?? rounds({ quick: 2, deep: 12 }))

type Client = TestLink['client']

const PLANTED = 'planted-in-the-first'

let hub: TestHub
let strangerKey: string
/** A device that the second organisation's owner may remove, and one that sends over its link. */
let strangerDevice: TestDevice
let speaking: TestDevice
/** The objects of the first organisation, by the names of path parameters, and the objects of the second one. */
let theirs: Record<string, string>
let own: Record<string, string>
/** Every id, digest and marked word of the first organisation. */
let secrets: string[]
let before: Map<string, string>

beforeAll(async () => {
  hub = await startTestHub()
  const { body } = await hub.ask<{ key: { id: string } }>('POST', '/v1/keys', {
    body: { name: 'first', role: 'viewer' },
  })
  theirs = await makeThings(hub, body.key.id)
  await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge', labels: { [PLANTED]: PLANTED } } })
  const { body: version } = await hub.ask<{ files: { digest: string }[] }>('GET', '/v1/models/pump/versions/1')
  theirs.digest = version.files.at(-1)?.digest ?? ''
  strangerKey = await otherOrganisation(hub, 'second')
  await makeOwn()
  secrets = await tellTales()
  before = await rowsOfFirst()
})
afterAll(() => hub[Symbol.asyncDispose]())

/** The second organisation has objects too, so that its calls pass the first lookup. */
async function makeOwn(): Promise<void> {
  const as: TestHub = {
    ...hub,
    ask: (method, path, options) => hub.ask(method, path, { key: strangerKey, ...options }),
  }
  strangerDevice = await joinDevice(hub, { site: 'bergen', key: strangerKey })
  speaking = await joinDevice(hub, { site: 'bergen', key: strangerKey })
  await push(as, 'valve', modelBytes(unary('Neg')), { golden: goldenOf(1) })
  await as.ask('PUT', '/v1/deployments/valves', { body: { deployable: 'valve' } })
  const batch = await as.ask<{ id: string }>('POST', '/v1/batches', {
    body: { command: { kind: 'run-diagnostics' }, selector: 'true' },
  })
  own = {
    site: 'bergen',
    device: strangerDevice.id,
    deployable: 'valve',
    version: '1',
    deployment: 'valves',
    name: 'valves',
  }
  own.batch = batch.body.id
}

const firstId = async () => (await hub.ask<{ organisationId: string }>('GET', '/v1/me')).body.organisationId

/** Tables that the hub itself changes meanwhile, such as times of use. */
const RESTLESS = ['intrusion_cursors', 'intrusion_tallies', 'intrusions', 'audit_checkpoints', 'desired_queue']

/** The rows of the first organisation, by table. */
async function rowsOfFirst(): Promise<Map<string, string>> {
  const id = await firstId()
  const tables = [...hub.hub.nouns.purge.map(([table]) => table), ...hub.hub.nouns.kept].filter(
    (table) => !RESTLESS.includes(table),
  )
  const rows = new Map<string, string>()
  for (const table of tables) {
    const found = await sql<
      Record<string, unknown>
    >`select * from ${sql.table(table)} where organisation_id = ${id}`.execute(hub.hub.store.db)
    const lines = found.rows.map(({ last_used_at_ms: _, ...row }) => JSON.stringify(row))
    rows.set(table, lines.toSorted().join('\n'))
  }
  return rows
}

/**
 * Words that only the first organisation has: ids, digests of content, and marked words. Shared words, such as the
 * public halves of its keys, do not count.
 */
async function tellTales(): Promise<string[]> {
  const text = [...(await rowsOfFirst()).values()].join('\n')
  const ids =
    text.match(/\b(?:dev|dep|rol|bat|key|tok|usr|inv|apr|ses|sec|con|exp|ver|upl|int|site)_[a-z2-7]{19,20}\b/g) ?? []
  return [...new Set([...ids, theirs.digest ?? '', PLANTED])].filter(Boolean)
}

/**
 * Texts for a field: values of the first organisation that fit the field's name and pattern, if these show the kind.
 */
function theirTexts(name: string, { pattern }: Schema): string[] {
  const prefix = /^\^([a-z]+)_/.exec(String(pattern ?? ''))?.[1]
  const all = Object.entries(theirs)
  if (prefix) return secrets.filter((each) => each.startsWith(`${prefix}_`))
  if (String(pattern ?? '').startsWith('^sha256')) return [theirs.digest ?? '']
  const named = all.filter(([noun]) => noun === name).map(([, value]) => value)
  // The API stores free text and shows it to its author again. So these fields get only names, which reveal nothing.
  return named.length > 0 ? named : ['oslo', 'pump', 'pumps', 'best', 'loader']
}

/** An input with the first one's texts in some fields, and the second one's or an example in the others. */
function input(name: string, schema: unknown, depth = 0): fc.Arbitrary<unknown> {
  const resolved = resolve(schema)
  if ('const' in resolved) return fc.constant(resolved.const)
  if (Array.isArray(resolved.enum)) return fc.constantFrom(...resolved.enum)
  const branches = (resolved.anyOf ?? resolved.oneOf) as unknown[] | undefined
  if (branches) return fc.oneof(...branches.map((branch) => input(name, branch, depth)))
  if (resolved.type === 'object') return inputObject(resolved, depth)
  if (resolved.type === 'array') {
    return fc.array(input(name.replace(/s$/, ''), resolved.items, depth + 1), {
      minLength: Math.max(1, Number(resolved.minItems ?? 0)),
      maxLength: 1 + Number(resolved.minItems ?? 0),
    })
  }
  if (resolved.type !== 'string') return fc.constant(exampleOf(resolved, resolve, 1))
  const usual = own[name] ?? String(exampleOf(resolved, resolve, 1))
  if (name === 'selector') return fc.constantFrom('true', 'site.name == "oslo"')
  const choices = theirTexts(name, resolved)
  return choices.length === 0 ? fc.constant(usual) : fc.oneof(fc.constant(usual), fc.constantFrom(...choices))
}

function inputObject({ properties, required }: Schema, depth: number): fc.Arbitrary<unknown> {
  if (depth > 6) return fc.constant({})
  const fields = Object.entries((properties ?? {}) as Record<string, unknown>)
  const record = Object.fromEntries(fields.map(([name, field]) => [name, input(name, field, depth + 1)]))
  return fc.record(record, { requiredKeys: (Array.isArray(required) ? required : []) as string[] })
}

type Question = { path: string; body: unknown }

function questionsOf({ path, parameters, body }: ApiOperation): fc.Arbitrary<Question> {
  const placed = (place: string) => parameters.filter((each) => each.in === place)
  const texts = (place: string) =>
    fc.record(Object.fromEntries(placed(place).map(({ name, schema }) => [name, input(thingIn(path, name), schema)])))
  return fc
    .record({ inPath: texts('path'), query: texts('query'), body: body ? input('', body) : fc.constant(undefined) })
    .map((drawn) => {
      const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
        encodeURIComponent(String((drawn.inPath as Record<string, unknown>)[name])),
      )
      const search = new URLSearchParams(drawn.query as Record<string, string>).toString()
      return { path: search === '' ? filled : `${filled}?${search}`, body: drawn.body }
    })
}

/** Facts about the first organisation in an answer that the request did not contain. */
const toldBy = (answer: string, question: string) =>
  secrets.filter((secret) => answer.includes(secret) && !question.includes(secret))

async function expectUntouched(): Promise<void> {
  const now = await rowsOfFirst()
  for (const [table, rows] of before) expect(now.get(table), `${table} of the other organisation`).toBe(rows)
}

test('the planted secrets can be found in an answer', async () => {
  expect(secrets.length).toBeGreaterThan(15)
  const { text } = await hub.ask('GET', '/v1/sites/oslo')
  expect(toldBy(text, '')).toContain(PLANTED)
})

describe('over the API', () => {
  test.each(guarded)(
    '$name neither reveals nor changes the objects of another organisation',
    law,
    async (operation) => {
      await fc.assert(
        fc.asyncProperty(questionsOf(operation), async ({ path, body }) => {
          const isBytes = operation.isBytes && operation.method !== 'get'
          const answer = await hub.ask(operation.method.toUpperCase(), path, {
            key: strangerKey,
            ...(isBytes
              ? { raw: Uint8Array.of(1), headers: { 'content-type': 'application/octet-stream' } }
              : { body }),
          })
          expect(answer.status, answer.text).toBeLessThan(500)
          const question = `${decodeURIComponent(path)}${JSON.stringify(body)}`
          expect(toldBy(answer.text, question), `${path} ${JSON.stringify(body)}\n${answer.text}`).toEqual([])
        }),
        { numRuns: RUNS },
      )
      await expectUntouched()
    },
  )
})

describe('over the device link', () => {
  const item = () => ({
    name: 'pump',
    deploymentId: DeploymentId.parse(secrets.find((each) => each.startsWith('dep_'))),
    target: { version: 1, digest: theirs.digest as never, revision: 1 },
    retryToken: 0,
    state: 'active' as const,
    sinceMs: Date.now(),
    serving: { version: 1, digest: theirs.digest as never },
  })
  const HELD = [
    { name: 'secrets', held: { revision: 7 } },
    { name: 'connections', held: { running: [] } },
    { name: 'trust', held: {} },
    { name: 'authorities', held: { held: 'none' } },
    { name: 'secrets', held: {} },
  ]

  /** Every message of a device, with the first one's ids in every field that accepts one. */
  const says: Record<keyof typeof linkContract, (client: Client) => Promise<unknown>> = {
    report: (client) =>
      client.report(
        reportOf({
          items: [item() as never],
          observedGeneration: 1,
          observedDigest: theirs.digest as never,
          inventory: INVENTORY,
        }),
      ),
    desired: async (client) => first(client, await client.desired({})),
    commands: async (client) => first(client, await client.commands({ kinds: ['infer', 'logs'] })),
    answer: (client) => client.answer({ id: 'cmd_abcdefgh234567', ok: true } as never),
    jobs: async (client) => first(client, await client.jobs({ kinds: ['run-diagnostics'] })),
    jobDone: (client) => client.jobDone({ batchId: theirs.batch as never, attempt: 1, outcome: 'succeeded' }),
    documents: async (client) => first(client, await client.documents({ names: HELD.map(({ name }) => name) })),
    held: async (client) => {
      const stream = await client.documents({ names: HELD.map(({ name }) => name) })
      const replies = await Promise.all(HELD.map((report) => client.held(report)))
      return [replies, await first(client, stream)]
    },
    journal: (client) => client.journal({ entries: [] } as never),
    telemetry: (client) =>
      client.telemetry({ stream: '0011223344556677', lane: 'normal', first: 1, values: [] } as never),
    leave: (client) => client.leave({}),
    renew: (client) => client.renew({ csr: 'none' as never }),
    // The last call: afterwards the hub ignores the device.
    wipeBegun: (client) => client.wipeBegun({}),
  }

  test.each(Object.keys(linkContract) as (keyof typeof linkContract)[])('%s', async (name) => {
    using link = await openLink(hub, speaking)
    await link.client.report(reportOf())
    const answer = await says[name](link.client).catch((error: unknown) => String(error))
    const text = JSON.stringify(answer) ?? ''
    expect(toldBy(text, JSON.stringify([item(), theirs.batch]))).toEqual([])
    await expectUntouched()
  })

  test('by its certificate a device gets no bytes of another organisation, and answers none of its commands', async () => {
    const certificate = speaking
    const blob = await hub.ask('GET', `/v1/blobs/${theirs.digest}`, { key: null, certificate })
    expect([403, 404]).toContain(blob.status)
    for (const [method, path] of [
      ['GET', '/v1/device-commands/cmd_abcdefgh234567'],
      ['GET', `/v1/device-connections/${theirs.connection}`],
      ['PUT', '/v1/device-commands/cmd_abcdefgh234567/answer'],
      ['GET', `/v1/blobs/${theirs.digest}/caches`],
      ['GET', `/v1/blobs/${theirs.digest}/chunks`],
      ['POST', `/v1/blobs/${theirs.digest}/chunks`],
      ['POST', `/v1/blobs/${theirs.digest}/runs`],
    ] as const) {
      const headers = { 'content-type': 'application/octet-stream' }
      const answer = await hub.ask(method, path, {
        key: null,
        certificate,
        ...(method !== 'GET' && { raw: Uint8Array.of(1), headers }),
      })
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
    }
    await expectUntouched()
  })
})

/**
 * The first immediate message of the stream, if there is one. Messages keep their order, so it comes before the answer
 * to a report.
 */
async function first(client: Pick<Client, 'report'>, stream: AsyncIterable<unknown>): Promise<unknown> {
  const iterator = stream[Symbol.asyncIterator]()
  return Promise.race([iterator.next().then(({ value }) => value), client.report(reportOf())])
}
