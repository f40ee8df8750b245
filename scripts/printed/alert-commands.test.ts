/** The commands of alerts: each names the real objects, and the CLI takes it. */
import { AlertCode } from '@skerry/contract/alerts/alert'
import { IntrusionId, OptimisationId, RolloutId } from '@skerry/contract/values/ids'
import { type AlertFacts, type DeviceGroup, NO_FACTS, type SiteGroup } from '@skerry/core/alerts/alert-facts'
import { alertsOf } from '@skerry/core/alerts/alerts'
import { conditionAdvice } from '@skerry/core/devices/condition-advice'
import { expect, test } from 'vitest'
import { commandTrouble } from './check-command.ts'
import { printedCommands } from './printed-commands.ts'

const NOW_MS = Date.UTC(2026, 10, 25, 10)
const FEW_MS = 60_000

const group: SiteGroup = { site: 'oslo', count: 1, device: 'press-4' }
const failure = {
  model: 'leak',
  version: 2,
  code: 'golden_mismatch',
  message: '',
  others: [],
  deployment: 'leak-north',
}
const ending = { count: 1, devices: ['press-4'], site: 'oslo', dueMs: NOW_MS }
const id = RolloutId.parse('rol_aaaaaaaaaaaaaaaa')
const rollout = { id, deployment: 'leak-north', revision: 3, timedOut: 0, decidedByHubAtMs: 5 }
const failed = { count: 1, devices: ['press-4'] }
const down = { count: 1, oldest: [{ name: 'pump-1', device: 'press-4', sinceMs: 1 }] }

const FACTS: readonly AlertFacts[] = [
  {
    ...NO_FACTS,
    failed: [{ ...group, failure }],
    degraded: [{ ...group, failure }],
    stale: [group],
    unheard: [group],
    pending: [group],
    duplicated: [group],
    conflictPaused: [group],
    quarantined: [group],
    troubles: new Map<string, DeviceGroup>([
      ['gremlins', { count: 1, devices: ['press-4'] }],
      ...Object.keys(conditionAdvice).map(
        (code) => [code, { count: 1, devices: ['press-4'], site: 'oslo', deployment: 'leak-north' }] as const,
      ),
    ]),
    certificatesEnded: ending,
    certificatesEnding: ending,
    rollouts: [
      { ...rollout, status: 'paused', failed },
      { ...rollout, status: 'aborted', failed },
      { ...rollout, status: 'rolling', timedOut: 2 },
    ],
    emptied: [{ deployment: 'leak-north', deployable: 'leak', rolloutId: id, sinceMs: 1 }],
    moved: [{ model: 'leak', version: 2, sinceMs: 1, features: [], deployment: 'leak-north' }],
    slow: [
      {
        proposal: {
          model: 'leak',
          version: 2,
          goal: { agreementMin: 1, differenceMax: 0, p95MaxMs: 5 },
          recipes: ['static-int8-percentile'],
        },
        optimisation: OptimisationId.parse('opt_aaaaaaaaaaaaaaaa'),
        device: 'press-4',
        count: 1,
        p95Us: 9_000,
      },
    ],
    vulnerable: { count: 1, worst: { id: 'osv-2026-1', severity: 'critical', devices: 1 } },
    invalidAnswers: [
      { model: 'assistant', version: 2, device: 'press-4', count: 1, invalidShare: 0.3, deployment: 'desk' },
    ],
    down: { source: down, sink: down },
    alarms: [
      {
        signal: 'pump-anomaly/alarm',
        condition: 'heat above 80',
        inputs: [{ source: 'pump-1', tag: 'heat' }],
        texts: [],
        device: 'press-4',
        site: 'oslo',
        sinceMs: 1,
        isSilent: false,
        reasons: {},
      },
    ],
    certificateNotAfterMs: NOW_MS + FEW_MS,
    authorityNotAfterMs: NOW_MS + FEW_MS,
    disk: 'low',
    files: { kind: 'strays', count: 1, files: 1, sinceMs: 1 },
    loosened: { by: 'ann', atMs: 1, kinds: ['batches'] },
    keys: [{ name: 'ci', expiresAtMs: NOW_MS + FEW_MS }],
    intrusions: [
      {
        id: IntrusionId.parse('int_abcdefgh'),
        rule: 'permission_probing',
        status: 'open',
        subject: { kind: 'key', id: 'key_abcdefgh', name: 'press' },
        score: 5,
        threshold: 5,
        count: 5,
        firstMs: 1,
        lastMs: 2,
        evidence: [1],
        response: { state: 'done', action: 'lock-key' },
      },
    ],
  },
  { ...NO_FACTS, disk: 'full', files: { kind: 'foreign', count: 1, files: 1, sinceMs: 1 } },
]

const alerts = FACTS.flatMap((facts) => alertsOf(facts, NOW_MS).alerts)

/** Words that only the person can choose, or that the facts of the alert do not have. */
const CHOSEN = ['REASON', 'NAME', 'VERSION', 'ROLE', 'ROWS', 'RULE', 'SOURCE', 'MODEL']

test('the facts of this file raise every alert', () => {
  expect([...new Set(alerts.map(({ code }) => code))].sort()).toEqual([...AlertCode.options].sort())
})

test('no alert leaves the names of device, site, deployment or finding to the person', () => {
  const open = alerts.flatMap(({ id: name, action }) =>
    [...action.matchAll(/`(skerry [^`]+)`/g)].flatMap(([, command = '']) =>
      (command.match(/\b[A-Z]{2,}\b/g) ?? []).filter((word) => !CHOSEN.includes(word)).map((word) => [name, word]),
    ),
  )
  expect(open).toEqual([])
})

test('most alerts give a command, and it names the device', () => {
  const actionOf = (code: string) => alerts.find((alert) => alert.code === code)?.action
  expect(actionOf('devices_pending')).toBe(
    'Compare the key with `skerry device pending`. Then run `skerry device approve press-4`, or `skerry device deny press-4 --reason REASON`',
  )
  expect(actionOf('rollout_stopped')).toBe(
    'See the reason with `skerry deployment explain leak-north press-4`, then deploy a better version. Devices keep their last good version',
  )
  expect(actionOf('certificates_ended')).toContain('`skerry device token create --site oslo`')
  expect(actionOf('model_moved')).toContain('`skerry deployment rollback leak-north`')
  expect(actionOf('answers_invalid')).toContain('`skerry deployment rollback desk`')
  expect(actionOf('intrusion_suspected')).toContain('`skerry intrusion show int_abcdefgh`')
  const stopped = alerts.find((alert) => alert.id === 'devices_in_trouble:model_stopped')
  expect(stopped?.action).toContain('`skerry device retry press-4 leak-north`')
})

test('the CLI takes every command of an alert as it stands there', () => {
  const commands = alerts.flatMap(({ action }) =>
    [...action.matchAll(/`(skerry [^`]+)`/g)].map(([, line = '']) => line),
  )
  expect(commands.length).toBeGreaterThan(40)
  const troubles = commands.flatMap((line) =>
    printedCommands(`\`\`\`\n${line}\n\`\`\`\n`, { isMarkdown: true }).map((command) => [
      line,
      commandTrouble(command),
    ]),
  )
  expect(troubles).toHaveLength(commands.length)
  expect(troubles.filter(([, trouble]) => trouble !== undefined)).toEqual([])
})
