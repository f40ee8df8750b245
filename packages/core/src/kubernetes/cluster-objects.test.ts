import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { describe, expect, test } from 'vitest'
import { driftOf } from './cluster-drift.ts'
import { judgeRelease, podFacts, trialEvidence, VERSION_FAILED } from './cluster-judge.ts'
import { clusterReleaseId, releaseObjectName, serviceObjectName } from './cluster-names.ts'
import { type ClusterObject, releaseObjects, serviceObject } from './cluster-objects.ts'
import { CLUSTER_DEFAULTS, type ClusterSettings } from './cluster-settings.ts'

const settings: ClusterSettings = { ...CLUSTER_DEFAULTS, image: 'skerry/agent:1' }
const facts = { device: 'd1', settings, secret: { token: 'eA==' } }
const item = buildDesiredItem({ name: 'anomaly', version: 3 })
const kindsOf = (objects: readonly ClusterObject[]) => objects.map(({ kind }) => kind)

describe('names', () => {
  test('are those of the version and its settings', () => {
    expect(releaseObjectName(item)).toMatch(/^skerry-anomaly-v3-[0-9a-f]{8}$/)
    const other = buildDesiredItem({ name: 'anomaly', version: 3, serving: { threads: 2 } })
    expect(clusterReleaseId(other)).not.toBe(clusterReleaseId(item))
  })

  test('fit into a label, and stay different', () => {
    const long = (end: string) => buildDesiredItem({ name: `${'a'.repeat(62)}${end}`, version: 1_234_567 })
    expect(releaseObjectName(long('b')).length).toBeLessThanOrEqual(63)
    expect(releaseObjectName(long('b'))).not.toBe(releaseObjectName(long('c')))
    expect(serviceObjectName('a'.repeat(63)).length).toBe(63)
  })
})

describe('objects', () => {
  test('an autoscaler owns the number of pods, if there is one', () => {
    const fixed = releaseObjects(item, facts)
    expect(kindsOf(fixed)).toEqual(['Secret', 'Deployment', 'PodDisruptionBudget'])
    expect(fixed[1]?.spec).toMatchObject({ replicas: 1 })
    const scaled = releaseObjects(item, { ...facts, settings: { ...settings, minReplicas: 2, maxReplicas: 6 } })
    expect(kindsOf(scaled)).toEqual(['Secret', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'])
    expect(scaled[1]?.spec).not.toHaveProperty('replicas')
    expect(scaled[2]?.spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 6,
      scaleTargetRef: { name: scaled[1]?.metadata.name },
    })
  })

  test('the Service selects the pods of this release and of no other', () => {
    const [, deployment] = releaseObjects(item, facts) as [ClusterObject, ClusterObject]
    const { template } = deployment.spec as { template: { metadata: { labels: object } } }
    const { selector } = serviceObject(item, facts).spec as { selector: object }
    expect(template.metadata.labels).toMatchObject(selector)
    const next = buildDesiredItem({ name: 'anomaly', version: 4 })
    expect(serviceObject(next, facts).spec).not.toEqual(serviceObject(item, facts).spec)
    expect(serviceObject(next, facts).metadata).toEqual(serviceObject(item, facts).metadata)
  })

  test('each thread of the version is a requested processor', () => {
    const wide = buildDesiredItem({ version: 1, serving: { instances: 2, threads: 3 } })
    expect(JSON.stringify(releaseObjects(wide, facts))).toContain('"requests":{"cpu":"6","memory":"1Gi"}')
  })
})

describe('drift', () => {
  const [, deployment] = releaseObjects(item, facts)

  test('defaults and additions of others are none', () => {
    const spec = deployment?.spec as { template: { spec: { containers: object[] } } }
    const added = structuredClone(spec)
    added.template.spec.containers = [{ name: 'mesh', image: 'mesh:1' }, ...added.template.spec.containers]
    const actual = { ...deployment, spec: { ...added, paused: false }, status: { replicas: 1 } }
    expect(driftOf(deployment, actual)).toEqual([])
  })

  test('names the fields that differ', () => {
    const spec = { ...(deployment?.spec as object), replicas: 0 }
    expect(driftOf(deployment, { ...deployment, spec })).toEqual(['spec.replicas'])
    expect(driftOf({ list: [{ name: 'a', value: 1 }] }, { list: [{ name: 'a', value: 2 }] })).toEqual(['list.a.value'])
    expect(driftOf({ args: ['a', 'b'] }, { args: ['a'] })).toEqual(['args'])
  })

  test('a quantity may be written in another way', () => {
    expect(driftOf({ cpu: '1000m', memory: '1024Mi' }, { cpu: '1', memory: '1Gi' })).toEqual([])
    expect(driftOf({ cpu: '1000m' }, { cpu: '2' })).toEqual(['cpu'])
  })
})

describe('judgement', () => {
  const rules = { minReplicas: 2, deadlineSeconds: 60, sinceMs: 0, nowMs: 1_000 }
  const deployed = (status: object): ClusterObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x', generation: 2 },
    status,
  })
  const pod = (status: object) => podFacts({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x-0' }, status })
  const ended = (exitCode: number, message: string, restartCount = 1) =>
    pod({
      containerStatuses: [
        {
          name: 'model',
          restartCount,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode, message } },
        },
      ],
    })

  test('ready pods of this generation are needed', () => {
    const ready = { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 2 }
    expect(judgeRelease({ deployment: deployed(ready), pods: [] }, rules)).toEqual({ kind: 'ready' })
    const old = judgeRelease({ deployment: deployed({ ...ready, observedGeneration: 1 }), pods: [] }, rules)
    expect(old).toEqual({ kind: 'waiting', message: '0 of 2 pods are ready' })
    expect(judgeRelease({ pods: [] }, rules)).toMatchObject({ kind: 'waiting' })
  })

  test('a wrong version fails at once, with its own words', () => {
    const pods = [ended(VERSION_FAILED, 'golden_mismatch: y differs\n')]
    expect(judgeRelease({ pods }, rules)).toEqual({
      kind: 'failed',
      cause: { code: 'golden_mismatch', message: 'y differs' },
    })
  })

  test('a pod that cannot start is named until the deadline, and fails then', () => {
    const waiting = pod({
      containerStatuses: [
        { name: 'model', state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } },
      ],
    })
    const words = '0 of 2 pods are ready: model waits: ImagePullBackOff (no such image)'
    expect(judgeRelease({ pods: [waiting] }, rules)).toEqual({ kind: 'waiting', message: words })
    const late = judgeRelease({ pods: [waiting] }, { ...rules, nowMs: 61_000 })
    expect(late).toEqual({ kind: 'failed', cause: { code: 'cluster_not_ready', message: `after 60 s, ${words}` } })
    const unplaced = pod({
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
    })
    expect(judgeRelease({ pods: [unplaced] }, rules)).toMatchObject({
      message: '0 of 2 pods are ready: 0/3 nodes are available',
    })
  })

  test('the deadline of the Deployment counts too', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }]
    const status = { observedGeneration: 2, conditions }
    expect(judgeRelease({ deployment: deployed(status), pods: [] }, rules)).toMatchObject({ kind: 'failed' })
  })

  test('on trial a restart is evidence, and a new pod is none', () => {
    const before = new Map([['x-0', 1]])
    expect(trialEvidence([ended(1, 'out of memory')], before)).toBeUndefined()
    expect(trialEvidence([ended(1, 'out of memory', 2)], before)).toMatchObject({ code: 'cluster_pod_ended' })
    expect(trialEvidence([pod({})], before)).toBeUndefined()
  })
})
