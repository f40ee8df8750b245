/** Objects of somebody else under the names that the agent needs. */
import { CLUSTER_LABELS } from '@skerry/core/kubernetes/cluster-names'
import type { ClusterObject } from '@skerry/core/kubernetes/cluster-objects'
import { CLUSTER_DEFAULTS } from '@skerry/core/kubernetes/cluster-settings'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import type { ClusterRefused } from './cluster.ts'
import {
  applyRelease,
  type ClusterReach,
  type ClusterState,
  objectsOf,
  readAndCorrect,
  removeRelease,
} from './cluster-state.ts'

const { signal } = new AbortController()
const DEVICE = '0123456789ab'

const release = { item: buildDesiredItem({ name: 'm', version: 1 }), sinceMs: 0 }

/** A cluster that only remembers, with the release in it. */
function cluster() {
  const objects = new Map<string, ClusterObject>()
  const keyOf = (kind: string, name: string) => `${kind}/${name}`
  const releases = [release]
  const reach: ClusterReach = {
    device: DEVICE,
    settingsOf: () => ({ ...CLUSTER_DEFAULTS, image: 'agent:1' }),
    secretOf: () => ({ token: 'dG9rZW4=' }),
    releases: {
      list: () => releases,
      get: () => releases[0],
      add: async () => undefined,
      remove: async () => void releases.splice(0),
    },
    cluster: {
      namespace: 'plant',
      version: async () => 'v1.32.3',
      read: async ({ kind, name }) => objects.get(keyOf(kind, name)),
      apply: async (object) => {
        objects.set(keyOf(object.kind, object.metadata.name), object)
        return object
      },
      list: async ({ kind }, selector) =>
        [...objects.values()].filter(
          ({ kind: found, metadata }) =>
            found === kind && selector === `${CLUSTER_LABELS.device}=${metadata.labels?.[CLUSTER_LABELS.device]}`,
        ),
      remove: async ({ kind, name }) => void objects.delete(keyOf(kind, name)),
    },
  }
  const quiet = () => undefined
  const it = {
    conditions: { raise: quiet, clear: quiet },
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    log: { info: quiet, warn: quiet },
    signal,
    status: new Map(),
    serving: new Map(),
    corrections: new Map(),
    applied: new Set(),
  } as unknown as ClusterState
  const [budget] = objectsOf(reach, release).filter(({ kind }) => kind === 'PodDisruptionBudget')
  const foreign = { ...budget, metadata: { name: budget?.metadata.name }, spec: {} } as ClusterObject
  const put = (object: ClusterObject) => objects.set(keyOf(object.kind, object.metadata.name), object)
  const find = (kind: string) => [...objects.values()].filter((object) => object.kind === kind)
  return { reach, it, foreign, put, find }
}

test('a version that waits for a name of somebody else leaves their object when it is removed', async () => {
  const { reach, it, foreign, put, find } = cluster()
  put(foreign)
  await expect(applyRelease(it, reach, release, signal)).rejects.toMatchObject({
    reason: 'NameTaken',
  } satisfies Partial<ClusterRefused>)
  await readAndCorrect(it, reach, signal)
  expect(it.refusal?.message).toContain('that this agent did not make')
  await removeRelease(it, reach, release)
  expect(find('PodDisruptionBudget')).toEqual([foreign])
  expect([...find('Secret'), ...find('Deployment')]).toEqual([])
})

test('an object that somebody puts in the place of a removed one is not taken over', async () => {
  const { reach, it, foreign, put, find } = cluster()
  await applyRelease(it, reach, release, signal)
  await readAndCorrect(it, reach, signal)
  expect(it.refusal).toBeUndefined()
  put(foreign)
  await readAndCorrect(it, reach, signal)
  expect(it.refusal?.code).toBe('cluster_refused')
  expect(find('PodDisruptionBudget')).toEqual([foreign])
})

test('an own object whose label was removed is corrected', async () => {
  const { reach, it, foreign, put, find } = cluster()
  await applyRelease(it, reach, release, signal)
  const managedFields = [{ manager: 'kubectl-label' }, { manager: 'skerry-agent' }]
  put({ ...foreign, metadata: { ...foreign.metadata, managedFields } })
  await readAndCorrect(it, reach, signal)
  expect(it.refusal).toBeUndefined()
  expect(find('PodDisruptionBudget')[0]?.metadata.labels).toMatchObject({ [CLUSTER_LABELS.device]: DEVICE })
})
