/** Inspects pushed agent packages: the hub reads the manifest and compares it with the files. It runs no package. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AGENT_NAME, AgentPackage } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import { partsProblem } from '@skerry/core/agents/agent-parts'
import { parseJson } from '@skerry/core/values/parse-json'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

/** 16 parts with the longest paths need only a fraction of it. */
const MANIFEST_BYTES_MAX = 64 * 1024

export const agentInspector: Inspector<'agent'> = {
  plural: 'agent packages',
  // A device checks a package by starting it.
  goldenSource: 'pushed',
  checkPaths({ golden }) {
    if (golden) throw problem('input_invalid', 'golden inputs are for models; a device starts an agent to check it')
  },
  // The parts have a hundred megabytes and more, and their digests prove them.
  reads: ({ path }) => path === AGENT_PATH,
  async inspect({ staged, files, request }) {
    if (request.name !== AGENT_NAME) {
      throw problem('agent_invalid', `a device has one agent, so its packages have the name ${AGENT_NAME}`)
    }
    const size = files.find(({ path }) => path === AGENT_PATH)?.sizeBytes ?? 0
    if (size > MANIFEST_BYTES_MAX) throw problem('agent_invalid', `${AGENT_PATH} is over 64 KiB`)
    const parsed = AgentPackage.safeParse(parseJson(await readFile(join(staged.folder, AGENT_PATH), 'utf8')))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw problem('agent_invalid', `${AGENT_PATH}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
    }
    const wrong = partsProblem(parsed.data, files)
    if (wrong !== undefined) throw problem('agent_invalid', wrong)
    return { summary: parsed.data, golden: undefined, goldenCases: 0 }
  },
  detail: (common, agent) => ({ ...common, kind: 'agent', agent }),
  opset: () => 0,
}
