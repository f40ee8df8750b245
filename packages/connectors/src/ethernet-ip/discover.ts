/** EtherNet/IP discovery: what the equipment says that it is. No session is opened, and no connection of the controller is taken. */
import { type Discover, plainText } from '@skerry/connectors/discovery'
import { EthernetIpConnection } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import { identityIn } from './identity.ts'
import { askWhatItIs } from './wire.ts'

export const discoverEthernetIp: Discover = async ({ host, port = 44_818, timeoutMs }, { onAsk }, signal) => {
  onAsk(0, 1)
  const identity = identityIn(await askWhatItIs(EthernetIpConnection.parse({ host, port, timeoutMs }), signal))
  const at = { where: `${host}:${port}`, connection: { host, port } }
  if (!identity) return [{ ...at, what: 'equipment that does not identify itself', certainty: 'likely' }]
  const { name, revision, vendor, deviceType, serial } = identity
  const what = `${plainText(name)} ${revision}: vendor ${vendor}, type ${deviceType}, serial number ${serial}`
  return [{ ...at, what, certainty: 'sure' }]
}
