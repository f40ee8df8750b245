/**
 * Config schema: the settings of an app that a deployment can choose, as a subset of JSON Schema. It is flat, so that a
 * form can show it. It has no patterns: a pattern could keep a hub busy for minutes.
 */
import * as z from 'zod'

const Text = z.string().max(500)
const Count = z.int().min(0).max(2_000)

const facts = { title: Text.optional(), description: Text.optional() }

/**
 * [JSON Schema 2020-12, 6.5] Other programs ignore a keyword that they do not know. The setting changes while the
 * containers run: they read it from a file, and have no variable of it. Agents up to 0.1.0 reject a release with it.
 */
const hot = { 'x-skerry-hot': z.literal(true).optional() }

/** 50 choices are more than a list in a form shows well. */
const choices = <Value extends z.ZodType>(value: Value) => z.array(value).min(1).max(50).optional()
const Value = z.string().max(2_000)

/**
 * [JSON Schema, format] The text names a thing of the organisation, which a form offers: a tag as SOURCE/TAG, a tag that
 * may be written, or a sink.
 */
export const SettingFormat = z.enum(['tag', 'writable-tag', 'sink'])
export type SettingFormat = z.infer<typeof SettingFormat>

export const SettingSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('string'),
    ...facts,
    ...hot,
    /** Agents up to 0.1.0 reject an app with it. */
    format: SettingFormat.optional(),
    default: Value.optional(),
    enum: choices(Value),
    minLength: Count.optional(),
    maxLength: Count.optional(),
  }),
  z.strictObject({
    type: z.enum(['integer', 'number']),
    ...facts,
    ...hot,
    default: z.number().optional(),
    enum: choices(z.number()),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
  z.strictObject({ type: z.literal('boolean'), ...facts, ...hot, default: z.boolean().optional() }),
])
export type SettingSchema = z.infer<typeof SettingSchema>

/** A setting becomes an environment variable unless it is hot, so it has such a name. */
export const SettingName = z
  .string()
  .regex(/^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be letters, digits and _')

/** 100 settings of an app are more than a form shows. */
export const SETTINGS_MAX = 100

export const ConfigSchema = z.strictObject({
  $schema: Text.optional(),
  $id: Text.optional(),
  ...facts,
  type: z.literal('object'),
  properties: z
    .record(SettingName, SettingSchema)
    .refine((all) => Object.keys(all).length <= SETTINGS_MAX, `at most ${SETTINGS_MAX} settings`),
  required: z.array(SettingName).max(SETTINGS_MAX).optional(),
  additionalProperties: z.literal(false).optional(),
})
export type ConfigSchema = z.infer<typeof ConfigSchema>

/** The values of a deployment for the settings of its app. */
export const AppConfig = z
  .record(SettingName, z.union([Value, z.number(), z.boolean()]))
  .refine((config) => Object.keys(config).length <= SETTINGS_MAX, `at most ${SETTINGS_MAX} settings`)
export type AppConfig = z.infer<typeof AppConfig>

/** More places than a person keeps apart. Others belong into a deployment of their own. */
const PLACES_MAX = 200

/** Values for one site or one device. They count more than those of the deployment. */
export const PlacedConfig = z.strictObject({
  place: z.string().regex(/^(site|device):[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be site:NAME or device:NAME'),
  config: AppConfig,
})
export type PlacedConfig = z.infer<typeof PlacedConfig>

export const PlacedConfigs = z
  .array(PlacedConfig)
  .max(PLACES_MAX)
  .refine((all) => new Set(all.map(({ place }) => place)).size === all.length, 'must name each place once')
