/** Commands on monitors against a real hub: rules from files with a difference and revisions, an explanation, mutes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'
import { monitoredModel, sendWindows } from '../../apps/hub/test/monitors/monitored.ts'
import { startTestHub, type TestHub } from '../../apps/hub/test/stage/running-hub.ts'

let folder: string
let hub: TestHub
let fleet: Awaited<ReturnType<typeof monitoredModel>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-monitor-commands-'))
  hub = await startTestHub()
  await writeFile(join(folder, 'ca.pem'), hub.hub.config.caPem)
  fleet = await monitoredModel(hub)
})
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const run = (words: readonly string[], stdin = '') => {
  const env = {
    SKERRY_HOME: folder,
    SKERRY_HUB: hub.url,
    SKERRY_KEY: hub.ownerKey,
    SKERRY_CA_FILE: join(folder, 'ca.pem'),
  }
  return cli(['monitor', ...words], { env, stdin, nowMs: Date.now })
}

const RULES = "model: m\ncohorts: [site, 'label:line']\nactions:\n  - { do: rollback }\n"

test('rules from a file are compared, applied once, and changed with a new revision', async () => {
  const tried = await run(['apply', '-f', '-', '--dry-run'], RULES)
  expect(tried, tried.err).toMatchObject({ code: 0, out: 'the monitor of m would be created, revision 1\n' })
  expect((await run(['show', 'm'])).code).not.toBe(0)
  expect((await run(['apply', '-f', '-'], RULES)).out).toBe('the monitor of m created, revision 1\n')
  expect((await run(['apply', '-f', '-'], RULES)).out).toBe('the monitor of m unchanged, revision 1\n')
  const changed = await run(['apply', '-f', '-'], RULES.replace('site, ', ''))
  expect(changed.out).toBe('the monitor of m changed, revision 2\n')
  expect(changed.err).toContain('-  - site')
  const wrong = await run(
    ['apply', '-f', '-'],
    'model: m\ndrift: { warn: 2, alert: 1 }\n---\nmodel: m\ncohorts: [line]\n',
  )
  expect(wrong.code).not.toBe(0)
  expect(wrong.err).toMatch(/stdin:2.*warn must not be above alert[\s\S]*stdin:5.*must be site, or label:KEY/)
})

test('the rules in the documentation can be applied', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/models/monitors.md'), 'utf8')
  const [, rules = ''] = /```yaml\n(model: [\s\S]*?)```/.exec(text) ?? []
  const tried = await run(['apply', '-f', '-', '--dry-run'], rules)
  expect(tried, tried.err).toMatchObject({ code: 0, out: 'the monitor of anomaly would be created, revision 1\n' })
})

test('a verdict is explained with its figures, thresholds and cohorts', async () => {
  await run(['set', 'm', '--cohort', 'site', '--cohort', 'label:line'])
  await sendWindows(hub, fleet, [0, 0.9])
  const { out } = await run(['explain', 'm'])
  expect(out).toMatch(/^m:2: alert\n/)
  expect(out).toMatch(
    /x: alert\. stability index [0-9.]+ \(warns above 0\.1, alerts above 0\.25\); chance does not explain it/,
  )
  expect(out).toMatch(/It moved at line=2, site=hamburg, and not in other cohorts\./)
  expect((await run(['ls'])).out).toMatch(/^m +alert +2 +alert +1200 +[xy] [0-9.]+ +line=2, site=hamburg$/m)
  const shown = await run(['show', 'm'])
  expect(shown.out).toMatch(/site=hamburg +alert +600 /)
  expect(shown.out).toContain('rollback (dry run), at most once in')
})

test('a mute has a reason and an end, and is seen', async () => {
  expect((await run(['mute', 'm', '--for', '2h'])).err).toContain('--reason')
  const muted = await run(['mute', 'm', '--for', '2h', '--reason', 'new sensors'])
  expect(muted, muted.err).toMatchObject({ code: 0, out: expect.stringContaining('the monitor of m is muted until') })
  expect((await run(['show', 'm'])).out).toContain('new sensors')
  expect((await run(['unmute', 'm'])).out).toBe('the monitor of m is not muted\n')
  const released = await run(['release', 'm', 'line-3', '--reason', 'a try'])
  expect(released.code).not.toBe(0)
  expect(released.err).toContain('hold_unknown')
})

test('what devices counted becomes the profile', async () => {
  const made = await run(['baseline', 'm:2', '--from-devices', '7'])
  expect(made, made.err).toMatchObject({
    code: 0,
    out: expect.stringContaining('made from 1200 rows that devices counted'),
  })
})
