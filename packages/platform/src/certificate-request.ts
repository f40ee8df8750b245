/** Certificate request (PKCS #10): what a device sends to get a certificate. Its private key stays where it was made. */
import 'reflect-metadata'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

/** [RFC 7518] ES256: ECDSA on P-256 with SHA-256, in WebCrypto's words. */
const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * A request in PEM for the key, signed by it. The hub decides the certificate's subject; `commonName` is only a help for people
 * who look at the request.
 */
export async function createCertificateRequest(privateKeyPem: string, commonName = 'skerry device'): Promise<string> {
  const privateKey = createPrivateKey(privateKeyPem)
  const publicKey = createPublicKey(privateKey)
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    signingAlgorithm: ES256,
    keys: {
      privateKey: privateKey.toCryptoKey(ES256, false, ['sign']),
      publicKey: publicKey.toCryptoKey(ES256, true, ['verify']),
    },
  })
  return `${request.toString('pem')}\n`
}
