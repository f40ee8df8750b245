/** OPC UA discovery: what a server offers to whoever asks: its names, its endpoints, and the certificate that it shows. [OPC 10000-4, 5.5] */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Discover, type Found, plainText } from '@skerry/connectors/discovery'
import { OpcuaPolicy } from '@skerry/contract/sources/protocols/source-opcua'
import { type EndpointDescription, MessageSecurityMode } from 'node-opcua-client'
import { fingerprintOf } from './pki.ts'
import { askServer } from './wire.ts'

export const discoverOpcua: Discover = async ({ host, port = 4840, timeoutMs }, { onAsk }, signal) => {
  onAsk(0, 1)
  const endpoint = `opc.tcp://${host}:${port}`
  // Nothing is shown to the server; the library wants a certificate all the same.
  const stateFolder = await mkdtemp(join(tmpdir(), 'skerry-discover-'))
  try {
    const offered = await askServer({ endpoint, timeoutMs }, { stateFolder, secrets: {} }, signal)
    return offered.flatMap((each) => foundOf(each, endpoint))
  } finally {
    await rm(stateFolder, { recursive: true, force: true })
  }
}

const SECURITIES = new Map([
  [MessageSecurityMode.None, 'none'],
  [MessageSecurityMode.Sign, 'sign'],
  [MessageSecurityMode.SignAndEncrypt, 'encrypt'],
])

/** Nothing where it is not over TCP. A server names itself as it is called at home: it is reached where it was found. */
function foundOf(offered: EndpointDescription, reached: string): Found[] {
  const url = /^opc\.tcp:\/\/[^/]*(\/\S*)?$/.exec(offered.endpointUrl ?? '')
  const security = SECURITIES.get(offered.securityMode)
  if (!url || security === undefined) return []
  const endpoint = `${reached}${url[1] && url[1] !== '/' ? url[1] : ''}`
  const name = plainText(offered.server.applicationName.text ?? offered.server.applicationUri ?? 'a server')
  const policy = (offered.securityPolicyUri ?? '').split('#')[1] ?? ''
  if (security === 'none') {
    return [{ what: `${name}: no security`, where: endpoint, certainty: 'sure', connection: { endpoint, security } }]
  }
  const known = OpcuaPolicy.safeParse(policy)
  // Others are broken, and not spoken here.
  if (!known.success) return []
  const trust = shownBy(offered)
  return [
    {
      what: `${name}: ${security}, ${policy}`,
      where: endpoint,
      certainty: 'sure',
      connection: { endpoint, security, policy: known.data, trust },
    },
  ]
}

/** Nothing where it is no certificate. */
function shownBy({ serverCertificate }: EndpointDescription): string[] {
  try {
    return serverCertificate ? [fingerprintOf(serverCertificate)] : []
  } catch {
    return []
  }
}
