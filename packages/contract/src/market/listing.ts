/**
 * Listing: one version of an item of a catalogue. It names files by digest, and says what they become on a hub:
 * versions of models, flows and apps, and connections. The settings of a person are placed into declared values of
 * JSON documents, never into their text.
 */
import * as z from 'zod'
import { AppConfig, ConfigSchema, SettingName } from '../apps/config-schema.ts'
import { Capability } from '../devices/device.ts'
import { SignalName } from '../flows/flow-step.ts'
import { VersionKind } from '../kinds/kinds.ts'
import { FilePath, ModelFile } from '../models/model.ts'
import { Digest } from '../values/digest.ts'
import { Name } from '../values/names.ts'

/**
 * The kinds that a listing may have. An agent or a system comes from its own hub,
 * language models are an experiment, a served model needs the golden cases of its app, and data are those of one plant.
 */
export const MarketKind = VersionKind.extract(['model', 'flow', 'app'])
export type MarketKind = z.infer<typeof MarketKind>

/** A listing with its description is read whole. No honest one comes near this size. */
export const LISTING_BYTES_MAX = 256 * 1024

/** A template is parsed in memory. It is a flow or a connection without data. */
export const TEMPLATE_BYTES_MAX = 256 * 1024

/** A picture of 256 pixels. Larger ones would slow the search page. */
export const ICON_BYTES_MAX = 64 * 1024

/** Three parts without a suffix: channels say whether a version is a test. Six digits a part are safe to compare. */
export const ListingVersion = z
  .string()
  .regex(/^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/, 'must be a version such as 1.2.0')
export type ListingVersion = z.infer<typeof ListingVersion>

/** An object on the hub is called INSTALLATION-ITEM, so each of the two names has half of the room. */
export const ShortName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,29}[a-z0-9])?$/, 'must be 1 to 31 of a-z, 0-9 and -, not starting or ending with -')

/** One line for people. Control, format and direction characters could hide or reorder other text. */
const Line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be one line without control or direction characters')

/** An SPDX licence id or expression. The list of known ids is in core. */
export const LicenceText = z
  .string()
  .regex(/^[A-Za-z0-9.+()-]+( (AND|OR|WITH) [A-Za-z0-9.+()-]+){0,8}$/, 'must be an SPDX licence, such as Apache-2.0')

export const Channel = z.enum(['stable', 'beta'])
export type Channel = z.infer<typeof Channel>

export const ListingCategory = z.enum([
  'maintenance',
  'quality',
  'energy',
  'vision',
  'audio',
  'logistics',
  'connectivity',
  'dashboard',
  'safety',
])
export type ListingCategory = z.infer<typeof ListingCategory>

/** The access that a listing can ask for. `egress` is a connection out of the device. */
export const PermissionAccess = z.enum(['port', 'mount', 'device', 'read-tag', 'write-tag', 'egress'])
export type PermissionAccess = z.infer<typeof PermissionAccess>

/** A purpose below 16 characters explains nothing [ctrlX app checks]. */
export const ListingPermission = z.strictObject({
  access: PermissionAccess,
  /** A port, a path, a tag as source/tag, or host:port. `{{ setting }}` stands for the choice of a person. */
  target: Line(200),
  purpose: Line(300).min(16),
})
export type ListingPermission = z.infer<typeof ListingPermission>

/** As people and clients accept it: `write-tag pump-plc/alarm`. */
export const PermissionKey = z.string().min(1).max(220)

export const PERMISSIONS_MAX = 100

/** A device that does not fit is counted with its reason. Absent fields ask for nothing. */
export const ListingNeeds = z.strictObject({
  architectures: z.array(z.string().max(20)).max(8).optional(),
  capabilities: z.array(Capability).max(16).optional(),
  memoryBytes: z.int().min(0).optional(),
  cpus: z.int().min(1).max(1_024).optional(),
})
export type ListingNeeds = z.infer<typeof ListingNeeds>

/** [RFC 6901] The place of a value in a JSON document. */
export const JsonPointer = z
  .string()
  .max(300)
  .regex(/^(\/([^~/]|~[01])*){1,20}$/, 'must be a JSON pointer, such as /steps/0/above')

/** The values of a template that placeholders stand in. A placeholder anywhere else stays text. */
const Places = z.array(JsonPointer).max(200).default([])

const BlobFile = z.strictObject({ digest: Digest, sizeBytes: z.int().min(1).max(TEMPLATE_BYTES_MAX) })

/** A version of a model, a flow or an app, and its deployment. */
export const VersionItem = z.strictObject({
  item: ShortName,
  kind: MarketKind,
  files: z.array(ModelFile).min(1).max(200),
  /** The file of `files` that is a template. Its name on the hub is written into it. */
  template: z.strictObject({ path: FilePath, places: Places }).optional(),
  /** Golden inputs of a model, as JSON. */
  golden: BlobFile.optional(),
  /** A bill of materials in CycloneDX. A model needs one. */
  sbom: BlobFile.optional(),
  /** The settings of an app. A value that is one placeholder becomes the value of the setting. */
  config: AppConfig.optional(),
  probationSeconds: z.int().min(0).max(86_400).optional(),
})
export type VersionItem = z.infer<typeof VersionItem>

/** A source or a sink. */
export const ConnectionItem = z.strictObject({
  item: ShortName,
  connection: z.enum(['source', 'sink']),
  spec: BlobFile,
  places: Places,
  /**
   * Sample data for these settings, whose defaults name it. It is left out if the person names another source or sink in
   * each of them.
   */
  sampleFor: z.array(SettingName).min(1).max(16).optional(),
})
export type ConnectionItem = z.infer<typeof ConnectionItem>

export const ListingIcon = z.strictObject({
  digest: Digest,
  type: z.enum(['image/png', 'image/svg+xml']),
  sizeBytes: z.int().min(1).max(ICON_BYTES_MAX),
})
export type ListingIcon = z.infer<typeof ListingIcon>

/** As sources name it, such as `modbus`. A newer one is no error: an older hub only recommends less. */
export const ProtocolName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'must be a protocol of sources, such as modbus')

export const PROTOCOLS_MAX = 32

/** A picture of a page in 1,280 pixels. It is read whole, as a template is. */
export const PICTURE_BYTES_MAX = 256 * 1024

export const PICTURES_MAX = 6

/** Only PNG: it runs nothing, and needs no library of its own. */
export const ListingPicture = z.strictObject({
  digest: Digest,
  sizeBytes: z.int().min(1).max(PICTURE_BYTES_MAX),
  /** For people who do not see it. */
  text: Line(200).min(5),
})
export type ListingPicture = z.infer<typeof ListingPicture>

/** A measured result of a model of the listing, beside the result of a simple rule on the same data. */
export const ModelEvidence = z.strictObject({
  item: ShortName,
  measure: Line(60),
  value: z.number(),
  baseline: z.strictObject({ name: Line(120), value: z.number() }),
  data: Line(300),
})

/** An hour of simulated time shows each slow cycle of sample data, and runs in seconds. */
export const SAMPLE_SECONDS_MAX = 3_600

/** A result that people see with the sample data. A certificate of level 2 proves it. */
export const SampleResult = z.strictObject({
  /** The flow, and one of its sinks. */
  item: ShortName,
  sink: SignalName,
  /** Outputs in the time of the sample. */
  atLeast: z.int().min(1).max(20_000).default(1),
  /** One of the outputs has this value, such as 1 for an alarm. */
  value: z.number().optional(),
})
export type SampleResult = z.infer<typeof SampleResult>

/** How a certifier runs the listing without equipment. */
export const ListingSample = z.strictObject({
  /** Of simulated time. */
  seconds: z.int().min(1).max(SAMPLE_SECONDS_MAX),
  results: z.array(SampleResult).min(1).max(50),
  /** Simulators that take the place of real sources. A source that is a simulator needs none. */
  sources: z
    .array(z.strictObject({ item: ShortName, spec: BlobFile }))
    .max(32)
    .default([]),
})
export type ListingSample = z.infer<typeof ListingSample>

export const Listing = z.strictObject({
  v: z.literal(1),
  name: ShortName,
  version: ListingVersion,
  title: Line(60).min(3),
  summary: Line(200),
  /** Markdown without HTML. */
  description: z.string().max(20_000),
  icon: ListingIcon.optional(),
  pictures: z.array(ListingPicture).max(PICTURES_MAX).optional(),
  categories: z.array(ListingCategory).min(1).max(4),
  /** Protocols of equipment whose values it is made for. Hubs recommend it to people with such sources. */
  worksWith: z.array(ProtocolName).max(PROTOCOLS_MAX).optional(),
  licence: LicenceText,
  publisher: Line(80),
  support: Line(200).optional(),
  channel: Channel.default('stable'),
  /** The version that it follows. */
  replaces: ListingVersion.optional(),
  /** Earlier versions from which an upgrade may go directly to this one. */
  skips: z.array(ListingVersion).max(50).default([]),
  deprecated: z.strictObject({ reason: Line(300), successor: Name.optional() }).optional(),
  changelog: z.string().max(5_000).default(''),
  needs: ListingNeeds.prefault({}),
  settings: ConfigSchema.optional(),
  permissions: z.array(ListingPermission).max(PERMISSIONS_MAX).default([]),
  versions: z.array(VersionItem).max(16).default([]),
  connections: z.array(ConnectionItem).max(32).default([]),
  evidence: z.array(ModelEvidence).max(16).default([]),
  sample: ListingSample.optional(),
  /** It needs an entitlement of its publisher: a signed document about devices and time. */
  entitlement: z.literal('required').optional(),
})
export type Listing = z.infer<typeof Listing>
