import { BuildId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { expect, test } from 'vitest'
import { GATEWAY, NOW_MS } from '../../../../test/fake-hub/fake-data.ts'
import type { Session } from '../../../program/session.ts'
import { styleOf } from '../../../program/terminal/style.ts'
import { deviceText, healthText } from './device-view.ts'

const io = { nowMs: () => NOW_MS } as Session['io']
const style = styleOf({ isTTY: false, write: () => undefined, columns: 80 }, {})

test('the view of a silent device says when its facts were reported, and that versions served', () => {
  const silent = { ...GATEWAY, liveness: 'stale' as const, lastSeenAtMs: NOW_MS - 3 * 3_600_000 }
  const text = deviceText(silent, { style, io })
  expect(text).toContain('! silent: machine, models and problems are as reported 3 h ago')
  expect(text).toMatch(/^NAME .* SERVED /m)
  expect(text).not.toContain('SERVING')
  const residency = { limitBytes: 4_096, usedBytes: 1_024, evictions: 0, waiting: 0, pinned: [] }
  const models = [{ name: 'anomaly/1', bytes: 1_024, pinned: true, idleSeconds: 0 }]
  const loaded = (device: typeof silent | typeof GATEWAY) =>
    deviceText({ ...device, residency: { ...residency, models } }, { style, io })
  expect(loaded(silent)).toContain('1 model in memory when it last reported: about')
  expect(loaded(GATEWAY)).toContain('1 model in memory: about')
  expect(deviceText(GATEWAY, { style, io })).not.toContain('silent')
})

test('a device whose agent was stopped is called stopped, and not silent', () => {
  const link = { connected: false, sinceMs: NOW_MS - 5_000, ended: 'goodbye' as const }
  const stopped = {
    ...GATEWAY,
    health: 'stale' as const,
    liveness: 'stale' as const,
    link,
    lastSeenAtMs: NOW_MS - 6_000,
  }
  const text = deviceText(stopped, { style, io })
  expect(text).toContain('! its agent was stopped; start it: machine, models and problems are as reported 6 s ago')
  expect(text).toMatch(/^heard +stopped \(6 s ago\)$/m)
  expect(healthText(stopped, style)).toBe('stopped')
  expect(healthText({ ...stopped, link: { ...link, ended: 'closed' } }, style)).toBe('stale')
})

test('a device whose connection was lost was healthy, and nobody knows whether it still is', () => {
  const lost = {
    health: 'healthy',
    liveness: 'online',
    link: { connected: false, sinceMs: 1, ended: 'closed' },
  } as const
  expect(healthText(lost, style)).toBe('was healthy')
  expect(healthText({ ...lost, link: { connected: true, sinceMs: 1 } }, style)).toBe('healthy')
})

test('the view names the build that serves, why the device has it, and the class of its hardware', () => {
  const [item] = GATEWAY.items
  if (!item || !GATEWAY.inventory) throw new Error('the gateway has no item')
  const build = BuildId.parse('bld_aaaaaaaaaaaa2222')
  const servingBuild = { build, recipe: 'float16', hardwareClass: 'x64-avx2-4c', speed: 1.31, device: 'press-2' }
  const hardware = { instructions: ['avx2' as const], accelerators: [], masked: true as const }
  const items = [{ ...item, serving: { version: 2, digest: item.target.digest }, servingBuild }]
  const inventory = { ...GATEWAY.inventory, arch: 'x64', cpuCount: 4, hardware }
  const text = deviceText({ ...GATEWAY, inventory, items }, { style, io })
  expect(text).toContain(
    `${item.name}:2, build float16 (${build}): 1.31 times as fast as the version on x64-avx2-4c, measured on press-2`,
  )
  expect(text).toMatch(/^class +x64-avx2-4c, masked$/m)
})

test('the view names the versions that the device does not try again, and the command that makes it try', () => {
  const cause = { code: 'golden_mismatch', message: 'y differs' }
  const remembered = [{ name: GATEWAY.name, version: 2, deployment: Name.parse('press'), cause }]
  expect(deviceText({ ...GATEWAY, remembered }, { style, io })).toContain(
    `! ${GATEWAY.name}:2 is not tried again: it failed here before (remembered; retry with \`skerry device retry ${GATEWAY.name} press\`): golden_mismatch: y differs`,
  )
})
