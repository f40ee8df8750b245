import { type ErrorCode, errors } from '@skerry/contract/errors/errors'
import { law, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Schema } from '../../src/http/documents/example.ts'
import { type ApiOperation, apiOperations, fillPath } from '../stage/api-request.ts'
import { keyFor, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const { operations, resolve } = await apiOperations()

/** Enough to meet each kind of trouble; a night's run takes SKERRY_FUZZ_RUNS=2000. */
const RUNS = Number(process.env.SKERRY_FUZZ_RUNS ?? rounds({ quick: 4, deep: 25 }))

let hub: TestHub
/** Names that exist, so that inputs come past the first look-up. */
const KNOWN = [
  'berlin',
  'pump',
  'best',
  'pumps',
  'gateway-7',
  '1',
  'latest',
  '@best',
  'true',
  'device.name == "gateway-7"',
]

beforeAll(async () => {
  hub = await startTestHub({ hasOperator: true })
  await joinDevice(hub)
  await push(hub, 'pump', modelBytes(unary('Relu')), { aliases: ['best'] })
  await hub.ask('PUT', '/v1/deployments/pumps', { body: { model: 'pump' } })
  const spec = { command: { kind: 'run-diagnostics' }, selector: 'true' }
  KNOWN.push((await hub.ask<{ id: string }>('POST', '/v1/batches', { body: spec })).body.id)
})
afterAll(() => hub[Symbol.asyncDispose]())

/** How much of the log is of tests before this one: what one of them made fail is no failure of the next. */
let logged = 0
beforeEach(() => {
  logged = hub.log.length
})
const failures = () => hub.log.slice(logged).filter(({ event }) => event === 'request_failed')

const garbage = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '../../etc/passwd',
    "'; drop table sites; --",
    'x'.repeat(3_000),
    1e308,
    -0,
    2 ** 53,
  ),
)

/** A value that fits the schema, mostly. */
function fitting(schema: unknown, depth = 0): fc.Arbitrary<unknown> {
  const resolved = resolve(schema)
  if ('const' in resolved) return fc.constant(resolved.const)
  if (Array.isArray(resolved.enum)) return fc.constantFrom(...resolved.enum)
  const branches = (resolved.anyOf ?? resolved.oneOf) as unknown[] | undefined
  if (branches) return fc.oneof(...branches.map((branch) => fitting(branch, depth)))
  switch (resolved.type) {
    case 'object':
      return depth > 6 ? fc.constant({}) : fittingObject(resolved, depth)
    case 'array':
      return fc.array(fitting(resolved.items, depth + 1), {
        minLength: Number(resolved.minItems ?? 0),
        maxLength: 3 + Number(resolved.minItems ?? 0),
      })
    case 'integer':
      return fc.oneof({ weight: 15, arbitrary: fc.integer(boundsOf(resolved)) }, { weight: 1, arbitrary: fc.integer() })
    case 'number':
      return fc.oneof(
        { weight: 15, arbitrary: fc.double({ ...boundsOf(resolved), noNaN: true }) },
        { weight: 1, arbitrary: fc.double() },
      )
    case 'boolean':
      return fc.boolean()
    default:
      return fittingText(resolved)
  }
}

const boundsOf = ({ minimum, maximum }: Schema) => ({
  min: Number(minimum ?? -5),
  max: Math.min(Number(maximum ?? 1e6), 1e6),
})

function fittingObject({ properties, required, additionalProperties }: Schema, depth: number): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries((properties ?? {}) as Record<string, unknown>).map(([name, field]) => [
      name,
      fitting(field, depth + 1),
    ]),
  )
  const record = fc.record(fields, { requiredKeys: (Array.isArray(required) ? required : []) as string[] })
  if (typeof additionalProperties !== 'object') return record
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fitting(additionalProperties, depth + 1), { maxKeys: 4 })
}

function fittingText({ pattern, minLength, maxLength, contentEncoding }: Schema): fc.Arbitrary<string> {
  if (contentEncoding === 'base64') return fc.base64String({ maxLength: 64 })
  const limits = { minLength: Number(minLength ?? 0), maxLength: Math.min(Number(maxLength ?? 40), 40) }
  const known = fc.constantFrom(...KNOWN)
  if (pattern === undefined) return fc.oneof(known, fc.string(limits), fc.string({ ...limits, unit: 'grapheme' }))
  try {
    return fc.oneof(known, fc.stringMatching(new RegExp(String(pattern)), { maxLength: 200 }))
  } catch {
    // Look-ahead: there is no generator for it.
    return fc.constantFrom('model.onnx', 'model.onnx', 'weights/part-1.bin', 'a/b', '..', 'a/../b')
  }
}

/** An input as it should be, one with a field that is nonsense, missing or too many, or nonsense altogether. */
const inputs = (schema: unknown): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 4, arbitrary: fitting(schema) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fitting(schema), fc.nat(), garbage)
        .map(([input, at, nonsense]) => spoil(input, at, nonsense)),
    },
    { weight: 1, arbitrary: garbage },
  )

function spoil(input: unknown, at: number, nonsense: unknown): unknown {
  if (typeof input !== 'object' || input === null) return nonsense
  const names = [...Object.keys(input), 'unknownField']
  return { ...input, [names[at % names.length] ?? 'x']: nonsense }
}

type Case = { path: Record<string, unknown>; query: Record<string, unknown>; body: unknown }

function casesOf({ parameters, body }: ApiOperation): fc.Arbitrary<Case> {
  const recordOf = (place: string, isAll: boolean) =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((each) => each.in === place)
          .map(({ name, schema }) => [name, fc.oneof({ weight: 5, arbitrary: fitting(schema) }, garbage)]),
      ),
      isAll ? {} : { requiredKeys: [] },
    )
  return fc.record({
    path: recordOf('path', true),
    query: recordOf('query', false),
    body: body ? inputs(body) : fc.constant(undefined),
  })
}

/** Forced, the hub would trust its first authority no more, and the test could not come back in: devices are what it is refused for. */
function spared({ name }: ApiOperation, body: unknown): unknown {
  if (name !== 'authority.retire' || typeof body !== 'object' || body === null || !('force' in body)) return body
  return { ...body, force: body.force === true ? false : body.force }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? 'undefined')

test.each(operations)('$name answers whatever it is asked with a code that everybody knows', law, async (operation) => {
  await fc.assert(
    fc.asyncProperty(casesOf(operation), async ({ path, query, body }) => {
      const filled = fillPath(operation, (name) => textOf(path[name]) || 'x')
      const search = new URLSearchParams(
        Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value)]),
      ).toString()
      const answer = await hub.ask<{ code?: ErrorCode }>(
        operation.method.toUpperCase(),
        `${filled}${search === '' ? '' : `?${search}`}`,
        { body: spared(operation, body), key: keyFor(hub, operation) },
      )
      expect(answer.status, answer.text).toBeLessThan(500)
      if (answer.status === 200) return
      const code = answer.body.code ?? 'internal_error'
      expect(errors[code]?.status, `${answer.status} ${answer.text}`).toBe(answer.status)
      const declared = [...operation.codes, 'route_unknown']
      expect(declared, `${operation.name} does not declare ${code}`).toContain(code)
    }),
    { numRuns: RUNS },
  )
  expect(failures()).toEqual([])
})

test.each(['pump', 'NaN', '0', '1e3', '9999999999', '-1', '1.5'])(
  'a version called %s is refused before a database hears of it',
  async (version) => {
    const answer = await hub.ask('GET', `/v1/models/pump/versions/${version}`)
    expect(answer).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
    expect(failures()).toEqual([])
  },
)

test('nothing that was asked has broken the audit chain, and no secret is in it or in the log', async () => {
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
  // [keyTextOf] Its last 43 characters, of which any may be an underscore.
  const secret = hub.ownerKey.slice(-43)
  expect(JSON.stringify(hub.log)).not.toContain(secret)
  expect((await hub.ask('GET', '/v1/audit?limit=500')).text).not.toContain(secret)
})
