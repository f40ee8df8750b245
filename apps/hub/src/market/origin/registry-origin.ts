/**
 * Registry origin: reads a catalogue from a repository of an OCI registry that everybody may read. Registries name a
 * server of tokens also for such repositories, and often redirect to a store of blobs. Each address is checked as the
 * first one. [OCI distribution-spec 1.1; distribution/spec/auth/token]
 */
import type { IncomingMessage } from 'node:http'
import { OCI_MANIFEST } from '@skerry/contract/apps/oci'
import { CATALOGUE_MANIFEST_BYTES_MAX, CatalogueManifest, indexLayerOf } from '@skerry/contract/market/catalogue-layers'
import { digestOf } from '@skerry/platform/files/hash'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import type { CatalogueOrigin } from './catalogue-origin.ts'
import { bytesUpTo } from './read-answer.ts'

/** A store of blobs is one redirect away; a second one is its other region. */
const REDIRECTS_MAX = 3

/** A token is some kilobytes. */
const TOKEN_BYTES_MAX = 64 * 1024

const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308])

/** Of `oci://HOST/REPOSITORY:TAG`. */
export function registryOrigin(webhooks: Webhooks, url: string): CatalogueOrigin {
  const { host, pathname } = new URL(url)
  const [repository = '', tag = 'latest'] = pathname.slice(1).split(':')
  const placeOf = (path: string) => new URL(`https://${host}/v2/${repository}/${path}`)
  const registry = createReader(webhooks)
  return {
    async index(known, signal) {
      const answer = await registry(placeOf(`manifests/${tag}`), { accept: OCI_MANIFEST }, signal)
      if (answer.statusCode !== 200) return { isSame: false, answer, tag: undefined }
      const bytes = await bytesUpTo(answer, CATALOGUE_MANIFEST_BYTES_MAX)
      const layer = bytes && indexLayerOf(manifestIn(bytes))
      if (!bytes || !layer) throw new Error(`${repository}:${tag} of ${host} is no catalogue`)
      const digest = digestOf(bytes)
      if (digest === known) return { isSame: true }
      return { isSame: false, answer: await registry(placeOf(`blobs/${layer.digest}`), {}, signal), tag: digest }
    },
    blob: (digest, signal) => registry(placeOf(`blobs/${digest}`), {}, signal),
  }
}

function manifestIn(bytes: Buffer): CatalogueManifest {
  try {
    return CatalogueManifest.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    throw new Error('the registry has no manifest of a catalogue under this tag')
  }
}

type Headers = Readonly<Record<string, string>>

/** Keeps the token of the registry for the blobs that follow. */
function createReader(webhooks: Webhooks) {
  let token: string | undefined
  return async (url: URL, headers: Headers, signal: AbortSignal): Promise<IncomingMessage> => {
    const ask = () => followed(webhooks, { url, headers, token }, signal)
    const answer = await ask()
    const challenge = answer.headers['www-authenticate']
    if (answer.statusCode !== 401 || challenge === undefined) return answer
    answer.destroy()
    token = await newToken(webhooks, challenge, signal)
    return ask()
  }
}

type Request = { url: URL; headers: Headers; token: string | undefined }

/** The token goes to the registry alone, and never to the host of a redirect. */
async function followed(webhooks: Webhooks, { url, headers, token }: Request, signal: AbortSignal) {
  let place = url
  for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
    const isRegistry = place.host === url.host
    const authorised: Headers = token !== undefined && isRegistry ? { authorization: `Bearer ${token}` } : {}
    const answer = await webhooks.fetch(place, { ...headers, ...authorised }, signal)
    const { location } = answer.headers
    if (!REDIRECTS.has(answer.statusCode) || location === undefined) return answer
    answer.destroy()
    place = new URL(location, place)
  }
  throw new Error(`${url.host} redirects more than ${REDIRECTS_MAX} times`)
}

/** The token of a caller without an account. */
async function newToken(webhooks: Webhooks, challenge: string, signal: AbortSignal): Promise<string> {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))
  const realm = fields.get('realm')
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm))
    throw new Error('the registry needs an account; mirror a repository that everybody may read')
  const place = new URL(realm)
  for (const name of ['service', 'scope']) {
    const value = fields.get(name)
    if (value !== undefined) place.searchParams.set(name, value)
  }
  const answer = await webhooks.fetch(place, {}, signal)
  const bytes = answer.statusCode === 200 ? await bytesUpTo(answer, TOKEN_BYTES_MAX) : undefined
  if (!bytes) {
    answer.destroy()
    throw new Error('the registry gives no token to a caller without an account')
  }
  const { token, access_token: other } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
  const found = typeof token === 'string' ? token : other
  if (typeof found !== 'string') throw new Error('the registry answered without a token')
  return found
}
