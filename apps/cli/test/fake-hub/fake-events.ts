/** Fake events: one of each kind, newest first, as a hub lists them. */
import { type DeviceChange, DeviceEvent } from '@skerry/contract/devices/device-event'
import { GATEWAY, NOW_MS } from './fake-data.ts'

const [failed] = GATEWAY.items
const item = {
  deploymentId: failed?.deploymentId ?? '',
  revision: 2,
  version: 2,
  retryToken: 0,
  sinceMs: NOW_MS - 61_000,
  serving: 1,
}

const changes: readonly (Record<string, unknown> & Pick<DeviceChange, 'kind'>)[] = [
  { kind: 'joined', site: 'rotterdam', isPending: true },
  { kind: 'approved', by: 'owner' },
  { kind: 'certified', serial: '01', notAfterMs: NOW_MS + 86_400_000 },
  { kind: 'agent-started', bootId: 'boot-0001', version: '0.1.0' },
  { kind: 'endpoints', endpoints: { rest: 'http://127.0.0.1:8500', grpc: '127.0.0.1:8501' } },
  { kind: 'generation', before: 0, after: 5 },
  { kind: 'relabelled', by: 'owner', set: { line: '4' }, removed: ['shift'] },
  { kind: 'item', model: 'anomaly', after: { ...item, state: 'fetching' } },
  {
    kind: 'item',
    model: 'anomaly',
    before: { ...item, state: 'fetching' },
    after: { ...item, state: 'failed', cause: failed?.cause },
  },
  { kind: 'retry-asked', by: 'owner', deployment: 'anomaly' },
  { kind: 'condition-raised', code: 'clock_wrong', message: 'the clock is 3 days behind that of the hub' },
  { kind: 'condition-cleared', code: 'clock_wrong' },
  { kind: 'agent-updated', before: '0.1.0', after: '0.2.0' },
  { kind: 'heard-again', silentSinceMs: NOW_MS - 3_600_000 },
  { kind: 'conflict-paused', reported: 9, issued: 5 },
  { kind: 'resumed', by: 'owner', reason: 'looked at it' },
  { kind: 'quarantined', by: 'owner', reason: 'runs a program that nobody knows' },
  { kind: 'released', by: 'owner', reason: 'the program is ours' },
  { kind: 'wipe-ordered', by: 'owner', reason: 'stolen' },
  { kind: 'wiped' },
  { kind: 'revoked', by: 'owner', reason: 'stolen' },
  { kind: 'item', model: 'anomaly', before: { ...item, state: 'failed' } },
]

export const EVENTS: readonly DeviceEvent[] = changes
  .map((change, index) => {
    const atMs = NOW_MS - (changes.length - index) * 60_000
    return DeviceEvent.parse({ sequence: index + 1, atMs, change })
  })
  .toReversed()
