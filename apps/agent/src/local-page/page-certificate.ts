/**
 * Page certificate: a page for the network needs HTTPS, because the password would pass in clear otherwise. The device
 * makes a certificate by itself. A browser warns once; a person compares the fingerprint with the one in the log.
 */
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

const Stored = z.object({ certificatePem: z.string().max(10_000), privateKeyPem: z.string().max(10_000) })

/** A certificate of two years is replaced at a start in its last month. */
const LEFT_MIN_MS = 30 * 86_400_000

/** The certificate of the page, which it keeps over restarts, and its SHA-256 fingerprint. */
export async function openPageCertificate(
  fileSystem: FileSystem,
  data: string,
  nowMs: number,
): Promise<{ credentials: Credentials; fingerprint: string }> {
  const { fingerprintOf, parseCertificate } = await import('@skerry/platform/certificates/certificate')
  const path = join(data, 'page-certificate.json')
  const kept = parsed(await readIfPresent(fileSystem, path))
  const endsMs = kept && parseCertificate(kept.certificatePem)?.notAfterMs
  const isUsable = endsMs !== undefined && endsMs - nowMs > LEFT_MIN_MS
  const credentials = kept && isUsable ? kept : await makeCertificate(nowMs)
  if (credentials !== kept) await writeAtomic(fileSystem, path, JSON.stringify(credentials))
  return { credentials, fingerprint: fingerprintOf(credentials.certificatePem) }
}

function parsed(bytes: Uint8Array | undefined): Credentials | undefined {
  try {
    return bytes && Stored.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    // The next certificate replaces a damaged one.
    return undefined
  }
}

/** Nobody keeps the key of the authority, so it signs nothing else. */
async function makeCertificate(nowMs: number): Promise<Credentials> {
  const { createAuthority, issueServerCertificate } = await import(
    '@skerry/platform/certificates/certificate-authority'
  )
  const addresses = Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address))
  const names = [hostname(), 'localhost', ...addresses.filter((address) => !address.includes('%'))] as const
  return issueServerCertificate(await createAuthority({ commonName: 'Skerry device', nowMs }), { names, nowMs })
}
