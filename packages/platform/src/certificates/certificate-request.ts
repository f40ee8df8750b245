/** Certificate request (PKCS #10): what a device sends to get a certificate. Its private key stays where it was made. */
import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { keyPairOf } from './private-key.ts'
import { ES256, importPublicKey, importSigningKey } from './web-crypto-key.ts'

/**
 * A request in PEM for the key, signed by it. The hub decides the certificate's subject; `commonName` is only a help for people
 * who look at the request.
 */
export async function createCertificateRequest(privateKeyPem: string, commonName = 'skerry device'): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    signingAlgorithm: ES256,
    keys: {
      privateKey: await importSigningKey(privateKeyPem),
      publicKey: await importPublicKey(keyPairOf(privateKeyPem).publicKeyPem),
    },
  })
  return `${request.toString('pem')}\n`
}
