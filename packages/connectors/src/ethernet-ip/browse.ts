/** EtherNet/IP browse: the tags of the controller and of its programs, with their types, page by page. [1756-PM020, chapter 2] */
import { SourceTrouble } from '@skerry/connectors/session'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { viewOf } from './bytes.ts'
import { refusalCause } from './exceptions.ts'
import { listTags, PARTIAL } from './message.ts'
import type { Requests } from './wire.ts'

/** A page that a person looks through. */
const PAGE = 200

type TagSymbol = { instance: number; name: string; type: number; elements: number }

/** `Program:Main`, and after a `#` the instance to begin at. */
const PATH = /^([A-Za-z0-9_:]{0,100})(?:#(\d{1,9}))?$/

/** The tags of the controller at the top, with its programs as folders; `PROGRAM#INSTANCE` goes on from there. */
export async function browseTags(wire: Requests, path: string, signal: AbortSignal): Promise<BrowseEntry[]> {
  const [, program = '', start = '0'] = PATH.exec(path) ?? []
  const entries: BrowseEntry[] = []
  let from = Number(start)
  for (;;) {
    const reply = await wire.ask(listTags(program, from), signal)
    if (reply.status !== 0 && reply.status !== PARTIAL)
      throw new SourceTrouble('source_lost', `the list of tags: ${refusalCause(reply).message}`)
    const symbols = symbolsIn(reply.data)
    const last = symbols?.at(-1)?.instance ?? -1
    if (!symbols || (reply.status === PARTIAL && last < from))
      throw new SourceTrouble('source_lost', 'the list of tags cannot be read')
    entries.push(...symbols.flatMap((symbol) => entryOf(program, symbol)))
    if (reply.status === 0) return entries
    from = last + 1
    if (entries.length >= PAGE) return [...entries, { path: `${program}#${from}`, label: 'more', isFolder: true }]
  }
}

/** Before and behind the name. */
const SYMBOL_HEAD = 6
const SYMBOL_END = 14

/** Undefined where the data ends before what it says. */
function symbolsIn(data: Uint8Array): TagSymbol[] | undefined {
  const view = viewOf(data)
  const symbols: TagSymbol[] = []
  for (let at = 0; at < data.length; ) {
    if (at + SYMBOL_HEAD > data.length) return undefined
    const behind = at + SYMBOL_HEAD + view.getUint16(at + 4, true)
    if (behind + SYMBOL_END > data.length) return undefined
    const sizes = [2, 6, 10].map((place) => view.getUint32(behind + place, true))
    symbols.push({
      instance: view.getUint32(at, true),
      name: String.fromCharCode(...data.subarray(at + SYMBOL_HEAD, behind)),
      type: view.getUint16(behind, true),
      elements: sizes.reduce((product, size) => product * Math.max(1, size), 1),
    })
    at = behind + SYMBOL_END
  }
  return symbols
}

const IS_STRUCTURE = 0x8000
const IS_SYSTEM = 0x1000
const DIMENSIONS = 0x6000
/** Of the structure STRING. */
const STRING_TEMPLATE = 0xfce

const NAMES: Readonly<Record<number, string>> = {
  193: 'BOOL',
  194: 'SINT',
  195: 'INT',
  196: 'DINT',
  197: 'LINT',
  198: 'USINT',
  199: 'UINT',
  200: 'UDINT',
  201: 'ULINT',
  202: 'REAL',
  203: 'LREAL',
  209: 'BYTE',
  210: 'WORD',
  211: 'DWORD',
  212: 'LWORD',
}

function typeName(type: number): string | undefined {
  if (type & IS_STRUCTURE) return (type & 0xfff) === STRING_TEMPLATE ? 'STRING' : undefined
  return NAMES[type & 0xff]
}

/** Structures have members that are named by hand. */
function entryOf(program: string, { name, type, elements }: TagSymbol): BrowseEntry[] {
  if (program === '' && name.startsWith('Program:')) return [{ path: name, label: name, isFolder: true }]
  if (type & IS_SYSTEM || name.startsWith('__')) return []
  const address = program === '' ? name : `${program}.${name}`
  const known = typeName(type)
  const isArray = (type & DIMENSIONS) !== 0
  const label = `${name}: ${known ?? 'structure'}${isArray ? `, ${elements} of them` : ''}`
  const tag = isArray ? { address: `${address}[${firstOf(type)}]`, count: elements } : { address }
  return [{ path: address, label, isFolder: false, ...(known === undefined ? {} : { tag }) }]
}

/** A place for each dimension. */
const firstOf = (type: number): string => Array.from({ length: (type & DIMENSIONS) >> 13 }, () => 0).join(',')
