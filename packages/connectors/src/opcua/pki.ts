/**
 * OPC UA certificates: this source's own, made once and kept, and whether the server's is trusted. A server is trusted by the fingerprint of its very
 * certificate, or not at all: nothing is trusted because it was seen first.
 */
import { randomUUID, X509Certificate } from 'node:crypto'
import { link, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpcuaConnection } from '@skerry/contract/sources/protocols/source-opcua'
import { OPCUACertificateManager } from 'node-opcua-certificate-manager'
import { type OPCUAClientOptions, StatusCodes } from 'node-opcua-client'

type CertificateStore = NonNullable<OPCUAClientOptions['clientCertificateManager']>

export type OwnCertificate = { applicationUri: string; certificateFile: string; privateKeyFile: string }

/** The certificate outlives the machine: an administrator has trusted it by hand, and would have to again. */
const VALIDITY_DAYS = 365 * 20

/** Reads it, or makes it where there is none yet. */
export async function ownCertificate(folder: string): Promise<OwnCertificate> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const manager = new OPCUACertificateManager({ rootFolder: folder, disableFileWatchers: true })
  await manager.initialize()
  try {
    const certificateFile = join(folder, 'own', 'certs', 'skerry.pem')
    const applicationUri = (await uriOf(certificateFile)) ?? (await makeCertificate(manager, certificateFile))
    return { applicationUri, certificateFile, privateKeyFile: manager.privateKey }
  } finally {
    await manager.dispose()
  }
}

/** [OPC 10000-6, 6.2.2] The name of the application must be the one in its certificate. */
async function uriOf(path: string): Promise<string | undefined> {
  const pem = await readFile(path).catch(() => undefined)
  return pem && /URI:([^,\s]+)/.exec(new X509Certificate(pem).subjectAltName ?? '')?.[1]
}

async function makeCertificate(manager: OPCUACertificateManager, path: string): Promise<string> {
  const applicationUri = `urn:skerry:source:${randomUUID()}`
  const draft = `${path}.${randomUUID()}`
  await manager.createSelfSignedCertificate({
    applicationUri,
    dns: [],
    subject: '/CN=Skerry source/O=Skerry',
    outputFile: draft,
    startDate: new Date(),
    validity: VALIDITY_DAYS,
  })
  // Whole or not at all, whenever power goes; and of two that make one at the same time the first counts.
  await link(draft, path).catch(() => undefined)
  await rm(draft)
  return (await uriOf(path)) ?? applicationUri
}

/** Of the server's own certificate, which comes first where those of its authorities come after it. */
export const fingerprintOf = (der: Uint8Array): string =>
  new X509Certificate(der).fingerprint256.replaceAll(':', '').toLowerCase()

/** What the library asks about the server's certificate. `shown` is the fingerprint of one that was refused. */
export type Trust = { store: CertificateStore; shown(): string | undefined }

export function trustOf({ trust, insecureTrust }: Pick<OpcuaConnection, 'trust' | 'insecureTrust'>): Trust {
  let shown: string | undefined
  const judge = (certificate: Uint8Array | Uint8Array[]) => {
    const own = Array.isArray(certificate) ? certificate[0] : certificate
    const fingerprint = own ? fingerprintOf(own) : ''
    if (insecureTrust || trust.includes(fingerprint)) return StatusCodes.Good
    shown = fingerprint
    return StatusCodes.BadCertificateUntrusted
  }
  const nothing = async () => undefined
  const store: CertificateStore = {
    referenceCounter: 0,
    initialize: nothing,
    dispose: nothing,
    checkCertificate: async (certificate: Uint8Array | Uint8Array[]) => judge(certificate),
    getTrustStatus: async (certificate: Uint8Array | Uint8Array[]) => judge(certificate),
    // Asked about our own certificate only, and only to warn.
    verifyCertificate: async () => 'Good',
    trustCertificate: nothing,
    rejectCertificate: nothing,
    addIssuer: nothing,
    addRevocationList: nothing,
  }
  return { store, shown: () => shown }
}
