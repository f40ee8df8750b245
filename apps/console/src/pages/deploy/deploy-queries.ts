/**
 * Deploy queries: the requests of the wizard and of the deployments' pages. A preview or a dry run goes over the whole
 * fleet. The page therefore fetches it when its subject changes or somebody opens it, and not after every report of
 * every device.
 */
import { allRows } from '@skerry/client/page'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** The number of names for each group. Nobody reads more, and the search finds the others. */
const NAMES_MAX = 100
/** If a count is older than this when a person returns, the hub counts again. */
const COUNTED_MS = 10_000

export type PreviewQuestion = {
  selector: string
  deployable: string | undefined
  version: string
  deployment: string | undefined
  find: string | undefined
}

export const deployQueries = {
  preview: (question: PreviewQuestion) =>
    queryOptions({
      queryKey: ['preview', question],
      queryFn: ({ signal }) => hub.selector.preview({ ...question, limit: NAMES_MAX }, { signal }),
      placeholderData: keepPreviousData,
      staleTime: COUNTED_MS,
      retry: false,
    }),
  plan: (spec: DeploymentSpec | undefined) =>
    queryOptions({
      queryKey: ['plan', spec],
      // Fetched only with a spec (enabled below).
      queryFn: ({ signal }) => hub.deployment.plan(spec as DeploymentSpec, { signal }),
      enabled: spec !== undefined,
      placeholderData: keepPreviousData,
      staleTime: COUNTED_MS,
      retry: false,
    }),
  /** Fetched again whenever a dialog opens: a person is about to decide on it. */
  rollback: (deployment: string, to: number | undefined) =>
    queryOptions({
      queryKey: ['plan', 'rollback', deployment, to],
      queryFn: ({ signal }) => hub.deployment.planRollback({ deployment, to }, { signal }),
      staleTime: 0,
      gcTime: 0,
      retry: false,
    }),
  values: () =>
    queryOptions({
      queryKey: ['selector-values'],
      queryFn: ({ signal }) => hub.selector.values({}, { signal }),
      staleTime: COUNTED_MS,
    }),
  deployment: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', 'one', deployment],
      queryFn: ({ signal }) => hub.deployment.get({ deployment }, { signal }),
    }),
  revisions: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', 'revisions', deployment],
      queryFn: ({ signal }) => allRows((page) => hub.deployment.revisions({ ...page, deployment }, { signal })),
    }),
  conflicts: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', 'conflicts', deployment],
      queryFn: ({ signal }) => allRows((page) => hub.deployment.conflicts({ ...page, deployment }, { signal })),
    }),
  rollouts: (deployment: string) =>
    queryOptions({
      queryKey: ['rollouts', 'of', deployment],
      queryFn: ({ signal }) => allRows((page) => hub.rollout.list({ ...page, deployment }, { signal })),
    }),
}
