import { expect, test } from 'vitest'
import { Amount } from '../deployments/amount.ts'
import { DeploymentSpec } from '../deployments/deployment.ts'
import { FilePath, VersionReference } from '../models/model.ts'
import { DeviceId } from './ids.ts'
import { LABELS_MAX, Labels, Name } from './names.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

test.each(['a', 'line-4', 'x'.repeat(63)])('%s is a name', (name) => expect(accepts(Name, name)).toBe(true))

test.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', '../a', 'x'.repeat(64), 'ä'])('%o is not a name', (name) =>
  expect(accepts(Name, name)).toBe(false),
)

test.each(['model.onnx', 'weights/part-1.bin', '.hidden', 'a/b/c'])('%s is a file path', (path) =>
  expect(accepts(FilePath, path)).toBe(true),
)

test.each(['', '/etc/passwd', '../x', 'a/../b', 'a//b', 'a/', './a', 'a\\b', 'a\0b', 'a b', '..', 'x'.repeat(256)])(
  '%o is not a file path: it could leave its folder or confuse a shell',
  (path) => expect(accepts(FilePath, path)).toBe(false),
)

test.each([0, 5, '0%', '10%', '12.5%', '100%'])('%o is an amount', (amount) =>
  expect(accepts(Amount, amount)).toBe(true),
)

test.each([-1, 1.5, '5', '101%', '-1%', '1.234%', '%', Number.NaN])('%o is not an amount', (amount) =>
  expect(accepts(Amount, amount)).toBe(false),
)

test.each(['1', '17', 'latest', '@champion'])('%s names a version', (text) =>
  expect(accepts(VersionReference, text)).toBe(true),
)

test.each(['0', '01', 'champion', '@', '@A', '', '1.0'])('%o does not name a version', (text) =>
  expect(accepts(VersionReference, text)).toBe(false),
)

test('an id is of its own kind', () => {
  expect(accepts(DeviceId, 'dev_abcdefgh')).toBe(true)
  expect(['site_abcdefgh', 'dev_ABCDEFGH', 'dev_', 'dev_0189abcd'].filter((id) => accepts(DeviceId, id))).toEqual([])
})

test('labels are counted', () => {
  const labels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
  expect(accepts(Labels, labels(LABELS_MAX))).toBe(true)
  expect(accepts(Labels, labels(LABELS_MAX + 1))).toBe(false)
})

test('a deployment needs a name and a model only; the rest has defaults that are safe', () => {
  const spec = DeploymentSpec.parse({ name: 'anomaly', model: 'sensor-anomaly' })
  expect(spec).toMatchObject({
    version: 'latest',
    selector: 'true',
    strategy: { waves: [], lateJoiners: 'last', offline: 'wait', onFailure: 'pause' },
    serving: { instances: 1, threads: 1, spin: false, maxBatch: 1 },
  })
  expect(DeploymentSpec.parse(spec)).toEqual(spec)
  expect(accepts(DeploymentSpec, { ...spec, colour: 'red' })).toBe(false)
})
