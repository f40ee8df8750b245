/**
 * Flow: from tags over steps to sinks. A flow names equipment as `source` and `tag`; sources belong to a place and
 * flows to many, so one flow runs wherever sources of these names are.
 */
import * as z from 'zod'
import { Priority, UNIT_LENGTH_MAX } from '../sinks/sink-value.ts'
import { TagName } from '../sources/tag.ts'
import { Clearance } from '../values/clearance.ts'
import { Name } from '../values/names.ts'
import { shapeProblems } from './flow-shapes.ts'
import { FLOW_SPAN_MAX_MS, FlowQueue, FlowStep, SignalName, VECTOR_LENGTH_MAX } from './flow-step.ts'

/** The sensors of a line. More are several flows, each of which is changed by itself. */
export const FLOW_INPUTS_MAX = 1_000

/** As many as a person can still read from the top. */
export const FLOW_STEPS_MAX = 256
export const FLOW_SINKS_MAX = 64

/** Equipment that kept values while the network was away sends them in a burst, up to an hour. */
export const FLOW_LATE_MAX_MS = 3_600_000

/**
 * `bad` samples: left out; replaced by the last good one, as uncertain, within `maxAgeMs`; or passed on, so that the
 * results made of them are bad.
 */
const OnBad = z.enum(['skip', 'hold', 'mark'])

export const FlowInput = z
  .strictObject({
    name: SignalName,
    source: Name,
    tag: TagName,
    /** true and false are 1 and 0. An image is the picture of a camera. */
    type: z.enum(['number', 'text', 'image']).default('number'),
    /** The pixel format of an image, as its source gives it. */
    pixels: z.enum(['rgb', 'grey']).optional(),
    /** The length of a tag that is an array of numbers. */
    length: z.int().min(1).max(VECTOR_LENGTH_MAX).optional(),
    onBad: OnBad.default('skip'),
    /** After this time without a sample, the input counts as bad: its last value is outdated. */
    maxAgeMs: z.int().min(1).max(FLOW_SPAN_MAX_MS).optional(),
    /** The equipment's own time if it gives one; `received` for equipment whose clock is wrong. */
    time: z.enum(['source', 'received']).default('source'),
  })
  .refine(({ onBad, maxAgeMs }) => onBad !== 'hold' || maxAgeMs !== undefined, {
    path: ['maxAgeMs'],
    error: 'is needed with "onBad: hold": a value held without end hides that the sensor is gone',
  })
  .refine(({ type, length }) => type === 'number' || length === undefined, {
    path: ['length'],
    error: 'only numbers come as arrays',
  })
  .refine(({ type, pixels }) => type === 'image' || pixels === undefined, {
    path: ['pixels'],
    error: 'only images have pixels',
  })
export type FlowInput = z.infer<typeof FlowInput>

const SinkShape = {
  name: SignalName,
  from: SignalName,
  /** Only if the value differs from the last one that was sent. */
  onChange: z.boolean().default(false),
  /** At most once in this time; values in between are left out, and counted. */
  everyMs: z.int().min(10).max(FLOW_SPAN_MAX_MS).optional(),
  queue: FlowQueue.prefault({}),
}

/** Written to equipment, if the tag allows it. A bad value is never written. */
const TagSink = z.strictObject({
  ...SinkShape,
  kind: z.literal('tag'),
  source: Name,
  tag: TagName,
  onChange: z.boolean().default(true),
  /** A coil takes true and false. */
  as: z.enum(['number', 'bool']).default('number'),
})

/**
 * Values that leave the device wait in a queue on its disk. `normal` if absent; it has no default, because a default
 * would change the digests of older flows.
 */
const LeavingShape = {
  ...SinkShape,
  priority: Priority.optional(),
  /** The unit of the value, if it does not follow from the units of the tags, as for the answer of a model. */
  unit: z.string().min(1).max(UNIT_LENGTH_MAX).optional(),
}

/** Given to a sink of the place, such as an MQTT broker, under this topic (or table, or subject) and field. */
const PlaceSink = z.strictObject({
  ...LeavingShape,
  kind: z.literal('sink'),
  sink: Name,
  topic: z.string().min(1).max(512).optional(),
  field: z.string().min(1).max(128).optional(),
})

const HubSink = z.strictObject({ ...LeavingShape, kind: z.literal('hub') })

export const FlowSink = z.discriminatedUnion('kind', [TagSink, PlaceSink, HubSink])
export type FlowSink = z.infer<typeof FlowSink>

export const Flow = z
  .strictObject({
    name: Name,
    description: z.string().trim().max(500).optional(),
    /** How sensitive its results are, if they are more sensitive than its inputs. */
    dataClass: Clearance.optional(),
    /**
     * How long to wait for samples that are older than others that came. Samples that come even later are dropped, and
     * counted.
     */
    lateMs: z.int().min(0).max(FLOW_LATE_MAX_MS).default(0),
    inputs: z.array(FlowInput).min(1).max(FLOW_INPUTS_MAX),
    steps: z.array(FlowStep).max(FLOW_STEPS_MAX).default([]),
    sinks: z.array(FlowSink).min(1).max(FLOW_SINKS_MAX),
  })
  .superRefine((flow, context) => {
    for (const { path, message } of shapeProblems(flow)) context.addIssue({ code: 'custom', path, message })
  })
export type Flow = z.infer<typeof Flow>
