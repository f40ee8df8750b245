/**
 * Registry credentials: the sign-ins that container tools keep for a person: the files of `docker login`, `podman login`
 * and `skopeo login`, and the helpers that keep them in a keychain.
 *
 * [docker-credential-helpers; containers-auth.json(5)]
 */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'

const AuthFile = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
})

const Helped = z.object({ Username: z.string(), Secret: z.string() })

type Env = Readonly<Record<string, string | undefined>>

/** Several tools of one machine may have signed in. The first file that knows the registry counts. */
function authFiles(env: Env): string[] {
  const { DOCKER_CONFIG, HOME, REGISTRY_AUTH_FILE, XDG_CONFIG_HOME, XDG_RUNTIME_DIR } = env
  const config = XDG_CONFIG_HOME ?? (HOME === undefined ? undefined : join(HOME, '.config'))
  const docker = DOCKER_CONFIG ?? (HOME === undefined ? undefined : join(HOME, '.docker'))
  return [
    REGISTRY_AUTH_FILE,
    docker && join(docker, 'config.json'),
    XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, 'containers/auth.json'),
    config && join(config, 'containers/auth.json'),
  ].filter((path) => path !== undefined && path !== '') as string[]
}

/** `USER:PASSWORD` for the registry; undefined if no tool has signed in. */
export async function storedLogin(host: string, env: Env, signal: AbortSignal): Promise<string | undefined> {
  for (const path of authFiles(env)) {
    const bytes = await readFile(path, 'utf8').catch(() => '{}')
    const file = AuthFile.safeParse(parseJson(bytes)).data
    if (!file) continue
    const auth = Object.hasOwn(file.auths, host) ? file.auths[host]?.auth : undefined
    if (auth) return Buffer.from(auth, 'base64').toString('utf8')
    const helper = Object.hasOwn(file.credHelpers, host) ? file.credHelpers[host] : file.credsStore
    const found = helper === undefined ? undefined : await askHelper(helper, { host, env }, signal)
    if (found !== undefined) return found
  }
  return undefined
}

/** A helper that is missing, or knows nothing of the registry, ends with an error. */
async function askHelper(
  helper: string,
  { host, env }: { host: string; env: Env },
  signal: AbortSignal,
): Promise<string | undefined> {
  // The name becomes a part of the name of a program.
  if (!/^[\w.-]{1,64}$/.test(helper)) return undefined
  const asked = spawn(`docker-credential-${helper}`, ['get'], { env, signal, stdio: ['pipe', 'pipe', 'ignore'] })
  const isMissing = new Promise<string>((resolve) => asked.once('error', () => resolve('')))
  asked.stdin.on('error', () => undefined)
  asked.stdin.end(host)
  const found = Helped.safeParse(parseJson(await Promise.race([text(asked.stdout), isMissing]))).data
  return found && `${found.Username}:${found.Secret}`
}
