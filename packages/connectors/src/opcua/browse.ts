/** OPC UA browse: what lies under a node, so that tags need not be known beforehand. [OPC 10000-4, 5.8] */
import { SourceTrouble } from '@skerry/connectors/session'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { BrowseDirection, NodeClass, type ReferenceDescription } from 'node-opcua-client'
import { inputsOf } from './method-inputs.ts'
import { isBad, statusCause } from './status.ts'
import type { Wire } from './wire.ts'

/** [OPC 10000-6, A.3] The folder Objects; HierarchicalReferences. */
const OBJECTS = 'i=85'
const HIERARCHICAL = 'i=33'

/** Asked for at a time. */
const REFERENCES_MAX = 1_000

/** What nobody reads through; a folder with more is looked at through what lies in it. */
const ENTRIES_MAX = 100_000

/** [OPC 10000-4, 7.5] DisplayName, NodeClass and the rest. */
const ALL_FIELDS = 63

const CLASSES = NodeClass.Object | NodeClass.Variable | NodeClass.Method

/** By their labels, since servers tell in no order. Throws `SourceTrouble`. */
export async function browseNode(wire: Wire, path: string, signal: AbortSignal): Promise<BrowseEntry[]> {
  const object = path === '' ? OBJECTS : path
  const description = {
    nodeId: object,
    browseDirection: BrowseDirection.Forward,
    includeSubtypes: true,
    referenceTypeId: HIERARCHICAL,
    nodeClassMask: CLASSES,
    resultMask: ALL_FIELDS,
  }
  wire.session.requestedMaxReferencesPerNode = REFERENCES_MAX
  const first = await wire.ask(() => wire.session.browse(description), signal)
  if (isBad(first.statusCode)) throw new SourceTrouble('source_lost', statusCause(first.statusCode).message)
  const found: ReferenceDescription[] = [...(first.references ?? [])]
  for (let more = first.continuationPoint; more && more.length > 0 && found.length < ENTRIES_MAX; ) {
    const point = more
    const next = await wire.ask(() => wire.session.browseNext(point, false), signal)
    found.push(...(next.references ?? []))
    more = next.continuationPoint
  }
  const entries: BrowseEntry[] = []
  for (const reference of found) {
    const entry = entryOf(reference)
    if (reference.nodeClass !== NodeClass.Method) entries.push(entry)
    else entries.push({ ...entry, ...(await methodOf(wire, reference, { object, signal })) })
  }
  return entries.sort((a, b) => a.label.localeCompare(b.label, 'en'))
}

/** How it is written as a tag; nothing where it takes what cannot be written. */
async function methodOf(
  wire: Wire,
  { nodeId }: ReferenceDescription,
  { object, signal }: { object: string; signal: AbortSignal },
): Promise<Pick<BrowseEntry, 'tag'>> {
  const declared = await inputsOf(wire, nodeId, signal)
  const inputs = declared.ok ? declared.inputs : []
  const written = inputs.flatMap(({ name, type, isList }) =>
    type && !isList ? [{ name: name.slice(0, 128), type }] : [],
  )
  if (!declared.ok || written.length < inputs.length) return { tag: undefined }
  return { tag: { address: nodeId.toString(), method: { object, arguments: written } } }
}

function entryOf({ nodeId, nodeClass, displayName, browseName }: ReferenceDescription): BrowseEntry {
  const path = nodeId.toString()
  const label = displayName.text ?? browseName.name ?? path
  const isFolder = nodeClass === NodeClass.Object
  return isFolder ? { path, label, isFolder } : { path, label, isFolder, tag: { address: path } }
}
