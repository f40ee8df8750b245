/**
 * Source: a connection to equipment, and the tags that are read and written through it. The further settings of a
 * protocol are in `source-PROTOCOL.ts`.
 */
import * as z from 'zod'
import { Clearance } from '../values/clearance.ts'
import { Name } from '../values/names.ts'
import { BacnetConnection, BacnetTag } from './protocols/source-bacnet.ts'
import { CameraConnection, CameraTag } from './protocols/source-camera.ts'
import { CanConnection, CanTag } from './protocols/source-can.ts'
import { EthernetIpConnection, EthernetIpTag } from './protocols/source-ethernet-ip.ts'
import { FilesConnection, FilesTag } from './protocols/source-files.ts'
import { HttpConnection, HttpGroupShape, HttpTag } from './protocols/source-http.ts'
import { Iec104Connection, Iec104Tag } from './protocols/source-iec104.ts'
import { KnxConnection, KnxTag } from './protocols/source-knx.ts'
import { ModbusConnection, ModbusTag } from './protocols/source-modbus.ts'
import { MqttConnection, MqttTag } from './protocols/source-mqtt.ts'
import { OpcuaConnection, OpcuaTag } from './protocols/source-opcua.ts'
import { S7Connection, S7Tag } from './protocols/source-s7.ts'
import { SerialConnection, SerialGroupShape, SerialTag } from './protocols/source-serial.ts'
import { SimulatorConnection, SimulatorTag } from './protocols/source-simulator.ts'
import { SnmpConnection, SnmpTag } from './protocols/source-snmp.ts'
import { SparkplugConnection, SparkplugTag } from './protocols/source-sparkplug.ts'
import { SqlConnection, SqlGroupShape, SqlTag } from './protocols/source-sql.ts'
import { WebhookSourceConnection, WebhookTag } from './protocols/source-webhook.ts'
import { GroupShape, TAGS_MAX } from './tag.ts'

const groupsOf = <Tag extends z.ZodType<{ name: string }>>(tag: Tag) =>
  distinct(z.strictObject({ ...GroupShape, tags: tagsOf(tag) }))

const tagsOf = <Tag extends z.ZodType<{ name: string }>>(tag: Tag) => z.array(tag).min(1).max(TAGS_MAX)

const distinct = <Group extends z.ZodType<{ name: string; tags: { name: string }[] }>>(group: Group) =>
  z
    .array(group)
    .min(1)
    // One rate for each kind of signal; more groups would only repeat a rate.
    .max(100)
    .refine((groups) => hasNoTwin(groups.map(({ name }) => name)), 'two groups have one name')
    .refine((groups) => hasNoTwin(groups.flatMap(({ tags }) => tags.map(({ name }) => name))), 'two tags have one name')

/** [every connector] How it keeps in touch, and spares equipment that is slow or old. */
const SourceShape = {
  name: Name,
  /** How sensitive the values of its tags are. Devices at sites with a lower clearance do not start it. */
  dataClass: Clearance.optional(),
}

export const KnxSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('knx'),
  connection: KnxConnection,
  groups: groupsOf(KnxTag),
})
export type KnxSource = z.infer<typeof KnxSource>

export const BacnetSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('bacnet'),
  connection: BacnetConnection,
  groups: groupsOf(BacnetTag),
})
export type BacnetSource = z.infer<typeof BacnetSource>

export const CameraSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('camera'),
  connection: CameraConnection,
  groups: groupsOf(CameraTag).refine(
    ([group, ...more]) => more.length === 0 && group?.tags.length === 1,
    'a camera has one group of one tag: another size or rate is another source',
  ),
})
export type CameraSource = z.infer<typeof CameraSource>

export const CanSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('can'),
  connection: CanConnection,
  groups: groupsOf(CanTag),
})
export type CanSource = z.infer<typeof CanSource>

export const EthernetIpSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('ethernet-ip'),
  connection: EthernetIpConnection,
  groups: groupsOf(EthernetIpTag),
})
export type EthernetIpSource = z.infer<typeof EthernetIpSource>

export const ModbusSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('modbus'),
  connection: ModbusConnection,
  groups: groupsOf(ModbusTag),
})
export type ModbusSource = z.infer<typeof ModbusSource>

export const FilesSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('files'),
  connection: FilesConnection,
  groups: groupsOf(FilesTag),
})
export type FilesSource = z.infer<typeof FilesSource>

export const Iec104Source = z.strictObject({
  ...SourceShape,
  protocol: z.literal('iec104'),
  connection: Iec104Connection,
  groups: groupsOf(Iec104Tag),
})
export type Iec104Source = z.infer<typeof Iec104Source>

export const OpcuaSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('opcua'),
  connection: OpcuaConnection,
  groups: groupsOf(OpcuaTag),
})
export type OpcuaSource = z.infer<typeof OpcuaSource>

export const HttpSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('http'),
  connection: HttpConnection.prefault({}),
  groups: distinct(z.strictObject({ ...GroupShape, ...HttpGroupShape, tags: tagsOf(HttpTag) })),
})
export type HttpSource = z.infer<typeof HttpSource>

export const MqttSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('mqtt'),
  connection: MqttConnection,
  groups: groupsOf(MqttTag),
})
export type MqttSource = z.infer<typeof MqttSource>

export const SerialSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('serial'),
  connection: SerialConnection,
  groups: distinct(z.strictObject({ ...GroupShape, ...SerialGroupShape, tags: tagsOf(SerialTag) })),
})
export type SerialSource = z.infer<typeof SerialSource>

export const S7Source = z.strictObject({
  ...SourceShape,
  protocol: z.literal('s7'),
  connection: S7Connection,
  groups: groupsOf(S7Tag),
})
export type S7Source = z.infer<typeof S7Source>

export const SimulatorSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('simulator'),
  connection: SimulatorConnection.prefault({}),
  groups: groupsOf(SimulatorTag),
})
export type SimulatorSource = z.infer<typeof SimulatorSource>

export const SnmpSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('snmp'),
  connection: SnmpConnection,
  groups: groupsOf(SnmpTag),
})
export type SnmpSource = z.infer<typeof SnmpSource>

export const SqlSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('sql'),
  connection: SqlConnection,
  groups: distinct(z.strictObject({ ...GroupShape, ...SqlGroupShape, tags: tagsOf(SqlTag) })),
})
export type SqlSource = z.infer<typeof SqlSource>

export const SparkplugSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('sparkplug'),
  connection: SparkplugConnection,
  groups: groupsOf(SparkplugTag),
})
export type SparkplugSource = z.infer<typeof SparkplugSource>

export const WebhookSource = z.strictObject({
  ...SourceShape,
  protocol: z.literal('webhook'),
  connection: WebhookSourceConnection,
  groups: groupsOf(WebhookTag),
})
export type WebhookSource = z.infer<typeof WebhookSource>

export const Source = z.discriminatedUnion('protocol', [
  BacnetSource,
  CameraSource,
  CanSource,
  EthernetIpSource,
  FilesSource,
  HttpSource,
  Iec104Source,
  KnxSource,
  ModbusSource,
  MqttSource,
  OpcuaSource,
  SerialSource,
  S7Source,
  SimulatorSource,
  SnmpSource,
  SqlSource,
  SparkplugSource,
  WebhookSource,
])
export type Source = z.infer<typeof Source>

export type Group = Source['groups'][number]
export type Tag = Group['tags'][number]

const hasNoTwin = (names: readonly string[]) => new Set(names).size === names.length
