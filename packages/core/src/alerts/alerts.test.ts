import { Alert, AlertCode } from '@skerry/contract/alerts/alert'
import { IntrusionId, OptimisationId, RolloutId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import {
  type AlertFacts,
  AUTHORITY_NOTICE_MS,
  type FailureFact,
  NO_FACTS,
  type RolloutFact,
  SERVER_NOTICE_MS,
  type SiteGroup,
} from './alert-facts.ts'
import { alertRules } from './alert-rules.ts'
import { alertsOf } from './alerts.ts'

const NOW_MS = Date.UTC(2026, 10, 25, 10)
const alertsFor = (facts: Partial<AlertFacts>) => alertsOf({ ...NO_FACTS, ...facts }, NOW_MS).alerts
const at = (site: string, count: number, sinceMs?: number): SiteGroup => ({ site, count, device: 'press-1', sinceMs })
const rollout: RolloutFact = {
  id: RolloutId.parse('rol_aaaaaaaaaaaaaaaa'),
  deployment: 'ocr',
  revision: 3,
  status: 'rolling',
  timedOut: 0,
}

test('a healthy fleet has no alert', () => {
  expect(alertsOf(NO_FACTS, NOW_MS)).toEqual({ alerts: [], omitted: 0 })
})

test('files of another database are critical, and unknown files are counted and kept', () => {
  const foreign = alertsFor({ files: { kind: 'foreign', count: 1, files: 1, sinceMs: 4 } })
  expect(foreign).toMatchObject([{ code: 'hub_files_foreign', severity: 'critical', sinceMs: 4 }])
  const messages = (['strays', 'halted'] as const).flatMap((kind) =>
    alertsFor({ files: { kind, count: 9, files: 1_200, sinceMs: 4 } }).map(({ id, message }) => ({ id, message })),
  )
  expect(messages).toEqual([
    {
      id: 'hub_files_unknown',
      message: 'the database of the hub does not know 9 of 1200 model files, which the hub keeps',
    },
    {
      id: 'hub_files_unknown',
      message: 'the database of the hub does not know 9 of 1200 model files: too many to remove, so the hub keeps them',
    },
  ])
})

test('an alert for one device names it and links to it', () => {
  expect(alertsFor({ failed: [at('oslo', 1, 5)] })).toEqual([
    {
      id: 'devices_failed:oslo',
      code: 'devices_failed',
      severity: 'critical',
      count: 1,
      sinceMs: 5,
      message: 'press-1 at oslo failed: no version of a model serves there',
      action: 'See the cause with `skerry device show press-1`. Correct it, or deploy another version',
      objects: [
        { kind: 'device', name: 'press-1' },
        { kind: 'site', name: 'oslo' },
      ],
      link: '/devices/press-1',
    },
  ])
})

const failure: FailureFact = {
  model: 'anomaly',
  version: 2,
  code: 'golden_mismatch',
  message: 'output score differs by 0.7 at 0',
  others: [],
  deployment: 'anomaly-oslo',
}

test.each<[string, Partial<FailureFact>, string]>([
  ['an older version that serves', { serving: 1 }, 'version 1 still serves'],
  ['no version that serves', {}, 'no version of anomaly serves there'],
  [
    'other models that serve',
    { others: ['ocr:3', 'pump:1'] },
    'no version of anomaly serves there, other models do: ocr:3, pump:1',
  ],
  [
    'many other models that serve',
    { others: ['a:1', 'b:1', 'c:1', 'd:1', 'e:1'] },
    'no version of anomaly serves there, other models do: a:1, b:1, c:1 and 2 more',
  ],
])('a failure names model, device, cause, commands and %s', (_, fields, serves) => {
  const [alert] = alertsFor({ failed: [{ ...at('oslo', 1, 5), failure: { ...failure, ...fields } }] })
  expect(alert?.message).toBe(
    `anomaly:2 failed on press-1 at oslo: golden_mismatch: output score differs by 0.7 at 0; ${serves}`,
  )
  expect(alert?.action).toBe(
    'See why with `skerry deployment explain anomaly-oslo press-1`. Correct the cause, then retry with `skerry device retry press-1 anomaly-oslo`, or deploy another version',
  )
})

test('failures on several devices name one of them, and many sites name the worst one', () => {
  const group = { ...at('oslo', 3), failure: { ...failure, serving: 1 } }
  expect(alertsFor({ degraded: [group] })[0]?.message).toBe(
    '3 devices at oslo have a failed version. For example, anomaly:2 failed on press-1: golden_mismatch: output score differs by 0.7 at 0; version 1 still serves',
  )
  const [fleet] = alertsFor({ degraded: [at('a', 1), at('b', 1), at('c', 1), group] })
  expect(fleet?.message).toContain(
    '6 devices at 4 sites have a failed version. For example, anomaly:2 failed on press-1',
  )
  expect(fleet?.action).toContain('skerry device retry press-1 anomaly-oslo')
})

test('a failure without a deployment has the general action, and a long cause is cut', () => {
  const long = { ...failure, message: 'x'.repeat(1_000), deployment: undefined }
  const [alert] = alertsFor({ failed: [{ ...at('oslo', 1), failure: long }] })
  expect(alert?.action).toBe('See the cause with `skerry device show press-1`. Correct it, or deploy another version')
  expect(Alert.parse(alert).message).toContain('xxx …; no version of anomaly serves there')
})

test('a few places have one alert each, with a link to their devices', () => {
  const alerts = alertsFor({ stale: [at('oslo', 2), at('bergen', 4)] })
  expect(alerts.map(({ id, message, link }) => ({ id, message, link }))).toEqual([
    {
      id: 'devices_stale:bergen',
      message: '4 devices at bergen are silent',
      link: `/devices?health=stale&q=${encodeURIComponent('site.name == "bergen"')}`,
    },
    {
      id: 'devices_stale:oslo',
      message: '2 devices at oslo are silent',
      link: `/devices?health=stale&q=${encodeURIComponent('site.name == "oslo"')}`,
    },
  ])
})

test('trouble at many places is one alert since the first device, and names the worst places', () => {
  const groups = Array.from({ length: 300 }, (_, index) => at(`plant-${index}`, index === 7 ? 15 : 10, 1_000 - index))
  expect(alertsFor({ failed: groups })).toMatchObject([
    {
      id: 'devices_failed',
      message: '3,005 devices at 300 sites failed: no version of a model serves there',
      count: 3_005,
      sinceMs: 701,
      objects: [{ name: 'plant-7', count: 15 }, {}, {}, {}, {}],
      link: '/devices?health=failed',
    },
  ])
})

test.each<[string, Partial<AlertFacts>, string, string]>([
  [
    'degraded',
    { degraded: [at('oslo', 1)] },
    'devices_degraded:oslo',
    'press-1 at oslo rejected a version and serves an older one',
  ],
  ['silent', { stale: [at('oslo', 1)] }, 'devices_stale:oslo', 'press-1 at oslo is silent'],
  [
    'a device that never reported',
    { unheard: [at('oslo', 1)] },
    'devices_unheard:oslo',
    'press-1 at oslo joined, but has never reported',
  ],
  [
    'several devices that never reported',
    { unheard: [at('oslo', 2)] },
    'devices_unheard:oslo',
    '2 devices at oslo joined, but have never reported',
  ],
  ['pending', { pending: [at('oslo', 1)] }, 'devices_pending:oslo', 'press-1 at oslo waits for approval'],
  [
    'a copied device',
    { duplicated: [at('oslo', 1)] },
    'devices_duplicated:oslo',
    'press-1 at oslo is used in two places at once, with one key',
  ],
  [
    'several pending devices',
    { pending: [at('oslo', 2)] },
    'devices_pending:oslo',
    '2 devices at oslo wait for approval',
  ],
  [
    'restored hub',
    { conflictPaused: [at('oslo', 1)] },
    'devices_conflict_paused:oslo',
    'press-1 at oslo follows a newer desired state than this hub knows',
  ],
  [
    'several devices after a restore',
    { conflictPaused: [at('oslo', 2)] },
    'devices_conflict_paused:oslo',
    '2 devices at oslo follow a newer desired state than this hub knows',
  ],
  [
    'a quarantined device',
    { quarantined: [at('oslo', 1)] },
    'devices_quarantined:oslo',
    'press-1 at oslo is in quarantine and gets no changes',
  ],
  [
    'several quarantined devices',
    { quarantined: [at('oslo', 2)] },
    'devices_quarantined:oslo',
    '2 devices at oslo are in quarantine and get no changes',
  ],
  ['disk low', { disk: 'low' }, 'hub_disk_low', 'the disk of the hub is nearly full'],
  ['disk full', { disk: 'full' }, 'hub_disk_full', 'the disk of the hub is full: it rejects uploads'],
])('says %s in words, under a stable id', (_, facts, id, message) => {
  expect(alertsFor(facts)).toMatchObject([{ id, message }])
})

test('devices with the same trouble share an alert with advice, and a few are found by name', () => {
  const troubles = new Map([
    ['clock_wrong', { count: 2, devices: ['a', 'b'] }],
    ['disk_low', { count: 40, devices: ['c', 'd', 'e', 'f', 'g'] }],
    ['gremlins', { count: 1, devices: ['z'] }],
    // The alert calls it conflict-paused.
    ['generation_conflict', { count: 3, devices: ['x'] }],
  ])
  const alerts = alertsFor({ troubles })
  expect(alerts.map(({ id, link }) => [id, link])).toEqual([
    ['devices_in_trouble:disk_low', '/devices?health=degraded'],
    ['devices_in_trouble:clock_wrong', `/devices?q=${encodeURIComponent('device.name in ["a","b"]')}`],
    ['devices_in_trouble:gremlins', '/devices/z'],
  ])
  expect(alerts[1]).toMatchObject({
    message: "2 devices report clock_wrong: its clock differs much from the hub's, or certificates are not valid yet",
    action: 'Set the clock; the device still serves its models',
  })
  expect(alerts[2]).toMatchObject({
    message: 'z reports gremlins',
    action: expect.stringContaining('`skerry device show z` has the message'),
  })
})

test('advice that refers to the documents names the document', () => {
  const [alert] = alertsFor({ troubles: new Map([['generation_refused', { count: 1, devices: ['a'] }]]) })
  expect(alert?.action).toBe('The hub was restored from a backup: see docs/concepts.md')
})

test.each<[Partial<RolloutFact>, string[]]>([
  [{ status: 'rolling' }, []],
  [{ status: 'rolling', timedOut: 2 }, ['2 devices did not answer in time in the rollout of ocr, revision 3']],
  [{ status: 'paused', timedOut: 2 }, []],
  [
    { status: 'paused', reason: '2 failed in wave canary', decidedByHubAtMs: 9 },
    ['the rollout of ocr, revision 3 is paused: 2 failed in wave canary'],
  ],
  // The strategy asks for the pause, so nothing is wrong.
  [{ status: 'paused', pausedBy: 'plan', reason: 'wave canary has passed', decidedByHubAtMs: 9 }, []],
  [
    {
      status: 'paused',
      pausedBy: 'gate',
      reason: '2 failed in wave canary',
      failed: { count: 4, devices: ['a', 'b', 'c'] },
      decidedByHubAtMs: 9,
    },
    ['the rollout of ocr, revision 3 is paused: 2 failed in wave canary (a, b, c and 1 more)'],
  ],
  [{ status: 'aborted', decidedByHubAtMs: 9 }, ['the rollout of ocr, revision 3 was aborted']],
  [{ status: 'rolled-back', decidedByHubAtMs: 9, timedOut: 2 }, ['the rollout of ocr, revision 3 was rolled back']],
  [{ status: 'rolled-back' }, ['the spec of ocr names the version of revision 3, which was rolled back']],
  // A person has resumed it, so the hub's earlier decision is over.
  [{ status: 'rolling', decidedByHubAtMs: 9 }, []],
])('the alert of a rollout reports an automatic stop or late devices: %j', (change, messages) => {
  const alerts = alertsFor({ rollouts: [{ ...rollout, ...change }] })
  expect(alerts.map(({ message }) => message)).toEqual(messages)
  for (const { link } of alerts) expect(link).toBe(`/rollouts/${rollout.id}`)
})

test('the alert of a rollout that a gate paused names the gate and no failed devices', () => {
  const gate = { wave: 'canary', analysis: 'latency' }
  const [alert] = alertsFor({ rollouts: [{ ...rollout, status: 'paused', decidedByHubAtMs: 9, gate }] })
  expect(alert?.action).toContain('gate latency of wave canary')
  expect(alert?.action).toContain('skerry rollout retry ocr --reason REASON')
  expect(alert?.action).not.toContain('failed')
})

test('device certificates that ended, and certificates that end soon, each raise an alert', () => {
  const alerts = alertsFor({
    certificatesEnded: { count: 1, devices: ['a'], dueMs: NOW_MS - 1 },
    certificatesEnding: { count: 2, devices: ['b', 'c'], dueMs: NOW_MS + 1 },
  })
  expect(alerts).toMatchObject([
    { code: 'certificates_ended', severity: 'critical', message: 'the certificate of a has ended', dueMs: NOW_MS - 1 },
    { code: 'certificates_ending', message: 'the certificates of 2 devices end soon and are not renewed' },
  ])
  const one = alertsFor({ certificatesEnding: { count: 1, devices: ['b'], dueMs: NOW_MS + 1 } })
  const many = alertsFor({ certificatesEnded: { count: 9, devices: ['b'], dueMs: NOW_MS - 1 } })
  expect([one[0]?.message, many[0]?.message]).toEqual([
    'the certificate of b ends soon and is not renewed',
    'the certificates of 9 devices have ended',
  ])
  expect(many[0]?.link).toBe('/devices')
})

test.each([
  ['certificateNotAfterMs', SERVER_NOTICE_MS, 'hub_certificate_ending'],
  ['authorityNotAfterMs', AUTHORITY_NOTICE_MS, 'hub_authority_ending'],
] as const)('%s raises an alert in time, and its severity grows', (fact, notice, code) => {
  const severityAt = (leftMs: number) => alertsFor({ [fact]: NOW_MS + leftMs }).map(({ severity }) => severity)
  expect(severityAt(notice.warning + 1)).toEqual([])
  expect(severityAt(notice.warning)).toEqual(['warning'])
  expect(severityAt(notice.critical)).toEqual(['critical'])
  expect(alertsFor({ [fact]: NOW_MS - 1 })).toMatchObject(
    [{ code, severity: 'critical', message: /has ended/ }].map(({ message: _, ...rest }) => rest),
  )
  expect(alertsFor({ [fact]: NOW_MS - 1 })[0]?.message).toContain('has ended')
})

test('keys that end soon share one alert', () => {
  const key = (name: string) => ({ name, expiresAtMs: NOW_MS + 5 })
  expect(alertsFor({ keys: [key('ci')] })).toMatchObject([{ message: 'the API key ci ends soon', dueMs: NOW_MS + 5 }])
  expect(alertsFor({ keys: [key('ci'), key('b')] })).toMatchObject([{ message: '2 API keys end soon', count: 2 }])
})

test('an intrusion finding raises an alert that names the response of the hub', () => {
  const found = {
    id: IntrusionId.parse('int_abcdefgh'),
    rule: 'permission_probing' as const,
    status: 'open' as const,
    subject: { kind: 'key' as const, id: 'key_abcdefgh', name: 'press' },
    score: 5,
    threshold: 5,
    count: 5,
    firstMs: 1,
    lastMs: 2,
    evidence: [1, 2],
    response: { state: 'done' as const, action: 'lock-key' as const },
  }
  expect(alertsFor({ intrusions: [found] })).toMatchObject([
    {
      id: 'intrusion_suspected:int_abcdefgh',
      severity: 'critical',
      count: 5,
      sinceMs: 1,
      objects: [{ kind: 'key', name: 'press' }],
      link: '/security?finding=int_abcdefgh',
      message: expect.stringMatching(/the key press; the hub has acted by itself$/),
    },
  ])
})

test('each alert code has a rule', () => {
  expect(Object.keys(alertRules).sort()).toEqual([...AlertCode.options].sort())
})

test('the alert for loosened approvals names the person', () => {
  const loosened = { by: 'ann', atMs: 5, kinds: ['batches', 'roles'] }
  expect(alertsOf({ ...NO_FACTS, loosened }, 10).alerts).toMatchObject([
    {
      id: 'approvals_off',
      severity: 'warning',
      count: 2,
      sinceMs: 5,
      message: expect.stringMatching(/^ann switched off/),
    },
  ])
})

test('a version that is slower than its goal raises an alert that proposes the recipes without a build', () => {
  const goal = { agreementMin: 0.99, differenceMax: 0.05, p95MaxMs: 12 }
  const proposal = { model: 'reader', version: 3, goal, recipes: ['static-int8-percentile' as const] }
  const optimisation = OptimisationId.parse('opt_abcdefgh234567')
  const [alert] = alertsFor({ slow: [{ proposal, optimisation, device: 'press-1', count: 3, p95Us: 18_240 }] })
  expect(alert).toMatchObject({ id: 'model_slow:reader:3', severity: 'warning', count: 3 })
  expect(alert?.message).toBe(
    'reader:3 answers 95 % of the requests to press-1 within 18.2 ms, and the goal of opt_abcdefgh234567 is 12 ms (3 devices are above the goal)',
  )
  expect(alert?.action).toContain(
    "`skerry model optimise reader:3 --recipe static-int8-percentile --goal 'agreement >= 0.99' --goal 'difference <= 0.05 σ' --goal 'p95 < 12 ms'`",
  )
  expect(alert?.action).toContain(`\`skerry model bench reader:3 --devices 'device.name == "press-1"'\``)
  expect(alert?.link).toBe(
    '/models/reader/versions/3/optimise?agreement=0.99&difference=0.05&p95=12&recipes=static-int8-percentile&measured=18.2',
  )
})

test('the action about a stopped rollout names its deployment, and no way back from the first revision', () => {
  const actionOf = (facts: Partial<RolloutFact>) => alertsFor({ rollouts: [{ ...rollout, ...facts }] })[0]?.action
  const paused = { status: 'paused', decidedByHubAtMs: 5 } as const
  const resume =
    'See the reason with `skerry rollout show ocr`. Then continue with `skerry rollout resume ocr --reason REASON`, or '
  expect(actionOf(paused)).toBe(`${resume}return to the earlier revision with \`skerry deployment rollback ocr\``)
  const anew = 'deploy another version, or remove the deployment with `skerry deployment rm ocr`'
  expect(actionOf({ ...paused, revision: 1 })).toBe(`${resume}${anew}`)
  const gate = { wave: 'canary', analysis: 'drift' }
  expect(actionOf({ ...paused, gate, revision: 1 })).toContain(`Or ${anew}`)
  expect(actionOf({ status: 'rolled-back', revision: 1 })).not.toContain('rollback')
  const emptied = { deployment: 'ocr', deployable: 'reader', rolloutId: rollout.id, sinceMs: 1 }
  expect(alertsFor({ emptied: [emptied] })[0]?.action).toContain('`skerry deployment rm ocr`')
})
