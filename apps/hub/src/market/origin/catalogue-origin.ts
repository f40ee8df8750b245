/** Catalogue origin: the place from which a hub mirrors a catalogue, with one way to get its index and its blobs. */
import type { IncomingMessage } from 'node:http'
import type { Digest } from '@skerry/contract/values/digest'
import { hexOf } from '@skerry/platform/files/hash'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import { registryOrigin } from './registry-origin.ts'

/** `tag` identifies the index; a caller that gives it again learns that nothing has changed. */
export type FetchedIndex = { isSame: true } | { isSame: false; answer: IncomingMessage; tag: string | undefined }

/** An answer may have any status. The caller reads or destroys it. Each request rejects if the place is unreachable. */
export type CatalogueOrigin = {
  index(known: string | undefined, signal: AbortSignal): Promise<FetchedIndex>
  blob(digest: Digest, signal: AbortSignal): Promise<IncomingMessage>
}

/** A registry for `oci://HOST/REPOSITORY:TAG`, and else a static tree: `URL/index.json` and `URL/blobs/sha256/HEX`. */
export const originOf = (webhooks: Webhooks, url: string): CatalogueOrigin =>
  url.startsWith('oci://') ? registryOrigin(webhooks, url) : treeOrigin(webhooks, url)

function treeOrigin(webhooks: Webhooks, url: string): CatalogueOrigin {
  const placeOf = (path: string) => new URL(`${url.replace(/\/$/, '')}/${path}`)
  return {
    async index(known, signal) {
      // [RFC 9110 13.1.2] An unchanged index is not sent again.
      const headers: Record<string, string> = known === undefined ? {} : { 'if-none-match': known }
      const answer = await webhooks.fetch(placeOf('index.json'), headers, signal)
      if (answer.statusCode !== 304) return { isSame: false, answer, tag: answer.headers.etag }
      answer.resume()
      return { isSame: true }
    },
    blob: (digest, signal) => webhooks.fetch(placeOf(`blobs/sha256/${hexOf(digest)}`), {}, signal),
  }
}
