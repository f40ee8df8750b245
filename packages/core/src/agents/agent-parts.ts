/** Agent parts: checks that the files of a pushed version are the parts of one agent package, and nothing else. */
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import type { Digest } from '@skerry/contract/values/digest'

export type PushedFile = { path: string; digest: Digest; sizeBytes: number }

/** The first problem, as a sentence; undefined if the files are the package. */
export function partsProblem({ parts, node }: AgentPackage, files: readonly PushedFile[]): string | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const named = new Set(parts.map(({ path }) => path))
  if (named.size < parts.length || named.has(AGENT_PATH)) return `${AGENT_PATH} names a part twice, or itself`
  for (const { path, digest, sizeBytes } of parts) {
    const file = byPath.get(path)
    if (!file) return `the part ${path} is missing; push the whole package`
    if (file.digest !== digest || file.sizeBytes !== sizeBytes) {
      return `the part ${path} has other bytes than ${AGENT_PATH} says; make the package again`
    }
  }
  const stray = files.find(({ path }) => path !== AGENT_PATH && !named.has(path))
  if (stray) return `${stray.path} is no part of the package`
  if (node.path === undefined) return undefined
  const program = parts.find(({ path }) => path === node.path)
  return program?.form === 'program' ? undefined : `node.path names ${node.path}, which is no program of the package`
}
