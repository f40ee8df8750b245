import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { expect, test } from 'vitest'
import { selectorWords } from '../selectors/selector-words.ts'
import { deployCommand } from './deploy-command.ts'
import { shortManifest } from './deployment-manifest.ts'
import { deploymentWords } from './deployment-words.ts'
import { presetStrategy } from './strategy-presets.ts'

const specOf = (more: object = {}): DeploymentSpec =>
  DeploymentSpec.parse({ name: 'press', deployable: 'anomaly', ...more })

const plain = specOf()
const canary = specOf({
  version: '@best',
  selector: `site.country in ["DE", "FR"] && device.labels.line == "it's 4"`,
  strategy: {
    waves: [
      { name: 'canary', limit: '12.5%', soakSeconds: 300, deadlineSeconds: 3_600 },
      { limit: 3, selector: 'site.kind == "edge"', soakSeconds: 300, deadlineSeconds: 3_600 },
    ],
    onFailure: 'rollback-all',
    offline: 'skip',
    lateJoiners: 'hold',
  },
})
const own = specOf({
  version: '2',
  selector: 'device.labels.exists(key, key == "a")',
  strategy: {
    waves: [
      { name: 'one', limit: 1, failuresMax: 1 },
      { selector: 'site.kind == "edge"' },
      { failuresMax: '2%', minExecuted: 20, deadlineSeconds: 60 },
    ],
    lateJoiners: 'wave',
    onFailure: 'abort',
  },
  serving: { instances: 2, spin: true },
  probation: { seconds: 0 },
})

test.each([
  ['plain', plain],
  ['canary', canary],
  ['own', own],
  [
    'whole',
    specOf({ strategy: { waves: [{ name: 'all', failuresMax: 4, soakSeconds: 1 }], onFailure: 'rollback-wave' } }),
  ],
])('a deployment in words: %s', async (name, spec) => {
  await expect(`${deploymentWords(spec, 3)}\n`).toMatchFileSnapshot(`snapshots/deployment-words-${name}.txt`)
})

test('a rollback goes to all devices at once, whatever the waves of its spec', () => {
  const words = deploymentWords(canary, 3, { rollbackTo: 2 })
  expect(words).toContain(
    'It is a rollback to revision 2. The hub offers it to all devices at once; the first failure stops it. When it is stopped, it pauses, and a person decides. The rollout skips devices that are offline',
  )
  expect(words).toContain('The next version uses the waves of the strategy again.')
  expect(words).not.toContain('wave canary')
  expect(deploymentWords(plain, 3, { rollbackTo: 1 })).not.toContain('The next version')
  expect(deploymentWords(plain, 3, { isRejected: true })).toMatch(/^The deployment press asked for the newest version/)
})

test('an unknown version is described as the newest one', () => {
  expect(deploymentWords(plain)).toContain('asks for the newest version of anomaly on every device.')
})

test.each([
  [
    'site.kind == "edge" || !(device.name in ["a", "b", "c"])',
    'all whose kind of site is edge or whose name is neither a, b nor c',
  ],
  [
    'device.cpus > 2 && device.cpus < 9 && device.memoryMb >= 1024 && site.clearance <= "internal"',
    'all whose number of cores is above 2 and whose number of cores is below 9 and whose memory in MB is at least 1024 and whose clearance is at most internal',
  ],
  [
    'device.name.startsWith("a") && device.os.endsWith("b") && site.name.contains("c") && site.labels.d != "d"',
    'all whose name begins with a and whose system ends with b and whose site contains c and whose site label d is not "d"',
  ],
  [
    'has(site.region) && !has(device.labels.x) && device.online && "onnx" in device.capabilities',
    'all whose region is set and whose label x is not set and whose connection is up and whose list of capabilities has onnx',
  ],
  [
    '!device.online || !("onnx" in device.capabilities)',
    'all whose connection is down or whose list of capabilities lacks onnx',
  ],
  ['device.cpus % 2 == 0', 'all that the selector device.cpus % 2 == 0 picks'],
])('the selector %s is described in words', (selector, words) => {
  expect(selectorWords(selector, 'all')).toBe(words)
})

const night = { cron: '0 2 * * *', timeZone: 'Europe/Berlin', durationSeconds: 7_200 }

test.each<[string, DeploymentSpec, DeploymentSpec | undefined, string | undefined]>([
  ['as usual', specOf({ name: 'anomaly' }), undefined, 'skerry deploy anomaly'],
  ['named', plain, undefined, 'skerry deploy anomaly --name press'],
  [
    'all options',
    canary,
    undefined,
    `skerry deploy anomaly@best --name press --to 'site.country in ["DE", "FR"] && device.labels.line == "it'\\''s 4"' ` +
      `--canary 12.5% --wave '3 of site.kind == "edge"' --soak 5m --deadline 1h --on-failure rollback-all --offline skip --late-joiners hold`,
  ],
  [
    'a preset',
    specOf({ strategy: presetStrategy('staged') }),
    undefined,
    'skerry deploy anomaly --name press --preset staged',
  ],
  [
    'a preset with another setting',
    specOf({ strategy: { ...presetStrategy('canary'), offline: 'skip', onFailure: 'pause' } }),
    undefined,
    'skerry deploy anomaly --name press --preset canary --on-failure pause --offline skip',
  ],
  [
    'limits for all waves',
    specOf({ strategy: { waves: [{ name: 'all', failuresMax: '2%', minExecuted: 5 }] } }),
    undefined,
    'skerry deploy anomaly --name press --failures-max 2% --min-executed 5',
  ],
  [
    'a wave with only a selector',
    specOf({ strategy: { waves: [{ selector: 'device.online' }, { limit: 2 }] } }),
    undefined,
    'skerry deploy anomaly --name press --wave device.online --wave 2',
  ],
  ['removed waves', plain, canary, `skerry deploy anomaly:latest --name press --to true --preset all-at-once`],
  ['an existing deployment without changes', canary, canary, deployCommand(canary)],
  ['serving', specOf({ serving: { instances: 2 } }), undefined, undefined],
  ['removed serving settings', plain, specOf({ serving: { instances: 2 } }), undefined],
  ['probation', specOf({ probation: { seconds: 1 } }), undefined, undefined],
  ['another model', plain, specOf({ deployable: 'other' }), undefined],
  ['waves that differ', own, undefined, undefined],
  [
    'waves that differ in soak',
    specOf({ strategy: { waves: [{ limit: 1, soakSeconds: 5 }, { limit: 2 }] } }),
    undefined,
    undefined,
  ],
  ['a wave with a name', specOf({ strategy: { waves: [{ name: 'first', limit: 1 }] } }), undefined, undefined],
  [
    'a later wave with a name',
    specOf({ strategy: { waves: [{ limit: 1 }, { name: 'b', limit: 1 }] } }),
    undefined,
    undefined,
  ],
  ['a wave without settings', specOf({ strategy: { waves: [{}] } }), undefined, undefined],
  [
    'a selector that looks like an amount',
    specOf({ strategy: { waves: [{ selector: '1 == 1' }] } }),
    undefined,
    undefined,
  ],
  [
    'windows and locks',
    specOf({ strategy: { window: { install: night }, ignoreLocks: true } }),
    undefined,
    `skerry deploy anomaly --name press --install-window '0 2 * * *, Europe/Berlin, 2h' --locks ignore`,
  ],
  [
    'removed windows and locks',
    plain,
    specOf({ strategy: { window: { download: night, install: night }, ignoreLocks: true } }),
    'skerry deploy anomaly --name press --download-window none --install-window none --locks hold',
  ],
  [
    'only late joiners',
    specOf({ strategy: { lateJoiners: 'hold' } }),
    undefined,
    'skerry deploy anomaly --name press --late-joiners hold',
  ],
])('a deployment as a command: %s', (_, spec, existing, line) => {
  expect(deployCommand(spec, existing)).toBe(line)
})

test.each([plain, canary, own, specOf({ strategy: presetStrategy('cautious') })])(
  'the short document describes the same deployment',
  (spec) => {
    const document = JSON.parse(JSON.stringify(shortManifest(spec)))
    expect(DeploymentSpec.parse({ ...document.spec, name: document.metadata.name })).toEqual(spec)
  },
)

test('the short document omits defaults', () => {
  expect(shortManifest(plain)).toEqual({
    apiVersion: 'skerry/v1',
    kind: 'Deployment',
    metadata: { name: 'press' },
    spec: { deployable: 'anomaly', version: 'latest', selector: 'true' },
  })
  expect(shortManifest(own).spec).toMatchObject({
    strategy: { waves: [{ name: 'one', limit: 1, failuresMax: 1 }, { selector: 'site.kind == "edge"' }, {}] },
    serving: { instances: 2, spin: true },
    probation: { seconds: 0 },
  })
})

const gated = specOf({
  strategy: {
    waves: [
      {
        name: 'canary',
        limit: 1,
        analysis: [
          { name: 'errors', measure: 'error-rate', success: 'result.value < 0.01', count: 3 },
          { name: 'restarts', measure: 'restarts', failure: 'result.worst > 2', count: 1, dryRun: true },
        ],
      },
    ],
  },
})

test('analyses are described in words, and in the command if they are the same for all waves', () => {
  expect(deploymentWords(gated)).toContain(
    'the first failure stops it; error-rate is measured 3 times, every 1 minute: success is result.value < 0.01, and the first failure stops it; restarts is measured once: failure is result.worst > 2, without effect on the rollout.',
  )
  expect(deployCommand(gated)).toBe(
    "skerry deploy anomaly --name press --canary 1 --gate 'errors: error-rate < 0.01 every 1m x3' --gate 'restarts fails worst > 2 every 1m x1 dry-run'",
  )
  const [wave] = gated.strategy.waves
  const uneven = {
    ...gated,
    strategy: { ...gated.strategy, waves: [{ ...wave, analysis: [] }, ...gated.strategy.waves] },
  }
  expect(deployCommand(uneven as DeploymentSpec)).toBeUndefined()
})
