/** Fake data: records with fixed ids and times, so that tests can compare the output of the CLI letter by letter. */
import { DeviceDetail } from '@skerry/contract/devices/device'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { Key } from '@skerry/contract/people/key'
import { Rollout } from '@skerry/contract/rollouts/rollout'
import type { Site } from '@skerry/contract/sites/site'
import { Digest } from '@skerry/contract/values/digest'
import {
  DeploymentId,
  DeviceId,
  KeyId,
  OrganisationId,
  RolloutId,
  SiteId,
  VersionId,
} from '@skerry/contract/values/ids'

/** 2026-11-24 10:30:00 UTC; "now" in all tests that print times. */
export const NOW_MS = Date.UTC(2026, 10, 24, 10, 30)

export const OWNER_KEY = `sk_abcdefgh234567_${'A'.repeat(43)}`
export const VIEWER_KEY = `sk_bcdefghi234567_${'B'.repeat(43)}`

export const ORGANISATION = OrganisationId.parse('org_abcdefgh234567')

export const ROTTERDAM: Site = {
  id: SiteId.parse('site_abcdefgh234567'),
  name: 'rotterdam',
  kind: 'edge',
  country: 'NL',
  coordinates: { latitude: 51.95, longitude: 4.14 },
  clearance: 'internal',
  labels: { line: '4' },
  revision: 1,
  deviceCount: 1,
  createdAtMs: NOW_MS - 86_400_000,
}

export const OWNER: Key = {
  id: KeyId.parse('key_abcdefgh234567'),
  name: 'owner',
  role: 'owner',
  createdAtMs: NOW_MS - 86_400_000,
  lastUsedAtMs: NOW_MS - 65_000,
}

const digest = (digit: string) => Digest.parse(`sha256:${digit.repeat(64)}`)
const deploymentId = DeploymentId.parse('dep_abcdefgh234567')

export const GATEWAY: DeviceDetail = DeviceDetail.parse({
  id: DeviceId.parse('dev_abcdefgh234567'),
  name: 'gateway-1',
  siteId: ROTTERDAM.id,
  site: 'rotterdam',
  labels: { line: '4' },
  revision: 3,
  status: 'active',
  liveness: 'online',
  link: { connected: true, sinceMs: NOW_MS - 3_600_000 },
  lastSeenAtMs: NOW_MS - 12_000,
  agentVersion: '0.1.0',
  generation: 5,
  observedGeneration: 5,
  certificate: { serial: '01', fingerprint: 'ab'.repeat(32), notAfterMs: NOW_MS + 86_400_000 },
  endpoints: { rest: 'http://127.0.0.1:8500', grpc: '127.0.0.1:8501' },
  createdAtMs: NOW_MS - 3_600_000,
  inventory: {
    hostname: 'gw1',
    arch: 'x64',
    os: 'Debian 13',
    cpuModel: 'Example CPU',
    cpuCount: 2,
    memoryBytes: 2 ** 32,
    diskFreeBytes: 10 ** 10,
    capabilities: ['onnx'],
    opsetMax: 23,
  },
  items: [
    {
      kind: 'model',
      name: 'anomaly',
      deploymentId,
      target: { revision: 2, version: 2, digest: digest('2'), retryToken: 0 },
      state: 'failed',
      cause: { code: 'golden_mismatch', message: 'output score differs by 0.7 at 0' },
      sinceMs: NOW_MS - 61_000,
      serving: { version: 1, digest: digest('1') },
      stats: { requests: 120, failures: 0, p50Us: 480, p99Us: 1_900 },
    },
  ],
  conditions: [{ code: 'clock_wrong', message: 'the clock is 3 days behind that of the hub' }],
})

export const ANOMALY: ModelVersionDetail = {
  kind: 'model',
  id: VersionId.parse('ver_abcdefgh234567'),
  name: 'anomaly',
  version: 2,
  digest: digest('2'),
  files: [
    { path: 'golden.json', digest: digest('b'), sizeBytes: 5_902 },
    { path: 'model.onnx', digest: digest('a'), sizeBytes: 6_159 },
  ],
  sizeBytes: 12_061,
  goldenCases: 16,
  labels: { run: '1234' },
  aliases: ['champion'],
  createdAtMs: NOW_MS - 7_200_000,
  createdBy: 'owner',
  summary: {
    irVersion: 8,
    producer: 'pytorch 2.5',
    opsets: [{ domain: 'ai.onnx', version: 17 }],
    inputs: [{ name: 'window', datatype: 'FP32', shape: [-1, 8, 2] }],
    outputs: [{ name: 'score', datatype: 'FP32', shape: [-1, 1] }],
    unrankedOutputs: [],
    operators: [
      { domain: 'ai.onnx', name: 'Gemm', count: 4 },
      { domain: 'ai.onnx', name: 'Relu', count: 1 },
    ],
    parameterCount: 1_234,
    metadata: [],
    metadataOmittedCount: 0,
    externalFiles: [],
  },
  bundle: {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'cd'.repeat(32) } },
    dsseEnvelope: { payload: 'e30=', payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: 'AAAA' }] },
  },
  lineage: {
    parents: [
      { name: 'anomaly', version: 1, digest: digest('1'), isRemoved: false },
      { name: 'base', version: 4, digest: digest('4'), isRemoved: true },
    ],
    source: { uri: 'https://git.example/anomaly', commit: '4f2c1e' },
    dataset: { uri: 's3://plant/2026-11', digest: digest('d') },
    tool: 'pytorch 2.6',
    createdBy: 'nightly training',
  },
  goldenSource: 'pushed',
  descendantCount: 2,
  servingCount: 3,
  usedBy: ['anomaly'],
}

/** The version before it, which lacks an operator and the golden cases. */
export const ANOMALY_1: ModelVersionDetail = {
  ...ANOMALY,
  version: 1,
  digest: digest('1'),
  files: [{ path: 'model.onnx', digest: digest('c'), sizeBytes: 6_100 }],
  sizeBytes: 6_100,
  goldenCases: 0,
  summary: {
    ...ANOMALY.summary,
    inputs: [{ name: 'window', datatype: 'FP32', shape: [1, 8, 2] }],
    outputs: [...ANOMALY.summary.outputs, { name: 'alarm', datatype: 'BOOL', shape: [1] }],
    operators: [{ domain: 'ai.onnx', name: 'Gemm', count: 4 }],
    parameterCount: 1_230,
  },
}

const LIMITS = { failuresMax: '10%', minExecuted: 1, soakSeconds: 0, deadlineSeconds: 3_600 }

/** A rollout of two waves with these counts. */
export function rolloutOf(healthy: number, change: Partial<Rollout> = {}): Rollout {
  const none = { waiting: 0, offered: 0, healthy: 0, failed: 0, rejected: 0, 'timed-out': 0, tolerated: 0, skipped: 0 }
  const canary = Math.min(1, healthy)
  const rest = healthy - canary
  return Rollout.parse({
    id: RolloutId.parse('rol_abcdefgh234567'),
    deploymentId,
    deployment: 'anomaly',
    revision: 2,
    deployable: 'anomaly',
    version: 2,
    status: healthy === 3 ? 'done' : 'rolling',
    wave: canary,
    waves: [
      {
        name: 'canary',
        limits: { ...LIMITS, soakSeconds: 300 },
        counts: { ...none, healthy: canary, offered: 1 - canary },
        openedAtMs: NOW_MS - 60_000,
      },
      {
        name: 'rest',
        limits: LIMITS,
        counts: { ...none, healthy: rest, [canary === 1 ? 'offered' : 'waiting']: 2 - rest },
        ...(canary === 1 && { openedAtMs: NOW_MS - 30_000 }),
      },
    ],
    onFailure: 'pause',
    sequence: 1,
    createdAtMs: NOW_MS - 60_000,
    changedAtMs: NOW_MS - 1_000,
    ...change,
  })
}
