/** SNMP discovery: what an agent says that it is, to whoever asks with the community that everybody knows. [RFC 1213, the system group] */
import { type Discover, plainText } from '@skerry/connectors/discovery'
import { SnmpConnection } from '@skerry/contract/sources/protocols/source-snmp'
import { openWire } from './wire.ts'

/** sysDescr, sysName. */
const DESCRIPTION = '1.3.6.1.2.1.1.1.0'
const NAME = '1.3.6.1.2.1.1.5.0'

export const discoverSnmp: Discover = async ({ host, port = 161, timeoutMs }, { onAsk, clock }, signal) => {
  onAsk(0, 1)
  await using wire = await openWire(SnmpConnection.parse({ host, port, timeoutMs }), { secrets: {}, clock }, signal)
  const answer = await wire.get([DESCRIPTION, NAME])
  const said = answer.ok ? answer.varbinds.map(({ value }) => textOf(value)).filter((text) => text !== '') : []
  const what = said.length > 0 ? said.join('; ') : 'an agent that does not identify itself'
  return [{ what, where: `${host}:${port}`, certainty: 'sure', connection: { host, port } }]
}

const textOf = (value: unknown) => (Buffer.isBuffer(value) ? plainText(value.toString('utf8')) : '')
