/**
 * Hub authority: the certificate authority of a hub, fetched over a connection that is not trusted yet, and proved by
 * its fingerprint.
 */
import { X509Certificate } from 'node:crypto'
import { request } from 'node:https'
import { json } from 'node:stream/consumers'
import * as z from 'zod'

const About = z.object({ caPem: z.string() })

/** The fingerprint (SHA-256 of the DER, hex) comes from somewhere that is trusted: here, from the hub's own log. */
export async function hubAuthority(hubUrl: string, fingerprint: string): Promise<string> {
  const { caPem } = About.parse(await askUntrusted(new URL('/v1/about', hubUrl)))
  const found = new X509Certificate(caPem).fingerprint256.replaceAll(':', '').toLowerCase()
  if (found !== fingerprint) throw new Error(`${hubUrl} is not the hub that was started: its authority is ${found}`)
  return caPem
}

function askUntrusted(url: URL): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request(url, { rejectUnauthorized: false, agent: false }, (answer) => json(answer).then(resolve, reject))
      .on('error', reject)
      .end()
  })
}
