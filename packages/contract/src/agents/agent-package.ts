/** Agent packages: the software of a device, as a version that the hub stores and rolls out. */
import * as z from 'zod'
import { FILE_SIZE_MAX, FilePath } from '../models/model.ts'
import { Digest } from '../values/digest.ts'

/** The name of every agent package. A device has one agent, so there is one name. */
export const AGENT_NAME = 'skerry-agent'

/** The instruction sets for which Node and onnxruntime exist, by the names of Node. */
export const Architecture = z.enum(['x64', 'arm64'])
export type Architecture = z.infer<typeof Architecture>

/** [semver.org] Without build data, which has no order. */
export const AgentVersion = z
  .string()
  .max(64)
  .regex(/^(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){2}(-[0-9A-Za-z.-]+)?$/, 'must be a version such as 0.2.0')

/** A path inside the unpacked package. Unlike a file of a version, it may name a scope of npm. */
export const PackagePath = z
  .string()
  .max(255)
  .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._@+-]+(\/[A-Za-z0-9._@+-]+){0,15}$/, 'must be a plain relative path')

/**
 * A file of the version. An archive is unpacked into the folder of the package; a program stands there under its own
 * name. The parts change at different times, so that an update moves only the parts that changed.
 */
const Part = z.strictObject({
  path: FilePath,
  digest: Digest,
  sizeBytes: z.int().min(0).max(FILE_SIZE_MAX),
  form: z.enum(['archive', 'program']),
})

/** Node, third-party modules, and our own code are three. */
const PARTS_MAX = 16

export const AgentPackage = z.strictObject({
  v: z.literal(1),
  version: AgentVersion,
  /** The package runs only on these. */
  architectures: z.array(Architecture).min(1).max(2),
  node: z.strictObject({
    version: AgentVersion,
    /** The part that is Node. Absent if the launcher's own Node runs the package. */
    path: FilePath.optional(),
  }),
  /** The agent's program, and the launcher that an installation copies. */
  entry: PackagePath,
  launcher: PackagePath,
  parts: z.array(Part).min(1).max(PARTS_MAX),
})
export type AgentPackage = z.infer<typeof AgentPackage>
export type AgentPart = AgentPackage['parts'][number]
