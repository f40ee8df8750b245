/** The objects that an agent applies, held strictly against the published schemas of Kubernetes. */

import { agentObjects } from '@skerry/core/kubernetes/agent-objects'
import { releaseObjects, serviceObject } from '@skerry/core/kubernetes/cluster-objects'
import { CLUSTER_DEFAULTS, type ClusterSettings } from '@skerry/core/kubernetes/cluster-settings'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { describe, expect, test } from 'vitest'
import { hasChartTools, problemsOf } from '../stage/chart-tools.ts'
import type { KubeObject } from '../stage/kube-api.ts'

const base: ClusterSettings = { ...CLUSTER_DEFAULTS, image: 'skerry/agent:0.1.0' }
const forms: Record<string, ClusterSettings> = {
  'the defaults': base,
  'an autoscaler': { ...base, minReplicas: 2, maxReplicas: 6, cpuPercent: 60 },
  'all settings': {
    ...base,
    cpus: 0.5,
    memoryMiB: 3_000,
    devices: { 'nvidia.com/gpu': 1 },
    nodeSelector: { disk: 'fast' },
    pullSecret: 'registry',
  },
  'another server': {
    ...base,
    server: {
      image: 'nvcr.io/nvidia/tritonserver:25.01-py3',
      command: ['tritonserver'],
      args: ['--model-repository=/models'],
      port: 8_000,
      modelFolder: '/models',
      readyPath: '/v2/models/{model}/ready',
    },
  },
}

const item = buildDesiredItem({ name: 'anomaly', version: 3 })

const objectsOf = (settings: ClusterSettings): KubeObject[] => {
  const facts = { device: 'a1b2c3d4e5f6', settings, secret: { token: 'eA==' } }
  return [...releaseObjects(item, facts), serviceObject(item, facts)]
}

describe.skipIf(!hasChartTools)('objects of a release', () => {
  test.each(Object.entries(forms))('%s: the schemas know each field', (_, settings) => {
    for (const object of objectsOf(settings)) expect(problemsOf(object), object.kind).toEqual([])
  })

  test.each(objectsOf(forms['an autoscaler'] ?? base).map((object) => [object.kind, object] as const))(
    'an unknown field of a %s is found',
    (_, object) => {
      const part =
        object.kind === 'Secret'
          ? { ...object, dataa: {} }
          : { ...object, spec: { ...(object.spec as object), replicass: 2 } }
      expect(problemsOf(part as KubeObject)).not.toEqual([])
    },
  )

  test('an unknown field deep in a pod is found', () => {
    const deployment = objectsOf(base).find(({ kind }) => kind === 'Deployment')
    const text = JSON.stringify(deployment)
    expect(text).toContain('"containerPort"')
    expect(problemsOf(JSON.parse(text.replace('"containerPort"', '"containerPrt"')))).not.toEqual([])
    expect(problemsOf(JSON.parse(text.replace('"readinessProbe"', '"readynessProbe"')))).not.toEqual([])
  })

  test('the printed objects of the agent are known too', () => {
    const printed = agentObjects({
      namespace: 'plant',
      image: 'skerry/agent:0.1.0',
      replicas: { min: 2, max: 6 },
      filesPort: 8_502,
      name: 'line',
    })
    for (const object of printed) expect(problemsOf(object), object.kind).toEqual([])
    const [binding] = printed.filter(({ kind }) => kind === 'RoleBinding')
    expect(problemsOf({ ...binding, subject: [] } as KubeObject)).not.toEqual([])
  })
})
