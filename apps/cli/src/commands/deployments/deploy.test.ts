import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { deployCommand } from '@skerry/core/deployments/deploy-command'
import { shortManifest } from '@skerry/core/deployments/deployment-manifest'
import { PRESET_NAMES, presetStrategy } from '@skerry/core/deployments/strategy-presets'
import fc from 'fast-check'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let env: Record<string, string>

beforeAll(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})
beforeEach(() => {
  hub.state.deployments.clear()
  hub.state.calls.length = 0
})

test.each([
  ['selector-test', ['selector', 'test', 'site.country == "NL"', '--for', 'anomaly:2', '--deployment', 'presses']],
  ['selector-test-why-not', ['selector', 'test', 'site.country == "NL"', '--why-not']],
  ['selector-values', ['selector', 'values']],
])('the output is as in the golden file: %s', async (name, words) => {
  const { code, out, err } = await cli(words, { env })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot(`../../snapshots/tables/${name}.txt`)
})

test('selector test shows the devices that a version can run on', async () => {
  const words = ['selector', 'test', 'true', '--for', 'anomaly@best', '--find', 'press', '--names', '3', '--json']
  const { out } = await cli(words, { env })
  expect(JSON.parse(out)).toMatchObject({ total: 1_204 })
  const [asked = ''] = hub.state.calls
  expect(JSON.parse(asked.replace('selector.preview ', ''))).toEqual({
    selector: 'true',
    deployable: 'anomaly',
    version: '@best',
    find: 'press',
    limit: 3,
  })
})

test.each([
  ['--names', '501', '501'],
  ['--deployment', 'presses', 'needs a model'],
])('%s %s is rejected', async (option, value, message) => {
  const { code, err } = await cli(['selector', 'test', 'true', option, value], { env })
  expect(code).toBe(2)
  expect(err).toContain(message)
})

test('revisions and conflicts are listed', async () => {
  await cli(['deploy', 'anomaly'], { env })
  await cli(['deploy', 'anomaly', '--to', 'device.online'], { env })
  for (const name of ['revisions', 'conflicts']) {
    const { code, out } = await cli(['deployment', name, 'anomaly'], { env })
    expect(code).toBe(0)
    await expect(out).toMatchFileSnapshot(`../../snapshots/tables/deployment-${name}.txt`)
  }
})

test.each(PRESET_NAMES)('the preset %s sets the whole strategy', async (name) => {
  await cli(['deploy', 'anomaly', '--canary', '1', '--offline', 'skip'], { env })
  await cli(['deploy', 'anomaly', '--preset', name], { env })
  expect(hub.state.deployments.get('anomaly')?.spec.strategy).toEqual(presetStrategy(name))
})

test.each([
  [['--preset', 'daring'], 'must be one of all-at-once, canary, staged, cautious, shadow, blue-green'],
  [['--preset', 'canary', '--canary', '1'], 'a preset has waves of its own'],
  [['--preset', 'canary', '--wave', '1'], 'a preset has waves of its own'],
])('%j is rejected', async (words, message) => {
  const { code, err } = await cli(['deploy', 'anomaly', ...words], { env })
  expect(code).toBe(2)
  expect(err).toContain(message)
})

test('--gate none removes the gates of all waves and keeps the rest, and --dry-run lists them', async () => {
  const gates = () => hub.state.deployments.get('anomaly')?.spec.strategy.waves.map(({ analysis }) => analysis?.length)
  const gate = ['--gate', 'error-rate < 0.01 every 1m x5']
  const plan = await cli(['deploy', 'anomaly', '--canary', '1', '--soak', '1m', ...gate, '--dry-run'], { env })
  expect(plan.out).toMatch(/WAVE +GATE\n.*canary +error-rate < 0.01 every 1m x5/)
  await cli(['deploy', 'anomaly', '--canary', '1', '--soak', '1m', ...gate], { env })
  expect(gates()).toEqual([1])
  await cli(['deploy', 'anomaly', '--failures-max', '1', '--yes'], { env })
  expect(gates(), 'they stay unless the command names others').toEqual([1])
  const without = await cli(['deploy', 'anomaly', '--gate', 'none', '--dry-run'], { env })
  expect(without.out).toContain('no gates')
  await cli(['deploy', 'anomaly', '--gate', 'none', '--yes'], { env })
  expect(gates()).toEqual([undefined])
  expect(hub.state.deployments.get('anomaly')?.spec.strategy.waves).toMatchObject([{ soakSeconds: 60 }])
  const both = await cli(['deploy', 'anomaly', '--gate', 'none', ...gate], { env })
  expect([both.code, both.err]).toEqual([2, expect.stringContaining('none removes all gates')])
})

test.each(['1', '@best', 'latest'])(
  'a deployment keeps its version %s unless the command names another',
  async (version) => {
    const written = version.startsWith('@') ? version : `:${version}`
    await cli(['deploy', `anomaly${written}`], { env })
    const { code } = await cli(['deploy', 'anomaly', '--soak', '1m', '--yes'], { env })
    expect([code, hub.state.deployments.get('anomaly')?.spec.version]).toEqual([0, version])
    await cli(['deploy', 'anomaly:2'], { env })
    expect(hub.state.deployments.get('anomaly')?.spec.version).toBe('2')
  },
)

test('a version that the command does not name is shown, and needs a confirmation', async () => {
  await cli(['deploy', 'anomaly:latest'], { env })
  const before = hub.state.deployments.get('anomaly')
  if (before) hub.state.deployments.set('anomaly', { ...before, version: 1 })
  const asked = await cli(['deploy', 'anomaly', '--soak', '1m'], { env })
  expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('change the version of anomaly (version 1 → 2)')])
  const told = await cli(['deploy', 'anomaly', '--soak', '1m', '--yes'], { env })
  expect([told.code, told.err]).toEqual([0, expect.stringContaining('version 1 → 2')])
})

test('the plan lists devices that lose the model, and needs a confirmation', async () => {
  await cli(['deploy', 'anomaly'], { env })
  const plan = await cli(['deploy', 'anomaly', '--to', 'false', '--dry-run'], { env })
  // Scripts use the earlier name of the option.
  expect(await cli(['deploy', 'anomaly', '--to', 'false', '--plan'], { env })).toEqual(plan)
  expect(plan.out).toMatch(/LEAVES +SITE\n.*gateway/)
  const asked = await cli(['deploy', 'anomaly', '--to', 'false'], { env })
  expect(asked.code).toBe(2)
  expect(asked.err).toContain('confirmation_missing')
  expect(asked.err).toMatch(
    /this would remove anomaly from all its 1 device, because the selector picks no device: \S*gateway.*add --yes/s,
  )
  expect(asked.err, 'a selector that picks nothing is first a mistake').toContain(
    `check the selector with "skerry selector test 'false'"`,
  )
  const none = await cli(['deploy', 'anomaly', '--canary', '0'], { env })
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining('at least one device') })
  expect(hub.state.deployments.get('anomaly')?.spec.selector).toBe('true')
  const file = stringify(
    shortManifest(DeploymentSpec.parse({ name: 'anomaly', deployable: 'anomaly', selector: 'false' })),
  )
  expect(await cli(['apply', '-f', '-'], { env, stdin: file })).toMatchObject({ code: 2 })
  expect(await cli(['apply', '-f', '-', '--dry-run'], { env, stdin: file })).toMatchObject({
    code: 0,
    err: expect.stringContaining('this would remove anomaly from all its 1 device'),
  })
  expect(await cli(['apply', '-f', '-', '--yes'], { env, stdin: file })).toMatchObject({ code: 0 })
  expect(hub.state.deployments.get('anomaly')?.spec.selector).toBe('false')
})

/** Splits the line as a shell would. */
async function wordsOf(line: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('bash', ['-c', `printf '%s\\0' ${line}`])
  return stdout.split('\0').slice(1, -1)
}

const waves = fc.array(
  fc.record(
    {
      name: fc.constantFrom('canary', 'all', 'one'),
      limit: fc.constantFrom(1, 20, '5%', '12.5%'),
      selector: fc.constantFrom('site.kind == "edge"', `device.labels.line == "it's"`, '4 == device.cpus', 'true'),
      soakSeconds: fc.constantFrom(60, 300),
      failuresMax: fc.constantFrom(2, '10%'),
      minExecuted: fc.constantFrom(1, 5),
      deadlineSeconds: fc.constantFrom(90, 3_600),
      analysis: fc.constantFrom(
        [{ name: 'errors', measure: 'error-rate' as const, success: 'result.value < 0.01', count: 3 }],
        [{ name: 'tests', measure: { webhook: 'https://a.example/' }, failure: `result.why == "it's"`, dryRun: true }],
      ),
    },
    { requiredKeys: [] },
  ),
  { maxLength: 3 },
)

const specs = fc
  .record(
    {
      name: fc.constantFrom('anomaly', 'presses'),
      version: fc.constantFrom('latest', '2', '@best'),
      selector: fc.constantFrom(
        'true',
        'site.country in ["DE", "FR"]',
        '!device.online',
        `-1 < device.cpus`,
        `"$HOME \\\\ \`x\`" != device.name`,
      ),
      strategy: fc.oneof(
        fc.constantFrom(...PRESET_NAMES).map(presetStrategy),
        fc.record(
          {
            waves,
            switchOver: fc.constantFrom({}, { approval: false, keepSeconds: 0 }),
            shadow: fc.constantFrom({}, { share: 0.25, promote: false, tolerance: { absolute: 0, relative: 1e-7 } }),
            onFailure: fc.constantFrom('pause', 'rollback-all'),
            offline: fc.constantFrom('wait', 'skip'),
            lateJoiners: fc.constantFrom('last', 'hold'),
          },
          { requiredKeys: [] },
        ),
      ),
      serving: fc.record({ instances: fc.constantFrom(1, 2) }),
    },
    { requiredKeys: [] },
  )
  .map((spec) => DeploymentSpec.parse({ name: 'anomaly', ...spec, deployable: 'anomaly' }))

test('the printed command line of a deployment makes that deployment, new or existing', async () => {
  let written = 0
  const property = fc.asyncProperty(specs, fc.option(specs, { nil: undefined }), async (spec, other) => {
    const existing = other && { ...other, name: spec.name }
    const line = deployCommand(spec, existing)
    if (line === undefined) return
    written += 1
    for (const before of existing ? [existing, undefined] : [undefined]) {
      hub.state.deployments.clear()
      if (before) await cli(['apply', '-f', '-'], { env, stdin: stringify(shortManifest(before)) })
      const { code, err } = await cli(await wordsOf(line), { env })
      expect({ code, line, err: code === 0 ? '' : err }).toEqual({ code: 0, line, err: '' })
      expect(hub.state.deployments.get(spec.name)?.spec, line).toEqual(spec)
    }
  })
  await fc.assert(property, { numRuns: 150 })
  expect(written).toBeGreaterThan(10)
})

test('the printed file of a deployment makes that deployment', async () => {
  const property = fc.asyncProperty(specs, async (spec) => {
    hub.state.deployments.clear()
    const { code } = await cli(['apply', '-f', '-'], { env, stdin: stringify(shortManifest(spec)) })
    expect(code).toBe(0)
    expect(hub.state.deployments.get(spec.name)?.spec).toEqual(spec)
  })
  await fc.assert(property, { numRuns: 30 })
})
