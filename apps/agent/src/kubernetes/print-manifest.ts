/** Print manifest: the objects that an agent in a cluster needs, as YAML for `kubectl apply -f -`. */
import { dumpYaml } from '@kubernetes/client-node'
import { agentObjects } from '@skerry/core/kubernetes/agent-objects'
import type { AgentOptions } from '../options.ts'
import { AGENT_VERSION } from '../version.ts'

/** Prints them; gives the exit code. */
export function printManifest({ cluster, name }: AgentOptions): number {
  const { namespace = 'skerry', image = `skerry/agent:${AGENT_VERSION}`, replicas, files } = cluster ?? {}
  const range = replicas ?? { min: 1, max: 1 }
  const objects = agentObjects({ namespace, image, replicas: range, filesPort: files?.port ?? 8_502, name })
  process.stdout.write(objects.map((object) => dumpYaml(object, {})).join('---\n'))
  return 0
}
