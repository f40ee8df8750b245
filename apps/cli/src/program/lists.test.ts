/**
 * Lists with filters, events of a rollout, and health of the hub: the requests to the hub, and the texts that people
 * see.
 */
import { beforeEach, expect, test } from 'vitest'
import { NOW_MS, rolloutOf } from '../../test/fake-hub/fake-data.ts'
import type { FakeHub } from '../../test/fake-hub/fake-hub.ts'
import { cli } from '../../test/stage/cli.ts'
import { openSignedIn } from '../../test/stage/signed-in.ts'

let hub: FakeHub
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

test.each([
  ['rollout-show', ['rollout', 'show', 'rol_abcdefgh234567']],
  ['rollout-events', ['rollout', 'events', 'rol_abcdefgh234567']],
  ['health', ['health']],
  ['certificate-ls', ['certificate', 'ls']],
])('the output is as in the golden file: %s', async (name, words) => {
  const { code, out, err } = await cli(words, { env })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out.replace(hub.url, 'https://hub.example:8443')).toMatchFileSnapshot(`../snapshots/tables/${name}.txt`)
})

test.each([
  ['rollout.wave == 1', 1],
  ['rollout.deployable == "anomaly" && rollout.failed == 0', 2],
  ['ANOMALY rolling', 2],
  ['paused', 0],
])('rollouts are filtered by %s', async (filter, expected) => {
  hub.state.watched = [rolloutOf(0), rolloutOf(1, { wave: 1 })]
  const { out } = await cli(['rollout', 'ls', '--filter', filter, '--json'], { env })
  expect(JSON.parse(out)).toHaveLength(expected)
})

test.each([
  ['site', ['site', 'ls', '--filter', 'site.country == "NL" && site.labels.line == "4"']],
  ['key', ['key', 'ls', '--filter', 'key.role == "owner" && !key.revoked']],
])('a filter keeps a matching %s, and drops another', async (_, words) => {
  expect(JSON.parse((await cli([...words, '--json'], { env })).out)).toHaveLength(1)
  const other = [...words.slice(0, -1), 'something-else']
  expect(JSON.parse((await cli([...other, '--json'], { env })).out)).toHaveLength(0)
})

test('an invalid filter is rejected before the hub gets a request', async () => {
  const { code, err } = await cli(['rollout', 'ls', '--filter', 'rollout.state == "x"'], { env })
  expect(code).toBe(2)
  await expect(err).toMatchFileSnapshot('../snapshots/errors/filter-invalid.txt')
})

test('device ls sends its filter to the hub, with words and with a selector', async () => {
  const found = await cli(['device', 'ls', '--filter', ' anomaly site:rotterdam '], { env })
  expect({ code: found.code, err: found.err }).toEqual({ code: 0, err: '' })
  expect(found.out).toMatch(/gateway-1 .* degraded +anomaly:2 failed, 1 serves/)
  expect(hub.state.calls).toContain('device.list anomaly site:rotterdam')
  const none = await cli(['device', 'ls', '--filter', 'nothing'], { env })
  expect(none.out).toBe('no device fits; "skerry device ls" lists all\n')
  for (const filter of ['nothing failed', 'nothing health:failed']) {
    const failed = await cli(['device', 'ls', '--filter', filter], { env })
    expect(failed.out, filter).toContain('"skerry device ls --filter failure:remembered" lists those')
  }
})

test.each([
  ['modell:ocr', 'devices have no field "modell"'],
  ['device.name = "a"', 'the filter is read as a selector, because'],
])('device ls rejects the filter %s before the hub gets a request', async (filter, problem) => {
  const { code, err } = await cli(['device', 'ls', '--filter', filter], { env })
  expect([code, err]).toEqual([2, expect.stringContaining(problem)])
  expect(hub.state.calls).toEqual([])
})

test('audit ls says what was done in words, and marks a dry run; the codes are in the JSON', async () => {
  const [first] = hub.state.audit
  if (!first) throw new Error('the trail is empty')
  const dry = { ...first, detail: { change: 'created', dryRun: true } }
  hub.state.audit = [dry, { ...dry, sequence: 2, result: 'revision_stale' }, { ...first, sequence: 3 }]
  const { out } = await cli(['audit', 'ls', '--oldest-first'], { env })
  expect(out.split('\n').slice(1, 4)).toEqual([
    expect.stringMatching(/key owner {2}made a dry run: create the site site-1 +dry run {2,}127/),
    expect.stringMatching(/key owner {2}could not create the site site-1 +dry run, revision_stale {2,}127/),
    expect.stringMatching(/key owner {2}changed the site site-1 +ok {2,}127/),
  ])
  const json = JSON.parse((await cli(['audit', 'ls', '--json'], { env })).out)
  expect(json[0]).toMatchObject({ action: 'site.apply' })
})

test('audit ls filters by time, actor, action, object and result', async () => {
  const which = ['--action', 'rollout.*', '--object', 'x', '--actor', 'owner', '--result', 'refused']
  await cli(['audit', 'ls', '--from', '2h', '--to', '2026-11-24T10:00Z', ...which, '--limit', '1'], { env })
  const asked = hub.state.calls[0] ?? ''
  expect(JSON.parse(asked.replace('audit.list ', ''))).toEqual({
    fromMs: NOW_MS - 7_200_000,
    toMs: NOW_MS - 1_800_000,
    newestFirst: true,
    action: 'rollout.*',
    object: 'x',
    actor: 'owner',
    result: 'refused',
  })
})

test.each(['yesterday', '5', '2026-13-40', ''])('%j is not a time', async (from) => {
  const { code, err } = await cli(['audit', 'ls', '--from', from], { env })
  expect([code, err.includes('must be a time such as 2026-11-24T10:30Z')]).toEqual([2, true])
})
