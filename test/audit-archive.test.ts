/** Old records of the audit trail in a file of their own: written, verified, removed from the hub, and proven together with what is left. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { OrganisationId } from '@skerry/contract/values/ids'
import { createAuthority, issueHubCertificate } from '@skerry/platform/certificates/certificate-authority'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep } from '@skerry/testkit/tier'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli } from '../apps/cli/test/stage/cli.ts'
import { sweepArchives } from '../apps/hub/src/audit/archive-sweep.ts'
import { appendAudit } from '../apps/hub/src/audit/audit-store.ts'
import { signTrail } from '../apps/hub/src/audit/checkpoints.ts'
import { detectIntrusions } from '../apps/hub/src/intrusion/detection.ts'
import { startHubProcess } from '../apps/hub/test/stage/hub-process.ts'
import { asBrowser, newPerson } from '../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../apps/hub/test/stage/running-hub.ts'
import { openUnguarded } from '../apps/hub/test/stage/unguarded.ts'

const DAY_MS = 86_400_000

let folder: string
let hub: TestHub
let nowMs: number
let env: Record<string, string>

/** A hub that began 300 days ago. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-archive-'))
  await mkdir(join(folder, 'hub'))
  nowMs = Date.now() - 300 * DAY_MS
  hub = await startTestHub({ data: join(folder, 'hub'), clock: { ...systemClock, nowMs: () => nowMs } })
  const authority = join(folder, 'ca.pem')
  await writeFile(authority, hub.hub.config.caPem)
  env = { SKERRY_HOME: folder, SKERRY_HUB: hub.url, SKERRY_KEY: hub.ownerKey, SKERRY_CA_FILE: authority }
})
afterEach(async () => {
  await hub[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const organisationId = async () =>
  OrganisationId.parse((await hub.ask<{ organisationId: string }>('GET', '/v1/audit/verify')).body.organisationId)

async function write(name: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const body = { kind: 'edge', labels: { name: 'blå 🦭' } }
    expect(await hub.ask('PUT', `/v1/sites/${name}-${index}`, { body })).toMatchObject({ status: 200 })
  }
}

async function sign(): Promise<number> {
  const signed = await signTrail(hub.hub, await organisationId(), AbortSignal.timeout(PATIENCE_MS))
  if (!signed.ok) throw new Error(signed.problem)
  return signed.checkpoint.sequence
}

const run = (...words: string[]) => cli(['audit', ...words], { env, nowMs: () => nowMs })
const file = (name: string) => join(folder, name)
async function sure(...words: string[]): Promise<string> {
  const { code, out, err } = await run(...words)
  expect({ words, code, err }).toEqual({ words, code: 0, err: '' })
  return out
}
const living = async () =>
  (await hub.hub.store.db.selectFrom('audit_records').select('sequence').orderBy('sequence').execute()).map(
    ({ sequence }) => sequence,
  )

test('two archives and the rest are one trail; each stands alone, and what was before is named', async () => {
  await write('old', 20)
  const first = await sign()
  nowMs += 30 * DAY_MS
  await write('older', 10)
  const second = await sign()
  nowMs += 250 * DAY_MS
  await write('new', 5)
  await sign()
  await detectIntrusions(hub.hub)
  for (const [name, before] of [
    ['a.jsonl', '260d'],
    ['b.jsonl', '200d'],
  ] as const) {
    await sure('archive', '--before', before, '--out', file(name))
    expect(await run('archive', '--before', before, '--out', file(name))).toMatchObject({ code: 1 })
    await sure('prune', file(name), '--yes')
    await sweepArchives(hub.hub)
  }
  expect((await living())[0]).toBe(second + 1)
  const verdict = (await hub.ask('GET', '/v1/audit/verify')).body
  expect(verdict).toMatchObject({ intact: true, archivedThrough: second })
  await writeFile(file('key.pem'), await sure('key'))
  await writeFile(file('rest.jsonl'), await sure('export'))
  const alone = { env: { SKERRY_HOME: '/nowhere' } }
  const key = ['--key', file('key.pem')]
  const verify = (...words: string[]) => cli(['audit', 'verify', ...words, ...key], alone)
  expect((await verify(file('a.jsonl'))).out).toContain(`signed checkpoints prove it up to record ${first}`)
  const digest = (await hub.ask<{ rows: { digest: string }[] }>('GET', '/v1/audit/archives')).body.rows[0]?.digest
  expect((await verify(file('b.jsonl'))).out).toContain(`the earlier records are in an archive, a file with ${digest}`)
  expect((await verify(file('rest.jsonl'))).out).toContain(
    `starts with record ${second + 1}: the earlier records are in an`,
  )
  const all = await verify(file('a.jsonl'), file('b.jsonl'), file('rest.jsonl'))
  expect(all).toMatchObject({ code: 0, out: expect.not.stringContaining('begins with') })
  expect(await sure('verify', file('a.jsonl'), file('b.jsonl'), '--with-hub')).not.toContain('begins with')
  expect(await sure('verify')).toContain('the earlier records are in an archive')
  expect(await verify(file('a.jsonl'), file('rest.jsonl'))).toMatchObject({ code: 1 })
  const lines = (await readFile(file('b.jsonl'), 'utf8')).split('\n')
  await writeFile(file('b.jsonl'), [...lines.slice(0, 4), ...lines.slice(5)].join('\n'))
  expect(await verify(file('a.jsonl'), file('b.jsonl'))).toMatchObject({ code: 1 })
  // A trail that was cut without an archive is broken, archive or not.
  using database = openUnguarded(hub)
  database.exec(`delete from audit_records where sequence = ${second + 1}`)
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ broken: { sequence: second + 1 } })
  database.exec(`update audit_archives set sequence = ${second + 1} where sequence = ${second}`)
  expect((await hub.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: false })
})

test('nothing goes that is young, not in the file, not sent yet, or not by an owner; the refusal is in the trail', async () => {
  await write('old', 6)
  const signed = await sign()
  const prune = (body: object, key?: string) =>
    hub.ask<{ code: string; message: string }>('POST', '/v1/audit/archives', {
      body,
      ...(key !== undefined && { key }),
    })
  const digest = `sha256:${'0'.repeat(64)}`
  const refused = { status: 409, body: { code: 'audit_archive_refused' } }
  expect(await prune({ sequence: signed, digest })).toMatchObject(refused)
  nowMs += 183 * DAY_MS
  expect((await prune({ sequence: signed, digest })).body.message).toContain('younger than 184 days')
  nowMs += 2 * DAY_MS
  expect(await prune({ sequence: signed, digest })).toMatchObject({
    status: 422,
    body: { code: 'audit_archive_mismatch' },
  })
  expect((await prune({ sequence: signed - 1, digest })).body.message).toContain('no signed checkpoint')
  expect(await prune({ sequence: 10_000, digest })).toMatchObject({ status: 409, body: { code: 'audit_damaged' } })
  await sure('archive', '--before', '1d', '--out', file('a.jsonl'))
  expect(await run('retention', '--keep-days', '183')).toMatchObject({ code: 2 })
  await sure('retention', '--keep-days', '365')
  expect(await run('prune', file('a.jsonl'), '--yes')).toMatchObject({
    code: 1,
    err: expect.stringContaining('365 days'),
  })
  await sure('retention', '--keep-days', '184')
  // The hub detects by itself, too, and may have come so far on a busy machine.
  await hub.hub.store.transaction((tx) => tx.deleteFrom('intrusion_cursors').execute())
  expect((await run('prune', file('a.jsonl'), '--yes')).err).toContain('intrusion detection has read')
  await detectIntrusions(hub.hub)
  await hub.ask('PUT', '/v1/audit/syslog', { body: { host: '9.9.9.9', fromSequence: 1 } })
  expect((await run('prune', file('a.jsonl'), '--yes')).err).toContain('syslog receiver has accepted records up to 0')
  await hub.ask('DELETE', '/v1/audit/syslog')
  const { secret } = (
    await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'admin', role: 'administrator' } })
  ).body
  expect(await prune({ sequence: signed, digest }, secret)).toMatchObject({ status: 403 })
  expect(await hub.ask('PUT', '/v1/audit/retention', { key: secret, body: { keepDays: 999 } })).toMatchObject({
    status: 403,
  })
  const text = await readFile(file('a.jsonl'), 'utf8')
  await writeFile(file('a.jsonl'), text.replace('old-3', 'old-4'))
  expect(await run('prune', file('a.jsonl'), '--yes')).toMatchObject({
    code: 1,
    err: expect.stringContaining('audit_broken'),
  })
  await writeFile(file('a.jsonl'), text.trimEnd().split('\n').slice(0, -1).join('\n'))
  expect(await run('prune', file('a.jsonl'), '--yes')).toMatchObject({
    code: 1,
    err: expect.stringContaining('audit_unproven'),
  })
  expect((await living())[0]).toBe(1)
  await writeFile(file('a.jsonl'), text)
  await sure('prune', file('a.jsonl'), '--yes')
  expect((await run('prune', file('a.jsonl'), '--yes')).err).toContain('archived and removed before')
  const { rows } = (await hub.ask<{ rows: { result: string }[] }>('GET', '/v1/audit?action=audit.prune')).body
  expect(new Set(rows.map(({ result }) => result))).toEqual(
    new Set(['audit_archive_refused', 'audit_archive_mismatch', 'audit_damaged', 'permission_denied', 'ok']),
  )
})

test('where it needs two people, one alone removes nothing', async () => {
  await write('old', 6)
  await sign()
  nowMs += 200 * DAY_MS
  await detectIntrusions(hub.hub)
  const bob = asBrowser(hub, await newPerson(hub, 'bob@example.com', 'owner'))
  await hub.ask('PUT', '/v1/approval-rules', { body: { audit: true } })
  await sure('archive', '--before', '190d', '--out', file('a.jsonl'))
  const alone = await run('prune', file('a.jsonl'), '--yes')
  expect(alone).toMatchObject({ code: 1, err: expect.stringContaining('approval_needed') })
  await sweepArchives(hub.hub)
  expect((await living())[0]).toBe(1)
  const id = /apr_[a-z2-7]+/.exec(alone.err)?.[0]
  expect(await bob('POST', `/v1/approvals/${id}/approve`, { reason: 'read it' })).toMatchObject({ status: 200 })
  await sure('prune', file('a.jsonl'), '--yes')
  const authority = await createAuthority({ commonName: 'Plant', nowMs })
  const { certificatePem, privateKeyPem } = await issueHubCertificate(authority, { hubId: 'hub.plant', nowMs })
  const held = await hub.ask('PUT', '/v1/audit/syslog', { body: { host: '9.9.9.9', certificatePem, privateKeyPem } })
  expect(held).toMatchObject({ status: 409, body: { code: 'approval_needed' } })
  const shown = (await hub.ask('GET', '/v1/approvals')).text
  expect(shown).toMatch(/"privateKeyPem":"sha256:[0-9a-f]{64}"/)
  expect(shown).not.toContain('PRIVATE KEY')
})

test(
  'a hub that is killed while it removes goes on with it, and the trail is whole all the while',
  deep('kills over 8,000 records; the first test archives and removes twice'),
  async () => {
    const actor = { kind: 'key' as const, id: 'key_aaaaaaaa', name: 'bulk' }
    const id = await organisationId()
    await hub.hub.store.transaction(async (tx) => {
      for (let index = 0; index < 8_000; index++) {
        const object = { kind: 'site', id: `site-${index}` }
        await appendAudit(tx, {
          organisationId: id,
          atMs: nowMs,
          actor,
          action: 'site.apply',
          object,
          result: 'ok',
          detail: {},
        })
      }
    })
    const signed = await sign()
    nowMs += 300 * DAY_MS
    while (
      (await hub.hub.store.db.selectFrom('intrusion_cursors').select('sequence').executeTakeFirst())?.sequence !==
      signed
    )
      await detectIntrusions(hub.hub)
    await sure('archive', '--before', '200d', '--out', file('a.jsonl'))
    await hub[Symbol.asyncDispose]()
    await writeFile(file('owner-key'), hub.ownerKey)
    const count = () => {
      using database = new DatabaseSync(join(hub.data, 'hub.sqlite'), { readOnly: true, timeout: 5_000 })
      return Number(database.prepare(`select count(*) as n from audit_records where sequence <= ${signed}`).get()?.n)
    }
    let kills = 0
    for (let isAsked = false; count() > 0; ) {
      await using process = await startHubProcess(hub.data)
      if (!isAsked) {
        env = { ...env, SKERRY_HUB: process.url }
        await sure('prune', file('a.jsonl'), '--yes')
        isAsked = true
      }
      for (const before = count(); count() === before && before > 0; )
        await systemClock.sleep(5, AbortSignal.timeout(PATIENCE_MS))
      expect((await process.ask('GET', '/v1/audit/verify')).body).toMatchObject({
        intact: true,
        archivedThrough: signed,
      })
      process.child.kill('SIGKILL')
      await process.ended
      kills += 1
    }
    expect(kills).toBeGreaterThan(0)
    await using process = await startHubProcess(hub.data)
    expect((await process.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true, archivedThrough: signed })
    env = { ...env, SKERRY_HUB: process.url }
    expect(await sure('verify', file('a.jsonl'), '--with-hub')).not.toContain('begins with')
  },
)
