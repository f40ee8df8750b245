/** Fake rollout evidence: the devices of a rollout, and what happened to it. */
import { RolloutDevice, RolloutHappening } from '@skerry/contract/rollouts/rollout'
import { GATEWAY, NOW_MS } from './fake-data.ts'

const actor = { kind: 'key', id: 'key_abcdefgh234567', name: 'owner' }
const hub = { kind: 'hub', id: '', name: 'hub' }
const counts = { waiting: 0, offered: 0, healthy: 1, failed: 0, rejected: 0, 'timed-out': 0, tolerated: 0, skipped: 0 }

export const ROLLOUT_DEVICES: readonly RolloutDevice[] = [
  {
    deviceId: GATEWAY.id,
    device: GATEWAY.name,
    site: GATEWAY.site,
    wave: 0,
    outcome: 'failed',
    state: 'failed',
    cause: { code: 'golden_mismatch', message: 'output score differs by 0.7 at 0' },
    offeredAtMs: NOW_MS - 60_000,
    decidedAtMs: NOW_MS - 45_000,
  },
].map((row) => RolloutDevice.parse(row))

/** Newest first. */
export const HAPPENINGS: readonly RolloutHappening[] = [
  { kind: 'superseded', atMs: NOW_MS - 10_000, revision: 3, rolloutId: 'rol_bcdefgh2345672' },
  { kind: 'decided', atMs: NOW_MS - 20_000, sequence: 12, action: 'rollout.resume', actor, reason: 'seen' },
  {
    kind: 'decided',
    atMs: NOW_MS - 30_000,
    sequence: 11,
    action: 'rollout.paused',
    actor: hub,
    reason: '1 failed in wave canary, 0 allowed',
    wave: 'canary',
    counts: { ...counts, failed: 1 },
  },
  { kind: 'device', atMs: NOW_MS - 45_000, device: ROLLOUT_DEVICES[0] },
  {
    kind: 'decided',
    atMs: NOW_MS - 50_000,
    sequence: 10,
    action: 'rollout.wave_opened',
    actor: hub,
    wave: 'canary',
    counts,
  },
  { kind: 'began', atMs: NOW_MS - 60_000, actor },
].map((event) => RolloutHappening.parse(event))
