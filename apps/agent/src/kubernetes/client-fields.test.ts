/** Kinds without a published schema are held against the field names that the client of the project knows. */
import { V1PodDisruptionBudgetSpec, V1PolicyRule } from '@kubernetes/client-node'
import { agentObjects } from '@skerry/core/kubernetes/agent-objects'
import { releaseObjects } from '@skerry/core/kubernetes/cluster-objects'
import { CLUSTER_DEFAULTS } from '@skerry/core/kubernetes/cluster-settings'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'

type Known = { getAttributeTypeMap(): { baseName: string }[] }

const strangersTo = (type: Known, object: object) => {
  const names = type.getAttributeTypeMap().map(({ baseName }) => baseName)
  return Object.keys(object).filter((name) => !names.includes(name))
}

test('the client knows each field of a PodDisruptionBudget, and finds an unknown one', () => {
  const facts = { device: 'd', settings: { ...CLUSTER_DEFAULTS, image: 'a' }, secret: {} }
  const budget = releaseObjects(buildDesiredItem({ version: 1 }), facts).find(
    ({ kind }) => kind === 'PodDisruptionBudget',
  )
  const spec = budget?.spec as object
  expect(strangersTo(V1PodDisruptionBudgetSpec, spec)).toEqual([])
  expect(strangersTo(V1PodDisruptionBudgetSpec, { ...spec, maxUnavailible: 1 })).toEqual(['maxUnavailible'])
})

test('the client knows each field of the rights of the agent', () => {
  const wishes = { namespace: 'plant', image: 'a', replicas: { min: 1, max: 1 }, filesPort: 8_502, name: undefined }
  const role = agentObjects(wishes).find(({ kind }) => kind === 'Role')
  const rules = role?.rules as object[]
  expect(rules.flatMap((rule) => strangersTo(V1PolicyRule, rule))).toEqual([])
})
