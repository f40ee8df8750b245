/**
 * Permissions: calls every procedure as every built-in role and as the owner of another organisation, and compares the
 * results with docs/reference/permissions.md. Afterwards nobody has been able to change the trail of these calls.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Role, TenantRole } from '@skerry/contract/people/permissions'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { signBundle } from '@skerry/platform/signatures/sigstore-bundle'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiRequest, apiOperations, byteOperations, exampleRequest } from '../stage/api-request.ts'
import { makeThings } from '../stage/made-things.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { type Answer, startTestHub, type TestHub } from '../stage/running-hub.ts'

const { operations, resolve } = await apiOperations()
const guarded = [...operations, ...byteOperations].filter(({ access }) => access !== 'public')

const COLUMNS = [...Role.options, "another organisation's owner"] as const

/** The cells of the page, by procedure and column. */
let page: Map<string, Record<string, string>>
let hub: TestHub
/** The key of each column. */
let keys: Record<string, string>
/** The objects of the default organisation, by the names of path parameters. */
let things: Record<string, string>
let trailBefore: string[]

beforeAll(async () => {
  page = cellsOf(await readFile(join(import.meta.dirname, '../../../../docs/reference/permissions.md'), 'utf8'))
  hub = await startTestHub({ hasOperator: true })
  const made = await Promise.all(
    TenantRole.options.map(async (role) => {
      const body = { name: `as-${role}`, role }
      const { body: key } = await hub.ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', { body })
      return { role, ...key }
    }),
  )
  keys = Object.fromEntries(made.map(({ role, secret }) => [role, secret]))
  keys.operator = hub.operatorKey
  keys["another organisation's owner"] = await otherOrganisation(hub, 'stranger')
  things = await makeThings(hub, made[0]?.key.id ?? '')
  trailBefore = await trail()
})
afterAll(() => hub[Symbol.asyncDispose]())

function cellsOf(text: string): typeof page {
  const lines = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const heading = lines.find(([, first, second]) => first === 'procedure' && second === 'permission') ?? []
  const rows = lines.filter(({ length }) => length === heading.length)
  return new Map(
    rows.map((cells) => [
      (cells[1] ?? '').replaceAll('`', ''),
      Object.fromEntries(COLUMNS.map((column) => [column, cells[heading.indexOf(column)] ?? ''])),
    ]),
  )
}

/** All records of the organisation, as stored in the database. */
async function trail(): Promise<string[]> {
  const rows = await hub.hub.store.db
    .selectFrom('audit_records')
    .selectAll()
    .where('organisation_id', '=', (await me()).organisationId as never)
    .orderBy('sequence')
    .execute()
  return rows.map((row) => JSON.stringify(row))
}

const me = async () => (await hub.ask<{ organisationId: string }>('GET', '/v1/me')).body

const send = ({ method, path, ...body }: ApiRequest, key: string | undefined) =>
  hub.ask<{ code?: string; message?: string }>(method, path, { key: key ?? '', ...body })

test('the page has a row for each procedure, and no others', () => {
  const names = [...page.keys()].filter(
    (name) => name.includes('.') || byteOperations.some((each) => each.name === name),
  )
  expect(names.toSorted()).toEqual(guarded.map(({ name }) => name).toSorted())
})

test.each(guarded)('$name admits the roles that the page names', async (operation) => {
  const found: Record<string, string> = {}
  for (const role of Role.options) {
    const { status, body } = await send(exampleRequest(operation, resolve), keys[role])
    expect(status, `${role} ${operation.path}`).not.toBe(401)
    found[role] = status === 403 && body.code === 'permission_denied' ? '-' : 'yes'
  }
  found["another organisation's owner"] = await asStranger(operation)
  expect(found).toEqual(page.get(operation.name))
})

/**
 * Calls as the owner of another organisation, with existing objects and with unknown ones. The two answers must be
 * identical.
 */
async function asStranger(operation: (typeof guarded)[number]): Promise<string> {
  const key = keys["another organisation's owner"]
  const body = BODIES[operation.name]
  const request = (values: typeof things) => ({ ...exampleRequest(operation, resolve, values), ...(body && { body }) })
  const real = await send(request(things), key)
  if (real.status === 403 && real.body.code === 'permission_denied') return '-'
  if (!operation.path.includes('{') || real.status !== 404) return 'own'
  const nobodys = await send(request(unknownThings()), key)
  expect(withoutNames(real, things), `${operation.name} tells apart what others have`).toEqual(
    withoutNames(nobodys, unknownThings()),
  )
  return real.body.code?.endsWith('_unknown') ? 'unknown' : `${real.status}`
}

/** The examples of the document are no signatures and no period, and would be rejected before the hub looks for the thing. */
const BODIES: Readonly<Record<string, object>> = {
  'catalogue.yank': { listing: 'berlin', version: '3.4.5', reason: 'a test' },
  'market.rate': { stars: 4 },
  'learning.mark': { kind: 'normal', fromMs: 1, toMs: 2, reason: 'a test' },
  'testReport.attach': { bundle: signBundle(Buffer.from('{}'), generateKeyPair().privateKeyPem) },
}

/** Unknown names of the same length and form as the existing ones. */
const unknownThings = () =>
  Object.fromEntries(
    Object.entries(things).map(([name, value]) => {
      const prefix = /^[a-z]+_(?=[a-z2-7]{8})|^sha256:/.exec(value)?.[0]
      if (/^[0-9a-f]{64}$/.test(value)) return [name, 'e'.repeat(64)]
      if (value.startsWith('site:')) return [name, `site:z${value.slice('site:z'.length)}`]
      if (prefix === undefined) return [name, /^\d+$/.test(value) ? '7' : `z${value.slice(1)}`]
      return [name, prefix + (prefix === 'sha256:' ? 'e' : 'z').repeat(value.length - prefix.length)]
    }),
  )

function withoutNames({ status, body }: Answer, names: Record<string, string>) {
  let text = JSON.stringify(body)
  for (const [name, value] of Object.entries(names)) text = text.replaceAll(new RegExp(`\\b${value}\\b`, 'g'), name)
  return { status, text }
}

test('at the end every earlier record is unchanged, and the chain is valid', async () => {
  const after = await trail()
  expect(after.slice(0, trailBefore.length)).toEqual(trailBefore)
  expect(after.length).toBeGreaterThan(trailBefore.length)
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
})

test('no procedure changes or removes a record of the audit trail, and pruning removes archived records only', () => {
  const changing = operations.filter(({ noun, method }) => noun === 'audit' && method !== 'get')
  expect(changing.map(({ name, path }) => `${name} ${path}`)).toEqual([
    'audit.sign /v1/audit/checkpoints',
    'audit.setSyslog /v1/audit/syslog',
    'audit.removeSyslog /v1/audit/syslog',
    'audit.prune /v1/audit/archives',
    'audit.setRetention /v1/audit/retention',
  ])
})
