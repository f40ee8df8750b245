/** Session host: the command line as a host of imports: with the proxies of the person, and folders beside the profile. */
import { mkdir } from 'node:fs/promises'
import { Agent as PlainAgent } from 'node:http'
import { Agent } from 'node:https'
import { dirname, join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { digestOf } from '@skerry/platform/files/hash'
import { IDLE_MS } from '@skerry/platform/imports/fetch-file'
import type { ImportHost } from '@skerry/platform/imports/import-host'
import { ImportProblem } from '@skerry/platform/imports/import-problem'
import * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { profilePath } from '../../../program/profile.ts'
import type { Session } from '../../../program/session.ts'
import { unpackLayer } from './unpack-layer.ts'

/** The host of a command. */
export function sessionHost(session: Session): ImportHost {
  const { io, signal } = session
  return {
    signal,
    random: io.random,
    // The usual variables name a proxy: HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
    async agentFor({ protocol }, authorities) {
      const options = { proxyEnv: io.env, timeout: IDLE_MS }
      if (protocol !== 'https:') return new PlainAgent(options)
      return new Agent({ ...options, ...(authorities !== undefined && { ca: [...rootCertificates, authorities] }) })
    },
    async folderFor(address) {
      const folder = join(dirname(profilePath(io.env)), 'imports', digestOf(address).slice(7, 39))
      await mkdir(folder, { recursive: true })
      return folder
    },
    async weightPaths(modelPath) {
      // ONNX needs a library that would slow the start of every other command.
      const { weightPaths } = await import('../files/local-model.ts')
      return weightPaths(modelPath)
    },
    parseYaml: (text) => readYaml(text, { file: 'document', schema: z.unknown() }).values[0]?.value,
    unpack: (archive, folder) => unpackLayer(archive, folder, signal),
    progress: session.progress,
  }
}

/** Runs a part of an import, and turns its problems into failures of the command line. */
export async function tellProblems<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof ImportProblem)) throw error
    throw fail(error.code, error.message, { ...(error.next !== undefined && { next: error.next }), cause: error })
  }
}
